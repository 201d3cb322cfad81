"""Every race and fault leaves data behind on which all rules hold."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar

import pytest
from django.db import connection, connections

T = TypeVar("T")


@pytest.fixture(autouse=True)
def _sound(transactional_db: None, sound: None) -> Iterator[None]:
    """Hold every rule against what the race left."""
    yield
    connections.close_all()


def at_once(jobs: list[Callable[[], T]]) -> list[T]:
    """Run the jobs in threads that all start at the same moment; answer what each returned."""
    start = Barrier(len(jobs))

    def run(job: Callable[[], T]) -> T:
        try:
            connection.ensure_connection()
            start.wait(30)
            return job()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(jobs)) as threads:
        return list(threads.map(run, jobs))


def impatiently(job: Callable[[], T]) -> T:
    """Do it on a connection of its own, which does not wait for anybody's lock."""

    def run() -> T:
        try:
            with connection.cursor() as cursor:
                cursor.execute("SET lock_timeout = '1ms'")
            return job()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as threads:
        return threads.submit(run).result(30)


def until(done: Callable[[], object], seconds: float = 60) -> None:
    """Wait for something to become true."""
    deadline = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < deadline, "it took too long"
        time.sleep(0.02)


def told(sql: str) -> int:
    """A number that the server tells of this database, as it is now."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute(f"SELECT {sql} WHERE datname = current_database()")
        return int(cursor.fetchone()[0])


def somebody_waits() -> bool:
    """Whether another connection stands before a lock."""
    return told("count(*) FILTER (WHERE wait_event_type = 'Lock') FROM pg_stat_activity") > 0


def deadlocks() -> int:
    """How many deadlocks the server has broken; a connection that is gone has told of its own.

    Waits for those opened after this one: whoever was there before takes no part in the race.
    """
    mine = "SELECT backend_start FROM pg_stat_activity WHERE pid = pg_backend_pid()"
    later = f"backend_type = 'client backend' AND backend_start > ({mine})"
    until(lambda: told(f"count(*) FILTER (WHERE {later}) FROM pg_stat_activity") == 0)
    return told("deadlocks FROM pg_stat_database")
