"""Notes: what staff write on an order, for each other or for the customer to read too."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext

from config.kernel.actors import Actor
from config.kernel.reading import number
from config.kernel.steps import Outcomes, step
from orders import history
from orders.lifecycle.loading import load, save
from orders.lifecycle.messages import Message, of_note, post, unreachable
from orders.lifecycle.validation import missing

LONGEST = 2_000


@dataclass(slots=True)
class Noted(Outcomes):
    """The outcomes of writing a note, with what the customers are sent, by order."""

    messages: dict[int, Message] = field(default_factory=dict)


@step
def add(
    ids: Sequence[int],
    *,
    words: str,
    by: Actor,
    shared: bool = False,
    at: datetime | None = None,
) -> Noted:
    """Write a note on the orders, wherever they stand; one that is shared is mailed.

    The event says that there is a note and who reads it; the words stand beside it, where they
    can be erased. What is mailed is kept as it is sent.
    """
    at, words = at or timezone.now(), words.strip()
    orders = load(ids, by=by, with_lines=False, with_findings=False)
    outcomes, happenings = Noted(refused=missing(orders, ids).refused), []
    data = {"shared": history.changed(None, shared)}
    for order in orders:
        if why := _objection(words) or (unreachable(order) if shared else ""):
            outcomes.refuse(order.pk, why)
            continue
        text = words
        if shared:
            told = outcomes.messages[order.pk] = of_note(order, words)
            text = told.text
        happenings.append(
            history.Happening(order, "note.added", words=text, shared=shared, data=data)
        )
    events = history.record(happenings, by=by, at=at)
    post(happenings, events, outcomes.messages, at=at)
    save([happening.order for happening in happenings])
    outcomes.done = [happening.order.pk for happening in happenings]
    return outcomes


def _objection(words: str) -> str:
    if not words:
        return gettext("A note needs words.")
    if len(words) > LONGEST:
        why = gettext("The note is %(length)s characters long; %(most)s fit. Shorten it.")
        return why % {"length": number(len(words)), "most": number(LONGEST)}
    return ""
