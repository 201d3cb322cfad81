"""What one should know of orders that can go: they are done, but not as whoever asks may think."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from config.kernel.steps import Effect, Outcomes, Step
from orders.bulk.actions import BulkAction
from orders.models import Order, Status

ONWARD = {"validate", "process", "assign"}  # what is found on an order turns it aside there


def watched(action: BulkAction) -> Step:
    """The step of an action, whose effects tell of orders that it sends to review instead."""
    if action.name not in ONWARD:
        return action.step

    def step(ids: Sequence[int], **arguments: Any) -> Outcomes:
        outcomes = action.step(ids, **arguments)
        aside = Order.objects.filter(pk__in=outcomes.done, status=Status.IN_REVIEW)
        for pk in aside.order_by("pk").values_list("pk", flat=True):
            outcomes.effects.append(Effect(pk, "review", "", 1))
        return outcomes

    return step


# kind of effect → what one should know of the order
TOLD = {
    "backorder": _("Some of its units wait for stock."),
    "recall": _("Picked units go back to their bins."),
    "review": _("It goes to review instead: something is found on it."),
}


def of(outcomes: Outcomes) -> dict[int, str]:
    """What one should know of each order before it goes; nothing of most of them."""
    found = dict.fromkeys((e.order, e.kind) for e in outcomes.effects if e.kind in TOLD)
    said: defaultdict[int, list[str]] = defaultdict(list)
    for order, kind in found:
        said[order].append(str(TOLD[kind]))
    return {order: " ".join(words) for order, words in said.items()}
