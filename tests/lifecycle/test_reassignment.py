"""Reassignment: orders are served from the warehouse that somebody chose, or stay as they are."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from config.kernel.actors import WORKER
from config.kernel.steps import preview
from fulfillment.models import PickTask
from inventory.models import Product, StockLevel, Warehouse
from orders.lifecycle import cancellation, holds, picking, reassignment
from orders.models import Allocation, OrderLine, Promise, SourcingDecision
from tests import builders as b

pytestmark = pytest.mark.django_db


@pytest.fixture
def rotterdam() -> Warehouse:
    b.warehouse()
    return b.warehouse("ROT", "NL", latitude=52, longitude=4)


def levels(thing: Product) -> dict[str, tuple[int, int]]:
    rows = StockLevel.objects.filter(product=thing).order_by("warehouse__code")
    return {
        code: (hand, kept)
        for code, hand, kept in rows.values_list("warehouse__code", "on_hand", "reserved")
    }


def test_what_is_allocated_moves_with_its_tasks_and_the_decision_is_kept(
    rotterdam: Warehouse,
) -> None:
    thing = b.product()
    b.stocked(10, of=thing)
    [pk] = b.processed((thing, 4))
    b.stocked(10, rotterdam, thing)

    outcomes = reassignment.assign([pk], warehouse=rotterdam.pk, by=WORKER)

    assert outcomes.done == [pk]
    assert [(e.kind, e.what, e.quantity) for e in outcomes.effects] == [
        ("move", f"{thing.sku} to ROT", 4)
    ]
    assert levels(thing) == {"LEI": (10, 0), "ROT": (10, 4)}
    task = PickTask.objects.open().get()
    assert (task.quantity, task.bin.warehouse) == (4, rotterdam)
    decision = SourcingDecision.objects.latest("pk")
    assert decision.method == "manual"
    [candidate] = decision.candidates.all()
    assert (candidate.warehouse, candidate.is_chosen, candidate.covered) == (rotterdam, True, 4)
    assert b.order(pk).events.latest("seq").type == "order.assigned"


def test_too_little_stock_refuses_with_figures_and_changes_nothing(rotterdam: Warehouse) -> None:
    thing = b.product("X")
    b.stocked(10, of=thing)
    [pk] = b.processed((thing, 5))
    b.stocked(3, rotterdam, thing)
    before = b.order(pk).version

    outcomes = reassignment.assign([pk], warehouse=rotterdam.pk, by=WORKER)

    assert outcomes.refused == {pk: "ROT has 3 of the 5 units of X free."}
    assert levels(thing) == {"LEI": (10, 5), "ROT": (3, 0)}
    assert (PickTask.objects.count(), Allocation.objects.count()) == (1, 1)
    assert b.order(pk).version == before


def test_orders_of_a_batch_share_what_is_free_there(rotterdam: Warehouse) -> None:
    thing = b.product("X")
    b.stocked(10, of=thing)
    ids = b.processed((thing, 2), times=3)
    b.stocked(5, rotterdam, thing)

    outcomes = reassignment.assign(ids, warehouse=rotterdam.pk, by=WORKER)

    assert outcomes.done == ids[:2]
    assert outcomes.refused == {ids[2]: "ROT has 1 of the 2 units of X free."}
    assert levels(thing) == {"LEI": (10, 2), "ROT": (5, 4)}


def test_a_validated_order_gets_all_its_stock_there(rotterdam: Warehouse) -> None:
    thing = b.product("X")
    b.stocked(10, of=thing)
    b.stocked(5, rotterdam, thing)
    ids = b.validated((thing, 3), times=2)

    outcomes = reassignment.assign(ids, warehouse=rotterdam.pk, by=WORKER)

    assert outcomes.done == ids[:1]
    assert outcomes.refused == {ids[1]: "ROT has 2 of the 3 units of X free."}
    assert [b.order(pk).status for pk in ids] == ["processing", "validated"]
    assert levels(thing) == {"LEI": (10, 0), "ROT": (5, 3)}
    assert SourcingDecision.objects.get().method == "manual"


def test_backordered_units_wait_on_and_allocated_ones_move(rotterdam: Warehouse) -> None:
    thing = b.product("X")
    b.stocked(2, of=thing)
    [pk] = b.processed((thing, 5))
    StockLevel.objects.filter(warehouse=rotterdam, product=thing).delete()
    b.stocked(1, rotterdam, b.product())
    line = OrderLine.objects.get()

    refused = reassignment.assign([pk], warehouse=rotterdam.pk, by=WORKER).refused

    line.refresh_from_db()
    assert refused == {pk: "ROT has 0 of the 2 units of X free."}
    assert (line.allocated, line.backordered) == (2, 3)


@pytest.mark.parametrize(
    ("reach", "words"),
    [
        (
            b.drafted,
            "stands at “Draft”; it is not possible to assign a warehouse to it from there.",
        ),
        (
            b.picked,
            "stands at “Fulfilling”; it is not possible to assign a warehouse to it from there.",
        ),
    ],
)
def test_an_order_elsewhere_on_its_way_is_refused(
    reach: Any, words: str, rotterdam: Warehouse
) -> None:
    thing = b.product()
    b.stocked(10, of=thing)
    [pk] = reach((thing, 1))

    [why] = reassignment.assign([pk], warehouse=rotterdam.pk, by=WORKER).refused.values()

    assert why == f"{b.order(pk)} {words}"


def test_a_hold_keeps_an_order_where_it_is(rotterdam: Warehouse) -> None:
    thing = b.product()
    b.stocked(10, of=thing)
    [pk] = b.processed((thing, 1))
    holds.place([pk], reason="Ask first", by=WORKER)

    refused = reassignment.assign([pk], warehouse=rotterdam.pk, by=WORKER).refused

    assert refused == {pk: "On hold: Ask first. Release the hold."}


def test_an_order_that_is_there_already_says_so() -> None:
    thing = b.product()
    level = b.stocked(10, of=thing)
    [pk] = b.processed((thing, 1))

    refused = reassignment.assign([pk], warehouse=level.warehouse_id, by=WORKER).refused

    assert refused == {pk: f"All that {b.order(pk)} has is allocated at LEI already."}


def test_a_warehouse_that_does_not_sell_serves_nobody() -> None:
    [pk] = b.drafted((b.product(), 1))
    quarantine = b.warehouse("QUA", is_sellable=False)

    refused = reassignment.assign([pk], warehouse=quarantine.pk, by=WORKER).refused

    assert refused == {pk: "Choose a warehouse that sells from stock."}


def test_a_longer_way_promises_a_later_day_and_says_why() -> None:
    thing = b.product()
    b.stocked(10, of=thing)
    [pk] = b.processed((thing, 1))
    far = b.warehouse("NYC", "US", latitude=40, longitude=-74)
    b.stocked(10, far, thing)
    before = b.order(pk).promised_on

    b.done(reassignment.assign([pk], warehouse=far.pk, by=WORKER))

    after = b.order(pk).promised_on
    second = Promise.objects.get(seq=2)
    assert before is not None
    assert after is not None
    assert (after - before).days == 7
    assert (second.promised_on, second.cause) == (after, "Assigned to NYC")


def test_a_preview_of_it_changes_nothing_and_a_moved_order_is_picked_and_cancelled(
    rotterdam: Warehouse,
) -> None:
    thing = b.product()
    b.stocked(10, of=thing)
    b.stocked(10, rotterdam, thing)
    ids = b.processed((thing, 1), times=2)
    foreseen = preview(reassignment.assign, ids, warehouse=rotterdam.pk, by=WORKER)
    assert levels(thing) == {"LEI": (10, 2), "ROT": (10, 0)}

    outcomes = reassignment.assign(ids, warehouse=rotterdam.pk, by=WORKER)

    assert foreseen.effects == outcomes.effects
    b.done(cancellation.cancel(ids[:1], reason="error", by=WORKER))
    b.done(picking.pick(ids[1:], by=WORKER))
    assert levels(thing) == {"LEI": (10, 0), "ROT": (10, 1)}


@pytest.mark.parametrize("reach", [b.processed, b.validated])
def test_it_takes_as_many_statements_for_a_hundred_orders_as_for_one(
    reach: Any, rotterdam: Warehouse
) -> None:
    things = [b.product() for _ in range(3)]
    for thing in things:
        b.stocked(1000, of=thing)
        b.stocked(1000, rotterdam, thing)
    lines, buyer = [(thing, 2) for thing in things], b.customer("100000000")
    counts = []
    for times in (1, 100):
        ids = reach(*lines, buyer=buyer, times=times)
        with CaptureQueriesContext(connection) as queries:
            b.done(reassignment.assign(ids, warehouse=rotterdam.pk, by=WORKER))
        counts.append(len(queries))

    assert counts[0] == counts[1]
