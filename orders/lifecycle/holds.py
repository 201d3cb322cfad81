"""Holds: an order stops where it stands until somebody lets it go on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.utils import timezone

from config.kernel import sets
from config.kernel.actors import Actor
from config.kernel.steps import Outcomes, asked, step
from config.kernel.wake import wake
from orders import history
from orders.lifecycle.loading import load, save
from orders.models import Hold, Order


@step
def place(
    ids: Sequence[int],
    *,
    reason: str,
    by: Actor,
    kind: str = Hold.Kind.MANUAL,
    at: datetime | None = None,
) -> Outcomes:
    """Stop the orders; several holds may be in force at once."""
    at = at or timezone.now()
    orders, outcomes = asked(load(ids), Order.hold, ids)
    rows = [(order.pk, kind, reason, by.user_id, at) for order in orders]
    sets.insert(Hold, ["order", "kind", "reason", "placed_by", "placed_at"], rows)
    happenings = [
        history.Happening(order, "hold.placed", reason=kind, words=reason) for order in orders
    ]
    history.record(happenings, by=by, at=at)
    save(orders)
    return outcomes


@step
def release(
    ids: Sequence[int], *, by: Actor, reason: str = "", at: datetime | None = None
) -> Outcomes:
    """Let the orders go on: every hold on them ends."""
    at = at or timezone.now()
    orders, outcomes = asked(load(ids), Order.release_hold, ids)
    let_go(orders, by=by, at=at)
    happenings = [history.Happening(order, "hold.released", words=reason) for order in orders]
    history.record(happenings, by=by, at=at)
    save(orders)
    if orders:
        wake("validation")
        wake("processing")
        wake("completion")
    return outcomes


def let_go(orders: Sequence[Order], *, by: Actor, at: datetime) -> None:
    """End every hold that is in force on the orders; they are locked by the caller."""
    holds = [hold for order in orders for hold in order.facts.holds]
    for hold in holds:
        hold.released_at, hold.released_by_id = max(at, hold.placed_at), by.user_id
    sets.update(Hold, ["released_at", "released_by"], holds)
    for order in orders:
        order.facts.holds = []
