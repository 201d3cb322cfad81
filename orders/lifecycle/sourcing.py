"""Sourcing: which warehouse serves which line, decided under locks and kept with its reasons."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from django.utils.translation import gettext_lazy as _

from config.kernel import sets
from config.kernel.reading import worded
from config.kernel.steps import Effect, Outcomes
from inventory import services as stock
from inventory.models import StockLevel
from inventory.services import sourcing
from orders.models import (
    Allocation,
    Order,
    SourcingCandidate,
    SourcingDecision,
)

Levels = Mapping[int, StockLevel]


def wants(order: Order) -> list[sourcing.Want]:
    """What the stocked lines of an order still need and do not wait for yet, or leave behind."""
    leaving = order.facts.leaving
    return [
        sourcing.Want(line.pk, line.product_id, units, line.warehouse_id)
        for line in order.facts.lines
        if line.is_stocked
        and (units := line.short - line.backordered + leaving.get(line.pk, 0)) > 0
    ]


@dataclass(slots=True)
class Places:
    """Warehouses and what lies in them, read without a lock: enough to choose what to lock."""

    sites: list[sourcing.Site]
    level_of: dict[tuple[int, int], int]
    seen: dict[tuple[int, int], int]
    safety: dict[tuple[int, int], int]

    @classmethod
    def read(cls, orders: Sequence[Order]) -> Self:
        """Read the levels of every product that the orders need."""
        products = {want.product for order in orders for want in wants(order)}
        found = stock.levels(products)
        return cls(
            stock.sites(),
            {(level.product_id, level.warehouse_id): level.pk for level in found},
            {(level.product_id, level.warehouse_id): level.available for level in found},
            {(level.product_id, level.warehouse_id): level.safety_stock for level in found},
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
            needed = wants(order)
            if not needed:
                continue
            plan = sourcing.plan(needed, free, self.sites, order.ship_to_country)
            chosen |= sourcing.candidate_levels(needed, plan.candidates, free, self.level_of)
            for _line, product, site, quantity in plan.takes:
                left[product, site] -= quantity
        return chosen

    def outdated(self, orders: Sequence[Order], levels: Levels) -> bool:
        """Whether others took what was read, and units that are wanted lie where none is locked."""
        wanted: dict[int, int] = defaultdict(int)
        for order in orders:
            for want in wants(order):
                wanted[want.product] += want.quantity
        there: dict[int, int] = defaultdict(int)
        lost, elsewhere = set(), set()
        for (product, site), seen in self.seen.items():
            level = levels.get(self.level_of[product, site])
            if level is None:
                elsewhere |= {product} if seen > 0 else set()
                continue
            there[product] += max(0, level.available)
            lost |= {product} if level.available < seen else set()
        return any(there[product] < wanted[product] for product in lost & elsewhere)

    def free(self, product: int, site: int, *, whole: bool = False) -> int:
        """What was free of a product at a warehouse when it was read."""
        key = (product, site)
        return self.seen.get(key, 0) + (self.safety.get(key, 0) if whole else 0)

    def under_lock(self, levels: Levels) -> sourcing.Free:
        """What is free on the locked levels, as the batch goes on taking from them."""

        def free(product: int, site: int, *, whole: bool = False) -> int:
            level = levels.get(self.level_of.get((product, site), 0))
            if level is None:
                return 0
            return level.available + (level.safety_stock if whole else 0)

        return free


def allocate(
    orders: Sequence[Order], places: Places, levels: Levels, outcomes: Outcomes
) -> dict[int, sourcing.Plan]:
    """Plan the orders one after the other and take their units, in memory."""
    free, plans = places.under_lock(levels), {}
    codes = {site.pk: site.code for site in places.sites}
    for order in orders:
        plan = sourcing.plan(wants(order), free, places.sites, order.ship_to_country)
        plans[order.pk] = plan
        lines = {line.pk: line for line in order.facts.lines}
        for line, product, site, quantity in plan.takes:
            levels[places.level_of[product, site]].reserved += quantity
            lines[line].allocated += quantity
            what = worded(_("%(sku)s at %(code)s"), sku=lines[line].sku, code=codes[site])
            outcomes.effects.append(Effect(order.pk, "reserve", what, quantity))
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
    decided = [order for order in orders if plans[order.pk].candidates]
    decisions = sets.insert(
        SourcingDecision,
        ["order", "method", "decided_at"],
        [(order.pk, method, at) for order in decided],
        returning="id",
    )
    candidates = [
        (pk, c.site.pk, c.score, c.rejected, c.is_chosen, c.covered, c.distance)
        for order, (pk,) in zip(decided, decisions, strict=True)
        for c in plans[order.pk].candidates
    ]
    columns = ["decision", "warehouse", "score", "rejected_reason", "is_chosen", "covered"]
    sets.insert(SourcingCandidate, [*columns, "distance_km"], candidates)


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
            Allocation(pk=pk, line_id=line, stock_level_id=level, quantity=quantity)
        )
