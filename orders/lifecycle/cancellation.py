"""Cancellation: of a whole order or of some units, with everything that hung on them given back.

Allocations are released, pick tasks shrink with them, commitments are reversed, deposits of an
order that ends are queued to be refunded. What has shipped is never cancelled.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.utils import timezone

from config.kernel.actors import Actor
from config.kernel.money import ZERO
from config.kernel.steps import Effect, Outcomes, reasons, step
from finance.services import ledger, payments, postings
from fulfillment.services import picking, shipping
from inventory import services as stock
from orders import history
from orders.lifecycle import findings, promising, schedules, settlement
from orders.lifecycle.holds import let_go
from orders.lifecycle.loading import (
    load,
    moved,
    save,
    save_allocations,
    save_credit,
    save_lines,
)
from orders.lifecycle.validation import missing
from orders.models import COMMITTED, Order

# Reasons that are offered; the code is kept, the words typed with it stand beside the event.
REASONS = {
    "customer_request": "The customer asked for it",
    "out_of_stock": "It cannot be delivered",
    "duplicate": "It was ordered twice",
    "price": "The price was wrong",
    "credit": "The customer's credit",
    "error": "It was entered by mistake",
}


@dataclass(slots=True)
class Before:
    """What an order had before units were cancelled."""

    committed: Decimal
    cancelled: dict[int, int]
    allocated: dict[int, int]


@step
def cancel(
    ids: Sequence[int],
    *,
    reason: str,
    by: Actor,
    quantities: Mapping[int, int] | None = None,
    words: str = "",
    at: datetime | None = None,
) -> Outcomes:
    """Cancel the orders, or only these units of their lines (line id → quantity).

    Without quantities an order of which something has shipped loses all that is still open and
    not picked; any other ends as cancelled.
    """
    at = at or timezone.now()
    if reason not in REASONS:
        return Outcomes(refused=dict.fromkeys(ids, "A cancellation needs one of the reasons."))
    orders = load(ids, with_credit=True, with_stock=True)
    outcomes, taken = missing(orders, ids), []
    before: dict[int, Before] = {}
    for order in orders:
        order.facts.wanted = _wanted(order, quantities)
        whole = quantities is None and not any(line.shipped for line in order.facts.lines)
        transition = Order.cancel if whole else Order.cancel_units
        why = reasons(order, transition) or _nothing(order, whole=whole)
        if why:
            outcomes.refuse(order.pk, " ".join(why))
            continue
        before[order.pk] = _before(order)
        if whole:
            Order.cancel(order, reason=reason, at=at)
        else:
            Order.cancel_units(order)
        taken.append(order)
        outcomes.done.append(order.pk)
    _write(taken, before, outcomes, reason=reason, words=words, by=by, at=at)
    return outcomes


def _wanted(order: Order, quantities: Mapping[int, int] | None) -> dict[int, int]:
    """Units to cancel by line: as asked, or all that is open and not picked."""
    if quantities is None:
        lines = order.facts.lines
        return {line.pk: line.open - line.picked for line in lines if line.open > line.picked}
    mine = {line.pk for line in order.facts.lines}
    return {pk: quantity for pk, quantity in quantities.items() if pk in mine}


def _nothing(order: Order, *, whole: bool) -> list[str]:
    if whole or order.facts.wanted:
        return []
    return [f"Nothing of {order} can be cancelled any more."]


def _before(order: Order) -> Before:
    lines = order.facts.lines
    return Before(
        order.outstanding if order.status in COMMITTED else ZERO,
        {line.pk: line.cancelled for line in lines},
        {line.pk: line.allocated for line in lines},
    )


def _write(
    orders: Sequence[Order],
    before: Mapping[int, Before],
    outcomes: Outcomes,
    *,
    reason: str,
    words: str,
    by: Actor,
    at: datetime,
) -> None:
    """Free the floor and the stock, write history and money, and let statuses follow."""
    for order in orders:
        _tell(order, before[order.pk], outcomes)
    picking.shrink({a.pk: a.unpicked for o in orders for a in o.facts.allocations})
    save_allocations(orders)
    stock.save(
        order.facts.levels[a.stock_level_id] for order in orders for a in order.facts.allocations
    )
    happenings = _happenings(orders, before, outcomes, reason=reason, words=words, at=at)
    events = history.record([happening for _, happening in happenings], by=by, at=at)
    _release(orders, before, happenings, events, at=at)
    _end([order for order in orders if order.status == "cancelled"], by=by, at=at)
    for order in orders:
        order.promised_on = promising.latest(order.facts.lines)
        for line in order.facts.lines:
            if line.delivered and line.delivered == line.ordered - line.cancelled:
                line.actual_on = line.actual_on or at.date()
    settlement.settle(orders)
    names = ("cancelled", "cancelled_amount", "allocated", "backordered", "actual_on")
    save_lines(orders, *names)
    schedules.settle([order.pk for order in orders])
    save_credit(orders)
    save(orders, "promised_on", "cancel_reason", "cancelled_at", *settlement.AXES)


def _tell(order: Order, before: Before, outcomes: Outcomes) -> None:
    """What is given back, as effects."""
    for line in order.facts.lines:
        if units := line.cancelled - before.cancelled[line.pk]:
            outcomes.effects.append(Effect(order.pk, "cancel", line.sku, units))
        if units := before.allocated[line.pk] - line.allocated:
            outcomes.effects.append(Effect(order.pk, "release", line.sku, units))
    if before.committed and (value := before.committed - order.outstanding):
        what = "what it took of the customer's credit"
        outcomes.effects.append(
            Effect(order.pk, "uncommit", what, amount=value, currency=order.currency_id)
        )


def _happenings(
    orders: Sequence[Order],
    before: Mapping[int, Before],
    outcomes: Outcomes,
    *,
    reason: str,
    words: str,
    at: datetime,
) -> list[tuple[Order, history.Happening]]:
    """One event for what was cancelled, and one for a status that follows from it."""
    effects = outcomes.effects_of()
    found = []
    for order in orders:
        data = {
            "cancelled": {
                str(line.line_no): history.changed(
                    before[order.pk].cancelled[line.pk], line.cancelled
                )
                for line in order.facts.lines
                if line.cancelled != before[order.pk].cancelled[line.pk]
            },
            "effects": history.told(effects[order.pk]),
        }
        kind = "order.cancelled" if order.status == "cancelled" else "units.cancelled"
        found.append((order, moved(order, kind, reason=reason, words=words, data=data)))
        if order.status == "cancelled" or any(line.open for line in order.facts.lines):
            continue
        if any(line.shipped for line in order.facts.lines):
            if not reasons(order, Order.ship):
                Order.ship(order)
                found.append((order, moved(order, "order.shipped")))
        elif not reasons(order, Order.cancel):
            Order.cancel(order, reason=reason, at=at)
            found.append((order, moved(order, "order.cancelled", reason=reason)))
    return found


def _release(
    orders: Sequence[Order],
    before: Mapping[int, Before],
    happenings: Sequence[tuple[Order, history.Happening]],
    events: Sequence[int],
    *,
    at: datetime,
) -> None:
    """Take the cancelled value off the commitments; the first event of each order is the cause."""
    cause: dict[int, int] = {}
    for (order, _), event in zip(happenings, events, strict=True):
        cause.setdefault(order.pk, event)
    ledger.post(
        [
            postings.commitment_release(
                order.pk,
                order.customer_id,
                order.currency_id,
                before[order.pk].committed - order.outstanding,
                cause[order.pk],
            )
            for order in orders
            if before[order.pk].committed
        ],
        at=at,
    )


def _end(orders: Sequence[Order], *, by: Actor, at: datetime) -> None:
    """Close what hung on orders that end: exceptions, holds, shipments; queue their refunds."""
    if not orders:
        return
    findings.close_open(orders, at)
    findings.save(orders)
    let_go(orders, by=by, at=at)
    keys = [order.pk for order in orders]
    shipping.cancel_empty(keys)
    payments.queue_refunds(payments.deposits(keys), user=by.user_id, at=at)
