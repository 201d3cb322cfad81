"""The list of orders at 200,000 rows: whole pages in process, by every filter and sort."""

from __future__ import annotations

import statistics
from collections.abc import Iterator
from urllib.parse import quote

from django.contrib.auth.models import User
from django.db import connection
from django.http import QueryDict

from benchmarks import figures
from benchmarks.pages import Reader
from config.kernel.lists import SIZE
from orders.filters import SORTS, narrowed, sort_of
from orders.models import Order
from tests.crowd import FIRST, VALUES, gather

ORDERS, TURNS = 200_000, 100
WORST = 25  # milliseconds that a page may take
PLACES = {
    "newest": "",
    "completed, oldest": "status=completed&sort=oldest",
    "fulfilling by promise": "status=fulfilling&sort=promise",
    "late by promise": "late=true&sort=promise",
    "one customer, in transit": "customer=C-CROWD-17&status=shipped",
    "a PO number": "q=PO-123456",
    "a tracking number": f"q=1z{(FIRST + 100_000) * 7919}",
    "three words": "q=nordhavn+byg+c-crowd-17",
}


def queries() -> Iterator[tuple[str, str]]:
    """Every filter with a value that many have, one that one old order has, and one of nobody."""
    yield from PLACES.items()
    for sort in SORTS:
        yield f"all by {sort}", f"sort={sort}"
    for axis, values in VALUES.items():
        for what, value in zip(("many", "one old", "none"), values, strict=True):
            yield f"{axis}, {what}", f"{axis}={value}"


def places() -> Iterator[tuple[str, str]]:
    """Each list from its top and, if it has several pages, from the middle of all its orders."""
    for name, query in queries():
        yield name, query
        asked = QueryDict(query)
        sort = SORTS[sort_of(asked)]
        rows = sort.ordered(narrowed(asked, Order.objects.all()), backwards=False)
        if (count := rows.count()) > SIZE:
            yield f"{name}, deep", f"{query}&after={quote(sort.cursor(rows[count // 2]))}"


def run() -> None:
    """Fill the table and print the 95th percentile of each list."""
    gather(ORDERS)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")  # as the server does by itself, some time after
    reader = Reader(User.objects.create_superuser("bench"))
    print(f"{Order.objects.count():,} orders")
    for name, query in list(places()):
        reader.read(f"/orders/?{query}")  # warm
        answers = [reader.read(f"/orders/?{query}") for _ in range(TURNS)]
        assert {status for _, status, _ in answers} == {200}  # noqa: S101
        measured = [taken for taken, _, _ in answers]
        p95 = statistics.quantiles(measured, n=20)[-1]
        words = f"list {name:<30} p50 {statistics.median(measured):6.1f}  p95 {p95:6.1f} ms"
        figures.show(words, p95, most=WORST)
