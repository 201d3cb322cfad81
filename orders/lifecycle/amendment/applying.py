"""Applying: operations change an order in memory, which is priced anew then.

A line of which units are billed or cancelled keeps its amounts: fewer units of it are cancelled,
more of it stand on a new line on the same terms. So the parts of every line still add up to it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal

from config.kernel.money import ZERO
from inventory.models import Product
from orders import history
from orders.lifecycle.amendment import details
from orders.lifecycle.amendment.catalogue import Catalogue
from orders.lifecycle.amendment.change import Change, Entry, reprice
from orders.lifecycle.amendment.operations import HANDLED, Kind, Operation, is_frozen, required_line
from orders.lifecycle.drafts import ADDRESS
from orders.models import Order, OrderLine

COST_NOTHING = (Kind.SET_WAREHOUSE, Kind.SET_LINE_DAY, Kind.SET_PARTS)


def apply(change: Change, operations: Sequence[Operation], known: Catalogue) -> None:
    """Change the order in memory, operation by operation, then price it."""
    for operation in operations:
        change.entries.append(_APPLY[Kind(operation.kind)](change, operation, known))
    if change.changes_country:
        for line in change.order.facts.lines:
            if not is_frozen(line):
                line.tax_rate = known.rate(change.order, line.product_id)
    if _prices_move(change):
        reprice(change.order)
    details.settle(change)


def _prices_move(change: Change) -> bool:
    entries = [entry for entry in change.entries if entry.kind not in COST_NOTHING]
    lines = [entry.line for entry in entries if entry.line]
    charged = any(entry.kind in details.CHARGES for entry in entries)
    return charged or change.changes_country or any(not is_frozen(line) for line in lines)


def _set_quantity(change: Change, operation: Operation, known: Catalogue) -> Entry:
    line, quantity = required_line(change.order, operation), operation.quantity
    wanted = line.ordered - line.cancelled
    entry = Entry(operation.kind, f"{line.sku}, quantity", line, line.ordered, line.ordered)
    entry.before, entry.after = {"wanted": wanted}, {"wanted": quantity}
    if not is_frozen(line):
        line.ordered = entry.quantity_after = quantity
    elif quantity < wanted:
        _cancel(change.order, line, wanted - quantity)
    elif quantity > wanted:
        product = known.by_pk[line.product_id]
        return _more(change, line, product, quantity - wanted, known)
    return entry


def _more(
    change: Change, line: OrderLine, product: Product, quantity: int, known: Catalogue
) -> Entry:
    """More units of a line whose amounts stand: a new line at its price, discount and tax."""
    terms = (line.unit_price, line.discount_percent, line.tax_rate)
    made = _new_line(change, product, quantity, terms, known)
    made.warehouse_id = line.warehouse_id
    after = {"wanted": quantity, "unit_price": str(line.unit_price), "like": line.line_no}
    return Entry(Kind.ADD_LINE, f"{line.sku}, more", made, 0, quantity, {}, after)


def _cancel(order: Order, line: OrderLine, units: int) -> None:
    amounts = line.amounts(units, order.minor_units)
    line.cancelled += units
    line.cancelled_amount += amounts.total


def _add_line(change: Change, operation: Operation, known: Catalogue) -> Entry:
    order, product = change.order, known.by_sku[operation.sku]
    unit = operation.unit_price
    if unit is None:
        unit = known.agreed(order, product) or ZERO
    terms = (unit, known.discount(order), known.rate(order, product.pk))
    made = _new_line(change, product, operation.quantity, terms, known)
    after = {"wanted": operation.quantity, "unit_price": str(unit)}
    what = f"{product.sku}, line {made.line_no}"
    return Entry(operation.kind, what, made, 0, operation.quantity, {}, after)


def _new_line(
    change: Change,
    product: Product,
    quantity: int,
    terms: tuple[Decimal, Decimal, Decimal],
    known: Catalogue,
) -> OrderLine:
    """A line without an id yet; a number below zero stands for it until it is written."""
    order = change.order
    made = OrderLine(
        pk=next(known.spare),
        order_id=order.pk,
        line_no=max(line.line_no for line in order.facts.lines) + 1,
        product_id=product.pk,
        sku=product.sku,
        name=product.name,
        unit=product.unit,
        snapshot_at=max(change.at, product.sku_since),
        is_stocked=product.is_stocked,
        unit_price=terms[0],
        list_price=known.listed(order, product),
        discount_percent=terms[1],
        tax_rate=terms[2],
        cancelled_amount=ZERO,
        ordered=quantity,
    )
    order.facts.lines.append(made)
    change.added.append(made)
    return made


def _remove_line(change: Change, operation: Operation, known: Catalogue) -> Entry:
    line = required_line(change.order, operation)
    units = line.open
    _cancel(change.order, line, units)
    what = f"{line.sku}, line {line.line_no}"
    return Entry(operation.kind, what, line, None, None, {"wanted": units}, {"wanted": 0})


def _set_price(change: Change, operation: Operation, known: Catalogue) -> Entry:
    line = required_line(change.order, operation)
    entry = Entry(operation.kind, f"{line.sku}, unit price", line)
    entry.before = {"unit_price": str(line.unit_price)}
    line.unit_price = operation.unit_price or ZERO
    entry.after = {"unit_price": str(line.unit_price)}
    return entry


def _set_ship_to(change: Change, operation: Operation, known: Catalogue) -> Entry:
    order, given = change.order, operation.ship_to or {}
    entry = Entry(operation.kind, "Delivery address")
    entry.before = {part: getattr(order, f"ship_to_{part}") for part in ADDRESS}
    for part in ADDRESS:
        setattr(order, f"ship_to_{part}", given.get(part, ""))
    entry.after = {part: getattr(order, f"ship_to_{part}") for part in ADDRESS}
    return entry


def _set_requested_on(change: Change, operation: Operation, known: Catalogue) -> Entry:
    entry = Entry(operation.kind, "Wanted by")
    [before, after] = history.changed(change.order.requested_on, operation.day)
    entry.before, entry.after = {"requested_on": before}, {"requested_on": after}
    change.order.requested_on = operation.day
    return entry


def _set_terms(change: Change, operation: Operation, known: Catalogue) -> Entry:
    order, terms = change.order, known.terms[operation.terms]
    entry = Entry(operation.kind, "Payment terms")
    entry.before, entry.after = {"terms": order.terms_code}, {"terms": terms.code}
    order.terms_code, order.terms_days = terms.code, terms.days
    order.terms_prepaid = terms.is_prepaid
    return entry


def _set_discount(change: Change, operation: Operation, known: Catalogue) -> Entry:
    line = required_line(change.order, operation)
    entry = Entry(operation.kind, f"{line.sku}, discount", line)
    entry.before = {"discount_percent": str(line.discount_percent)}
    line.discount_percent = operation.discount_percent or ZERO
    entry.after = {"discount_percent": str(line.discount_percent)}
    return entry


def _set_fill_policy(change: Change, operation: Operation, known: Catalogue) -> Entry:
    entry, order = Entry(operation.kind, "If stock is short"), change.order
    entry.before, entry.after = (
        {"fill_policy": order.fill_policy},
        {"fill_policy": operation.fill_policy},
    )
    order.fill_policy = operation.fill_policy
    return entry


def _set_warehouse(change: Change, operation: Operation, known: Catalogue) -> Entry:
    """The line is served from there; what is allocated elsewhere and not picked moves."""
    line, order = required_line(change.order, operation), change.order
    entry = Entry(operation.kind, f"{line.sku}, warehouse", line)
    entry.before = {"warehouse": known.code(line.warehouse_id)}
    entry.after = {"warehouse": operation.warehouse}
    site = known.sites.get(operation.warehouse)
    line.warehouse_id = site.pk if site else None
    if site and order.status in HANDLED:
        change.moving[line.pk] = site.pk
        order.facts.leaving[line.pk] = line.allocated - line.picked + line.backordered
    return entry


_APPLY: dict[Kind, Callable[[Change, Operation, Catalogue], Entry]] = {
    Kind.SET_QUANTITY: _set_quantity,
    Kind.ADD_LINE: _add_line,
    Kind.REMOVE_LINE: _remove_line,
    Kind.SET_PRICE: _set_price,
    Kind.SET_SHIP_TO: _set_ship_to,
    Kind.SET_REQUESTED_ON: _set_requested_on,
    Kind.SET_TERMS: _set_terms,
    Kind.SET_DISCOUNT: _set_discount,
    Kind.SET_FILL_POLICY: _set_fill_policy,
    Kind.SET_WAREHOUSE: _set_warehouse,
    **details.APPLY,
}
