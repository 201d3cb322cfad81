"""Invoices: numbered without gaps, equal to their lines and their journal entry."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from django.db import connection

from config.kernel import pipeline, sets
from config.kernel.money import ZERO
from finance.models import Invoice, InvoiceLine, NumberSeries

SERIES = "INV"
NEXT = """
UPDATE finance_numberseries SET next = next + %s WHERE code = %s RETURNING next - %s, prefix
"""


@dataclass(slots=True)
class Item:
    """Units of one order line on an invoice to be."""

    order_line: int
    sku: str
    quantity: int
    net: Decimal
    shipping: Decimal
    tax: Decimal

    @property
    def amount(self) -> Decimal:
        """Net, shipping and tax together."""
        return self.net + self.shipping + self.tax


@dataclass(slots=True)
class Bill:
    """An invoice to be: whose, for what, due when."""

    order: int
    customer: int
    shipment: int | None
    currency: str
    terms_days: int
    items: list[Item] = field(default_factory=list)

    @property
    def parts(self) -> tuple[Decimal, Decimal, Decimal]:
        """Net, shipping and tax of all items."""
        return (
            sum((item.net for item in self.items), ZERO),
            sum((item.shipping for item in self.items), ZERO),
            sum((item.tax for item in self.items), ZERO),
        )

    @property
    def total(self) -> Decimal:
        """What the customer owes for it."""
        return sum((item.amount for item in self.items), ZERO)


def issue(bills: Sequence[Bill], *, on: date) -> list[Invoice]:
    """Number and write the invoices; the series is locked here, so this comes last in a step.

    Constraints are checked first: an invoice that got a number is not given up any more.
    """
    if not bills:
        return []
    connection.check_constraints()
    first, prefix = _take_numbers(len(bills))
    invoices = []
    for series_no, bill in enumerate(bills, first):
        due = on + timedelta(days=bill.terms_days)
        invoices.append(
            Invoice(
                series_id=SERIES,
                series_no=series_no,
                number=f"{prefix}{series_no:06}",
                order_id=bill.order,
                customer_id=bill.customer,
                shipment_id=bill.shipment,
                currency_id=bill.currency,
                total=bill.total,
                status=Invoice.Status.OPEN if bill.total else Invoice.Status.PAID,
                issued_on=on,
                due_on=due,
            )
        )
    _write(invoices, bills)
    return invoices


def _take_numbers(count: int) -> tuple[int, str]:
    with pipeline.cursor() as cursor:
        cursor.execute(NEXT, [count, SERIES, count])
        row = cursor.fetchone()
        if row is None:
            NumberSeries.objects.bulk_create(
                [NumberSeries(code=SERIES, prefix="INV-")], ignore_conflicts=True
            )
            cursor.execute(NEXT, [count, SERIES, count])
            row = cursor.fetchone()
    return int(row[0]), str(row[1])


_COLUMNS = [
    "series",
    "series_no",
    "number",
    "order",
    "customer",
    "shipment",
    "currency",
    "total",
    "status",
    "issued_on",
    "due_on",
]


def _write(invoices: Sequence[Invoice], bills: Sequence[Bill]) -> None:
    rows = [
        (
            i.series_id,
            i.series_no,
            i.number,
            i.order_id,
            i.customer_id,
            i.shipment_id,
            i.currency_id,
            i.total,
            i.status,
            i.issued_on,
            i.due_on,
        )
        for i in invoices
    ]
    ids = sets.insert(Invoice, _COLUMNS, rows, returning="id")
    for invoice, (pk,) in zip(invoices, ids, strict=True):
        invoice.pk = pk
    columns = ["invoice", "order_line", "sku", "quantity", "net_amount", "shipping_amount"]
    lines = [
        (
            invoice.pk,
            item.order_line,
            item.sku,
            item.quantity,
            item.net,
            item.shipping,
            item.tax,
            item.amount,
        )
        for invoice, bill in zip(invoices, bills, strict=True)
        for item in bill.items
    ]
    sets.insert(InvoiceLine, [*columns, "tax_amount", "amount"], lines)
