"""Payments: what came in, what it settles, and how the money of an order stands."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db.models import F, Q

from config.kernel import pipeline, sets
from config.kernel.money import ZERO
from finance.models import Invoice, Payment, PaymentApplication, Refund

# Each order by itself, so that no plan made for small tables ever reads large ones whole.
POSITIONS = """
SELECT o.id, coalesce(a.paid, 0) + coalesce(p.unapplied, 0), coalesce(c.credited, 0),
       coalesce(r.back, 0), coalesce(r.going, 0), p.authorized
FROM unnest(%s::bigint[]) o (id)
CROSS JOIN LATERAL (SELECT sum((SELECT sum(x.amount) FROM finance_paymentapplication x
    WHERE x.invoice_id = i.id)) paid FROM finance_invoice i WHERE i.order_id = o.id) a
CROSS JOIN LATERAL (SELECT sum(amount - applied) FILTER (WHERE status = 'captured') unapplied,
    count(*) FILTER (WHERE status = 'authorized') authorized
  FROM finance_payment WHERE order_id = o.id) p
CROSS JOIN LATERAL (SELECT sum(amount) credited FROM finance_creditnote
  WHERE order_id = o.id AND status = 'posted' AND target = 'receivable') c
CROSS JOIN LATERAL (SELECT sum(amount) FILTER (WHERE status = 'posted') back, sum(amount) going
  FROM finance_refund WHERE order_id = o.id AND status IN ('pending', 'posted')) r
"""
OPEN_AMOUNTS = """
SELECT i.id, i.total - coalesce(a.v, 0) - coalesce(c.v, 0)
FROM unnest(%s::bigint[]) k (id) JOIN finance_invoice i ON i.id = k.id
LEFT JOIN (SELECT invoice_id, sum(amount) v FROM finance_paymentapplication
  WHERE invoice_id = ANY(%s) GROUP BY 1) a ON a.invoice_id = i.id
LEFT JOIN (SELECT invoice_id, sum(amount) v FROM finance_creditnote WHERE invoice_id = ANY(%s)
  AND status = 'posted' AND target = 'receivable' GROUP BY 1) c ON c.invoice_id = i.id
