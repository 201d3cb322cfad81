"""The history of orders: events with hashes, stage intervals, each written in one statement.

The text that a hash covers is canonical JSON: sorted keys, no spaces, no personal data.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson
from django.conf import settings
from django.utils import translation

from config.kernel import pipeline, sets
from config.kernel.actors import Actor
from config.kernel.steps import Effect, Outcomes
from orders import notices
from orders.models import EventNote, HistorySeal, Order, OrderEvent, StageInterval

# An order whose last event is later than the step leaves its stage then.
STAGE_LEFT = """
UPDATE orders_stageinterval i SET left_at = greatest(%s, o.last_event_at) FROM orders_order o
WHERE o.id = i.order_id AND i.left_at IS NULL AND i.order_id = ANY(%s)
"""
# What is only said of an order: no form that somebody has open, and no quote, is stale by it.
SAID = {"note.added", "quote.asked"}
# What a customer may read on the tracking page; everything else is for staff.
PUBLIC = {
    "order.submitted",
    "order.cancelled",
    "units.cancelled",
    "amendment.applied",
    "shipment.dispatched",
    "shipment.delivered",
    "order.delivered",
    "order.completed",
}


@dataclass(slots=True)
class Happening:
    """One event to be written: what happened, between which states, with which old → new facts."""

    order: Order
    type: str
    from_state: str | None = None
    to_state: str | None = None
    reason: str | None = None
    words: str = ""
    shared: bool | None = None  # whether the customer reads it too; None: its type says so
    data: dict[str, Any] = field(default_factory=dict)


Effects = list[list[Any]]  # kind, what, quantity and amount of each, as an event keeps them


def changed(old: object, new: object) -> list[Any]:
    """A fact as old → new, in values that JSON can hold."""
    return [_plain(old), _plain(new)]


def told(effects: Iterable[Effect]) -> Effects:
    """Effects of a step as the event keeps them: kind, what, quantity, amount.

    They are kept in the language of the company, whoever takes the step.
    """
    with translation.override(settings.LANGUAGE_CODE):
        return [_told(effect) for effect in effects]


def told_by_order(outcomes: Outcomes) -> defaultdict[int, Effects]:
    """The effects of a step by order, each as ``told`` keeps it."""
    found: defaultdict[int, Effects] = defaultdict(list)
    with translation.override(settings.LANGUAGE_CODE):
        for effect in outcomes.effects:
            found[effect.order].append(_told(effect))
    return found


def _told(effect: Effect) -> list[Any]:
    return [effect.kind, str(effect.what), effect.quantity, _plain(effect.amount)]


def _plain(value: object) -> Any:
    return value if value is None or isinstance(value, bool | int | list | dict) else str(value)


def record(happenings: Sequence[Happening], *, by: Actor, at: datetime) -> list[int]:
    """Write the events and the stage intervals they open and close; answer the event ids.

    The orders are locked by the caller, who also saves them: their sequence, their last event's
    time and their version grow here. No event is earlier than the one before it. Staff whom it
    concerns are told in the same transaction.
    """
    rows = [_row(happening, by, at) for happening in happenings]
    ids = [pk for (pk,) in sets.insert(OrderEvent, _COLUMNS, rows, returning="id")]
    notes = [(pk, h.words) for pk, h in zip(ids, happenings, strict=True) if h.words]
    sets.insert(EventNote, ["event", "text"], notes)
    _pass_stages([h for h in happenings if h.to_state], at)
    notices.tell(happenings, by=by, at=at)
    return ids


_COLUMNS = [
    "order",
    "seq",
    "type",
    "from_state",
    "to_state",
    "occurred_at",
    "actor",
    "source",
    "request_id",
    "reason",
    "data",
    "canonical",
    "event_hash",
    "visible_to_customer",
]


def _row(happening: Happening, by: Actor, at: datetime) -> tuple[Any, ...]:
    order = happening.order
    order.last_seq += 1
    order.last_event_at = max(at, order.last_event_at)
    if happening.type not in SAID:
        order.version += 1
    text = orjson.dumps(
        {
            "order_id": order.pk,
            "seq": order.last_seq,
            "type": happening.type,
            "from_state": happening.from_state,
            "to_state": happening.to_state,
            "occurred_at": order.last_event_at.isoformat(),
            "actor": by.code,
            "reason": happening.reason,
            "data": happening.data,
        },
        option=orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS,
    )
    return (
        order.pk,
        order.last_seq,
        happening.type,
        happening.from_state,
        happening.to_state,
        order.last_event_at,
        by.code,
        by.source,
        by.request_id,
        happening.reason,
        happening.data,
        text.decode(),
        hashlib.sha256(text).hexdigest(),
        happening.type in PUBLIC if happening.shared is None else happening.shared,
    )


def _pass_stages(moves: Sequence[Happening], at: datetime) -> None:
    """Close the stage that each order leaves and open the one it enters."""
    left = list({move.order.pk for move in moves if move.from_state})
    entered: list[list[Any]] = []
    present: dict[int, list[Any]] = {}
    for move in moves:
        order, then = move.order, move.order.last_event_at
        if order.pk in present:
            present[order.pk][3] = then
        present[order.pk] = [order.pk, move.to_state, then, None]
        entered.append(present[order.pk])
    if left:
        with pipeline.cursor() as cursor:
            cursor.execute(STAGE_LEFT, [at, left])
    sets.insert(StageInterval, ["order", "stage", "entered_at", "left_at"], entered)


UNSEALED = """
SELECT id, event_hash FROM orders_orderevent WHERE seal_id IS NULL ORDER BY id LIMIT %s
"""
SEAL_LOCK = 7_200
SEALED_AT_ONCE = 20_000


def seal(*, at: datetime) -> HistorySeal | None:
    """Cover the events that have no seal yet by one that continues the seal before it.

    The copy outside the database is written by the caller after the transaction has committed.
    """
    with pipeline.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [SEAL_LOCK])
        cursor.execute(UNSEALED, [SEALED_AT_ONCE])
        events = cursor.fetchall()
        if not events:
            return None
        before = HistorySeal.objects.order_by("-pk").values_list("hash", flat=True).first()
        previous = before or "0" * 64
        hashes = "".join(event_hash for _, event_hash in events)
        made = HistorySeal.objects.create(
            sealed_at=at,
            event_count=len(events),
            previous_hash=previous,
            hash=hashlib.sha256((previous + hashes).encode()).hexdigest(),
        )
        cursor.execute(
            "UPDATE orders_orderevent SET seal_id = %s WHERE id = ANY(%s)",
            [made.pk, [pk for pk, _ in events]],
        )
    return made
