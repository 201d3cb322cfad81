"""Reassignment: somebody decides from which one warehouse orders are served.

What is allocated elsewhere and not picked moves there, with its pick tasks; an order that has no
stock yet gets all of it there. A warehouse that has too little refuses, and nothing changes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from config.kernel import sets
from config.kernel.actors import Actor
from config.kernel.reading import worded
from config.kernel.steps import Effect, Outcomes, reasons, step
from fulfillment.services import picking
from inventory import services as stock
from inventory.models import StockLevel
from inventory.services.sourcing import Site
from orders import history
from orders.lifecycle import processing, promising, sourcing, tasks
from orders.lifecycle.loading import (
    load,
    lock_credit,
    lock_stock,
    moved,
    save,
    save_allocations,
    save_lines,
)
from orders.lifecycle.validation import missing
from orders.models import Allocation, Order, OrderLine, SourcingCandidate, SourcingDecision, Status


@dataclass(slots=True)
class Target:
    """The warehouse that was chosen, and what is free there as the batch goes on taking from it."""

    site: Site
    levels: Mapping[int, StockLevel]
    of: dict[int, StockLevel] = field(default_factory=dict)  # by product
    claimed: dict[int, int] = field(default_factory=lambda: defaultdict(int))

    def __post_init__(self) -> None:
        here = (level for level in self.levels.values() if level.warehouse_id == self.site.pk)
        self.of = {level.product_id: level for level in here}

    def free(self, product: int) -> int:
        """Units that can still be promised there."""
        level = self.of.get(product)
        return max(0, level.available - self.claimed[product]) if level else 0

    def lacks(self, wanted: Mapping[OrderLine, int]) -> str:
        """What is missing there, item by item with its figures; '' if everything is there."""
        units: dict[int, int] = defaultdict(int)
        skus = {line.product_id: line.sku for line in wanted}
        for line, quantity in wanted.items():
            units[line.product_id] += quantity
        return " ".join(
            gettext("%(place)s has %(free)s of the %(units)s units of %(sku)s free.")
            % {
                "place": self.site.code,
                "free": self.free(product),
                "units": quantity,
                "sku": skus[product],
            }
            for product, quantity in units.items()
            if self.free(product) < quantity
        )


@dataclass(slots=True)
class Move:
    """What one order moves: the allocations it leaves, and units by line at the new place."""

    order: Order
    left: list[Allocation]
    units: dict[OrderLine, int]
    promised_on: date | None


@step
def assign(
    ids: Sequence[int], *, warehouse: int, by: Actor, at: datetime | None = None
) -> Outcomes:
    """Serve the orders from this warehouse: all that they have elsewhere, or all that they need."""
    at = at or timezone.now()
    site = next((each for each in stock.sites() if each.pk == warehouse), None)
    if site is None or not site.is_sellable:
        why = gettext("Choose a warehouse that sells from stock.")
        return Outcomes(refused=dict.fromkeys(ids, why))
    orders = load(ids, by=by)
    waiting = [order for order in orders if order.status == Status.VALIDATED]
    lock_credit(waiting)
    places = sourcing.Places.read(orders)
    target = Target(site, lock_stock(orders, more=_levels(orders, site)))
    outcomes, moves, entering = missing(orders, ids), [], []
    for order in orders:
        wanted, left = _wanted(order, site)
        if why := _objection(order, wanted, target):
            outcomes.refuse(order.pk, why)
        elif order.status == Status.VALIDATED:
            entering.append(order)
            _choose_anew(order)
            for line, quantity in wanted.items():
                target.claimed[line.product_id] += quantity
        else:
            Order.assign(order)
            outcomes.done.append(order.pk)
            moves.append(_move(order, wanted, left, target, outcomes))
    _write(moves, target, outcomes, by=by, at=at)
    places.sites = [site]
    save_lines(entering, "warehouse")
    manual = SourcingDecision.Method.MANUAL
    processing.enter(entering, places, target.levels, outcomes, by=by, at=at, method=manual)
    return outcomes


def _choose_anew(order: Order) -> None:
    """What was chosen for single lines before gives way to what is chosen for all of them."""
    for line in order.facts.lines:
        line.warehouse_id = None


def _levels(orders: Sequence[Order], site: Site) -> set[int]:
    """The stock levels of the orders' items at the warehouse, read without a lock."""
    products = {
        line.product_id
        for order in orders
        for line in order.facts.lines
        if line.is_stocked and line.open
    }
    return {level.pk for level in stock.levels(products) if level.warehouse_id == site.pk}


