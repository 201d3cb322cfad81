"""Lists: keyset pages that are as quick at any depth as at the top.

A page is asked for by the last row of the one before it, never by a number. Counts are capped.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.core.exceptions import EmptyResultSet, ValidationError
from django.db import OperationalError, connection, models, transaction
from django.db.models import BooleanField, F, Func, Q
from django.db.models.expressions import RawSQL
from django.http import QueryDict
from django.utils.translation import gettext
from django_stubs_ext import StrOrPromise
from psycopg.errors import QueryCanceled

from config.kernel import typed
from config.kernel.errors import TooBroad
from config.kernel.reading import number

SIZE = 25
MOST_COUNTED = 10_000
PATIENCE = 2_000  # milliseconds
# A plan for any value would be the wrong one for a value that is rare, or that nothing has. However
# the planner guesses, no table is read whole while an index will do, and none is walked from its
# top to the place of a page, as a merge of two would. A page is read before helpers had started.
HURRIED = ("force_custom_plan", "off", "off", "0")
HASTE = """
SELECT set_config('statement_timeout', %s, true), set_config('plan_cache_mode', %s, true),
 set_config('enable_seqscan', %s, true), set_config('enable_mergejoin', %s, true),
 set_config('max_parallel_workers_per_gather', %s, true)
"""


@dataclass(frozen=True, slots=True)
class Sort:
    """An order of rows that an index serves: a field, then the id, both in one direction."""

    label: StrOrPromise
    field: str = "pk"
    descending: bool = True

    def ordered(self, rows: models.QuerySet[Any], *, backwards: bool) -> models.QuerySet[Any]:
        """The rows in this order, or in the opposite one."""
        sign = "-" if self.descending is not backwards else ""
        names = [self.field] if self.field == "pk" else [self.field, "pk"]
        return rows.order_by(*(f"{sign}{name}" for name in names))

    def beyond(self, cursor: str, *, backwards: bool) -> Q:
        """The rows that come after the one that the cursor names."""
        value, _, pk = cursor.rpartition("~")
        side = "lt" if self.descending is not backwards else "gt"
        if self.field == "pk":
            return Q(**{f"pk__{side}": int(pk)})
        first = Q(**{f"{self.field}__{side}e": value})
        return first & (Q(**{f"{self.field}__{side}": value}) | Q(**{f"pk__{side}": int(pk)}))

    def cursor(self, row: Any) -> str:
        """What names a row in this order."""
        value = "" if self.field == "pk" else getattr(row, self.field)
        return f"{value}~{row.pk}"


@dataclass(slots=True)
class Page:
    """Some rows, and the queries that lead to those before and after them."""

    rows: Sequence[Any]
    next_query: str = ""
    previous_query: str = ""
    is_whole: bool = False  # whether these are all there are


def page(
    rows: models.QuerySet[Any],
    query: QueryDict,
    sorts: Mapping[str, Sort],
    *,
    size: int = SIZE,
    shown: models.QuerySet[Any] | None = None,
) -> Page:
    """The page that the query asks for by ``sort``, ``after`` and ``before``.

    ``shown`` says how its rows are read; they are looked for by their keys alone, so that no whole
    row is carried along that is not shown.
    """
    sort = sorts.get(query.get("sort", ""), next(iter(sorts.values())))
    backwards = "before" in query
    if cursor := _cursor(query):
        try:
            rows = rows.filter(sort.beyond(cursor, backwards=backwards))
        except (ValueError, ValidationError):
            cursor = ""  # a place that no row of this list can have
    rows = sort.ordered(rows, backwards=backwards)[: size + 1]
    if shown is not None:
        rows = sort.ordered(shown.filter(Among(rows.values("pk"))), backwards=backwards)
    found = list(rows)
    more, found = len(found) > size, found[:size]
    if backwards:
        found.reverse()
    result = Page(found, is_whole=not (cursor or more))
    if found and (more or backwards):
        result.next_query = _with(query, after=sort.cursor(found[-1]))
    if found and (more if backwards else cursor):
        result.previous_query = _with(query, before=sort.cursor(found[0]))
    return result


def place(query: QueryDict, sort: Sort) -> Q:
    """What the place of a page asks of the keys, for rows that have the same; nothing where the
    list is sorted by more than them.
    """
    cursor = _cursor(query) if sort.field == "pk" else ""
    return sort.beyond(cursor, backwards="before" in query) if cursor else Q()


def _cursor(query: QueryDict) -> str:
    cursor = query.get("before") or query.get("after") or ""
    return "" if typed.key(cursor.rpartition("~")[2]) is None else cursor


def _with(query: QueryDict, **place: str) -> str:
    changed = query.copy()
    for name in ("after", "before"):
        changed.pop(name, None)
    for name, value in place.items():
        changed[name] = value
    return f"?{changed.urlencode()}"


def counting(lists: Sequence[models.QuerySet[Any]], most: int) -> tuple[str, list[Any]]:
    """The statement that counts each list no further than one beyond ``most``, and its values."""
    selects: list[str] = []
    values: list[Any] = []
    for rows in lists:
        try:
            sql, parameters = rows.order_by().values("pk")[: most + 1].query.sql_with_params()
        except EmptyResultSet:
            selects.append("0")
        else:
            selects.append(f"(SELECT count(*) FROM ({sql}) t)")
            values += parameters
    return f"SELECT {', '.join(selects)}", values


def counted(lists: Sequence[models.QuerySet[Any]], most: int = MOST_COUNTED) -> list[int]:
    """How many rows each list has, counted no further than one beyond ``most``."""
    return figures(*counting(lists, most)) if lists else []


def figures(statement: str, values: Sequence[Any]) -> list[int]:
    """What the statement of ``counting`` answers now."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values or None)
        return list(cursor.fetchone() or ())


