"""Lists: keyset pages that are as quick at any depth as at the top.

A page is asked for by the last row of the one before it, never by a number. Counts are capped.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.db.models import Q
from django.http import QueryDict

SIZE = 25
MOST_COUNTED = 10_000


@dataclass(frozen=True, slots=True)
class Sort:
    """An order of rows that an index serves: a field, then the id, both in one direction."""

    label: str
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


def page(
    rows: models.QuerySet[Any], query: QueryDict, sorts: Mapping[str, Sort], *, size: int = SIZE
) -> Page:
    """The page that the query asks for by ``sort``, ``after`` and ``before``."""
    sort = sorts.get(query.get("sort", ""), next(iter(sorts.values())))
    backwards = "before" in query
    if cursor := _cursor(query):
        rows = rows.filter(sort.beyond(cursor, backwards=backwards))
    found = list(sort.ordered(rows, backwards=backwards)[: size + 1])
    more, found = len(found) > size, found[:size]
    if backwards:
        found.reverse()
    result = Page(found)
    if found and (more or backwards):
        result.next_query = _with(query, after=sort.cursor(found[-1]))
    if found and (more if backwards else cursor):
        result.previous_query = _with(query, before=sort.cursor(found[0]))
    return result


def _cursor(query: QueryDict) -> str:
    cursor = query.get("before") or query.get("after") or ""
    return cursor if cursor.rpartition("~")[2].isdigit() else ""


def _with(query: QueryDict, **place: str) -> str:
    changed = query.copy()
    for name in ("after", "before"):
        changed.pop(name, None)
    for name, value in place.items():
        changed[name] = value
    return f"?{changed.urlencode()}"


def capped(rows: models.QuerySet[Any], most: int = MOST_COUNTED) -> str:
    """How many rows there are, counted no further than makes sense: 10,000+."""
    counted = rows.order_by()[: most + 1].count()
    return f"{most:,}+" if counted > most else f"{counted:,}"
