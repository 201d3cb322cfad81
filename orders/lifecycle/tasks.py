"""Pick tasks: what is allocated and may leave becomes work on the floor, bin by bin."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from config.kernel.steps import Effect
from fulfillment.services import picking
from inventory import services as stock
from orders.models import Allocation, FillPolicy, Order


@dataclass(slots=True)
class Shelf:
    """What one bin still has for new tasks."""

    bin: int
    lot: str | None
    free: int


def held(orders: Sequence[Order]) -> set[int]:
    """The allocations that the orders hold."""
    return {allocation.pk for order in orders for allocation in order.facts.allocations}


def let_go(orders: Sequence[Order], held: Collection[int], *, at: datetime) -> list[Effect]:
    """Make tasks of what may be picked by now; the effects name those of allocations held before.

    Units that waited for the rest of their line or order go when nothing else is missing any more.
    """
    planned = plan(orders, at=at)
    found = []
    for order in orders:
        units = sum(planned[a.pk] for a in order.facts.allocations if a.pk in held)
        if units:
            what = _("units to be picked: they wait for nothing else any more")
            found.append(Effect(order.pk, "let_go", what, units))
    return found


def plan(orders: Sequence[Order], *, at: datetime) -> dict[int, int]:
    """Make a task for each allocation and bin, of what the fill policy lets go.

    Answers by how many units the tasks of each allocation grew.
    Levels are locked by the caller, so bins and the tasks that drain them stand still.
    """
    due = [allocation for order in orders for allocation in workable(order)]
    grown: dict[int, int] = defaultdict(int)
    if not due:
        return grown
    contents = stock.contents({allocation.stock_level_id for allocation in due})
    planned = picking.planned(allocation.pk for allocation in due)
    drained = picking.drained({content.bin_id for content in contents})
    free: dict[int, list[Shelf]] = defaultdict(list)
    for content in contents:
        key = (content.stock_level_id, content.bin_id, content.lot)
        left = content.quantity - drained.get(key, 0)
        free[content.stock_level_id].append(Shelf(content.bin_id, content.lot, left))
    rows: list[tuple[int, int, str | None, int]] = []
    for allocation in due:
        left = allocation.unpicked - planned.get(allocation.pk, 0)
        rows += _from_bins(allocation, left, free[allocation.stock_level_id])
    picking.add_tasks(rows, at=at)
    for pk, _bin, _lot, units in rows:
        grown[pk] += units
    return grown


def workable(order: Order) -> Iterable[Allocation]:
    """The allocations that may be picked now, by the order's fill policy."""
    short = {line.pk: line.short for line in order.facts.lines if line.is_stocked}
    policy = order.fill_policy
    if policy == FillPolicy.SHIP_COMPLETE and any(short.values()):
        return []
    return [
        allocation
        for allocation in order.facts.allocations
        if allocation.unpicked
        and not (policy == FillPolicy.LINE_COMPLETE and short.get(allocation.line_id))
    ]


def _from_bins(
    allocation: Allocation, quantity: int, shelves: Sequence[Shelf]
) -> Iterable[tuple[int, int, str | None, int]]:
    """Tasks (allocation, bin, lot, quantity) in walk sequence."""
    for shelf in shelves:
        take = min(quantity, shelf.free)
        if take > 0:
            shelf.free -= take
            quantity -= take
            yield allocation.pk, shelf.bin, shelf.lot, take
