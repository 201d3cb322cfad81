"""A line is served from the warehouse that somebody chose for it: foreseen, moved whole, or not."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext

from config.kernel.actors import WORKER, Actor
from fulfillment.models import PickTask
from inventory.models import Product, StockLevel, Warehouse
from orders.lifecycle import (
    allocation,
    amendment,
    processing,
    reassignment,
    reexamination,
    validation,
)
from orders.lifecycle.actions import look
from orders.lifecycle.amendment import Operation
from orders.models import Allocation, AmendmentOperation, OrderLine
from orders.tasks import work
from orders.versions import Trail, compare
from tests import builders as b

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("sound")]


@pytest.fixture
def rotterdam() -> Warehouse:
    b.warehouse()
    return b.warehouse("ROT", "NL", latitude=52, longitude=4)


def chosen(pk: int, code: str, sku: str) -> dict[int, list[Operation]]:
    line = OrderLine.objects.get(order=pk, sku=sku)
    return {pk: [Operation("set_warehouse", line=line.pk, warehouse=code)]}


def served(pk: int, thing: Product) -> dict[str, int]:
    rows = Allocation.objects.open().filter(line__order=pk, line__product=thing)
    return dict(rows.values_list("stock_level__warehouse__code", "quantity"))


def reserved(thing: Product) -> dict[str, int]:
    rows = StockLevel.objects.filter(product=thing)
    return dict(rows.values_list("warehouse__code", "reserved"))


def test_one_line_moves_with_its_task_and_the_other_stays(rotterdam: Warehouse) -> None:
    one, two = b.product("ONE"), b.product("TWO")
    for thing in (one, two):
        b.stocked(10, of=thing)
    [pk] = b.processed((one, 4), (two, 3))
    for thing in (one, two):
        b.stocked(10, rotterdam, thing)
    asked = chosen(pk, "ROT", "ONE")

    seen = amendment.plan(pk, asked[pk], by=WORKER, reason="error")
    b.done(amendment.amend([pk], operations=asked, reason="error", by=WORKER))

    told = [(effect.kind, str(effect.what), effect.quantity) for effect in seen.effects]
    assert ("set", "ONE, warehouse: where it is best → ROT", 0) in told
    assert ("release", "ONE at LEI", 4) in told
    assert ("reserve", "ONE at ROT", 4) in told
    assert ("task", "units off the pick tasks", 4) in told
    assert (served(pk, one), served(pk, two)) == ({"ROT": 4}, {"LEI": 3})
    assert reserved(one) == {"LEI": 0, "ROT": 4}
    open_tasks = PickTask.objects.open().values_list("bin__warehouse__code", "quantity")
    assert sorted(open_tasks) == [("LEI", 3), ("ROT", 4)]
    kept = AmendmentOperation.objects.get()
    assert (kept.before, kept.after) == ({"warehouse": ""}, {"warehouse": "ROT"})
    assert b.order(pk).grand_total == 70


def test_the_versions_tell_where_a_line_was_served_from_before(rotterdam: Warehouse) -> None:
    thing = b.product("X")
    b.stocked(10, of=thing)
    b.stocked(10, rotterdam, thing)
    [pk] = b.processed((thing, 5))
    for code in ("ROT", "LEI"):
        asked = chosen(pk, code, "X")
        b.done(amendment.amend([pk], operations=asked, reason="error", by=WORKER))
    order = b.order(pk)
    look(order)

    trail = Trail.of(order)
    places = [trail.at_version(number).lines[1].warehouse for number in (1, 2, 3)]
    told = [
        (each.label, each.before, each.after)
        for each in compare(trail.at_version(2), trail.at_version(3), trail.known)
    ]

    assert places == ["", "ROT", "LEI"]
    assert told == [("X, line 1, warehouse", "ROT", "LEI")]


def test_a_warehouse_that_has_too_little_refuses_with_figures(rotterdam: Warehouse) -> None:
    thing = b.product("X")
    b.stocked(10, of=thing)
    [pk] = b.processed((thing, 5))
    b.stocked(3, rotterdam, thing)

    outcomes = amendment.amend([pk], operations=chosen(pk, "ROT", "X"), reason="error", by=WORKER)

    assert outcomes.refused == {pk: "ROT has 3 of the 5 units of X free."}
    assert (served(pk, thing), reserved(thing)) == ({"LEI": 5}, {"LEI": 5, "ROT": 0})


def test_the_safety_stock_of_the_warehouse_that_was_chosen_counts(rotterdam: Warehouse) -> None:
    thing = b.product("X")
    b.stocked(10, of=thing)
    [pk] = b.processed((thing, 5))
    b.stocked(6, rotterdam, thing)
    StockLevel.objects.filter(warehouse=rotterdam).update(safety_stock=4)

    b.done(amendment.amend([pk], operations=chosen(pk, "ROT", "X"), reason="error", by=WORKER))

    assert reserved(thing) == {"LEI": 0, "ROT": 5}


def test_what_is_picked_stays_and_the_rest_moves(rotterdam: Warehouse) -> None:
    from orders.lifecycle import picking

    thing = b.product("X")
    b.stocked(10, of=thing)
    [pk] = b.processed((thing, 5))
    task = PickTask.objects.get()
    b.done(picking.pick([pk], quantities={task.pk: 2}, by=WORKER))
    b.stocked(10, rotterdam, thing)

    b.done(amendment.amend([pk], operations=chosen(pk, "ROT", "X"), reason="error", by=WORKER))

    assert served(pk, thing) == {"LEI": 2, "ROT": 3}
    assert OrderLine.objects.get().allocated == 5


def test_what_is_chosen_before_stock_is_allocated_is_where_it_comes_from(
    rotterdam: Warehouse,
) -> None:
    thing = b.product("X")
    b.stocked(10, of=thing)
    b.stocked(3, rotterdam, thing)
    [pk] = b.validated((thing, 5))

    b.done(amendment.amend([pk], operations=chosen(pk, "ROT", "X"), by=WORKER))
    b.done(processing.process([pk], by=WORKER))

    line = OrderLine.objects.get()
    assert (served(pk, thing), line.backordered) == ({"ROT": 3}, 2)
    assert allocation.share_out(by=WORKER).done == []  # what lies in LEI is not for this line
    b.stocked(2, rotterdam, thing)
    assert reserved(thing) == {"LEI": 0, "ROT": 5}


def test_a_shortage_where_it_was_chosen_is_not_solved_by_what_lies_elsewhere(
    rotterdam: Warehouse,
) -> None:
    thing = b.product("X", can_backorder=False)
    b.stocked(2, of=thing)
    [pk] = b.submitted((thing, 5))
    b.done(validation.validate([pk], by=WORKER))
    b.done(amendment.amend([pk], operations=chosen(pk, "ROT", "X"), by=WORKER))
    b.done(validation.validate([pk], by=WORKER))
    assert b.order(pk).status == "in_review"

    b.stocked(10, of=thing)
    work("recheck")
    still = b.order(pk).status
    assert pk not in reexamination.due().values_list("pk", flat=True)
    b.stocked(5, rotterdam, thing)
    work("recheck")
    work("validation")

    assert (still, b.order(pk).status) == ("in_review", "validated")


def test_a_warehouse_for_the_whole_order_takes_the_place_of_what_was_chosen(
    rotterdam: Warehouse,
) -> None:
    thing = b.product("X")
    b.stocked(10, of=thing)
    b.stocked(10, rotterdam, thing)
    [pk] = b.processed((thing, 5))
    b.done(amendment.amend([pk], operations=chosen(pk, "ROT", "X"), reason="error", by=WORKER))

    b.done(reassignment.assign([pk], warehouse=b.warehouse().pk, by=WORKER))

    assert (served(pk, thing), OrderLine.objects.get().warehouse) == ({"LEI": 5}, None)


@pytest.mark.parametrize(
    ("code", "why"),
    [("QUA", "Choose a warehouse that sells from stock."), ("NIX", "Choose a warehouse that")],
)
def test_only_a_warehouse_that_sells_is_chosen(code: str, why: str) -> None:
    thing = b.product("X")
    b.stocked(10, of=thing)
    b.warehouse("QUA", is_sellable=False)
    [pk] = b.processed((thing, 5))

    asked = chosen(pk, code, "X")
    refused = amendment.amend([pk], operations=asked, reason="error", by=WORKER).refused

    assert refused[pk].startswith(why)


def test_choosing_takes_the_permission_to_assign(rotterdam: Warehouse) -> None:
    thing = b.product("X")
    b.stocked(10, of=thing)
    b.stocked(10, rotterdam, thing)
    [pk] = b.processed((thing, 5))
    by = Actor.of(User.objects.create(username="nobody"))

    asked = chosen(pk, "ROT", "X")
    refused = amendment.amend([pk], operations=asked, reason="error", by=by).refused

    assert refused[pk].startswith("Warehouses of lines: your role does not include changing this")


def test_many_orders_change_their_warehouse_in_as_many_statements_as_one(
    rotterdam: Warehouse,
) -> None:
    def counted(times: int) -> int:
        thing = b.product()
        b.stocked(5 * times, of=thing)
        ids = b.processed((thing, 5), times=times)
        b.stocked(5 * times, rotterdam, thing)
        asked = {pk: chosen(pk, "ROT", thing.sku)[pk] for pk in ids}
        with CaptureQueriesContext(connection) as captured:
            b.done(amendment.amend(ids, operations=asked, reason="error", by=WORKER))
        return len(captured)

    assert counted(1) == counted(10)
