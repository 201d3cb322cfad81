"""Sealing: history is covered by hashes, and copies of them are kept outside the database."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from orders import history
from orders.models import HistorySeal

# An event is forged when its hash does not cover its text, or its text is not what its columns say.
FORGED = """
SELECT o.number, e.seq
FROM (SELECT *, canonical::jsonb AS told FROM orders_orderevent) e
JOIN orders_order o ON o.id = e.order_id
WHERE encode(sha256(convert_to(e.canonical, 'UTF8')), 'hex') <> e.event_hash
 OR (e.told ->> 'occurred_at')::timestamptz IS DISTINCT FROM e.occurred_at
 OR e.told - 'occurred_at' IS DISTINCT FROM jsonb_build_object(
  'order_id', e.order_id, 'seq', e.seq, 'type', e.type, 'from_state', e.from_state,
  'to_state', e.to_state, 'actor', e.actor, 'reason', e.reason, 'data', e.data)
ORDER BY e.id LIMIT 20
"""
SEALS = """
SELECT s.id, s.previous_hash, s.hash, s.event_count, count(e.id),
 encode(sha256(convert_to(s.previous_hash
  || coalesce(string_agg(e.event_hash, '' ORDER BY e.id), ''), 'UTF8')), 'hex')
FROM orders_historyseal s LEFT JOIN orders_orderevent e ON e.seal_id = s.id
GROUP BY s.id ORDER BY s.id
"""


def seal_all(*, at: datetime | None = None) -> list[HistorySeal]:
    """Seal whatever is not sealed yet, and note each seal in the file of anchors.

    A seal that stands, and could not be noted when it was made, is noted first.
    """
    made: list[HistorySeal] = []
    while True:
        anchor()
        with transaction.atomic():
            seal = history.seal(at=at or timezone.now())
        if seal is None:
            return made
        made.append(seal)


def anchor() -> None:
    """Append the seals after the last one that is noted to the file, one JSON object a line.

    One that is missing among the noted ones was taken out of the file: that stays to be seen.
    """
    file, last = Path(settings.HISTORY_ANCHORS), max(_noted(), default=0)
    seals = HistorySeal.objects.filter(pk__gt=last).order_by("pk").values_list("pk", "hash")
    lines = [json.dumps({"seal": pk, "hash": kept}) + "\n" for pk, kept in seals]
    if not lines:
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("a+b") as anchors:
        anchors.seek(max(anchors.seek(0, 2) - 1, 0))
        torn = anchors.read() not in {b"", b"\n"}  # a line whose writing was cut off
        anchors.write(("\n" * torn + "".join(lines)).encode())


def _noted() -> dict[int, str]:
    """The seals that the file remembers, each as it was noted first; half a line is no note."""
    file, noted = Path(settings.HISTORY_ANCHORS), dict[int, str]()
    for line in file.read_text().splitlines() if file.exists() else ():
        try:
            note = json.loads(line)
        except json.JSONDecodeError:
            continue
        noted.setdefault(note["seal"], note["hash"])
    return noted


def differences() -> list[str]:
    """What in the history is not as it was written, in sentences; none is what it should be."""
    with connection.cursor() as cursor:
        cursor.execute(FORGED)
        found = [f"Event {seq} of {number} is not what was written." for number, seq in cursor]
        cursor.execute(SEALS)
        seals = cursor.fetchall()
    previous = "0" * 64
    for pk, before, kept, count, covered, computed in seals:
        if before != previous:
            found.append(f"Seal {pk} does not continue the seal before it.")
        if covered != count:
            found.append(f"Seal {pk} was put on {count} events; {covered} are there.")
        elif computed != kept:
            found.append(f"Seal {pk} does not match the events that it covers.")
        previous = kept
    return found + _unanchored({pk: kept for pk, _, kept, *_ in seals})


def _unanchored(kept: dict[int, str]) -> list[str]:
    """Seals that the file outside the database remembers otherwise, or not at all."""
    file, noted = settings.HISTORY_ANCHORS, _noted()
    return [f"Seal {pk} is not in {file}." for pk in sorted(kept.keys() - noted.keys())] + [
        f"Seal {pk} is noted otherwise in {file}."
        for pk, seal in sorted(noted.items())
        if kept.get(pk) != seal
    ]
