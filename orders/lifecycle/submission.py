"""Submission: a draft is placed; its prices are frozen and the system takes over."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.utils import timezone

from config.kernel.actors import Actor
from config.kernel.steps import Outcomes, asked, step
from config.kernel.wake import wake
from orders import history
from orders.lifecycle.loading import load, moved, save
from orders.models import Order


@step
def submit(
    ids: Sequence[int], *, by: Actor, reason: str = "", at: datetime | None = None
) -> Outcomes:
    """Place the drafts that lack nothing; the others say what is missing."""
    at = at or timezone.now()
    orders, outcomes = asked(
        load(ids, by=by, reason=reason, with_amounts=False), Order.submit, ids, at=at
    )
    happenings = [moved(order, "order.submitted") for order in orders]
    history.record(happenings, by=by, at=at)
    save(orders, "submitted_at")
    if orders:
        wake("validation")
    return outcomes
