"""Operations: what can be changed on a placed order, line by line and as a whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext, pgettext
from django.utils.translation import gettext_lazy as _

from config.kernel.reading import whole_date
from orders.models import AmendmentOperation, FieldGroup, Order, OrderLine

Kind = AmendmentOperation.Kind
# Reasons that are offered; the code is kept, the words typed with it stand beside the event.
REASONS = {
    "customer_request": _("The customer asked for it"),
    "substitution": _("Another item takes its place"),
    "price_agreed": _("A price was agreed"),
    "delivery_change": _("Delivery changes"),
    "error": _("It was entered by mistake"),
}
HANDLED = ("processing", "fulfilling")  # where stock is allocated
GROUPS = {
    Kind.SET_QUANTITY: FieldGroup.QUANTITY,
    Kind.ADD_LINE: FieldGroup.LINES,
    Kind.REMOVE_LINE: FieldGroup.LINES,
    Kind.SET_PRICE: FieldGroup.PRICE,
    Kind.SET_SHIP_TO: FieldGroup.ADDRESS,
    Kind.SET_REQUESTED_ON: FieldGroup.DATES,
    Kind.SET_TERMS: FieldGroup.TERMS,
    Kind.SET_DISCOUNT: FieldGroup.PRICE,
    Kind.SET_FILL_POLICY: FieldGroup.FILLING,
    Kind.SET_WAREHOUSE: FieldGroup.WAREHOUSE,
    Kind.SET_PO_NUMBER: FieldGroup.NOTES,
    Kind.SET_NOTE: FieldGroup.NOTES,
    Kind.SET_CARRIER: FieldGroup.SHIPPING,
    Kind.SET_SHIPPING: FieldGroup.PRICE,
    Kind.SET_ORDER_DISCOUNT: FieldGroup.PRICE,
    Kind.SET_LINE_DAY: FieldGroup.DATES,
    Kind.SET_PARTS: FieldGroup.DATES,
}


@dataclass(frozen=True, slots=True)
class Operation:
    """One change that is asked for; which of the values count depends on its kind."""

    kind: str
    line: int | None = None
    quantity: int = 0  # units wanted, those cancelled before not among them
    sku: str = ""
    unit_price: Decimal | None = None
    ship_to: Mapping[str, str] | None = None
    day: date | None = None
    terms: str = ""
    discount_percent: Decimal | None = None
    fill_policy: str = ""
    warehouse: str = ""  # its code; '' lets sourcing choose again
    text: str = ""  # a PO number or a note
    carrier: str = ""  # its code; '' leaves the choice to us
    amount: Decimal | None = None  # a charge or a discount; no charge is the carrier's rate
    parts: Sequence[tuple[date, int]] = ()  # days and units; none: all of it at once


def groups(operations: Sequence[Operation]) -> list[str]:
    """The groups of fields that some operations touch; a typed price of a new line is one too."""
    found = [GROUPS[Kind(each.kind)] for each in operations]
    if any(each.kind == Kind.ADD_LINE and each.unit_price is not None for each in operations):
        found.append(FieldGroup.PRICE)
    return list(dict.fromkeys(found))


def locked(order: Order, line: OrderLine) -> int:
    """Units of a line that are in somebody's hands, gone or billed, and cannot be given up."""
    in_hand = max(line.picked, order.facts.boxed.get(line.pk, 0))
    return max(line.shipped + in_hand, line.invoiced)


def why_locked(order: Order, line: OrderLine) -> str:
    """What holds these units, in a few words."""
    boxed = order.facts.boxed.get(line.pk, 0)
    parts = (
        (line.shipped, pgettext("after a number", "shipped")),
        (boxed, pgettext("after a number", "packed")),
        (line.picked - boxed, pgettext("after a number", "picked")),
        (line.invoiced - line.shipped, pgettext("after a number", "invoiced")),
    )
    return ", ".join(f"{units} {word}" for units, word in parts if units > 0)


def is_frozen(line: OrderLine) -> bool:
    """Parts of the line are billed or given up: its amounts stay as they are, to the cent."""
    return bool(line.invoiced or line.cancelled)


def line_of(order: Order, operation: Operation) -> OrderLine | None:
    """The line that an operation is about, if it is one of the order's."""
    return next((line for line in order.facts.lines if line.pk == operation.line), None)


def required_line(order: Order, operation: Operation) -> OrderLine:
    """The line that an operation is about, once the objections have asked for it."""
    return next(line for line in order.facts.lines if line.pk == operation.line)


def has_passed(day: date) -> str:
    """The refusal of a day that nothing can be wanted on any more."""
    return gettext("%(day)s has passed; choose a day to come.") % {"day": whole_date(day)}


def of_a_line(order: Order, operation: Operation) -> str:
    """Why the line is none that can be changed by itself, or ''."""
    line = line_of(order, operation)
    if line is None:
        return gettext("Line %(line)s is not a line of %(order)s.") % {
            "line": operation.line,
            "order": order,
        }
    kits = {each.parent_line_id for each in order.facts.lines}
    if line.parent_line_id or line.pk in kits:
        return gettext("%(sku)s belongs to a kit; cancel the kit and add it anew.") % {
            "sku": line.sku
        }
    return ""
