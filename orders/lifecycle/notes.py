"""Notes: what staff write on an order, for each other or for the customer to read too."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext

from config.kernel.actors import Actor
from config.kernel.reading import number
from config.kernel.steps import Outcomes, step
from orders import history
from orders.lifecycle.loading import load, save
from orders.lifecycle.validation import missing

LONGEST = 2_000


@step
def add(
    ids: Sequence[int],
    *,
    words: str,
    by: Actor,
    shared: bool = False,
    at: datetime | None = None,
) -> Outcomes:
    """Write a note on the orders, wherever they stand.

    The event says that there is a note and who may read it; the words stand beside it, where
    they can be erased.
    """
    at, words = at or timezone.now(), words.strip()
    orders = load(ids, by=by)
    outcomes = missing(orders, ids)
    if why := _objection(words):
        outcomes.refused |= {order.pk: why for order in orders}
        return outcomes
    data = {"shared": history.changed(None, shared)}
    happenings = [
        history.Happening(order, "note.added", words=words, shared=shared, data=data)
        for order in orders
    ]
    history.record(happenings, by=by, at=at)
    save(orders)
    outcomes.done = [order.pk for order in orders]
    return outcomes


def _objection(words: str) -> str:
    if not words:
        return gettext("A note needs words.")
    if len(words) > LONGEST:
        why = gettext("The note is %(length)s characters long; %(most)s fit. Shorten it.")
        return why % {"length": number(len(words)), "most": number(LONGEST)}
    return ""
