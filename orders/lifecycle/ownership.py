"""Ownership: who decides on a finding, and who has it on the screen right now."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from django.contrib.auth.models import User
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext

from config.kernel import sets
from config.kernel.actors import Actor
from config.kernel.steps import Outcomes, step
from orders import history
from orders.lifecycle.loading import load, save
from orders.lifecycle.validation import missing
from orders.models import LOOKING, OrderException


@step
def own(
    ids: Sequence[int],
    *,
    owner: int | None,
    by: Actor,
    exceptions: Collection[int] | None = None,
    at: datetime | None = None,
) -> Outcomes:
    """Give open findings of the orders to somebody, or, without an owner, back to their team."""
    at = at or timezone.now()
    orders = load(ids, by=by, with_lines=False)
    outcomes, happenings, rows = missing(orders, ids), [], []
    known = owner is None or User.objects.filter(pk=owner, is_active=True).exists()
    for order in orders:
        mine = [
            row
            for row in order.facts.exceptions
            if row.status == "open" and (exceptions is None or row.pk in exceptions)
        ]
        if why := _objection(mine, known=known):
            outcomes.refuse(order.pk, why)
            continue
        data = {row.fingerprint: history.changed(row.owner_id, owner) for row in mine}
        for row in mine:
            row.owner_id = owner
        rows += mine
        happenings.append(history.Happening(order, "exception.assigned", data=data))
        outcomes.done.append(order.pk)
    sets.update(OrderException, ["owner"], rows)
    history.record(happenings, by=by, at=at)
    save([happening.order for happening in happenings])
    return outcomes


def _objection(rows: Sequence[OrderException], *, known: bool) -> str:
    if not known:
        return gettext("Nobody of that name works here any more; choose somebody else.")
    return "" if rows else gettext("The finding is closed; there is nothing left to decide.")


def look_at(exception: int, *, by: Actor, at: datetime | None = None) -> None:
    """Say that somebody has an open finding on the screen, unless another one has already.

    Who looks is no fact of the order: it is written without the order's lock and leaves no event.
    """
    at = at or timezone.now()
    free = Q(looked_at=None) | Q(looked_at__lte=at - LOOKING) | Q(looked_at_by=by.user_id)
    shown = OrderException.objects.open().filter(free, pk=exception)
    shown.update(looked_at=at, looked_at_by=by.user_id)