"""
GOING_BACK = "WHERE payment_id = ANY(%s) AND source = 'deposit' AND status <> 'failed'"


@dataclass(frozen=True, slots=True)
class Position:
    """How the money of one order stands."""

    paid: Decimal
    credited: Decimal
    refunded: Decimal
    going_back: Decimal  # refunded, or asked to be
    authorized: int

    def status(self, due: Decimal) -> str:
        """The payment status, the first that holds, for an order of which so much is due."""
        due -= self.credited
        if self.refunded > 0:
            return "refunded" if self.refunded >= self.paid else "refunded_partial"
        if self.paid > 0:
            return "overpaid" if self.paid > due else "paid" if self.paid == due else "partial"
        return "authorized" if self.authorized else "none"


def positions(orders: Iterable[int]) -> dict[int, Position]:
    """How the money of these orders stands, from applications, deposits, credits and refunds."""
    keys = list(orders)
    with pipeline.cursor() as cursor:
        cursor.execute(POSITIONS, [keys])
        return {row[0]: Position(*row[1:]) for row in cursor.fetchall()}


def open_amounts(invoices: Iterable[int]) -> dict[int, Decimal]:
    """What is still owed on each invoice."""
    keys = list(invoices)
    with pipeline.cursor() as cursor:
        cursor.execute(OPEN_AMOUNTS, [keys] * 3)
        return dict(cursor.fetchall())


@dataclass(slots=True)
class Received:
    """Money that came in: from whom, how much, for which order if any."""

    customer: int
    currency: str
    amount: Decimal
    external_id: str
    order: int | None = None
    method: str = Payment.Method.BANK


@dataclass(slots=True)
class Applied:
    """A part of a payment that settles an invoice."""

    payment: Payment
    invoice: Invoice
    amount: Decimal
    pk: int = 0


def record(received: Sequence[Received], *, at: datetime) -> list[Payment]:
    """Write captured payments; nothing of them is applied yet."""
    rows = [
        (r.customer, r.order, r.currency, r.amount, ZERO, r.method, "captured", r.external_id, at)
        for r in received
    ]
    columns = ["customer", "order", "currency", "amount", "applied", "method", "status"]
    ids = sets.insert(Payment, [*columns, "external_id", "received_at"], rows, returning="id")
    return [
        sets.new(
            Payment,
            id=pk,
            customer_id=r.customer,
            order_id=r.order,
            currency_id=r.currency,
            amount=r.amount,
            applied=ZERO,
            method=r.method,
            external_id=r.external_id,
            received_at=at,
        )
        for (pk,), r in zip(ids, received, strict=True)
    ]


def match(
    payments: Sequence[Payment],
    invoices: Sequence[Invoice],
    owed: dict[int, Decimal],
    free: dict[int, Decimal],
) -> list[Applied]:
    """Which payment settles which invoice, oldest due first; a payment for an order stays there.

    ``owed`` is what is open on each invoice and ``free`` what each payment has; both shrink.
    """
    waiting: dict[tuple[int, str], list[Invoice]] = defaultdict(list)
    for invoice in sorted(invoices, key=lambda i: (i.due_on, i.pk)):
        waiting[invoice.customer_id, invoice.currency_id].append(invoice)
    found = []
    for payment in payments:
        for invoice in waiting[payment.customer_id, payment.currency_id]:
            if payment.order_id not in (None, invoice.order_id):
                continue
            amount = min(free[payment.pk], owed[invoice.pk])
            if amount <= 0:
                continue
            payment.applied += amount
            free[payment.pk] -= amount
            owed[invoice.pk] -= amount
            found.append(Applied(payment, invoice, amount))
    return found


def apply(applied: Sequence[Applied], owed: dict[int, Decimal], *, at: datetime) -> None:
    """Write what settles what; an invoice on which nothing is owed any more is paid."""
    ids = sets.insert(
        PaymentApplication,
        ["invoice", "payment", "amount", "applied_at"],
        [(a.invoice.pk, a.payment.pk, a.amount, at) for a in applied],
        returning="id",
    )
    for application, (pk,) in zip(applied, ids, strict=True):
        application.pk = pk
    invoices = {a.invoice.pk: a.invoice for a in applied}
    for pk, invoice in invoices.items():
        if owed[pk] <= 0:
            invoice.status = Invoice.Status.PAID
    sets.update(Invoice, ["status"], invoices.values())
    sets.update(Payment, ["applied"], {a.payment.pk: a.payment for a in applied}.values())


def deposits(orders: Iterable[int], customers: Iterable[int] = ()) -> list[Payment]:
    """Payments that no invoice has used up yet, the oldest first: those for these orders.

    Of these customers also what they paid for no order in particular; it comes last.
    """
    of_nobody = Q(order=None, customer__in=list(customers))
    rows = Payment.objects.filter(Q(order__in=list(orders)) | of_nobody, applied__lt=F("amount"))
    waiting = rows.filter(status=Payment.Status.CAPTURED).order_by("pk")
    return sorted(waiting, key=lambda payment: payment.order_id is None)


def free(payments: Iterable[Payment]) -> dict[int, Decimal]:
    """What each payment still has for invoices: neither used nor on its way back."""
    found = {payment.pk: payment.amount - payment.applied for payment in payments}
    for refund in sets.read(Refund, GOING_BACK, list(found)):
        found[refund.payment_id] -= refund.amount
    return found


def queue_refunds(
    asked: Iterable[tuple[Payment, Decimal]], *, user: int | None, at: datetime
) -> None:
    """Ask for so much of each deposit to be given back; a second person approves it."""
    columns = ["order", "payment", "customer", "currency", "amount", "source", "status"]
    sets.insert(
        Refund,
        [*columns, "created_by", "created_at"],
        [
            (
                p.order_id,
                p.pk,
                p.customer_id,
                p.currency_id,
                amount,
                Refund.Source.DEPOSIT,
                Refund.Status.PENDING,
                user,
                at,
            )
            for p, amount in asked
        ],
    )
