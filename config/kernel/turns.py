"""Turns: who brings the same thing at the same moment is served one after the other."""

from __future__ import annotations

from collections.abc import Iterable

from config.kernel import pipeline

# Keys share a few locks, taken in one order, so that a long list of them fits the lock table.
TAKE = """
SELECT pg_advisory_xact_lock(hashtext(%s), turn) FROM (
 SELECT DISTINCT hashtext(key) & 127 AS turn FROM unnest(%s::text[]) key ORDER BY 1) turns
"""


def take(kind: str, keys: Iterable[str]) -> None:
    """Wait until nobody else is at work on these keys; they are ours until the transaction ends.

    What is read after it is what the one before has written.
    """
    wanted = sorted(set(keys))
    if wanted:
        with pipeline.cursor() as cursor:
            cursor.execute(TAKE, [kind, wanted])
