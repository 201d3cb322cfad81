"""Sourcing: whatever lies free somewhere is found, and among equals the nearest place sends it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction

from config.kernel.actors import WORKER
from inventory.models import Product, Warehouse
from orders.lifecycle import processing
from orders.models import Allocation
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
