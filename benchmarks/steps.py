"""Each step of the lifecycle against raw SQL that writes the same rows."""

from __future__ import annotations

import os
import re
import resource
import statistics
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any

import psycopg
from django.db import connection, transaction

from benchmarks import figures
from config import heap
from config.kernel import sets
from config.kernel.actors import WORKER
from config.kernel.steps import Outcomes, Step, chunked
from orders.lifecycle import (
    cancellation,
    capture,
    completion,
    delivery,
    dispatch,
    packing,
    picking,
    processing,
    submission,
    validation,
)
from orders.lifecycle.drafts import LineDraft, OrderDraft
from tests import builders as b

WAY: tuple[tuple[str, Step], ...] = (
    ("submit", submission.submit),
    ("validate", validation.validate),
    ("process", processing.process),
    ("pick", picking.pick),
    ("pack", packing.pack),
    ("dispatch", dispatch.dispatch),
    ("deliver", delivery.deliver),
    ("complete", completion.complete),
)
CANCEL: Step = partial(cancellation.cancel, reason="error")
CHUNK = 200  # orders of one transaction
ALONE, TOGETHER = 0.25, 0.4  # the least ratio of one order, and of many at once
MEGABYTES, GROWTH = 300, 10
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


def compare(
    work: Callable[[], Outcomes], link: psycopg.Connection[Any]
) -> tuple[float, float, Outcomes]:
    """Seconds of the baseline and of ours for the same orders and the same rows, and what was done.

    The step runs for real once the baseline has written its rows and was undone.
    """
    base = baseline(work, link)
    started = time.perf_counter()
    outcomes = work()
    ours = time.perf_counter() - started
    assert not outcomes.refused, outcomes.refused  # noqa: S101
    return base, ours, outcomes


def baseline(work: Callable[[], Outcomes], link: psycopg.Connection[Any]) -> float:
    """Seconds that raw SQL takes for the rows of a step.

    The step runs and is undone, while its writes are kept. The baseline writes them and is
    undone too, plus what one durable commit costs.
    """
    statements: list[Statement] = []
    before = _sequences(link)
    with transaction.atomic():
        with recorded(statements):
            work()
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


def _sequences(link: psycopg.Connection[Any]) -> set[tuple[str, int | None]]:
    """Where every sequence stands."""
    found = link.execute("SELECT quote_ident(sequencename), last_value FROM pg_sequences")
    return set(found.fetchall())


def _rewind(link: psycopg.Connection[Any], before: set[tuple[str, int | None]]) -> None:
    """Set the sequences back, so that the baseline's rows get the ids that its parameters name."""
    moved = {name for name, _ in _sequences(link) - before}
    for name, last in before:
        if name in moved:
            link.execute("SELECT setval(%s, %s, %s)", (name, last or 1, last is not None))


def _commit(link: psycopg.Connection[Any]) -> float:
    """What making one transaction durable costs on this server."""
    with link.cursor() as cursor:
        cursor.execute("CREATE TABLE IF NOT EXISTS bench_commit (n int)")
        started = time.perf_counter()
        cursor.execute("INSERT INTO bench_commit VALUES (1)")
        return time.perf_counter() - started


def world() -> tuple[list[Any], list[Any]]:
    """Customers with credit and products in stock, enough that nothing is refused.

    The heap is settled as in a server that has started.
    """
    buyers = [b.customer("100000000000") for _ in range(50)]
    things = [b.product() for _ in range(1000)]
    for thing in things:
        b.stocked(1_000_000, of=thing)
    heap.settle()
    return buyers, things


def drafts(turn: int, size: int, buyers: Sequence[Any], things: Sequence[Any]) -> list[OrderDraft]:
    """Orders of three lines each, of as many customers as there are, still to be captured."""
    chosen = [things[(turn * 7 + i) % len(things)].sku for i in range(3)]
    return [
        OrderDraft(
            customer=buyers[n % len(buyers)].code,
            lines=[LineDraft(sku, 2) for sku in chosen],
            po_number=f"PO-{next(b.serial)}",
        )
        for n in range(size)
    ]


def captured(written: Sequence[OrderDraft]) -> Outcomes:
    """Capture as a step: its orders, and what was wrong."""
    made = capture.create(written, by=WORKER)
    assert not made.problems, made.problems  # noqa: S101
    return Outcomes(done=list(made.orders.values()))


