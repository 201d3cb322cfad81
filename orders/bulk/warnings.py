"""What one should know of orders that can go: they are done, but not as whoever asks may think."""

from __future__ import annotations

from collections import Counter
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


# kind of effect → what one should know; the figure is that of the order
TOLD = {
    "backorder": _("Units that wait for stock: %(units)s."),
    "recall": _("Picked units that go back to their bins: %(units)s."),
    "review": _("It goes to review instead: something is found on it."),
}


def of(outcomes: Outcomes) -> dict[int, str]:
    """What one should know of each order before it goes; nothing of most of them."""
    units: Counter[tuple[int, str]] = Counter()
    for effect in outcomes.effects:
        if effect.kind in TOLD:
            units[effect.order, effect.kind] += effect.quantity
    said: dict[int, str] = {}
    for (order, kind), count in units.items():
        words = str(TOLD[kind]) % {"units": count}
        said[order] = f"{said[order]} {words}" if order in said else words
    return said
