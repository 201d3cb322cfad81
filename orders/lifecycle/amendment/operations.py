"""Operations: what can be changed on a placed order, and the sentences that stand in the way."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext, ngettext, pgettext
from django.utils.translation import gettext_lazy as _

from config.kernel.reading import number, whole_date
from orders.lifecycle.amendment.catalogue import Catalogue
from orders.lifecycle.drafts import LARGEST_QUANTITY
from orders.models import AmendmentOperation, FieldGroup, FillPolicy, Order, OrderLine

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


def objection(order: Order, operations: Sequence[Operation], known: Catalogue) -> str:
    """The first sentence that stands between the order and the operations, or ''."""
    if not operations:
        return gettext("Nothing of %(order)s would change.") % {"order": order}
    marks = [(each.line or each.sku, each.kind) for each in operations]
    removed = {each.line for each in operations if each.kind == Kind.REMOVE_LINE}
    others = {each.line for each in operations if each.line and each.kind != Kind.REMOVE_LINE}
    if len(set(marks)) < len(marks) or removed & others:
        return gettext("A line is changed once in one amendment.")
    sentences = (_OBJECTIONS[Kind(each.kind)](order, each, known) for each in operations)
    return next((words for words in sentences if words), "")


def _line(order: Order, operation: Operation) -> OrderLine | None:
    return next((line for line in order.facts.lines if line.pk == operation.line), None)


def _of_a_line(order: Order, operation: Operation) -> str:
    line = _line(order, operation)
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


def _quantity(order: Order, operation: Operation, known: Catalogue) -> str:
    line = _line(order, operation)
    if line is None or (words := _of_a_line(order, operation)):
        return _of_a_line(order, operation)
    least, wanted = locked(order, line), line.ordered - line.cancelled
    if operation.quantity < max(least, 1):
        held = why_locked(order, line)
        if held:
            return gettext("%(sku)s: %(held)s; at least %(least)s stay, not %(units)s.") % {
                "sku": line.sku,
                "held": held,
                "least": least,
                "units": operation.quantity,
            }
        return gettext("%(sku)s: a quantity is at least 1; remove the line instead.") % {
            "sku": line.sku
        }
    if operation.quantity > LARGEST_QUANTITY:
        return gettext("%(sku)s: a quantity is at most %(most)s.") % {
            "sku": line.sku,
            "most": number(LARGEST_QUANTITY),
        }
    if operation.quantity > wanted and not known.by_pk[line.product_id].is_active:
        return gettext("%(sku)s is no longer sold; %(units)s stay.") % {
            "sku": line.sku,
            "units": wanted,
        }
    return words


def _add(order: Order, operation: Operation, known: Catalogue) -> str:
    sku, price = operation.sku, operation.unit_price
    product = known.by_sku.get(sku)
    if product is None or not product.is_active:
        return gettext("There is no item “%(sku)s” that is sold.") % {"sku": sku}
    if not 1 <= operation.quantity <= LARGEST_QUANTITY:
        return gettext("%(sku)s: a quantity is between 1 and %(most)s, not %(units)s.") % {
            "sku": sku,
            "most": number(LARGEST_QUANTITY),
            "units": number(operation.quantity),
        }
    if price is not None and price < 0:
        return gettext("%(sku)s: a price cannot be negative.") % {"sku": sku}
    if price is None and known.agreed(order, product) is None:
        return gettext("%(sku)s has no price in %(currency)s; type one.") % {
            "sku": sku,
            "currency": order.currency_id,
        }
    return ""


def _remove(order: Order, operation: Operation, known: Catalogue) -> str:
    line = _line(order, operation)
    if line is None or (words := _of_a_line(order, operation)):
        return _of_a_line(order, operation)
    if held := why_locked(order, line):
        return gettext("%(sku)s: %(held)s; lower its quantity to %(least)s instead.") % {
            "sku": line.sku,
            "held": held,
            "least": locked(order, line),
        }
    if not line.open:
        return gettext("Nothing of %(sku)s is open any more.") % {"sku": line.sku}
    return words


def _price(order: Order, operation: Operation, known: Catalogue) -> str:
    line = _line(order, operation)
    if line is None or (words := _of_a_line(order, operation)):
        return _of_a_line(order, operation)
    if operation.unit_price is None or operation.unit_price < 0:
        return gettext("%(sku)s: a price is 0 or more.") % {"sku": line.sku}
    return _price_stands(line) if is_frozen(line) else words


def _price_stands(line: OrderLine) -> str:
    """Why the price of a line whose amounts stand is not changed."""
    units = line.invoiced or line.cancelled
    sentence = (
        ngettext(
            "%(sku)s: %(units)s units are invoiced, so the price of this line stays.",
            "%(sku)s: %(units)s units are invoiced, so the price of this line stays.",
            units,
        )
        if line.invoiced
        else ngettext(
            "%(sku)s: %(units)s units are cancelled, so the price of this line stays.",
            "%(sku)s: %(units)s units are cancelled, so the price of this line stays.",
            units,
        )
    )
    return sentence % {"sku": line.sku, "units": units}


def _ship_to(order: Order, operation: Operation, known: Catalogue) -> str:
    given = operation.ship_to or {}
    lacking = [part for part in ("line1", "city", "country") if not given.get(part, "").strip()]
    if lacking:
        return gettext("A delivery address needs a street, a city and a country.")
    if numbers := known.packed.get(order.pk):
        return ngettext(
            "%(numbers)s is packed for the old address; dispatch it first.",
            "%(numbers)s is packed for the old address; dispatch it first.",
            len(numbers),
        ) % {"numbers": ", ".join(numbers)}
    return ""


def _requested_on(order: Order, operation: Operation, known: Catalogue) -> str:
    if operation.day and operation.day < known.today:
        return gettext("%(day)s has passed; choose a day to come.") % {
            "day": whole_date(operation.day)
        }
    return ""


def _terms(order: Order, operation: Operation, known: Catalogue) -> str:
    if operation.terms not in known.terms:
        return gettext("“%(terms)s” are no payment terms we grant.") % {"terms": operation.terms}
    if any(line.invoiced for line in order.facts.lines):
        return gettext("Something is invoiced on the present terms, so they stay.")
    return ""


def _discount(order: Order, operation: Operation, known: Catalogue) -> str:
    line = _line(order, operation)
    if line is None or (words := _of_a_line(order, operation)):
        return _of_a_line(order, operation)
    if operation.discount_percent is None or not 0 <= operation.discount_percent <= 100:
        return gettext("%(sku)s: a discount is between 0 and 100 percent.") % {"sku": line.sku}
    return _price_stands(line) if is_frozen(line) else words


def _fill_policy(order: Order, operation: Operation, known: Catalogue) -> str:
    """Once stock is allocated, work on the floor follows the policy; it is only let go of then."""
    if operation.fill_policy not in FillPolicy.values:
        return gettext("“%(policy)s” is no way to handle short stock.") % {
            "policy": operation.fill_policy
        }
    strictness = FillPolicy.values.index
    if order.status in HANDLED and strictness(operation.fill_policy) > strictness(
        order.fill_policy
    ):
        return gettext(
            "Work on %(order)s has begun at “%(policy)s”; it cannot be made to wait for more now."
        ) % {"order": order, "policy": FillPolicy(order.fill_policy).label}
    return ""


def _warehouse(order: Order, operation: Operation, known: Catalogue) -> str:
    """A line is served from one warehouse that sells, for as long as some of it is not picked."""
    line = _line(order, operation)
    if line is None or (words := _of_a_line(order, operation)):
        return _of_a_line(order, operation)
    site = known.sites.get(operation.warehouse)
    if operation.warehouse and (site is None or not site.is_sellable):
        return gettext("Choose a warehouse that sells from stock.")
    if not line.is_stocked or line.open <= line.picked:
        return gettext("Nothing of %(sku)s is left to be picked from another warehouse.") % {
            "sku": line.sku
        }
    return words


_OBJECTIONS: dict[Kind, Callable[[Order, Operation, Catalogue], str]] = {
    Kind.SET_QUANTITY: _quantity,
    Kind.ADD_LINE: _add,
    Kind.REMOVE_LINE: _remove,
    Kind.SET_PRICE: _price,
    Kind.SET_SHIP_TO: _ship_to,
    Kind.SET_REQUESTED_ON: _requested_on,
    Kind.SET_TERMS: _terms,
    Kind.SET_DISCOUNT: _discount,
    Kind.SET_FILL_POLICY: _fill_policy,
    Kind.SET_WAREHOUSE: _warehouse,
}
