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
    Hold,
    Order,
    OrderException,
    OrderLine,
    TransitionRule,
)

R = TypeVar("R")
LINES = "WHERE order_id = ANY(%s) ORDER BY order_id, line_no"
STANDING = "WHERE order_id = ANY(%s) AND status IN ('open', 'waived') ORDER BY id"
HELD = "WHERE order_id = ANY(%s) AND released_at IS NULL ORDER BY id"
VERSIONS = "WHERE rules_id = ANY(%s)"
OWNERS = (Order.customer.field, Order.currency.field)
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
    keys = list(set(ids))
    with sets.together() as ask:
        orders = Order.locked(keys, ask)
        own = _own(keys, ask, lines=with_lines, findings=with_findings, amounts=with_amounts)
    _attach(orders, own)
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


def attach(orders: Sequence[Order]) -> None:
    """Read what belongs to the orders alone: lines, holds, exceptions, rules and so on."""
    with sets.together() as ask:
        own = _own([order.pk for order in orders], ask)
    _attach(orders, own)


def _own(
    keys: Sequence[int],
    ask: sets.Ask,
    *,
    lines: bool = True,
    findings: bool = True,
    amounts: bool = True,
) -> dict[str, list[Any]]:
    """Ask for the rows of these orders, by the fact that each is."""
    own: dict[str, list[Any]] = {"holds": ask(Hold, HELD, keys)}
    if lines:
        own["lines"] = ask(OrderLine, LINES, keys, with_amounts=amounts)
    if findings:
        own["exceptions"] = ask(OrderException, STANDING, keys)
    return own


def _attach(orders: Sequence[Order], own: dict[str, list[Any]]) -> None:
    """Give each order what is its own, and what it shares with others."""
    for name, rows in own.items():
        of_order = grouped(rows)
        for order in orders:
            setattr(order.facts, name, of_order[order.pk])
    with sets.together() as ask:
        rules = ask(TransitionRule, VERSIONS, list({order.rules_version for order in orders}))
        owners = [(relation, _owners(orders, relation, ask)) for relation in OWNERS]
    _give_rules(orders, rules)
    for relation, found in owners:
        _give_owners(orders, relation, found)


def _give_rules(orders: Sequence[Order], rules: Iterable[TransitionRule]) -> None:
    """How each order may move by its version of the rules, by where from and where to."""
    found: dict[int, dict[tuple[str | None, str], TransitionRule]] = defaultdict(dict)
    for rule in rules:
        found[rule.rules_id][rule.from_state, rule.to_state] = rule
    for order in orders:
        order.facts.came_from, order.facts.rules = order.status, found[order.rules_version]


def _owners(orders: Iterable[Order], relation: Any, ask: sets.Ask) -> list[Any]:
    """Ask for the customers or currencies that did not come with the orders."""
    without = {getattr(o, relation.attname) for o in orders if not relation.is_cached(o)}
    return ask(relation.related_model, sets.keyed(relation.related_model), list(without))


def _give_owners(orders: Iterable[Order], relation: Any, owners: Iterable[Any]) -> None:
    """One object of a customer or currency for all its orders."""
    found = sets.indexed(owners)
    for order in orders:
        if owner := found.get(getattr(order, relation.attname)):
            relation.set_cached_value(order, owner)


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
