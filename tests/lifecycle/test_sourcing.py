"""Sourcing: whatever lies free somewhere is found, and among equals the nearest place sends it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest
from django.db import connection, transaction
from django.db.models import F
from django.test.utils import CaptureQueriesContext

from config.kernel.actors import WORKER
from inventory.models import Bin, Product, Warehouse
from orders.lifecycle import allocation, cancellation, dispatch, packing, picking, processing
from orders.lifecycle.allocation import Receipt
from orders.models import Allocation, OrderLine, SourcingDecision
from tests import builders as b
from tests.races.conftest import somebody_waits, until

pytestmark = pytest.mark.django_db


def four() -> list[Warehouse]:
    return [b.warehouse(f"W{number}") for number in range(1, 5)]


def sources(pk: int, thing: Product) -> dict[str, int]:
    """How many units of an order come from which warehouse."""
    found = Allocation.objects.filter(line__order=pk, line__product=thing)
    return dict(found.values_list("stock_level__warehouse__code", "quantity"))


def test_warehouses_that_have_none_left_do_not_hide_the_fourth_that_has_some() -> None:
    common, rare, places = b.product(), b.product(), four()
    for place in places[:3]:
        b.stocked(50, place, common)
        b.stocked(1, place, rare)
    b.processed((rare, 3))
    b.stocked(5, places[3], rare)

    [pk] = b.processed((common, 3), (rare, 2))

    assert sources(pk, rare) == {"W4": 2}
    assert b.order(pk).lines.get(product=rare).backordered == 0


def test_a_batch_goes_on_where_its_first_orders_left_something() -> None:
    thing = b.product()
    for place in four():
        b.stocked(5, place, thing)

    ids = b.processed((thing, 5), times=4)

    assert [sources(pk, thing) for pk in ids] == [{f"W{n}": 5} for n in range(1, 5)]


def test_between_two_warehouses_that_differ_in_distance_alone_the_nearest_sends() -> None:
    thing = b.product()
    b.stocked(5, b.warehouse("A-FAR", "FR", latitude=44, longitude=-1), thing)
    b.stocked(5, b.warehouse("B-NEAR", "FR", latitude=49, longitude=6), thing)

    [pk] = b.processed((thing, 2))

    assert sources(pk, thing) == {"B-NEAR": 2}


def goods(thing: Product, place: Warehouse, quantity: int = 10) -> Receipt:
    shelf = Bin.objects.get(warehouse=place, kind=Bin.Kind.SHELF)
    return Receipt(thing.pk, place.pk, quantity, Decimal(6), shelf.pk)


def arrive(thing: Product, units: dict[Warehouse, int]) -> None:
    """Goods that come to these warehouses at once."""
    receipts = [goods(thing, place, quantity) for place, quantity in units.items()]
    allocation.receive(receipts, reference="GR-1", by=WORKER)


def considered(pk: int) -> list[tuple[str, bool, str | None]]:
    """The warehouses of the latest decision, in the order of their scores."""
    found = SourcingDecision.objects.filter(order=pk).latest("pk").candidates
    rows = found.order_by(F("score").desc(nulls_last=True), "pk")
    return list(rows.values_list("warehouse__code", "is_chosen", "rejected_reason"))


@pytest.fixture(
    params=[
        ({"priority": 1}, {"priority": 2}),
        ({"country": "FR", "latitude": 44, "longitude": -1}, {"country": "FR", "latitude": 49}),
    ],
    ids=["priority", "distance"],
)
def places(request: pytest.FixtureRequest) -> list[Warehouse]:
    """Two warehouses: the one that was there first is the worse one."""
    worse, better = request.param
    return [b.warehouse("OLD", **worse), b.warehouse("NEW", **better)]


def test_goods_that_arrive_in_two_places_are_taken_where_sourcing_says(
    places: list[Warehouse],
) -> None:
    thing = b.product()
    b.warehouse("QUA", is_sellable=False)
    [pk] = b.processed((thing, 4))

    arrive(thing, dict.fromkeys(places, 10))

    assert sources(pk, thing) == {"NEW": 4}
    assert considered(pk) == [
        ("NEW", True, None),
        ("OLD", False, None),
        ("QUA", False, "Does not sell from stock."),
    ]
    assert SourcingDecision.objects.filter(order=pk).count() == 2, "One each time it was decided."


def test_what_is_given_back_in_two_places_is_taken_where_sourcing_says(
    places: list[Warehouse],
) -> None:
    thing = b.product()
    for place in places:
        b.stocked(5, place, thing)
    first, [waiting] = b.processed((thing, 10)), b.processed((thing, 4))
    b.done(cancellation.cancel(first, reason="error", by=WORKER))

    assert allocation.share_out(by=WORKER).done == [waiting]

    assert sources(waiting, thing) == {"NEW": 4}
    assert considered(waiting) == [("NEW", True, None), ("OLD", False, None)]


def test_who_waits_for_goods_may_have_them_where_they_did_not_arrive(
    places: list[Warehouse],
) -> None:
    thing, (old, new) = b.product(), places
    b.stocked(5, new, thing)
    first, [waiting] = b.processed((thing, 5)), b.processed((thing, 4))
    b.done(cancellation.cancel(first, reason="error", by=WORKER))

    arrive(thing, {old: 5})

    assert sources(waiting, thing) == {"NEW": 4}


def test_a_place_that_covers_more_of_the_waiting_lines_comes_before_priority() -> None:
    one, two = b.product(), b.product()
    urgent, whole = b.warehouse("URGENT", priority=9), b.warehouse("WHOLE")
    [pk] = b.processed((one, 3), (two, 3))

    allocation.receive(
        [goods(one, urgent), goods(one, whole), goods(two, whole)], reference="GR-1", by=WORKER
    )

    assert sources(pk, one) == sources(pk, two) == {"WHOLE": 3}


def test_no_line_is_split_over_more_than_three_warehouses_whatever_the_batch_has_locked() -> None:
    thing = b.product()
    for place in four():
        b.stocked(2, place, thing)

    first, second = b.processed((thing, 20), times=2)

    assert sources(first, thing) == {"W1": 2, "W2": 2, "W3": 2}
    assert sources(second, thing) == {"W4": 2}


def test_a_waiting_line_is_not_split_over_a_fourth_warehouse_either() -> None:
    thing, (one, two, three, fourth) = b.product(), four()
    for place in (one, two, three):
        b.stocked(2, place, thing)
    [pk] = b.processed((thing, 10))
    b.done(picking.pick([pk], by=WORKER))
    b.done(packing.pack([pk], by=WORKER))
    b.done(dispatch.dispatch([pk], by=WORKER))

    arrive(thing, {fourth: 50})
    with CaptureQueriesContext(connection) as captured:
        assert allocation.share_out(by=WORKER).done == []
    assert sources(pk, thing) == {"W1": 2, "W2": 2, "W3": 2}
    assert not [query for query in captured if "FOR NO KEY UPDATE" in query["sql"]]

    arrive(thing, {two: 3})
    assert OrderLine.objects.get().backordered == 1


def test_given_back_units_reach_many_orders_with_as_many_statements_as_one() -> None:
    thing, place, buyer = b.product(), b.warehouse(), b.customer("10000000")

    def counted(times: int) -> int:
        b.stocked(2 * times, place, thing)
        first = b.processed((thing, 2 * times), buyer=buyer)
        waiting = b.processed((thing, 2), buyer=buyer, times=times)
        b.done(cancellation.cancel(first, reason="error", by=WORKER))
        with CaptureQueriesContext(connection) as captured:
            assert allocation.share_out(by=WORKER).done == waiting
        return len(captured)

    assert counted(1) == counted(100)


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_who_waited_while_others_emptied_three_warehouses_finds_the_fourth() -> None:
    thing = b.product()
    for place in four():
        b.stocked(8, place, thing)
    first, [pk] = b.validated((thing, 8), times=3), b.validated((thing, 8))

    def later() -> None:
        try:
            processing.process([pk], by=WORKER)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as threads:
        with transaction.atomic():
            b.done(processing.process(first, by=WORKER))
            waiting = threads.submit(later)
            until(somebody_waits)
        waiting.result()

    assert sources(pk, thing) == {"W4": 8}