def _wanted(order: Order, site: Site) -> tuple[dict[OrderLine, int], list[Allocation]]:
    """Units by line that are to be had at the warehouse, and the allocations they leave."""
    lines = {line.pk: line for line in order.facts.lines}
    if order.status == Status.VALIDATED:
        needed = (line for line in lines.values() if line.is_stocked and line.short > 0)
        return {line: line.short for line in needed}, []
    wanted: dict[OrderLine, int] = defaultdict(int)
    left = [
        allocation
        for allocation in order.facts.allocations
        if allocation.unpicked
        and order.facts.levels[allocation.stock_level_id].warehouse_id != site.pk
    ]
    for allocation in left:
        wanted[lines[allocation.line_id]] += allocation.unpicked
    return wanted, left


def _objection(order: Order, wanted: Mapping[OrderLine, int], target: Target) -> str:
    if why := reasons(order, Order.assign):
        return " ".join(why)
    if wanted:
        return target.lacks(wanted)
    if order.facts.allocations:
        return gettext("All that %(order)s has is allocated at %(place)s already.") % {
            "order": order,
            "place": target.site.code,
        }
    return gettext("Nothing of %(order)s is allocated yet that could move.") % {"order": order}


def _move(
    order: Order,
    wanted: dict[OrderLine, int],
    left: list[Allocation],
    target: Target,
    outcomes: Outcomes,
) -> Move:
    """Release here and reserve there, in memory."""
    _choose_anew(order)
    for allocation in left:
        units = allocation.unpicked
        order.facts.levels[allocation.stock_level_id].reserved -= units
        allocation.free(units)
    for line, quantity in wanted.items():
        target.of[line.product_id].reserved += quantity
        what = worded(_("%(words)s to %(place)s"), words=line.sku, place=target.site.code)
        moved = Effect(order.pk, "move", what, quantity, place=target.site.code)
        outcomes.effects.append(moved)
    return Move(order, left, wanted, order.promised_on)


def _write(
    moves: Sequence[Move], target: Target, outcomes: Outcomes, *, by: Actor, at: datetime
) -> None:
    """Allocations, levels, the decision, tasks, promises, history: one statement of each."""
    orders = [move.order for move in moves]
    picking.shrink({a.pk: a.unpicked for move in moves for a in move.left})
    save_allocations(orders)
    rows = [
        (move.order, line.pk, target.of[line.product_id].pk, quantity)
        for move in moves
        for line, quantity in move.units.items()
    ]
    sourcing.write_allocations(rows, at=at)
    touched = {a.stock_level_id for move in moves for a in move.left} | {row[2] for row in rows}
    stock.save(target.levels[pk] for pk in sorted(touched))
    _decide(moves, target.site, at=at)
    tasks.plan(orders, at=at)
    _promise(moves, target.site, at=at)
    effects = history.told_by_order(outcomes)
    history.record(
        [_event(move, target.site, effects[move.order.pk]) for move in moves], by=by, at=at
    )
    save_lines(orders, "promised_on", "warehouse")
    save(orders, "promised_on")


def _decide(moves: Sequence[Move], site: Site, *, at: datetime) -> None:
    """Keep that a person chose the warehouse, with what it covers and how far it is."""
    ids = sets.insert(
        SourcingDecision,
        ["order", "method", "decided_at"],
        [(move.order.pk, SourcingDecision.Method.MANUAL, at) for move in moves],
        returning="id",
    )
    columns = ["decision", "warehouse", "score", "is_chosen", "covered", "distance_km"]
    rows = []
    for (pk,), move in zip(ids, moves, strict=True):
        covered, far = sum(move.units.values()), _distance(site, move.order)
        rows.append((pk, site.pk, covered, True, covered, far))
    sets.insert(SourcingCandidate, columns, rows)


def _distance(site: Site, order: Order) -> int | None:
    return stock.distance_km(site.latitude, site.longitude, order.ship_to_country)


def _promise(moves: Sequence[Move], site: Site, *, at: datetime) -> None:
    """A longer way is a later day; a shorter one keeps what was promised."""
    later = []
    for move in moves:
        road = stock.transit_days(_distance(site, move.order))
        day = at.date() + timedelta(days=road)
        later += [
            (line, day)
            for line in move.units
            if not line.backordered and (line.promised_on is None or line.promised_on < day)
        ]
    promising.promise_later(later, cause=f"Assigned to {site.code}", at=at)
    for move in moves:
        move.order.promised_on = promising.latest(move.order.facts.lines)


def _event(move: Move, site: Site, effects: history.Effects) -> history.Happening:
    order = move.order
    data = {
        "lines": {
            str(line.line_no): history.changed(None, [site.code, quantity])
            for line, quantity in move.units.items()
        },
        "promised_on": history.changed(move.promised_on, order.promised_on),
        "effects": effects,
    }
    return moved(order, "order.assigned", data=data)
