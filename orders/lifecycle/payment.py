"""Payment: money settles the oldest invoices it is meant for; the rest is a deposit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from config.kernel import sets, turns
from config.kernel.actors import Actor
from config.kernel.errors import DomainError, TryLater
from config.kernel.money import ZERO
from config.kernel.steps import Effect, Outcomes, step
from config.kernel.wake import wake
from finance.models import CreditAccount, Invoice, Payment
from finance.services import credit, ledger, payments, postings
from finance.services.payments import Applied, Received
from orders import history
from orders.lifecycle import settlement
from orders.lifecycle.loading import load, save
from orders.models import Order

MOST_STARTS = 3
REFERRED = "WHERE external_id = ANY(%s)"
OPEN = "WHERE order_id = ANY(%s) AND status = 'open' ORDER BY id"
Accounts = Mapping[tuple[int, str], CreditAccount]


class PaymentRefused(DomainError):
    """Money cannot be recorded as it was given."""


@step
def receive(received: Sequence[Received], *, by: Actor, at: datetime | None = None) -> Outcomes:
    """Record payments: each settles its order's invoices, or else the customer's oldest.

    The outcomes name the orders whose money moved. A payment reference that is known already is
    not taken twice. Which orders are concerned is read again under the locks: while the credit
    account is locked, no invoice of the customer can be written. If one was written in between, it
    starts over.
    """
    at = at or timezone.now()
    _check(received)
    turns.take("payment", (money.external_id for money in received))
    fresh = _unknown(received)
    for _attempt in range(MOST_STARTS):
        concerned = _concerned(fresh)
        with transaction.atomic():
            orders = load(concerned, by=by, with_findings=False)
            credit.open_accounts((r.customer, r.currency) for r in fresh)
            accounts = CreditAccount.locked((r.customer, r.currency) for r in fresh)
            if set(_concerned(fresh)) <= set(concerned):
                return _receive(fresh, orders, accounts, by=by, at=at)
            transaction.set_rollback(True)  # lets go of the locks, too
    raise TryLater(
        gettext("Invoices of this customer keep being written; record the payment in a moment.")
    )


def _receive(
    fresh: Sequence[Received],
    orders: Sequence[Order],
    accounts: Accounts,
    *,
    by: Actor,
    at: datetime,
) -> Outcomes:
    """Book the money on the locked orders and credit accounts."""
    recorded = payments.record(fresh, at=at)
    invoices = sets.read(Invoice, OPEN, [order.pk for order in orders])
    owed = payments.open_amounts(invoice.pk for invoice in invoices)
    applied = payments.match(recorded, invoices, owed, payments.free(recorded))
    payments.apply(applied, owed, at=at)
    _post(recorded, applied, accounts, at=at)
    outcomes = Outcomes(done=[order.pk for order in orders])
    outcomes.created = [payment.pk for payment in recorded]
    _tell(orders, recorded, applied, outcomes, by=by, at=at)
    if orders:
        wake("completion")
    wake("recheck")
    return outcomes


def _check(received: Sequence[Received]) -> None:
    for money in received:
        if money.amount <= 0:
            raise PaymentRefused(gettext("A payment is more than nothing."))
        if not money.external_id:
            raise PaymentRefused(
                gettext("A payment needs its reference, so that it is booked once.")
            )


def _unknown(received: Sequence[Received]) -> list[Received]:
    references = [money.external_id for money in received]
    known = {payment.external_id for payment in sets.read(Payment, REFERRED, references)}
    fresh: dict[str, Received] = {}
    for money in received:
        if money.external_id not in known:
            fresh.setdefault(money.external_id, money)
    return list(fresh.values())


def _concerned(received: Sequence[Received]) -> list[int]:
    """Orders that a payment is for, or whose open invoices it may settle; read without a lock."""
    orders = {money.order for money in received if money.order}
    anyone = {money.customer for money in received if not money.order}
    if not anyone:
        return sorted(orders)
    owing = Invoice.objects.open().filter(customer__in=anyone)
    return sorted(orders | set(owing.values_list("order", flat=True)))


def _post(
    recorded: Sequence[Payment],
    applied: Sequence[Applied],
    accounts: Accounts,
    *,
    at: datetime,
) -> None:
    """Cash against the receivables that were settled, the rest against deposits."""
    entries = [
        postings.payment(
            a.invoice.order_id, a.invoice.customer_id, a.invoice.currency_id, a.amount, a.pk
        )
        for a in applied
    ]
    for payment in recorded:
        rest = payment.amount - payment.applied
        entries.append(
            postings.deposit(
                payment.order_id, payment.customer_id, payment.currency_id, rest, payment.pk
            )
        )
        standing = accounts[payment.customer_id, payment.currency_id]
        standing.unapplied += rest
        standing.receivable -= payment.applied
    ledger.post(entries, at=at)
    credit.save(accounts.values())


def _tell(
    orders: Sequence[Order],
    recorded: Sequence[Payment],
    applied: Sequence[Applied],
    outcomes: Outcomes,
    *,
    by: Actor,
    at: datetime,
) -> None:
    """The event of the money on each order, and its payment status."""
    amounts = dict.fromkeys((order.pk for order in orders), ZERO)
    for application in applied:
        amounts[application.invoice.order_id] += application.amount
    for payment in recorded:
        if payment.order_id:
            amounts[payment.order_id] += payment.amount - payment.applied
    paid = [order for order in orders if amounts[order.pk]]
    before = {order.pk: order.payment_status for order in paid}
    settlement.settle(paid)
    happenings = []
    for order in paid:
        amount = amounts[order.pk]
        data = {
            "paid": history.changed(None, amount),
            "payment_status": history.changed(before[order.pk], order.payment_status),
        }
        happenings.append(history.Happening(order, "payment.received", data=data))
        what = _("Payment")
        outcomes.effects.append(
            Effect(order.pk, "payment", what, amount=amount, currency=order.currency_id)
        )
    history.record(happenings, by=by, at=at)
    save(paid, *settlement.AXES)
