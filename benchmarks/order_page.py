"""The page of an order with 200 lines and 500 events: whole, in process, as each role reads it."""

from __future__ import annotations

import statistics

from django.contrib.auth.models import Group, User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from benchmarks import figures
from benchmarks.pages import Reader
from config.kernel import sets
from config.kernel.actors import WORKER, Actor
from orders.lifecycle import dispatch, holds, notes, packing, picking
from orders.models import Order
from tests import builders as b

LINES, EVENTS, TURNS = 200, 500, 100
WORST = 60  # milliseconds that a tab may take
TABS = ("order", "money", "allocation", "ledger", "activity")


def run() -> None:
    """Build the order through its lifecycle and print the 95th percentile of each tab."""
    order = _long_order()
    print(f"{order.number}: {order.lines.count()} lines, {order.events.count()} events")
    user = User.objects.create(username="bench-reader")
    user.groups.set(Group.objects.filter(name="Sales manager"))
    reader = Reader(user)
    for tab in TABS:
        query = f"?after={order.last_seq}" if tab == "activity" else ""
        _measure(reader, tab, reverse(f"orders:{tab}", args=[order.number]) + query)
    _measure(reader, "search", f"{reverse('orders:search')}?q={order.number}")


def _long_order() -> Order:
    """Partly sent from two warehouses, partly waiting, with notes and holds of many hands."""
    things, other = [b.product() for _ in range(LINES)], b.warehouse("ROT", "NL")
    for i, thing in enumerate(things):
        b.stocked(6, of=thing)
        if i % 2:
            b.stocked(3, other, thing)
    [pk] = b.processed(*[(thing, 10) for thing in things])
    tasks = [task.pk for a in _allocations(pk) for task in a.tasks.all()]
    picking.pick([pk], quantities=dict.fromkeys(tasks[: LINES // 2], 3), by=WORKER)
    packing.pack([pk], by=WORKER)
    dispatch.dispatch([pk], by=WORKER, tracking_number="JD0146000062")
    hands = [Actor.of(User.objects.create(username=f"bench-{n}")) for n in range(8)]
    while (left := EVENTS - b.order(pk).last_seq) > 0:
        by = hands[left % len(hands)]
        if left % 10 == 0:
            holds.place([pk], reason="The customer asks us to wait", by=by)
            holds.release([pk], reason="They called back", by=by)
        else:
            b.done(notes.add([pk], words=f"Note {left} about the delivery", by=by))
    sets.survey()
    return b.order(pk)


def _allocations(pk: int) -> list[object]:
    return [a for line in b.order(pk).lines.all() for a in line.allocations.all()]


def _measure(reader: Reader, name: str, address: str) -> None:
    for _ in range(8):  # warm: plans, templates, caches
        _, status, page = reader.read(address)
    assert status in {200, 204}, status  # noqa: S101
    measured = [reader.read(address)[0] for _ in range(TURNS)]
    with CaptureQueriesContext(connection) as queries:
        reader.read(address)
    p95 = statistics.quantiles(measured, n=20)[-1]
    middle, size = statistics.median(measured), len(page) / 1024
    words = (
        f"page {name:<12} median {middle:6.1f} ms, {len(queries):2} statements, {size:6.1f} kB, "
        f"p95 {p95:6.1f} ms"
    )
    figures.show(words, p95, most=WORST)