def drafted(turn: int, size: int, buyers: Sequence[Any], things: Sequence[Any]) -> list[int]:
    """Captured drafts; the server knows its rows."""
    ids = captured(drafts(turn, size, buyers, things)).done
    sets.survey()
    return ids


Measured = Iterator[tuple[str, float, float]]


def whole_way(
    turn: int, size: int, world: tuple[list[Any], list[Any]], link: psycopg.Connection[Any]
) -> Measured:
    """Each step for the same orders from capture to completion, then cancel for others."""
    written = drafts(turn, size, *world)
    base, ours, outcomes = compare(partial(captured, written), link)
    yield "capture", base, ours
    sets.survey()
    for name, step in WAY:
        base, ours, _ = compare(partial(step, outcomes.done, by=WORKER), link)
        yield name, base, ours
    others = drafted(turn, size, *world)
    for _, step in WAY[:3]:
        step(others, by=WORKER)
    base, ours, _ = compare(partial(CANCEL, others, by=WORKER), link)
    yield "cancel", base, ours


def run(rounds: int) -> None:
    """Print the ratio of each step for one order, for 200 and 500 at once."""
    place = world()
    with bare() as link:
        for size, count in ((1, 40), (200, rounds), (500, rounds)):
            ratios, speed = defaultdict(list), defaultdict(list)
            for turn in range(count):
                for name, base, ours in whole_way(turn, size, place, link):
                    ratios[name].append(base / ours)
                    speed[name].append(size / ours)
            _report(f"{size:>5} orders ", ratios, speed, ALONE if size == 1 else TOGETHER)


def in_chunks(rounds: int, size: int = 5_000) -> None:
    """Print the ratio of each step for many orders by ``chunked``: the sums over their chunks."""
    place = world()
    ratios, speed = defaultdict(list), defaultdict(list)
    with bare() as link:
        for turn in range(rounds):
            for name, base, ours in _chunks(turn, size, place, link):
                ratios[name].append(base / ours)
                speed[name].append(size / ours)
    _report(f"{size:>5} chunked", ratios, speed, TOGETHER)


def _chunks(
    turn: int, size: int, world: tuple[list[Any], list[Any]], link: psycopg.Connection[Any]
) -> Measured:
    """Each step for the same orders by ``chunked``, then cancel for others."""
    ids = drafted(turn, size, *world)
    for name, step in WAY:
        yield name, *_chunked(step, ids, link)
    others = drafted(turn, size, *world)
    for _, step in WAY[:3]:
        list(chunked(step, others, by=WORKER))
    yield "cancel", *_chunked(CANCEL, others, link)


def _chunked(step: Step, ids: Sequence[int], link: psycopg.Connection[Any]) -> tuple[float, float]:
    """Seconds of the baseline, chunk by chunk, and of ours for all."""
    base = sum(
        baseline(partial(step, ids[at : at + CHUNK], by=WORKER), link)
        for at in range(0, len(ids), CHUNK)
    )
    started = time.perf_counter()
    for outcomes in chunked(step, ids, size=CHUNK, by=WORKER):
        assert not outcomes.refused and not outcomes.failed  # noqa: PT018, S101
    return base, time.perf_counter() - started


def _report(
    what: str, ratios: dict[str, list[float]], speed: dict[str, list[float]], least: float
) -> None:
    """Print the medians of each step."""
    for name, measured in ratios.items():
        ratio, rate = statistics.median(measured), statistics.median(speed[name])
        words = f"{what} {name:<9} {rate:7,.0f} orders/s  ratio {ratio:4.2f}"
        figures.show(words, ratio, least=least)


def memory(size: int = 50_000) -> None:
    """Take 50,000 orders from draft to processing by ``chunked`` and print the peak as it grows."""
    buyers, things = world()
    peaks: list[float] = []
    for turn in range(size // 5_000):
        ids = drafted(turn, 5_000, buyers, things)
        for _, step in WAY[:3]:
            for outcomes in chunked(step, ids, by=WORKER):
                assert not outcomes.refused and not outcomes.failed  # noqa: PT018, S101
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        peaks.append(peak)
        words = f"{(turn + 1) * 5_000:>6} orders processed, peak memory {peak:.0f} MB"
        figures.show(words, peak, most=MEGABYTES)
    grown = peaks[-1] - peaks[1]
    figures.show(f"grown since {10_000:,} orders: {grown:.0f} MB", grown, most=GROWTH)
