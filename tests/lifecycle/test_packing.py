"""Packing what lies in no warehouse, which leaves from the one that matters most; taking back."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from config.kernel.actors import WORKER
from inventory.models import Warehouse
from orders.lifecycle import packing, picking
from tests import builders as b

pytestmark = pytest.mark.django_db


def test_services_are_packed_in_as_many_statements_for_many_orders_as_for_one() -> None:
    b.warehouse()
    one, *many = b.processed((b.product(is_stocked=False), 2), times=7)

    def statements(ids: list[int]) -> int:
        with CaptureQueriesContext(connection) as queries:
            b.done(packing.pack(ids, by=WORKER))
        return len(queries)

    assert statements([one]) == statements(many)


def test_a_hundred_orders_are_recalled_in_as_many_statements_as_one() -> None:
    thing = b.product()
    b.stocked(300, of=thing)
    one, *many = b.picked((thing, 2), buyer=b.customer("10000000"), times=101)

    def statements(ids: list[int]) -> int:
        with CaptureQueriesContext(connection) as queries:
            assert b.done(picking.recall(ids, by=WORKER)) == ids
        return len(queries)

    assert statements([one]) == statements(many)


def test_a_service_is_not_packed_where_no_warehouse_sells() -> None:
    b.warehouse()
    service = b.product(is_stocked=False)
    [pk] = b.processed((service, 2))
    Warehouse.objects.update(is_sellable=False)

    refused = packing.pack([pk], by=WORKER).refused

    words = f"{service.sku} lies in no warehouse, and none sells that could send it. Let one sell."
    assert refused == {pk: words}
