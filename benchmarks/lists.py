"""The list of orders at 200,000 rows: whole pages, by every filter and sort, to the last one."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Iterator
from itertools import chain
from urllib.parse import quote

from django.contrib.auth.models import Group, User
from django.db import connection
from django.http import QueryDict

from benchmarks import figures
from benchmarks.pages import Reader
from config.kernel.lists import SIZE
from orders.filters import SORTS, narrowed, sort_of
from orders.models import Order, Staff
from tests.crowd import FIRST, VALUES, gather

ORDERS, TURNS = 200_000, 60
WORST = 25  # milliseconds that a page may take
PLACES = {
    "late by promise": "late=true&sort=promise",
    "fulfilling by promise": "status=fulfilling&sort=promise",
    "draft and submitted": "status=draft&status=submitted",
    "one customer, in transit": "customer=C-CROWD-17&status=shipped",
    "a PO number": "q=PO-123456",
    "a tracking number": f"q=1z{(FIRST + 100_000) * 7919}",
    "three words": "q=nordhavn+byg+c-crowd-17",
}
# Lists that are read in every order.
SORTED = {
    "all": "",
    "completed": "status=completed",
    "sent and delivered": "status=shipped&status=delivered",
    "one customer": "customer=C-CROWD-17",
}
COUNTRY = "AT"  # of whoever sees one country alone


def wide() -> Iterator[tuple[str, str]]:
    """The lists that people keep open, and some in every order."""
    yield from PLACES.items()
    for name, query in SORTED.items():
        for sort in SORTS:
            asked = f"{query}&sort={sort}".lstrip("&")
            if sort_of(QueryDict(asked)) == sort:
                yield f"{name} by {sort}", asked


def narrow() -> Iterator[tuple[str, str]]:
    """Every filter with a value that many have, one that one old order has, and one of nobody."""
    for axis, values in VALUES.items():
        for what, value in zip(("many", "one old", "none"), values, strict=True):
            yield f"{axis}, {what}", f"{axis}={value}"


def places(user: User, lists: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Each list from its top and, if it has several pages, deep within it.

    From the middle of all its orders on, back from there, and the last page.
    """
    for name, query in lists:
        yield name, query
        asked = QueryDict(query)
        sort = SORTS[sort_of(asked)]
        rows = sort.ordered(narrowed(asked, Order.objects.visible_to(user)), backwards=False)
        if (count := rows.count()) > SIZE:
            middle, end = (quote(sort.cursor(rows[at])) for at in (count // 2, count - SIZE // 2))
            yield f"{name}, deep", f"{query}&after={middle}"
            yield f"{name}, back", f"{query}&before={middle}"
            yield f"{name}, last", f"{query}&after={end}"


def run(orders: int = ORDERS, turns: int = TURNS) -> None:
    """Fill the table and print the 95th percentile of each list, then of one country's."""
    gather(orders)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")  # as the server does by itself, some time after
    everything = User.objects.create_superuser("bench")
    some = User.objects.create(username="bench-scoped")
    some.groups.set(Group.objects.filter(name="Sales manager"))
    Staff.objects.create(user=some, countries=[COUNTRY])
    print(f"{Order.objects.count():,} orders, {Order.objects.visible_to(some).count():,} in scope")
    _measure("list", everything, chain(wide(), narrow()), turns)
    _measure("of a country", some, wide(), turns)


def _measure(what: str, user: User, lists: Iterable[tuple[str, str]], turns: int) -> None:
    reader = Reader(user)
    for name, query in list(places(user, lists)):
        reader.read(f"/orders/?{query}")  # warm
        answers = [reader.read(f"/orders/?{query}") for _ in range(turns)]
        assert {status for _, status, _ in answers} == {200}  # noqa: S101
        measured = [taken for taken, _, _ in answers]
        p95 = statistics.quantiles(measured, n=20)[-1]
        words = f"{what} {name:<32} p50 {statistics.median(measured):6.1f}  p95 {p95:6.1f} ms"
        figures.show(words, p95, most=WORST)
