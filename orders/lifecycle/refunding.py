"""Refunding: what was paid for an order beyond what it can still bill is asked to be given back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from config.kernel.actors import Actor
from config.kernel.money import ZERO
from config.kernel.reading import worded
from config.kernel.steps import Effect
from finance.models import Payment
from finance.services import payments
from orders.models import Order


def give_back(orders: Sequence[Order], *, by: Actor, at: datetime) -> list[Effect]:
    """Queue what the deposits of the orders hold too much, for a second person to approve.

    That is what was paid beyond the value of the units that are still wanted or have shipped; of
    an order that ends, all of it. The latest money goes back first, and none of it twice.
    """
    waiting = payments.deposits(order.pk for order in orders)
    if not waiting:
        return []
    free = payments.free(waiting)
    excess = _excess(orders)
    asked: list[tuple[Payment, Decimal]] = []
    for payment in reversed(waiting):
        key = payment.order_id or 0
        amount = min(free[payment.pk], excess[key])
        if amount > 0:
            excess[key] -= amount
            asked.append((payment, amount))
    payments.queue_refunds(asked, user=by.user_id, at=at)
    return [_effect(payment, amount) for payment, amount in asked]


def _excess(orders: Sequence[Order]) -> dict[int, Decimal]:
    """What was paid for each order beyond what it comes to, and is not on its way back yet."""
    positions = payments.positions(order.pk for order in orders)
    found = {}
    for order in orders:
        position, lines = positions[order.pk], order.facts.lines
        due = sum((line.line_total - line.cancelled_amount for line in lines), ZERO)
        found[order.pk] = position.paid - position.going_back - (due - position.credited)
    return found


def _effect(payment: Payment, amount: Decimal) -> Effect:
    what = _("of deposit %(deposit)s, for a second person to approve")
    return Effect(
        payment.order_id or 0,
        "refund",
        worded(what, deposit=payment.external_id),
        amount=amount,
        currency=payment.currency_id,
    )
