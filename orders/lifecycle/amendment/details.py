"""Details: what is changed of an order besides what is sold and to whom it goes.

Its PO number and note, who carries it and what that costs, the discount on the whole of it, and
the days on which its lines are wanted.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from django.utils.translation import gettext

from config.kernel.money import ZERO, rounded
from config.kernel.reading import amount, number
from orders import history
from orders.lifecycle import limits, schedules
from orders.lifecycle.amendment.catalogue import Catalogue
from orders.lifecycle.amendment.change import Change, Entry
from orders.lifecycle.amendment.operations import (
    Kind,
    Operation,
    has_passed,
    is_frozen,
    line_of,
    of_a_line,
    required_line,
)
from orders.lifecycle.notes import LONGEST
from orders.lifecycle.reading import UNKNOWN
from orders.lifecycle.writing import by_day
from orders.models import Order, OrderLine

# What is charged, or taken off, for the whole order: its fact, and each line's share of it.
CHARGES = {
    Kind.SET_SHIPPING: ("shipping_total", "shipping_amount"),
    Kind.SET_ORDER_DISCOUNT: ("order_discount", "order_discount_share"),
}


def _text(order: Order, operation: Operation, known: Catalogue) -> str:
    is_number = operation.kind == Kind.SET_PO_NUMBER
    if is_number and not operation.text and order.customer.needs_po_number:
        words = gettext("%(customer)s wants its PO number on every order; write one.")
        return words % {"customer": order.customer.name}
    length, most = len(operation.text), limits.LONGEST["po_number"] if is_number else LONGEST
    if length <= most:
        return ""
    words = gettext("%(field)s has %(length)s characters; at most %(most)s are kept.")
    field = Kind(operation.kind).label
    return words % {"field": field, "length": number(length), "most": number(most)}


def _carrier(order: Order, operation: Operation, known: Catalogue) -> str:
    carrier = known.carriers.get(operation.carrier)
    if not operation.carrier or (carrier and carrier.is_active):
        return ""
    offered = ", ".join(sorted(code for code, each in known.carriers.items() if each.is_active))
    words = UNKNOWN["shipping_method"]
    return gettext(words) % {"value": operation.carrier, "offered": offered}


def _charge(order: Order, operation: Operation, known: Catalogue) -> str:
    """What is billed bears its share already, and so does what was given up."""
    if any(line.invoiced for line in order.facts.lines):
        return gettext("Something is invoiced with the present charges, so they stay.")
    if all(is_frozen(line) for line in order.facts.lines):
        return gettext("Units of every line are cancelled, so the charges of this order stay.")
    if (operation.amount or ZERO) < 0:
        return gettext("An amount cannot be negative.")
    return limits.of_total(operation.amount or ZERO)


def _day(order: Order, operation: Operation, known: Catalogue) -> str:
    if words := _nothing_open(order, operation):
        return words
    if operation.day and operation.day < known.today:
        return has_passed(operation.day)
    return ""


def _parts(order: Order, operation: Operation, known: Catalogue) -> str:
    if words := _nothing_open(order, operation):
        return words
    stood = {day for day, _ in known.parts.get(operation.line or 0, [])}
    for day, quantity in operation.parts:
        if quantity < 1:
            return gettext("A part of a line is at least 1.")
        if day < known.today and day not in stood:
            return has_passed(day)
    return ""


def _nothing_open(order: Order, operation: Operation) -> str:
    line, words = line_of(order, operation), of_a_line(order, operation)
    if line is None or words:
        return words
    if not line.open:
        return gettext("Nothing of %(sku)s is open any more.") % {"sku": line.sku}
    return words


OBJECTIONS: dict[Kind, Callable[[Order, Operation, Catalogue], str]] = {
    Kind.SET_PO_NUMBER: _text,
    Kind.SET_NOTE: _text,
    Kind.SET_CARRIER: _carrier,
    Kind.SET_SHIPPING: _charge,
    Kind.SET_ORDER_DISCOUNT: _charge,
    Kind.SET_LINE_DAY: _day,
    Kind.SET_PARTS: _parts,
}


def _set_po_number(change: Change, operation: Operation, known: Catalogue) -> Entry:
    entry = _header(change, operation, "po_number", operation.text)
    change.order.po_number = operation.text
    return entry


def _set_note(change: Change, operation: Operation, known: Catalogue) -> Entry:
    entry = _header(change, operation, "note", operation.text)
    change.order.note = operation.text
    return entry


def _set_carrier(change: Change, operation: Operation, known: Catalogue) -> Entry:
    entry = _header(change, operation, "shipping_method", operation.carrier)
    before, after = (
        known.carriers.get(code) for code in (*entry.before.values(), operation.carrier)
    )
    entry.names = (before.name if before else "", after.name if after else "")
    change.order.shipping_method = operation.carrier
    return entry


def _set_charge(change: Change, operation: Operation, known: Catalogue) -> Entry:
    """The amount as typed; without one the carrier's rate, or no discount."""
    order, (name, _) = change.order, CHARGES[Kind(operation.kind)]
    given = operation.amount
    if given is None and operation.kind == Kind.SET_SHIPPING:
        given = known.rates.get((order.shipping_method, order.currency_id))
    given = rounded(given or ZERO, order.minor_units)
    entry = _header(change, operation, name, given)
    setattr(order, name, given)
    return entry


