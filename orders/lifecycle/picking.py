"""Picking: units go from their bins to staging; a recall takes them back.

The first pick starts fulfillment. Every confirmed pick is a scan with its own id, so that a repeat
counts once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import uuid4

from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from config.kernel.actors import Actor
from config.kernel.reading import worded
from config.kernel.steps import Effect, Outcomes, asked, reasons, step
from fulfillment.models import PickTask, ShipmentStatus
from fulfillment.services import picking, shipping
from fulfillment.services.picking import Scan
from inventory import services as stock
from inventory.models import MoveKind
from orders import history
from orders.lifecycle.giving_back import look_into_boxes
from orders.lifecycle.loading import (
    load,
    lock_stock,
    moved,
    save,
    save_allocations,
    save_lines,
)
from orders.models import Allocation, Order, OrderLine


@step
def pick(
    ids: Sequence[int],
    *,
    by: Actor,
    quantities: Mapping[int, int] | None = None,
    scan_ids: Mapping[int, str] | None = None,
    at: datetime | None = None,
) -> Outcomes:
    """Confirm picks: these quantities by task, or everything that is to be picked.

    A scan id that has been counted is not counted again.
    """
    at = at or timezone.now()
    orders = load(ids, by=by, with_amounts=False)
    lock_stock(orders)
    tasks = picking.tasks_of(a.pk for o in orders for a in o.facts.allocations)
    taken, outcomes = asked(orders, Order.pick, ids)
    scans = _scans(tasks, quantities, scan_ids or {})
    of_allocation: defaultdict[int, list[Scan]] = defaultdict(list)
    for scan in scans:
        of_allocation[scan.task.allocation_id].append(scan)
    going = []
    for order in taken:
        mine = [scan for a in order.facts.allocations for scan in of_allocation[a.pk]]
        if why := _objection(order, mine):
            outcomes.refuse(order.pk, why)
        else:
            going.append(order)
    outcomes.done = [order.pk for order in going]
    _pick(going, scans, outcomes, by=by, at=at)
    return outcomes


def _objection(order: Order, scans: Sequence[Scan]) -> str:
    """Why nothing of the order can be picked as asked by its scans, or ''."""
    if not scans:
        return gettext("Nothing of %(order)s is to be picked.") % {"order": order}
    for scan in scans:
        if scan.quantity > scan.task.left:
            words = gettext("Only %(left)s units are to be picked from %(bin)s, not %(units)s.")
            bin_, left = scan.task.bin.code, scan.task.left
            return words % {"left": left, "bin": bin_, "units": scan.quantity}
    if order.status == "processing":
        return " ".join(reasons(order, Order.start_fulfillment))
    return ""


def _scans(
    tasks: Sequence[PickTask], quantities: Mapping[int, int] | None, scan_ids: Mapping[int, str]
) -> list[Scan]:
    """What is confirmed, without the scans that were counted before."""
    counted = picking.known_scans(scan_ids.values())
    scans = []
    for task in tasks:
        wanted = task.left if quantities is None else quantities.get(task.pk, 0)
        scan_id = scan_ids.get(task.pk) or uuid4().hex
        if wanted > 0 and task.left and scan_id not in counted:
            scans.append(Scan(task, scan_id, wanted))
    return scans


def _pick(
    orders: Sequence[Order], scans: Sequence[Scan], outcomes: Outcomes, *, by: Actor, at: datetime
) -> None:
    """Move the units, count them on tasks, allocations and lines, and write what happened."""
    owner = {a.pk: (order, a) for order in orders for a in order.facts.allocations}
    scans = [scan for scan in scans if scan.task.allocation_id in owner]
    started = [order for order in orders if order.status == "processing"]
    for order in started:
        Order.start_fulfillment(order)
    _book(scans, owner, at=at)
    for scan in scans:
        order, allocation = owner[scan.task.allocation_id]
        _count(order, allocation, scan.quantity)
        sku = _line(order, allocation).sku
        what = worded(_("%(sku)s from %(bin)s"), sku=sku, bin=scan.task.bin.code)
        outcomes.effects.append(Effect(order.pk, "pick", what, scan.quantity))
    picking.confirm(scans, user=by.user_id, at=at)
    parcels = {
        (order.pk, order.facts.levels[a.stock_level_id].warehouse_id)
        for order, a in (owner[scan.task.allocation_id] for scan in scans)
    }
    shipments = shipping.plan(sorted(parcels), status=ShipmentStatus.PICKING, at=at)
    shipping.mark(
        (s for s in shipments.values() if s.status == ShipmentStatus.PLANNED),
        ShipmentStatus.PICKING,
    )
    _write(orders, outcomes, "goods.picked", by=by, at=at)


def _book(
    scans: Sequence[Scan], owner: Mapping[int, tuple[Order, Allocation]], *, at: datetime
) -> None:
    """Move the units between their bins and staging; a negative scan goes the other way."""
    levels = {
        scan.task.pk: owner[scan.task.allocation_id][0].facts.levels[
            owner[scan.task.allocation_id][1].stock_level_id
        ]
        for scan in scans
    }
    staging = stock.staging_bins({level.warehouse_id for level in levels.values()})
    moves = []
    for scan in scans:
        level, task = levels[scan.task.pk], scan.task
        there = (task.bin_id, staging[level.warehouse_id])
        source, target = there if scan.quantity > 0 else there[::-1]
        moves.append(
            stock.Move(
                level,
                MoveKind.BIN_MOVE,
                abs(scan.quantity),
                "allocation",
                task.allocation_id,
                f"pick:{scan.scan_id}",
                source,
                target,
                task.lot,
            )
        )
    stock.book(moves, at=at)


def _line(order: Order, allocation: Allocation) -> OrderLine:
    return next(line for line in order.facts.lines if line.pk == allocation.line_id)


def _count(order: Order, allocation: Allocation, quantity: int) -> None:
    allocation.picked += quantity
    allocation.follow()
    _line(order, allocation).picked += quantity


def _write(
    orders: Sequence[Order], outcomes: Outcomes, kind: str, *, by: Actor, at: datetime
) -> None:
    save_allocations(orders)
    save_lines(orders, "picked")
    effects = history.told_by_order(outcomes)
    happenings = [moved(order, kind, data={"effects": effects[order.pk]}) for order in orders]
    history.record(happenings, by=by, at=at)
    save(orders)


@step
def recall(ids: Sequence[int], *, by: Actor, at: datetime | None = None) -> Outcomes:
    """Take picked, unpacked units back to their bins; they wait to be picked again."""
    at = at or timezone.now()
    orders = load(ids, by=by, with_amounts=False)
    lock_stock(orders)
    boxed = look_into_boxes(orders)
    idle = {order.pk: order for order in orders if not _loose(order, boxed)}
    loose = [order for order in orders if order.pk not in idle]
    taken, outcomes = asked(loose, Order.recall, [pk for pk in ids if pk not in idle])
    for pk, order in idle.items():
        why = " ".join(reasons(order, Order.recall))
        outcomes.refuse(pk, why or gettext("Nothing is picked that could be recalled."))
    scans = loosen(taken, boxed)
    put_back(taken, scans, outcomes, by=by, at=at)
    _write(taken, outcomes, "goods.recalled", by=by, at=at)
    return outcomes


def _loose(order: Order, boxed: Mapping[int, int]) -> bool:
    """Whether something is picked and in no box."""
    allocations = order.facts.allocations
    return any(a.picked - a.shipped > boxed.get(a.pk, 0) for a in allocations)


def loosen(
    orders: Sequence[Order], boxed: Mapping[int, int], most: Mapping[int, int] | None = None
) -> list[Scan]:
    """Count picked units as unpicked, in memory: all that are in no box, or these of each line.

    Answers the scans that take them back, the latest allocation first.
    """
    owner = {a.pk: (order, a) for order in orders for a in order.facts.allocations}
    left = {pk: a.picked - a.shipped - boxed.get(pk, 0) for pk, (_, a) in owner.items()}
    wanted = dict(most) if most is not None else None
    scans = []
    for task in reversed(picking.tasks_of(owner)):
        order, allocation = owner[task.allocation_id]
        units = min(task.picked, left[allocation.pk])
        if wanted is not None:
            units = min(units, wanted.get(allocation.line_id, 0))
            wanted[allocation.line_id] = wanted.get(allocation.line_id, 0) - max(units, 0)
        if units > 0:
            left[allocation.pk] -= units
            _count(order, allocation, -units)
            scans.append(Scan(task, f"recall:{uuid4().hex}", -units))
    return scans


def put_back(
    orders: Sequence[Order],
    scans: Sequence[Scan],
    outcomes: Outcomes,
    *,
    by: Actor,
    at: datetime,
) -> None:
    """Move the units of these scans back to their bins; others' scans are left out."""
    owner = {a.pk: (order, a) for order in orders for a in order.facts.allocations}
    mine = [scan for scan in scans if scan.task.allocation_id in owner]
    _book(mine, owner, at=at)
    for scan in mine:
        order, allocation = owner[scan.task.allocation_id]
        sku = _line(order, allocation).sku
        what = worded(_("%(sku)s to %(bin)s"), sku=sku, bin=scan.task.bin.code)
        outcomes.effects.append(Effect(order.pk, "recall", what, -scan.quantity))
    picking.confirm(mine, user=by.user_id, at=at)
