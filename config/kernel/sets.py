"""Many rows, one statement: the only two writes that steps use."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cache
from operator import attrgetter
from typing import Any

from django.db import connection, models
from psycopg.types.json import Jsonb

Columns = tuple[tuple[str, str], ...]


@cache
def _columns(model: type[models.Model], names: tuple[str, ...]) -> tuple[Columns, tuple[str, ...]]:
    """Column, array element type and attribute of each field named."""
    fields = [model._meta.get_field(name) for name in names]
    columns = tuple(
        (str(field.column), re.sub(r"\(.*", "", str(field.rel_db_type(connection))))  # type: ignore[union-attr]
        for field in fields
    )
    return columns, tuple(str(field.attname) for field in fields)  # type: ignore[union-attr]


def _unnest(columns: Columns) -> str:
    return ", ".join(f"%s::{kind}[]" for _, kind in columns)


def _arrays(columns: Columns, rows: Iterable[Sequence[Any]]) -> list[list[Any]]:
    arrays = [list(values) for values in zip(*rows, strict=True)]
    for i, (_, kind) in enumerate(columns if arrays else ()):
        if kind == "jsonb":
            arrays[i] = [None if value is None else Jsonb(value) for value in arrays[i]]
    return arrays


def insert(
    model: type[models.Model],
    names: Sequence[str],
    rows: Iterable[Sequence[Any]],
    returning: str = "",
) -> list[tuple[Any, ...]]:
    """Add rows in one INSERT, whatever their number; the answer is in the order of ``rows``."""
    columns, _ = _columns(model, tuple(names))
    arrays = _arrays(columns, rows)
    if not arrays:
        return []
    named = ", ".join(f'"{column}"' for column, _ in columns)
    sql = (  # identifiers come from the models, values are parameters
        f'INSERT INTO "{model._meta.db_table}" ({named}) '
        f"SELECT {named} FROM unnest({_unnest(columns)}) WITH ORDINALITY v ({named}, position) "
        "ORDER BY position"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql + (f" RETURNING {returning}" if returning else ""), arrays)
        return list(cursor.fetchall()) if returning else []


def update(model: type[models.Model], names: Sequence[str], rows: Iterable[models.Model]) -> None:
    """Write these fields of already locked rows in one UPDATE."""
    columns, attributes = _columns(model, (str(model._meta.pk.name), *names))
    read = attrgetter(*attributes)
    arrays = _arrays(columns, [read(row) for row in rows])
    if not arrays:
        return
    key = columns[0][0]
    sets = ", ".join(f'"{column}" = v."{column}"' for column, _ in columns[1:])
    named = ", ".join(f'"{column}"' for column, _ in columns)
    # The ANY makes the planner fetch the rows by key instead of reading the whole table.
    sql = (
        f'UPDATE "{model._meta.db_table}" t SET {sets} FROM unnest({_unnest(columns)}) v ({named}) '
        f'WHERE t."{key}" = v."{key}" AND t."{key}" = ANY(%s)'
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, [*arrays, arrays[0]])