@contextmanager
def meanwhile(
    asked: Sequence[tuple[str, Sequence[Any]]],
) -> Iterator[Callable[[], list[list[int]]]]:
    """Statements of ``counting`` that the database works on while something else is done here.

    What is yielded waits for their answers.
    """
    connection.ensure_connection()
    with ExitStack() as stack:
        stack.enter_context(connection.connection.pipeline())
        cursors = [stack.enter_context(connection.cursor()) for _ in asked]
        for cursor, (statement, values) in zip(cursors, asked, strict=True):
            cursor.execute(statement, values or None)
        yield lambda: [list(cursor.fetchone() or ()) for cursor in cursors]


def in_words(count: int, most: int = MOST_COUNTED) -> str:
    """A count as it is shown: 12, 4,310 or 10,000+."""
    return f"{number(most)}+" if count > most else number(count)


def capped(rows: models.QuerySet[Any], most: int = MOST_COUNTED) -> str:
    """How many rows there are, counted no further than makes sense: 10,000+."""
    return in_words(rows.order_by()[: most + 1].count(), most)


class Among(Func):
    """That a key of a row is one of a set, which is found first: for sets that stay small.

    The planner would guess from the values how large the set is, and walk through the whole list
    for one that is all but empty. Keys that are known go as one value, however many they are.
    """

    template = "%(expressions)s)"
    arg_joiner = " = ANY("
    output_field = BooleanField()

    def __init__(
        self, keys: models.QuerySet[Any, Any] | Sequence[int] | RawSQL, field: str = "pk"
    ) -> None:
        if isinstance(keys, models.QuerySet):
            found: Any = ArraySubquery(keys if keys.query.is_sliced else keys.order_by())
        elif isinstance(keys, RawSQL):
            found = keys
        else:
            found = RawSQL("%s::bigint[]", [f"{{{','.join(map(str, keys))}}}"])
        super().__init__(F(field), found)


@contextmanager
def impatient(milliseconds: int = PATIENCE) -> Iterator[Callable[[int], None]]:
    """Reading for somebody who waits: planned for the values asked for, given up after a while.

    What takes longer raises ``TooBroad``, whose text says what to do. What is yielded sets another
    while for what is left to read.
    """
    within = connection.in_atomic_block  # else the settings end with the transaction
    try:
        with transaction.atomic():
            _hasten(milliseconds)
            yield _hasten
            if within:
                with connection.cursor() as cursor:
                    cursor.execute(HASTE, [None] * 5)  # as the session has them
    except OperationalError as error:
        if not isinstance(error.__cause__, QueryCanceled):
            raise
        words = gettext(
            "That would look through too many orders. Narrow the search: add a filter or dates."
        )
        raise TooBroad(words) from error


def _hasten(milliseconds: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(HASTE, [str(milliseconds), *HURRIED])
