"""Lookups: the few rows that somebody means who is still typing, in one quick statement.

Each way in is a short walk along its own index: a range over ``upper(field)`` in C collation for
what a field starts with, trigrams for words within it. Unlike a prefix LIKE the range stays one
when the server keeps the plan, so a rare text costs no more than a common one.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import TypeVar

from django.db import models

from config.kernel import sets

M = TypeVar("M", bound=models.Model)
MOST_STARTING, MOST_WITHIN = 20, 200  # rows of each way that are ranked; a longer text narrows it
LAST = "\U0010ffff"


def meant(
    model: type[M],
    text: str,
    *,
    starts: Sequence[str],
    within: Sequence[str],
    limit: int,
    active: bool = True,
) -> list[M]:
    """Rows by the beginning of a field, or by words within one; what is meant exactly first.

    The first of ``starts`` is the field that names a row. A row that is not active is only found
    when that is asked for.
    """
    low, words = text.upper(), _words(text)
    parameters: list[object] = []
    for _ in starts:
        parameters += [low, low + LAST]
    patterns = [f"%{_escaped(word.upper())}%" for word in words]
    for _ in within if words else ():
        parameters += patterns
    rest = _statement(model, tuple(starts), tuple(within), len(words), active)
    return sets.read(model, rest, *parameters, low, low, low + LAST, limit)


@cache
def _statement(
    model: type[models.Model],
    starts: tuple[str, ...],
    within: tuple[str, ...],
    words: int,
    active: bool,  # noqa: FBT001 - the key of a cache
) -> str:
    table, only = model._meta.db_table, "is_active AND " if active else ""
    ways = [
        f"(SELECT id FROM {table} WHERE {only}{_key(name)} >= %s AND {_key(name)} < %s "
        f"ORDER BY {_key(name)} LIMIT {MOST_STARTING})"
        for name in starts
    ]
    for name in within if words else ():
        like = " AND ".join([f"upper({name}) LIKE %s"] * words)
        ways.append(f"(SELECT id FROM {table} WHERE {only}{like} LIMIT {MOST_WITHIN})")
    first = f"t.{starts[0]}"
    rank = (
        f"CASE WHEN upper({first}) = %s THEN 0 "
        f"WHEN {_key(first)} >= %s AND {_key(first)} < %s THEN 1 ELSE 2 END"
    )
    return f"WHERE t.id IN ({' UNION '.join(ways)}) ORDER BY {rank}, {first} LIMIT %s"


def _key(name: str) -> str:
    return f'(upper({name}) COLLATE "C")'


def _words(text: str) -> list[str]:
    """The words of a text that is long enough for a search by trigrams; else none."""
    words = text.split()[:5]
    return words if any(len(word) > 2 for word in words) else []


def _escaped(word: str) -> str:
    return word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
