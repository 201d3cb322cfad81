"""Many rows, one statement: how steps read what they know by key, and their only two writes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from decimal import Decimal
from functools import cache, lru_cache, partial
from operator import attrgetter
from typing import Any, NamedTuple, Protocol, TypeVar

import orjson
from django.db import connection, models
from django.db.models.base import ModelState
from psycopg.pq import Format
from psycopg.types.json import Jsonb, set_json_loads

from config.kernel import pipeline

M = TypeVar("M", bound=models.Model)
Columns = tuple[tuple[str, str], ...]
NUMBERS, TIMES = {"bigint", "integer", "smallint"}, {"date", "timestamp with time zone"}
BINARY = {"text", "varchar", "jsonb", "boolean"} | NUMBERS | TIMES
LOCKED = "WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE"  # the one order of all locks


# Every step writes JSON and reads some; what orjson makes of it, json makes too, only slower.
set_json_loads(orjson.loads)
_json = partial(orjson.dumps, option=orjson.OPT_NON_STR_KEYS)


def read(model: type[M], rest: str, *parameters: Any, with_amounts: bool = True) -> list[M]:
    """Rows of a model by the rest of a SELECT on it, as ``t``, with arrays for sets of keys.

    The text is the same for one key and for a thousand, so nothing is compiled again and the
    server keeps its plan; what is composed of filters belongs to querysets. An empty set of keys
    finds nothing, without a statement. Amounts that are left out are read when they are asked for.
    """
    if [] in parameters:
        return []
    reading = _reading(model, with_amounts)
    with pipeline.cursor() as cursor:
        cursor.cursor.format = Format.BINARY
        cursor.execute(reading.select + rest, parameters)
        return _instances(model, reading, cursor.fetchall())


class Ask(Protocol):
    """``read`` within ``together``: the list that it answers is filled at the end of the block."""

    def __call__(
        self, model: type[M], rest: str, *parameters: Any, with_amounts: bool = True
    ) -> list[M]: ...


@contextmanager
def together() -> Iterator[Ask]:
    """Ask for rows of several models in one exchange with the server, half as long as so many.

    They are asked for at the end of the block, in the order of the calls: rows that are locked
    come before those which their lock covers.
    """
    asked: list[tuple[type[Any], Reading, str, tuple[Any, ...], list[Any]]] = []

    def ask(model: type[M], rest: str, *parameters: Any, with_amounts: bool = True) -> list[M]:
        rows: list[M] = []
        if [] not in parameters:
            asked.append((model, _reading(model, with_amounts), rest, parameters, rows))
        return rows

    yield ask
    if not asked:
        return
    with pipeline.ahead(), ExitStack() as stack:
        cursors = [stack.enter_context(pipeline.cursor()) for _ in asked]
        for cursor, (_, reading, rest, parameters, _) in zip(cursors, asked, strict=True):
            cursor.cursor.format = Format.BINARY
            cursor.execute(reading.select + rest, parameters)
        for cursor, (model, reading, _, _, rows) in zip(cursors, asked, strict=True):
            rows.extend(_instances(model, reading, cursor.fetchall()))


def survey() -> None:
    """Let the database see how our tables have grown: plans made for empty ones read them whole.

    It does so by itself after a while, but not within a transaction that fills them. Only our own
    tables, since each stays locked against maintenance until the transaction ends.
    """
    names = map(connection.ops.quote_name, connection.introspection.django_table_names())
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE {', '.join(names)}")


def by_key(model: type[M], keys: Iterable[Any]) -> dict[Any, M]:
    """Rows of a model by their keys."""
    return indexed(read(model, keyed(model), list(set(keys))))


def indexed(rows: Iterable[M]) -> dict[Any, M]:
    """The same rows by their keys."""
    return {row.pk: row for row in rows}


def refer(rows: Sequence[models.Model], relation: Any) -> None:
    """Read the rows that a foreign key of these refers to; one object for each."""
    named = [getattr(row, relation.attname) for row in rows]
    found = by_key(relation.related_model, named)
    for row, key in zip(rows, named, strict=True):
        relation.set_cached_value(row, found[key])


@cache
def keyed(model: type[models.Model]) -> str:
    """The rest of a SELECT of the rows with these keys."""
    name, kind = model._meta.pk.column, model._meta.pk.rel_db_type(connection)
    return f'WHERE t."{name}" = ANY(%s::{kind}[])'


class Reading(NamedTuple):
    """The head of a SELECT, the attributes in its order, and those of them that are amounts."""

    select: str
    names: list[str]
    amounts: list[str]


@cache
def _reading(model: type[models.Model], with_amounts: bool) -> Reading:  # noqa: FBT001
    """How rows of a model are read.

    Amounts travel as text: psycopg takes three times as long to make them of binary ones.
    """
    fields = [
        field
        for field in model._meta.concrete_fields
        if with_amounts or not isinstance(field, models.DecimalField)
    ]
    amounts = [field for field in fields if isinstance(field, models.DecimalField)]
    named = ", ".join(f't."{field.column}"' + "::text" * (field in amounts) for field in fields)
    select = f'SELECT {named} FROM "{model._meta.db_table}" t '
    return Reading(select, [str(f.attname) for f in fields], [str(f.attname) for f in amounts])


@lru_cache(4_096)
def _amount(text: str | None) -> Decimal | None:
    """The amount that travelled as text: the same few, zero above all, stand in most rows."""
    return None if text is None else Decimal(text)


def _instances(model: type[M], reading: Reading, rows: Sequence[Sequence[Any]]) -> list[M]:
    """Rows as Django makes them from the database, without asking who listens to their making."""
    made, alias = [], connection.alias
    _, names, amounts = reading
    for row in rows:
        instance = model.__new__(model)
        values: dict[str, Any] = dict(zip(names, row, strict=True))
        for name in amounts:
            values[name] = _amount(values[name])
        state = values["_state"] = ModelState()
        state.adding, state.db = False, alias
        instance.__dict__ = values
        made.append(instance)
    return made


def new(model: type[M], **values: Any) -> M:
    """A row that is still to be written, of these attributes and what its other fields start with.

    Many times as fast as the model's constructor, which asks who listens to its making.
    """
    row, constants, made = model.__new__(model), *_blank(model)
    row.__dict__ = {**constants, **{name: make() for name, make in made}, **values}
    row._state = ModelState()
    return row


@cache
def _blank(model: type[models.Model]) -> tuple[dict[str, Any], list[tuple[str, Callable[[], Any]]]]:
    """What the fields start with: values, and those that are made for each row anew."""
    fields = [field for field in model._meta.concrete_fields if not field.generated]
    made = [f for f in fields if f.has_default() and callable(f.default)]
    constants = {str(f.attname): f.get_default() for f in fields if f not in made}
    return constants, [(str(f.attname), f.default) for f in made]


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
    """A parameter for each column; what need not be escaped in binary travels so."""
    return ", ".join(f"{'%b' if kind in BINARY else '%s'}::{kind}[]" for _, kind in columns)


def _arrays(columns: Columns, rows: Iterable[Sequence[Any]]) -> list[list[Any]]:
    arrays = [list(values) for values in zip(*rows, strict=True)]
    for i, (_, kind) in enumerate(columns if arrays else ()):
        if kind == "jsonb":
            arrays[i] = [None if value is None else Jsonb(value, _json) for value in arrays[i]]
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
    with pipeline.cursor() as cursor:
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
    with pipeline.cursor() as cursor:
        cursor.execute(sql, [*arrays, arrays[0]])
