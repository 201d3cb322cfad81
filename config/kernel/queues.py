"""Queues: rows that wait for a worker; one of the workers claims each, and goes on for a while."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import timedelta
from time import monotonic
from typing import Any, TypeVar

from django.db import InterfaceError, OperationalError
from django.db.models import QuerySet

log = logging.getLogger(__name__)
SLICE = timedelta(seconds=20)  # then a worker leaves the rest to the next look: others get a turn
Claim = TypeVar("Claim")
Row = TypeVar("Row")


def claimed(rows: QuerySet[Any, Row], size: int) -> list[Row]:
    """Lock the next rows of a queue that nobody else is at work on; it never waits for a lock."""
    mine = rows.select_for_update(of=("self",), no_key=True, skip_locked=True)
    return list(mine[:size])


def drain(claim: Callable[[], Claim | None], go: Callable[[Claim, float], int]) -> int:
    """Take up what is due, claim after claim, for a slice of time; answer how much was done.

    A claim is told when the slice ends. What the database stops is left to a later look.
    """
    until, done = monotonic() + SLICE.total_seconds(), 0
    while monotonic() < until and (claim_ := claim()):
        try:
            done += go(claim_, until)
        except (OperationalError, InterfaceError):
            log.warning("%s stopped for now; it goes on later.", claim_)
    return done