def _header(change: Change, operation: Operation, name: str, value: object) -> Entry:
    """What a fact of the order itself was, and what it is to be."""
    entry = Entry(operation.kind, name.replace("_", " ").capitalize())
    [before, after] = history.changed(getattr(change.order, name), value)
    entry.before, entry.after = {name: before}, {name: after}
    return entry


def _set_day(change: Change, operation: Operation, known: Catalogue) -> Entry:
    line = required_line(change.order, operation)
    entry = Entry(operation.kind, f"{line.sku}, wanted by", line)
    [before, after] = history.changed(line.requested_on, operation.day)
    entry.before, entry.after = {"requested_on": before}, {"requested_on": after}
    line.requested_on = operation.day
    return entry


def _set_parts(change: Change, operation: Operation, known: Catalogue) -> Entry:
    line = required_line(change.order, operation)
    entry = Entry(operation.kind, f"{line.sku}, in parts", line)
    entry.before = {"parts": schedules.told(known.parts.get(line.pk, []))}
    change.parts[line.pk] = list(operation.parts)
    return entry


APPLY: dict[Kind, Callable[[Change, Operation, Catalogue], Entry]] = {
    Kind.SET_PO_NUMBER: _set_po_number,
    Kind.SET_NOTE: _set_note,
    Kind.SET_CARRIER: _set_carrier,
    Kind.SET_SHIPPING: _set_charge,
    Kind.SET_ORDER_DISCOUNT: _set_charge,
    Kind.SET_LINE_DAY: _set_day,
    Kind.SET_PARTS: _set_parts,
}


def settle(change: Change) -> None:
    """Once everything is changed and priced: spread the parts, and say what does not fit."""
    for entry in change.entries:
        if entry.kind in CHARGES:
            change.why = change.why or _misfit(change.order, entry)
        elif entry.kind == Kind.SET_PARTS and entry.line:
            change.why = change.why or _stage(change, entry, entry.line)


def _misfit(order: Order, entry: Entry) -> str:
    """Why an amount cannot be charged, or taken off, in full."""
    name, share = CHARGES[Kind(entry.kind)]
    wanted = Decimal(entry.after[name])
    kept = sum((getattr(x, share) for x in order.facts.lines if is_frozen(x)), ZERO)
    if wanted < kept:
        words = gettext(
            "%(what)s: %(kept)s of it stands on what is cancelled; it is at least that."
        )
        named = {"what": Kind(entry.kind).label, "kept": amount(kept, order.currency_id)}
        return words % named
    if getattr(order, name) != wanted:
        goods = order.subtotal - order.discount_total + order.order_discount
        words = gettext("A discount of %(discount)s is more than the goods come to, %(goods)s.")
        discount = amount(wanted, order.currency_id)
        return words % {"discount": discount, "goods": amount(goods, order.currency_id)}
    return ""


def _stage(change: Change, entry: Entry, line: OrderLine) -> str:
    """The parts of a line add up to what is wanted of it; what was given no day comes last."""
    parts, wanted = change.parts[line.pk], line.ordered - line.cancelled
    staged = sum(quantity for _, quantity in parts)
    if staged > wanted:
        words = gettext("%(sku)s: its parts add up to %(parts)s, and %(ordered)s are ordered.")
        if any(made.product_id == line.product_id for made in change.added):
            words = gettext(
                "%(sku)s: its parts add up to %(parts)s, and %(ordered)s stay on this line; what "
                "is added stands on a line of its own."
            )
        return words % {"sku": line.sku, "parts": number(staged), "ordered": number(wanted)}
    last = line.requested_on or change.order.requested_on
    change.parts[line.pk] = by_day(parts, wanted, last)
    entry.after = {"parts": schedules.told(change.parts[line.pk])}
    return ""
