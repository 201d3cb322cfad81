"""Queues: rows that wait for a worker; one of the workers claims each, and goes on for a while."""

from __future__ import annotations

import logging
from collections.abc import Callable
from time import monotonic
from typing import Any, TypeVar

from django.db import InterfaceError, OperationalError
from django.db.models import QuerySet

log = logging.getLogger(__name__)
STOPPED = (OperationalError, InterfaceError)  # by the database, for now
Claim = TypeVar("Claim")
Row = TypeVar("Row")


class Slice:
    """The time that a worker gives to one queue; then it leaves the rest, so others get a turn."""

    def __init__(self, seconds: float = 20) -> None:
        self.until = monotonic() + seconds

    @property
    def is_over(self) -> bool:
        """Whether it is time to leave the rest."""
        return monotonic() > self.until


def claimed(rows: QuerySet[Any, Row], size: int) -> list[Row]:
    """Lock the next rows of a queue that nobody else is at work on; it never waits for a lock."""
    mine = rows.select_for_update(of=("self",), no_key=True, skip_locked=True)
    return list(mine[:size])


def drain(claim: Callable[[], Claim | None], go: Callable[[Claim, Slice], int]) -> int:
    """Take up what is due, claim after claim, for a slice of time; answer how much was done.

    What the database stops is left to a later look.
    """
    time, done = Slice(), 0
    while not time.is_over and (taken := claim()):
        try:
            done += go(taken, time)
        except STOPPED:
            log.warning("%s stopped for now; it goes on later.", taken)
    return done
