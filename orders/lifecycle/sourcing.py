"""Sourcing: which warehouse serves which line, decided under locks and kept with its reasons."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from django.utils.translation import gettext_lazy as _

from config.kernel import pipeline, sets
from config.kernel.reading import worded
from config.kernel.steps import Effect, Outcomes
from inventory import services as stock
from inventory.models import StockLevel
from inventory.services import sourcing
from orders.models import (
    Allocation,
    Order,
    OrderLine,
    SourcingCandidate,
    SourcingDecision,
)

Levels = Mapping[int, StockLevel]
SERVING = """
SELECT DISTINCT a.line_id, s.warehouse_id FROM orders_allocation a
JOIN inventory_stocklevel s ON s.id = a.stock_level_id
WHERE a.line_id = ANY(%s) AND a.state NOT IN ('released', 'expired')
"""


def wants(order: Order) -> list[sourcing.Want]:
    """What the stocked lines of an order still need and do not wait for yet, or leave behind."""
    leaving = order.facts.leaving
    return [
        want_of(order, line, units)
        for line in order.facts.lines
        if line.is_stocked
        and (units := line.short - line.backordered + leaving.get(line.pk, 0)) > 0
    ]


def want_of(order: Order, line: OrderLine, quantity: int) -> sourcing.Want:
    """So many units of a line, from where it may have them."""
    serving = frozenset(order.facts.serving.get(line.pk, ()))
    return sourcing.Want(line.pk, line.product_id, quantity, line.warehouse_id, serving)


def recall(orders: Sequence[Order]) -> None:
    """Note on each order which warehouses its lines have units from, or had them sent from."""
    served = [x.pk for o in orders for x in o.facts.lines if x.allocated or x.shipped]
    places: dict[int, set[int]] = defaultdict(set)
    if served:
        with pipeline.cursor() as cursor:
            cursor.execute(SERVING, [served])
            for line, warehouse in cursor.fetchall():
                places[line].add(warehouse)
    for order in orders:
        order.facts.serving = {
            line.pk: places[line.pk] for line in order.facts.lines if line.pk in places
        }


def free_on(levels: Iterable[StockLevel]) -> sourcing.Free:
    """What is free on these locked levels, as orders go on taking from them."""
    at_place = {(level.product_id, level.warehouse_id): level for level in levels}

    def free(product: int, site: int, *, whole: bool = False) -> int:
        level = at_place.get((product, site))
        if level is None:
            return 0
        return level.available + (level.safety_stock if whole else 0)

    return free


@dataclass(slots=True)
class Places:
    """Warehouses and what lies in them, read without a lock: enough to choose what to lock."""

    sites: list[sourcing.Site]
    level_of: dict[tuple[int, int], int]
    seen: dict[tuple[int, int], int]
    safety: dict[tuple[int, int], int]
    needed: dict[int, list[sourcing.Want]]  # what each order wanted then

    @classmethod
    def read(cls, orders: Sequence[Order]) -> Self:
        """Read the levels of every product that the orders need."""
        recall(orders)
        needed = {order.pk: wants(order) for order in orders}
        found = stock.levels({want.product for each in needed.values() for want in each})
        return cls(
            stock.sites(),
            {(level.product_id, level.warehouse_id): level.pk for level in found},
            {(level.product_id, level.warehouse_id): level.available for level in found},
            {(level.product_id, level.warehouse_id): level.safety_stock for level in found},
            needed,
        )

    def candidates(self, orders: Sequence[Order]) -> set[int]:
        """The stock levels to lock: of each line, those of the best few warehouses that have it.

        An order is asked after those before it: what they will take, it does not count on.
        """
        chosen, left = set(), dict(self.seen)

        def free(product: int, site: int, *, whole: bool = False) -> int:
            key = (product, site)
            return left.get(key, 0) + (self.safety.get(key, 0) if whole else 0)

        for order in orders:
            needed = self.needed[order.pk]
            if not needed:
                continue
            plan = sourcing.plan(needed, free, self.sites, order.ship_to_country)
            chosen |= sourcing.candidate_levels(needed, plan.candidates, free, self.level_of)
            for _line, product, site, quantity in plan.takes:
                left[product, site] -= quantity
        return chosen

    def outdated(self, orders: Sequence[Order], levels: Levels) -> bool:
        """Whether others took what was read, and units that are wanted lie where none is locked."""
        there: dict[int, int] = defaultdict(int)
        lost, elsewhere = set(), set()
        for (product, site), seen in self.seen.items():
            level = levels.get(self.level_of[product, site])
            if level is None:
                elsewhere |= {product} if seen > 0 else set()
                continue
            there[product] += max(0, level.available)
            lost |= {product} if level.available < seen else set()
        if not lost & elsewhere:
            return False
        wanted: dict[int, int] = defaultdict(int)
        for order in orders:
            for want in self.needed[order.pk]:
                wanted[want.product] += want.quantity
        return any(there[product] < wanted[product] for product in lost & elsewhere)

    def free(self, product: int, site: int, *, whole: bool = False) -> int:
        """What was free of a product at a warehouse when it was read."""
        key = (product, site)
        return self.seen.get(key, 0) + (self.safety.get(key, 0) if whole else 0)


def allocate(
    orders: Sequence[Order], places: Places, levels: Levels, outcomes: Outcomes
) -> dict[int, sourcing.Plan]:
    """Plan the orders one after the other and take their units, in memory."""
    free, plans = free_on(levels.values()), {}
    codes = {site.pk: site.code for site in places.sites}
    for order in orders:
        plan = sourcing.plan(wants(order), free, places.sites, order.ship_to_country)
        plans[order.pk] = plan
        lines = {line.pk: line for line in order.facts.lines}
        for line, product, site, quantity in plan.takes:
            levels[places.level_of[product, site]].reserved += quantity
            lines[line].allocated += quantity
            what = worded(_("%(sku)s at %(code)s"), sku=lines[line].sku, code=codes[site])
            outcomes.effects.append(Effect(order.pk, "reserve", what, quantity, place=codes[site]))
        for line, quantity in plan.short.items():
            lines[line].backordered += quantity
            outcomes.effects.append(Effect(order.pk, "backorder", lines[line].sku, quantity))
    return plans


def save(
    orders: Sequence[Order],
    plans: Mapping[int, sourcing.Plan],
    levels: Levels,
    *,
    at: datetime,
    method: str = SourcingDecision.Method.AUTOMATIC,
) -> None:
    """Write the allocations, what the levels have reserved, and each decision with its reasons."""
    level_of = {(level.product_id, level.warehouse_id): level.pk for level in levels.values()}
    rows = [
        (order, line, level_of[product, site], quantity)
        for order in orders
        for line, product, site, quantity in plans[order.pk].takes
    ]
    write_allocations(rows, at=at)
    touched = {level for _, _, level, _ in rows}
    stock.save(levels[pk] for pk in sorted(touched))
    decide(
        {order.pk: plans[order.pk].candidates for order in orders if plans[order.pk].candidates},
        at=at,
        method=method,
    )


def decide(
    candidates: Mapping[int, Sequence[sourcing.Candidate]],
    *,
    at: datetime,
    method: str = SourcingDecision.Method.AUTOMATIC,
) -> None:
    """Keep one decision for each order, with every warehouse considered and why it is in or out."""
    decisions = sets.insert(
        SourcingDecision,
        ["order", "method", "decided_at"],
        [(order, method, at) for order in candidates],
        returning="id",
    )
    columns = ["decision", "warehouse", "score", "rejected_reason", "is_chosen", "covered"]
    rows = [
        (pk, c.site.pk, c.score, c.rejected, c.is_chosen, c.covered, c.distance)
        for (pk,), considered in zip(decisions, candidates.values(), strict=True)
        for c in considered
    ]
    sets.insert(SourcingCandidate, [*columns, "distance_km"], rows)


def write_allocations(rows: Sequence[tuple[Order, int, int, int]], *, at: datetime) -> None:
    """Add allocations (order, line, stock level, quantity) and hang them on their orders."""
    columns = ["line", "stock_level", "quantity", "picked", "shipped", "state"]
    ids = sets.insert(
        Allocation,
        [*columns, "priority_at", "created_at"],
        [
            (line, level, quantity, 0, 0, "active", order.submitted_at, at)
            for order, line, level, quantity in rows
        ],
        returning="id",
    )
    for (pk,), (order, line, level, quantity) in zip(ids, rows, strict=True):
        order.facts.allocations.append(
            sets.new(Allocation, id=pk, line_id=line, stock_level_id=level, quantity=quantity)
        )
