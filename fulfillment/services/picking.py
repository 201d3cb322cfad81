"""Pick lists and tasks: work for the floor, kept in step with the allocations it comes from."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from config.kernel import pipeline, sets
from fulfillment.models import OPEN_TASKS, PickList, PickScan, PickTask, TaskStatus

PLANNED = """
SELECT allocation_id, sum(quantity - picked) FROM fulfillment_picktask
WHERE allocation_id = ANY(%s) AND status IN ('ready', 'assigned', 'picking') GROUP BY 1
"""
UNPICKED = """
WHERE allocation_id = ANY(%s) AND status IN ('ready', 'assigned', 'picking') ORDER BY id
"""
OF_ALLOCATIONS = """
JOIN inventory_bin b ON b.id = t.bin_id
WHERE t.allocation_id = ANY(%s) ORDER BY b.walk_sequence, b.code, t.id
"""
DRAINED = """
SELECT a.stock_level_id, t.bin_id, t.lot, sum(t.quantity - t.picked)
FROM fulfillment_picktask t JOIN orders_allocation a ON a.id = t.allocation_id
WHERE t.bin_id = ANY(%s) AND t.status IN ('ready', 'assigned', 'picking') GROUP BY 1, 2, 3
"""


def planned(allocations: Iterable[int]) -> dict[int, int]:
    """Units of each allocation that open tasks will still take."""
    with pipeline.cursor() as cursor:
        cursor.execute(PLANNED, [list(allocations)])
        return defaultdict(int, cursor.fetchall())


def drained(bins: Iterable[int]) -> dict[tuple[int, int, str | None], int]:
    """Units that open tasks will still take out of these bins, by (level, bin, lot)."""
    with pipeline.cursor() as cursor:
        cursor.execute(DRAINED, [list(bins)])
        return {(level, place, lot): int(units) for level, place, lot, units in cursor.fetchall()}


def add_tasks(rows: Iterable[tuple[int, int, str | None, int]], *, at: datetime) -> None:
    """Add tasks (allocation, bin, lot, quantity) that wait for a list."""
    sets.insert(
        PickTask,
        ["allocation", "bin", "lot", "quantity", "picked", "status", "created_at"],
        [(*row, 0, TaskStatus.READY, at) for row in rows],
    )


def tasks_of(allocations: Iterable[int]) -> list[PickTask]:
    """The tasks of these allocations, in walk sequence."""
    tasks = sets.read(PickTask, OF_ALLOCATIONS, list(allocations))
    sets.refer(tasks, PickTask.bin.field)
    return tasks


def shrink(left: Mapping[int, int]) -> dict[int, int]:
    """Let the open tasks of each allocation ask for no more than is left of it to pick.

    Answers by how many units each allocation's tasks became smaller.
    """
    budget, changed = dict(left), []
    cut: dict[int, int] = defaultdict(int)
    for task in sets.read(PickTask, UNPICKED, list(left)):
        keep = min(task.left, budget[task.allocation_id])
        budget[task.allocation_id] -= keep
        if keep < task.left:
            cut[task.allocation_id] += task.left - keep
            _cut(task, keep)
            changed.append(task)
    sets.update(PickTask, ["quantity", "status", "assigned_to"], changed)
    return cut


def _cut(task: PickTask, keep: int) -> None:
    if task.picked + keep:
        task.quantity = task.picked + keep
        if not keep:
            task.status = TaskStatus.PICKED
    else:
        task.status = TaskStatus.CANCELLED


@dataclass(frozen=True, slots=True)
class Scan:
    """Units that somebody confirms to have picked; the id of the scan makes a repeat harmless."""

    task: PickTask
    scan_id: str
    quantity: int


def known_scans(scan_ids: Iterable[str]) -> set[str]:
    """Those of the scan ids that have been counted already."""
    found = PickScan.objects.filter(scan_id__in=list(scan_ids))
    return set(found.values_list("scan_id", flat=True))


def confirm(scans: Sequence[Scan], *, user: int | None, at: datetime) -> None:
    """Count the scans on their tasks, and bring the lists they are on up to date."""
    rows = [(scan.task.pk, scan.scan_id, scan.quantity, user, at) for scan in scans]
    sets.insert(PickScan, ["task", "scan_id", "quantity", "scanned_by", "scanned_at"], rows)
    changed = {scan.task.pk: scan.task for scan in scans}
    for scan in scans:
        scan.task.picked += scan.quantity
    for task in changed.values():
        task.assigned_to_id = task.assigned_to_id or user
        _follow(task)
    sets.update(PickTask, ["picked", "status", "assigned_to"], changed.values())
    _advance_lists({task.pick_list_id for task in changed.values() if task.pick_list_id})


def _follow(task: PickTask) -> None:
    """Let the status say what was picked."""
    if task.picked == task.quantity:
        task.status = TaskStatus.PICKED
    elif task.picked and task.assigned_to_id:
        task.status = TaskStatus.PICKING
    elif task.picked:
        task.status = TaskStatus.SHORT
    else:
        task.status, task.assigned_to_id = TaskStatus.READY, None


def _advance_lists(lists: set[int]) -> None:
    """A list is in progress with its first pick, and done with its last."""
    if not lists:
        return
    open_lists = set(
        PickTask.objects.filter(pick_list__in=lists, status__in=OPEN_TASKS).values_list(
            "pick_list", flat=True
        )
    )
    PickList.objects.filter(pk__in=lists & open_lists).update(status=PickList.Status.IN_PROGRESS)
    PickList.objects.filter(pk__in=lists - open_lists).update(status=PickList.Status.DONE)


def close_lists(tasks: Iterable[PickTask]) -> None:
    """Bring lists up to date after tasks of theirs were cut or recalled."""
    _advance_lists({task.pick_list_id for task in tasks if task.pick_list_id})


def make_list(warehouse: int, tasks: Iterable[int], *, at: datetime) -> PickList:
    """Put waiting tasks of one warehouse on a new list, released to the floor."""
    with pipeline.cursor() as cursor:
        cursor.execute("SELECT nextval('pick_list_number')")
        number = f"PL-{cursor.fetchone()[0]:05}"
    made = PickList.objects.create(
        number=number, warehouse_id=warehouse, status=PickList.Status.RELEASED, created_at=at
    )
    PickTask.objects.open().filter(pk__in=list(tasks), pick_list=None).update(pick_list=made)
    return made
