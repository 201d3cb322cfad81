"""Loading for a step: orders and what they share, locked in the one order that all steps keep.

Orders by id, then credit accounts by id, then stock levels by id. Lines, allocations, holds and
exceptions belong to their order and are covered by its lock. Shared rows are one object each, so
that what an earlier order of the batch takes, a later one no longer finds.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, TypeVar

from django.utils.translation import gettext

from config.kernel import sets
from config.kernel.actors import Actor
from config.kernel.errors import StaleVersion
from finance.models import CreditAccount
from finance.services import credit
from inventory.models import StockLevel
from orders import history
from orders.models import (
    OPEN_ALLOCATIONS,
    Allocation,
    Currency,
    Customer,
    Hold,
    Order,
    OrderException,
    OrderLine,
    TransitionRule,
)

R = TypeVar("R")
STANDING = "WHERE order_id = ANY(%s) AND status IN ('open', 'waived') ORDER BY id"
ALWAYS = ["status", "sub_status", "version", "last_seq", "last_event_at"]


def load(
    ids: Sequence[int],
    *,
    by: Actor,
    reason: str = "",
    with_lines: bool = True,
    with_findings: bool = True,
    with_amounts: bool = True,
    with_credit: bool = False,
    with_stock: bool = False,
) -> list[Order]:
    """The orders, locked, with their facts; accounts and stock levels too where asked for.

    Who acts and why are facts as well: the rules of an order may ask for either. A step that asks
    nothing of the lines, of what they are worth, or of what was found, leaves it where it is.
    """
    orders = Order.locked(ids)
    attach(orders, with_lines=with_lines, with_findings=with_findings, with_amounts=with_amounts)
    for order in orders:
        order.facts.by, order.facts.reason = by, reason
    if with_credit:
        lock_credit(orders)
    if with_stock:
        lock_stock(orders)
    return orders


def fits(orders: Sequence[Order], version: int | None) -> None:
    """Refuse orders that were changed after they were read as this version; None: any will do."""
    for order in orders:
        if version is not None and order.version != version:
            raise StaleVersion(
                gettext("%(order)s was changed after you opened it.") % {"order": order}
            )


def attach(
    orders: Sequence[Order],
    *,
    with_lines: bool = True,
    with_findings: bool = True,
    with_amounts: bool = True,
) -> None:
    """Read what belongs to the orders alone: lines, holds, exceptions, rules and so on."""
    keys = [order.pk for order in orders]
    if with_lines:
        of_orders = "WHERE order_id = ANY(%s) ORDER BY order_id, line_no"
        lines = grouped(sets.read(OrderLine, of_orders, keys, with_amounts=with_amounts))
        for order in orders:
            order.facts.lines = lines[order.pk]
    if with_findings:
        findings = grouped(sets.read(OrderException, STANDING, keys))
        for order in orders:
            order.facts.exceptions = findings[order.pk]
    holds = grouped(
        sets.read(Hold, "WHERE order_id = ANY(%s) AND released_at IS NULL ORDER BY id", keys)
    )
    rules = _rules({order.rules_version for order in orders})
    for order in orders:
        order.facts.came_from = order.status
        order.facts.holds = holds[order.pk]
        order.facts.rules = rules[order.rules_version]
    _attach_owners(orders)


def _rules(versions: Iterable[int]) -> dict[int, dict[tuple[str | None, str], TransitionRule]]:
    """How the orders of each of these versions may move, by where from and where to."""
    found: dict[int, dict[tuple[str | None, str], TransitionRule]] = defaultdict(dict)
    for rule in sets.read(TransitionRule, "WHERE rules_id = ANY(%s)", list(versions)):
        found[rule.rules_id][rule.from_state, rule.to_state] = rule
    return found


def _attach_owners(orders: Sequence[Order]) -> None:
    """The customers and currencies that did not come with the orders; one object for each."""
    for model, relation in ((Customer, Order.customer.field), (Currency, Order.currency.field)):
        without = [order for order in orders if not relation.is_cached(order)]
        found = sets.by_key(model, (getattr(order, relation.attname) for order in without))
        for order in without:
            relation.set_cached_value(order, found[getattr(order, relation.attname)])


def lock_credit(orders: Sequence[Order]) -> None:
    """Lock the credit accounts that the orders stand on."""
    accounts = CreditAccount.locked((order.customer_id, order.currency_id) for order in orders)
    for order in orders:
        order.facts.credit = accounts[order.customer_id, order.currency_id]


def attach_allocations(orders: Sequence[Order]) -> None:
    """Read the open allocations of the orders."""
    owner = {line.pk: order.pk for order in orders for line in order.facts.lines}
    allocations: dict[int, list[Allocation]] = defaultdict(list)
    for allocation in sets.read(Allocation, "WHERE line_id = ANY(%s) ORDER BY id", list(owner)):
        if allocation.state in OPEN_ALLOCATIONS:
            allocations[owner[allocation.line_id]].append(allocation)
    for order in orders:
        order.facts.allocations = allocations[order.pk]


def lock_stock(orders: Sequence[Order], more: Iterable[int] = ()) -> dict[int, StockLevel]:
    """Lock the stock levels of the orders' open allocations, and ``more`` of them by id."""
    attach_allocations(orders)
    wanted = {a.stock_level_id for order in orders for a in order.facts.allocations}
    levels = {level.pk: level for level in StockLevel.locked(wanted | set(more))}
    for order in orders:
        order.facts.levels = levels
    return levels


def grouped(rows: Iterable[R]) -> dict[int, list[R]]:
    """Rows of many orders, by order."""
    found: dict[int, list[R]] = defaultdict(list)
    for row in rows:
        found[row.order_id].append(row)  # type: ignore[attr-defined]
    return found


def moved(order: Order, kind: str, **more: Any) -> history.Happening:
    """The event of a step, from the status the order was loaded in to its present one.

    A label stands under a status, so it goes with it.
    """
    source, target = order.facts.came_from, order.status
    order.facts.came_from = target
    if source == target:
        return history.Happening(order, kind, **more)
    happening = history.Happening(order, kind, source, target, **(_stated(order) | more))
    if order.sub_status:
        happening.data |= {"sub_status": history.changed(order.sub_status, None)}
        order.sub_status = None
    return happening


def _stated(order: Order) -> dict[str, Any]:
    """The reason that was given where the rules ask for one; its words stand beside the event."""
    words = (order.facts.reason or "").strip()
    return {"reason": "stated", "words": words} if words else {}


def save(orders: Iterable[Order], *names: str) -> None:
    """Write the orders' status and history counters, and these fields."""
    sets.update(Order, [*ALWAYS, *names], orders)


def save_lines(orders: Iterable[Order], *names: str) -> None:
    """Write these fields of all lines of the orders."""
    sets.update(OrderLine, names, [line for order in orders for line in order.facts.lines])


def save_credit(orders: Iterable[Order]) -> None:
    """Write the credit accounts that the orders share."""
    accounts = {o.facts.credit.pk: o.facts.credit for o in orders if o.facts.credit}
    credit.save(accounts.values())  # type: ignore[arg-type]


def save_allocations(orders: Iterable[Order]) -> None:
    """Write the counters and states of the orders' loaded allocations."""
    rows = [a for order in orders for a in order.facts.allocations if a.pk]
    sets.update(Allocation, ["quantity", "picked", "shipped", "state"], rows)
