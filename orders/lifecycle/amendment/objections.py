"""Objections: the sentences that stand between a placed order and the operations on it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from django.utils.translation import gettext, ngettext

from config.kernel.reading import number
from inventory.models import Product
from orders.lifecycle.amendment import details
from orders.lifecycle.amendment.catalogue import Catalogue
from orders.lifecycle.amendment.operations import (
    HANDLED,
    Kind,
    Operation,
    has_passed,
    is_frozen,
    line_of,
    locked,
    of_a_line,
    why_locked,
)
from orders.lifecycle.drafts import LARGEST_QUANTITY
from orders.lifecycle.reading import against_odd_packs
from orders.models import FillPolicy, Order, OrderLine


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


def _quantity(order: Order, operation: Operation, known: Catalogue) -> str:
    line, words = line_of(order, operation), of_a_line(order, operation)
    if line is None or words:
        return words
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
    product = known.by_pk[line.product_id]
    return "" if operation.quantity == wanted else _not_sold(operation.quantity, wanted, product)


def _not_sold(quantity: int, wanted: int, product: Product) -> str:
    """Why the item is not sold in this other quantity, or ''."""
    if quantity > LARGEST_QUANTITY:
        return gettext("%(sku)s: a quantity is at most %(most)s.") % {
            "sku": product.sku,
            "most": number(LARGEST_QUANTITY),
        }
    if quantity > wanted and not product.is_active:
        return gettext("%(sku)s is no longer sold; %(units)s stay.") % {
            "sku": product.sku,
            "units": wanted,
        }
    return against_odd_packs(quantity, product)


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
    if words := against_odd_packs(operation.quantity, product):
        return words
    if price is not None and price < 0:
        return gettext("%(sku)s: a price cannot be negative.") % {"sku": sku}
    if price is None and known.agreed(order, product) is None:
        return gettext("%(sku)s has no price in %(currency)s; type one.") % {
            "sku": sku,
            "currency": order.currency_id,
        }
    return ""


def _remove(order: Order, operation: Operation, known: Catalogue) -> str:
    line, words = line_of(order, operation), of_a_line(order, operation)
    if line is None or words:
        return words
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
    line, words = line_of(order, operation), of_a_line(order, operation)
    if line is None or words:
        return words
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
        return has_passed(operation.day)
    return ""


def _terms(order: Order, operation: Operation, known: Catalogue) -> str:
    if operation.terms not in known.terms:
        return gettext("“%(terms)s” are no payment terms we grant.") % {"terms": operation.terms}
    if any(line.invoiced for line in order.facts.lines):
        return gettext("Something is invoiced on the present terms, so they stay.")
    return ""


def _discount(order: Order, operation: Operation, known: Catalogue) -> str:
    line, words = line_of(order, operation), of_a_line(order, operation)
    if line is None or words:
        return words
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
    line, words = line_of(order, operation), of_a_line(order, operation)
    if line is None or words:
        return words
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
    **details.OBJECTIONS,
}
