"""The money of an order, line by line: what was ordered, and what became of every cent.

Invoiced, paid and credited are sums of document rows. What has no document yet (allocated goods,
goods still to be invoiced) is the next share of the line by the rule that documents use, so that
every row and every column adds up to the cent.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from django.db.models import Sum

from config.kernel import money
from config.kernel.money import ZERO
from finance.models import CreditNoteLine, InvoiceLine, Payment, PaymentApplication
from orders.models import Order, OrderLine


@dataclass(slots=True)
class Cell:
    """Units, and what they are worth."""

    units: int = 0
    amount: Decimal = ZERO

    def add(self, units: int, amount: Decimal) -> None:
        """Count some more."""
        self.units += units
        self.amount += amount


COLUMNS = (
    "ordered",
    "cancelled",
    "allocated",
    "shipped",
    "invoiced",
    "paid",
    "returned",
    "credited",
    "to_invoice",
)


@dataclass(slots=True)
class Row:
    """One line of the order, or the sum of all."""

    line: OrderLine | None = None
    ordered: Cell = field(default_factory=Cell)
    cancelled: Cell = field(default_factory=Cell)
    allocated: Cell = field(default_factory=Cell)
    shipped: Cell = field(default_factory=Cell)
    invoiced: Cell = field(default_factory=Cell)
    paid: Cell = field(default_factory=Cell)
    returned: Cell = field(default_factory=Cell)
    credited: Cell = field(default_factory=Cell)
    to_invoice: Cell = field(default_factory=Cell)

    def cells(self) -> list[Cell]:
        """The cells in the order of the columns."""
        return [getattr(self, name) for name in COLUMNS]


@dataclass(slots=True)
class OrderMoney:
    """The matrix of an order, its sums, and the money that no invoice has used yet."""

    rows: list[Row]
    total: Row
    deposits: Decimal

    @property
    def owed(self) -> Decimal:
        """What the customer owes on the order's invoices."""
        return self.total.invoiced.amount - self.total.paid.amount - self.total.credited.amount


def order_money(order: Order) -> OrderMoney:
    """Put the matrix of an order together; its lines are loaded, four statements read the rest."""
    bills = list(InvoiceLine.objects.filter(invoice__order=order).order_by("invoice", "pk"))
    paid = _paid(order, bills)
    notes = CreditNoteLine.objects.filter(
        credit_note__order=order, credit_note__status="posted", credit_note__target="receivable"
    )
    invoiced, settled, credited = _cells(), _cells(), _cells()
    for bill in bills:
        invoiced[bill.order_line_id].add(bill.quantity, bill.amount)
        settled[bill.order_line_id].add(0, paid[bill.pk])
    for note in notes:
        credited[note.order_line_id].add(note.quantity, note.amount)
    rows = [
        _row(line, order.minor_units, invoiced[line.pk], settled[line.pk], credited[line.pk])
        for line in order.facts.lines
    ]
    return OrderMoney(rows, _sum(rows), _deposits(order))


def _cells() -> defaultdict[int, Cell]:
    return defaultdict(Cell)


def _row(line: OrderLine, minor_units: int, invoiced: Cell, paid: Cell, credited: Cell) -> Row:
    """One line: documents as they are, the rest as the shares that come next."""
    row = Row(line, invoiced=invoiced, paid=paid, credited=credited)
    row.ordered = Cell(line.ordered, line.line_total)
    row.cancelled = Cell(line.cancelled, line.cancelled_amount)
    left = line.ordered - line.cancelled - line.invoiced
    row.to_invoice = Cell(left, line.outstanding(minor_units))
    row.allocated = Cell(line.allocated, _next(line, line.allocated, minor_units))
    row.shipped = Cell(line.shipped, _shipped(line, invoiced, minor_units))
    row.returned = Cell(line.returned, _share(invoiced, line.returned, minor_units))
    if invoiced.amount and paid.amount:
        paid.units = int(invoiced.units * paid.amount / invoiced.amount)
    return row


def _shipped(line: OrderLine, invoiced: Cell, minor_units: int) -> Decimal:
    """What the shipped units are worth: as invoiced, and by the next shares where not yet."""
    billed = min(line.shipped, invoiced.units)
    return _share(invoiced, billed, minor_units) + _next(line, line.shipped - billed, minor_units)


def _share(cell: Cell, units: int, minor_units: int) -> Decimal:
    """What the first so many units of a cell are worth."""
    if not cell.units or not units:
        return ZERO
    return money.part(cell.amount, cell.units, 0, units, minor_units)


def _next(line: OrderLine, units: int, minor_units: int) -> Decimal:
    """What the next units are worth that no document and no cancellation has taken."""
    left = line.ordered - line.cancelled - line.invoiced
    return line.amounts(min(units, left), minor_units).total if left > 0 and units > 0 else ZERO


def _paid(order: Order, bills: Iterable[InvoiceLine]) -> Mapping[int, Decimal]:
    """What was paid on each invoice line: payments are spread by the largest remainder."""
    applied = PaymentApplication.objects.filter(invoice__order=order, payment__isnull=False)
    sums = dict(
        applied.values("invoice").annotate(n=Sum("amount")).values_list("invoice", "n").order_by()
    )
    lines: dict[int, list[InvoiceLine]] = defaultdict(list)
    for bill in bills:
        lines[bill.invoice_id].append(bill)
    shares: dict[int, Decimal] = {}
    for invoice, its in lines.items():
        weights = [bill.amount for bill in its]
        spread = money.spread(sums.get(invoice, ZERO), weights, order.minor_units)
        shares |= {bill.pk: share for bill, share in zip(its, spread, strict=True)}
    return shares


def _sum(rows: Iterable[Row]) -> Row:
    total = Row()
    for row in rows:
        for into, cell in zip(total.cells(), row.cells(), strict=True):
            into.add(cell.units, cell.amount)
    return total


def _deposits(order: Order) -> Decimal:
    """Money received for the order that no invoice has used yet."""
    received = Payment.objects.filter(order=order, status=Payment.Status.CAPTURED)
    sums = received.aggregate(amount=Sum("amount"), applied=Sum("applied"))
    return (sums["amount"] or ZERO) - (sums["applied"] or ZERO)
