"""What is printed of an order: its confirmation, invoices, credit notes and packing slips.

Every figure is one of the books: of the documents as they were posted, and for what has none yet
the share of the line that the next document takes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.conf import settings
from django.db.models import Sum
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext

from config.kernel.money import ZERO
from config.kernel.reading import percent, whole_date
from finance.models import CreditNote, Invoice, InvoiceLine, PaymentTerms
from finance.models.documents import DocumentLine
from fulfillment.models import Shipment
from orders.lifecycle.loading import attach
from orders.models import Order, OrderLine
from orders.models.lines import Amounts
from orders.standing import CONFIRMED, PACKED, invoices
from orders.versions import Trail

NOTHING = Amounts(ZERO, ZERO, ZERO)


@dataclass(frozen=True, slots=True)
class Item:
    """Units of one line on a paper, and what they are worth there."""

    line: OrderLine
    units: int
    amounts: Amounts = NOTHING

    @property
    def wanted(self) -> int:
        """Units of the line that are ordered and not cancelled."""
        return self.line.ordered - self.line.cancelled

    @property
    def discount(self) -> str:
        """The discount of the line in words."""
        return percent(self.line.discount_percent) if self.line.discount_percent else "—"


@dataclass(frozen=True, slots=True)
class Paper:
    """A paper of an order: what it is, of when, for which units."""

    order: Order
    title: str
    number: str
    day: date | datetime
    facts: Sequence[tuple[str, str]]
    items: Sequence[Item]
    words: str = ""
    settled: Decimal | None = None  # what was paid or credited of it; None: nothing is asked for

    @property
    def net(self) -> Decimal:
        """The goods after every discount."""
        return sum((item.amounts.net for item in self.items), ZERO)

    @property
    def shipping(self) -> Decimal:
        """What is charged for delivery."""
        return sum((item.amounts.shipping for item in self.items), ZERO)

    @property
    def taxes(self) -> list[tuple[str, Decimal]]:
        """The tax by its rate."""
        sums: dict[Decimal, Decimal] = defaultdict(Decimal)
        for item in self.items:
            sums[item.line.tax_rate] += item.amounts.tax
        return [(percent(100 * rate), sums[rate]) for rate in sorted(sums)]

    @property
    def total(self) -> Decimal:
        """All of it."""
        return sum((item.amounts.total for item in self.items), ZERO)

    @property
    def still_open(self) -> Decimal:
        """What is still to be paid of it."""
        return self.total - (self.settled or ZERO)


def _as_at(order: Order, moment: datetime) -> Order:
    """The order with the PO number and the address that it had then: papers stay as they went."""
    attach([order])
    then = Trail.of(order).at(moment)
    order.po_number = then.po_number
    for part, text in then.address.items():
        setattr(order, f"ship_to_{part}", text)
    return order


def _order(request: HttpRequest, number: str) -> Order:
    orders = Order.objects.visible_to(request.user).select_related("customer", "currency")
    found: Order = get_object_or_404(orders, number=number)
    return found


def _printed(request: HttpRequest, paper: Paper, template: str = "priced") -> HttpResponse:
    context = {"paper": paper, "order": paper.order, "company": settings.COMPANY_NAME}
    return render(request, f"orders/paper_{template}.html", context)


def confirmation(request: HttpRequest, number: str) -> HttpResponse:
    """What the order is now, without what was cancelled of it."""
    order = _order(request, number)
    if order.status not in CONFIRMED:
        raise Http404
    lines = [line for line in order.lines.order_by("line_no") if line.ordered > line.cancelled]
    billed = _billed(order)
    items = [
        Item(
            line, line.ordered - line.cancelled, _agreed(line, billed.get(line.pk, NOTHING), order)
        )
        for line in lines
    ]
    facts = [(gettext("Your order number"), order.po_number)] if order.po_number else []
    facts.append((gettext("Payment terms"), _terms(order)))
    facts += [(gettext("Wanted by"), whole_date(order.requested_on))] if order.requested_on else []
    placed = order.submitted_at or order.created_at
    title = gettext("Order confirmation")
    return _printed(request, Paper(order, title, str(order), placed, facts, items))


def _terms(order: Order) -> str:
    """The payment terms by their name."""
    known = PaymentTerms.objects.filter(code=order.terms_code).first()
    return str(known or order.terms_code)


def _billed(order: Order) -> dict[int, Amounts]:
    """What was invoiced of each line so far."""
    rows = InvoiceLine.objects.filter(invoice__order=order).values_list("order_line").order_by()
    sums = rows.annotate(Sum("net_amount"), Sum("shipping_amount"), Sum("tax_amount"))
    return {line: Amounts(*parts) for line, *parts in sums}


def _agreed(line: OrderLine, billed: Amounts, order: Order) -> Amounts:
    """What was invoiced of a line and what still will be."""
    left = line.ordered - line.cancelled - line.invoiced
    rest = line.amounts(left, order.minor_units)
    return Amounts(*(done + more for done, more in zip(billed, rest, strict=True)))


def _items(lines: Iterable[DocumentLine]) -> list[Item]:
    """The lines of a document as they were posted."""
    return [
        Item(
            row.order_line,  # type: ignore[attr-defined]
            row.quantity,
            Amounts(row.net_amount, row.shipping_amount, row.tax_amount),
        )
        for row in lines
    ]


def invoice(request: HttpRequest, number: str, invoice: str) -> HttpResponse:
    """An invoice as it was issued, with what was paid or credited of it since."""
    order = _order(request, number)
    found: Invoice = get_object_or_404(invoices(order).select_related("shipment"), number=invoice)
    items = _items(found.lines.select_related("order_line").order_by("pk"))
    if found.shipment and found.shipment.dispatched_at:
        order = _as_at(order, found.shipment.dispatched_at)
    facts = [(gettext("Order"), str(order))]
    facts += [(gettext("Your order number"), order.po_number)] if order.po_number else []
    facts += [(gettext("Shipment"), str(found.shipment))] if found.shipment else []
    facts.append((gettext("Due"), whole_date(found.due_on)))
    words = gettext("Please name %(number)s when you pay.") % {"number": found}
    settled = found.total - found.owed  # type: ignore[attr-defined]
    paper = Paper(
        order, gettext("Invoice"), str(found), found.issued_on, facts, items, words, settled
    )
    return _printed(request, paper)


def credit_note(request: HttpRequest, number: str, credit_note: str) -> HttpResponse:
    """A credit note that was posted, and the invoice that it corrects."""
    order = _order(request, number)
    posted = CreditNote.objects.filter(order=order, status=CreditNote.Status.POSTED)
    found = get_object_or_404(posted.select_related("invoice"), number=credit_note)
    items = _items(found.lines.select_related("order_line").order_by("pk"))
    facts = [(gettext("Order"), str(order)), (gettext("Invoice"), str(found.invoice))]
    day = found.posted_at or order.created_at
    words = found.get_target_display()
    title = gettext("Credit note")
    return _printed(request, Paper(order, title, str(found), day, facts, items, words))


def slip(request: HttpRequest, number: str, shipment: str) -> HttpResponse:
    """What lies in a shipment, without prices."""
    order = _order(request, number)
    sent = Shipment.objects.filter(order=order, status__in=PACKED)
    found = get_object_or_404(sent.select_related("warehouse", "carrier"), number=shipment)
    rows = found.lines.values("order_line").annotate(n=Sum("quantity")).order_by()
    units = dict(rows.values_list("order_line", "n"))
    items = [Item(x, units[x.pk]) for x in order.lines.filter(pk__in=units).order_by("line_no")]
    if found.dispatched_at:
        order = _as_at(order, found.dispatched_at)
    facts = [(gettext("Order"), str(order))]
    facts += [(gettext("Your order number"), order.po_number)] if order.po_number else []
    facts += [(gettext("Carrier"), str(found.carrier))] if found.carrier else []
    tracking = [str(parcel) for parcel in found.packages.order_by("pk") if parcel.tracking_number]
    facts += [(gettext("Tracking number"), ", ".join(tracking))] if tracking else []
    day = found.dispatched_at or found.created_at
    title = gettext("Packing slip")
    return _printed(request, Paper(order, title, str(found), day, facts, items), "slip")
