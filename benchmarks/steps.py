"""Each step of the lifecycle against raw SQL that writes the same rows."""

from __future__ import annotations

import os
import re
import statistics
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import psycopg
from django.db import connection, transaction

from config.kernel.actors import WORKER
from config.kernel.steps import Step
from orders.lifecycle import (
    completion,
    delivery,
    dispatch,
    picking,
    processing,
    submission,
    validation,
)
from tests import builders as b

WAY: tuple[tuple[str, Step], ...] = (
    ("submit", submission.submit),
    ("validate", validation.validate),
    ("process", processing.process),
    ("pick", picking.pick),
    ("pack", dispatch.pack),
    ("dispatch", dispatch.dispatch),
    ("deliver", delivery.deliver),
    ("complete", completion.complete),
)
WRITES = re.compile(r"^\s*(INSERT|UPDATE)", re.IGNORECASE)
Statement = tuple[str, Any]


@contextmanager
def recorded(into: list[Statement]) -> Iterator[None]:
    """Keep the writing statements that pass, with their parameters."""

    def keep(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:  # noqa: FBT001
        if WRITES.match(sql):
            into.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(keep):
        yield


def bare() -> psycopg.Connection[Any]:
    """A connection without Django."""
    return psycopg.connect(os.environ["DATABASE_URL"], autocommit=True)


def compare(step: Step, ids: Sequence[int], link: psycopg.Connection[Any]) -> tuple[float, float]:
    """Seconds of the baseline and of ours for the same orders and the same rows.

    The step runs and is undone, while its writes are kept. The baseline writes them and is
    undone too, plus what one durable commit costs; then the step runs for real.
    """
    statements: list[Statement] = []
    with transaction.atomic():
        with recorded(statements):
            step(ids, by=WORKER)
        transaction.set_rollback(True)
    started = time.perf_counter()
    with link.cursor() as cursor:
        cursor.execute("BEGIN")
        for sql, params in statements:
            cursor.execute(sql.encode(), params)
        written = time.perf_counter() - started
        cursor.execute("ROLLBACK")
    commit = _commit(link)
    started = time.perf_counter()
    outcomes = step(ids, by=WORKER)
    ours = time.perf_counter() - started
    assert not outcomes.refused, outcomes.refused  # noqa: S101
    return written + commit, ours


def _commit(link: psycopg.Connection[Any]) -> float:
    """What making one transaction durable costs on this server."""
    with link.cursor() as cursor:
        cursor.execute("CREATE TABLE IF NOT EXISTS bench_commit (n int)")
        started = time.perf_counter()
        cursor.execute("INSERT INTO bench_commit VALUES (1)")
        return time.perf_counter() - started


def run(rounds: int) -> None:
    """Print the ratio of each step for one order, for 500 at once and for 5,000 in chunks."""
    buyer = b.customer("100000000000")
    things = [b.product() for _ in range(1000)]
    for thing in things:
        b.stocked(100_000, of=thing)
    with bare() as link:
        for size, count in ((1, 40), (200, rounds), (500, 3)):
            ratios: dict[str, list[float]] = {name: [] for name, _ in WAY}
            speed: dict[str, list[float]] = {name: [] for name, _ in WAY}
            for turn in range(count):
                chosen = [(things[(turn * 7 + i) % 1000], 2) for i in range(3)]
                ids = b.drafted(*chosen, buyer=buyer, times=size)
                for name, step in WAY:
                    base, ours = compare(step, ids, link)
                    ratios[name].append(base / ours)
                    speed[name].append(size / ours)
            for name, measured in ratios.items():
                ratio = statistics.median(measured)
                rate = statistics.median(speed[name])
                print(f"{size:>5} orders  {name:<9} ratio {ratio:4.2f}  {rate:7,.0f} orders/s")
