"""Every filter and sort of the list is served by an index, above all where nothing matches."""

from __future__ import annotations

import re

import pytest
from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.http import QueryDict

from config.kernel.lists import SIZE, impatient
from orders import filters
from orders.axes import AXES
from orders.filters import SORTS, Narrowing, narrowed, sort_of
from orders.models import Order
from tests.crowd import FIRST, ODD, VALUES, gather

pytestmark = pytest.mark.django_db
ORDERS = 20_000
BOUND = ORDERS // 5  # what is open, or among the newest


def indexes(table: str) -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexname FROM pg_indexes WHERE tablename LIKE %s", [table])
        return {name for (name,) in cursor.fetchall()}


def test_the_order_row_carries_six_indexes() -> None:
    assert indexes("orders_order") == {
        "orders_order_pkey",
        "order_number_is_given_once",
        "order_external_id_once_per_channel",
        "order_by_status",
        "order_by_customer",
        "order_open_by_promise",
    }


def test_every_axis_names_an_index_that_there_is_or_is_read_among_the_newest() -> None:
    known = indexes("orders_%")

    for axis in AXES:
        assert not axis.index or axis.index in known, axis.name
    assert {axis.name for axis in AXES} == set(VALUES)


def plan(query: str) -> str:
    """How a page of a query is read, and what was read for it."""
    asked = QueryDict(query)
    sort, rows = SORTS[sort_of(asked)], Narrowing(asked).orders(Order.objects.all(), placed=True)
    if place := asked.get("after"):
        rows = rows.filter(sort.beyond(place, backwards=False))
    rows = sort.ordered(rows, backwards=False)[: SIZE + 1]
    try:
        with impatient():
            return rows.explain(analyze=True, timing=False)
    except EmptyResultSet:
        return ""


def faults(plan: str) -> list[str]:
    found = re.findall(r".*Seq Scan on orders_(?:order|ordersearch)\b.*", plan)
    passed = sum(int(n) for n in re.findall(r"Rows Removed by Filter: (\d+)", plan))
    return found + ([f"{passed} rows passed over"] if passed > BOUND else [])


@pytest.mark.unsound("a crowd is put in by hand")
def test_no_filter_reads_the_whole_table_whatever_the_sort(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(filters, "NEWEST", 1_000)  # each of three tables is read so far
    gather(ORDERS)
    bad: dict[str, list[str]] = {}

    for axis in AXES:
        for sort in ("", *SORTS):
            for value in VALUES[axis.name][1:]:
                query = f"{axis.name}={value}&sort={sort}"
                if wrong := faults(read := plan(query)):
                    bad[query] = [*wrong, read]

    deep = plan(f"q=nordhavn+byg+c-crowd-17&after=~{FIRST + ORDERS // 10}")
    assert bad == {}
    assert faults(deep) == [], deep
    assert [row.pk for row in narrowed(QueryDict("q=493415550199"), Order.objects.all())] == [ODD]


@pytest.mark.unsound("a crowd is put in by hand")
def test_each_axis_can_be_read_along_the_index_that_it_names() -> None:
    gather(2_000)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")  # tables of a few rows are read as a whole

    unserved = {
        axis.name: read
        for axis in AXES
        if axis.index and not axis.name.startswith("entered")  # a range of keys by then
        if axis.index not in (read := plan(f"{axis.name}={VALUES[axis.name][1]}"))
    }

    assert unserved == {}
