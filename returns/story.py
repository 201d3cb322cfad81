"""A return as the page of its order tells it: what comes back, who did what, what can be done."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import AnonymousUser, User
from django.db.models import QuerySet

from orders.lifecycle.actions import Available
from orders.models import OrderEvent
from orders.views.timeline import to_tell, told
from returns.lifecycle import available
from returns.models import Return, ReturnLine
from returns.policy import REASONS


@dataclass(frozen=True, slots=True)
class Story:
    """One return with its lines, its events and the steps that somebody may take with it."""

    row: Return
    reason: str
    lines: Sequence[ReturnLine]
    events: Sequence[dict[str, Any]]
    steps: Sequence[Available]


def stories(returns: Sequence[Return], user: User | AnonymousUser) -> list[Story]:
    """The returns of one order, in two statements; steps of other roles are left out."""
    if not returns:
        return []
    lines: dict[int, list[ReturnLine]] = defaultdict(list)
    for line in _lines(returns):
        lines[line.sales_return_id].append(line)
    events: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for event in _events(returns[0].order_id):
        events[event.data["number"]].append(told(event))
    return [
        Story(
            each,
            str(REASONS.get(each.reason, each.reason)),
            lines[each.pk],
            events[each.number],
            [step for step in available(each, user) if user.has_perm(step.action.permission)],
        )
        for each in returns
    ]


def _lines(returns: Sequence[Return]) -> QuerySet[ReturnLine]:
    rows = ReturnLine.objects.filter(sales_return__in=returns).order_by("pk")
    return rows.select_related("shipment_line__shipment", "shipment_line__order_line")


def _events(order: int) -> QuerySet[OrderEvent]:
    rows = OrderEvent.objects.filter(order=order, type__startswith="return.")
    return to_tell(rows).order_by("seq")
