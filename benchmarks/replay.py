"""The baseline: the rows of a step, written once more by raw SQL whose parameters are ready."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg
from django.db import connection, models, transaction

from config.kernel.steps import Outcomes
from finance.models import JournalLine
from finance.services import ledger
from orders.lifecycle import searching
from orders.models import OrderSearch

WRITES = re.compile(r"^\s*(INSERT|UPDATE)", re.IGNORECASE)
Statement = tuple[str, Any]
Link = psycopg.Connection[Any]


@dataclass(frozen=True, slots=True)
class Computed:
    """A statement that finds out itself what it writes: into which columns of which table."""

    model: type[models.Model]
    columns: tuple[str, ...]
    again: str = ""  # what becomes of a row that is there already

    def written(self) -> Statement | None:
        """The rows that this transaction has written there, as one INSERT of ready values."""
        table, names = self.model._meta.db_table, ", ".join(self.columns)
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT {names} FROM {table} "
                "WHERE pg_xact_status(xmin::text::xid8) = 'in progress' ORDER BY 1"
            )
            rows = cursor.fetchall()
        if not rows:
            return None
        values = ", ".join(f"%s::{kind}[]" for kind in self._kinds())
        sql = f"INSERT INTO {table} ({names}) SELECT * FROM unnest({values}) {self.again}"
        return sql, [list(column) for column in zip(*rows, strict=True)]

    def _kinds(self) -> Iterator[str]:
        """The type of each column."""
        known = {field.column: field for field in self.model._meta.concrete_fields}
        for name in self.columns:
            yield known[name].rel_db_type(connection)


COMPUTED = {
    searching.WORDS: Computed(
        OrderSearch,
        ("order_id", "words", "likeness"),
        "ON CONFLICT (order_id) DO UPDATE SET words = excluded.words",
    ),
    ledger.LINES: Computed(
        JournalLine, ("entry_id", "account_id", "customer_id", "debit", "credit")
    ),
}


def bare() -> Link:
    """A connection without Django."""
    return psycopg.connect(os.environ["DATABASE_URL"], autocommit=True)


def baseline(work: Callable[[], Outcomes], link: Link) -> float:
    """Seconds that raw SQL takes for the rows of a step.

    The step runs and is undone, while its writes are kept. The baseline writes them and is
    undone too, plus what one durable commit costs.
    """
    statements: list[Statement] = []
    before = _sequences(link)
    with transaction.atomic():
        with recorded(statements):
            work()
        statements = ready(statements)
        transaction.set_rollback(True)
    _rewind(link, before)
    started = time.perf_counter()
    with link.cursor() as cursor:
        cursor.execute("BEGIN")
        for sql, params in statements:
            cursor.execute(sql.encode(), params)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # as its commit would: keys, balances
        written = time.perf_counter() - started
        cursor.execute("ROLLBACK")
    return written + _commit(link)


@contextmanager
def recorded(into: list[Statement]) -> Iterator[None]:
    """Keep the writing statements that pass, with their parameters."""

    def keep(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:  # noqa: FBT001
        if WRITES.match(sql):
            into.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(keep):
        yield


def ready(statements: Sequence[Statement]) -> list[Statement]:
    """The same with what the step's own transaction made of each statement that computes.

    Its rows stand where it came first; a table to which nothing was written is left out.
    """
    found, seen = [], set()
    for sql, params in statements:
        if sql not in COMPUTED:
            found.append((sql, params))
        elif sql not in seen:
            seen.add(sql)
            found += filter(None, [COMPUTED[sql].written()])
    return found


def _sequences(link: Link) -> set[tuple[str, int | None]]:
    """Where every sequence stands."""
    found = link.execute("SELECT quote_ident(sequencename), last_value FROM pg_sequences")
    return set(found.fetchall())


def _rewind(link: Link, before: set[tuple[str, int | None]]) -> None:
    """Set the sequences back, so that the baseline's rows get the ids that its parameters name."""
    moved = {name for name, _ in _sequences(link) - before}
    for name, last in before:
        if name in moved:
            link.execute("SELECT setval(%s, %s, %s)", (name, last or 1, last is not None))


def _commit(link: Link) -> float:
    """What making one transaction durable costs on this server."""
    with link.cursor() as cursor:
        cursor.execute("CREATE TABLE IF NOT EXISTS bench_commit (n int)")
        started = time.perf_counter()
        cursor.execute("INSERT INTO bench_commit VALUES (1)")
        return time.perf_counter() - started
