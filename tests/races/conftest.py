"""Every race and fault leaves data behind on which all rules hold."""

from __future__ import annotations

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
