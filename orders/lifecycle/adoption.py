"""Adoption: a draft that was begun under older rules goes by the newest ones.

An order keeps the version it started with; only a draft, of which nothing was checked yet, can
start anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from config.kernel.actors import Actor
from config.kernel.reading import worded
from config.kernel.steps import Effect, Outcomes, asked, step
from orders import history
from orders.lifecycle.loading import load, save
from orders.models import Order, RuleSet, SubStatus


@step
def adopt(ids: Sequence[int], *, by: Actor, at: datetime | None = None) -> Outcomes:
    """Let the drafts go by the newest version of the rules; a label that it lacks is taken off."""
    at, orders = at or timezone.now(), load(ids, by=by)
    newest: int = RuleSet.objects.published().values_list("version", flat=True)[0]
    labels = set(SubStatus.objects.filter(rules=newest, status="draft").values_list("code"))
    older = [order for order in orders if order.rules_version < newest]
    taken, outcomes = asked(older, Order.adopt, [order.pk for order in older])
    found = {order.pk for order in orders}
    for pk in set(ids) - {order.pk for order in older}:
        why = gettext("There is no such order.")
        if pk in found:
            why = gettext("It goes by the newest rules already, version %(version)s.")
        outcomes.refuse(pk, why % {"version": newest})
    happenings = []
    for order in taken:
        data = {"rules_version": history.changed(order.rules_version, newest)}
        if order.sub_status and (order.sub_status,) not in labels:
            data["sub_status"] = history.changed(order.sub_status, None)
            order.sub_status = None
        words = _("rules version %(new)s instead of %(old)s")
        what = worded(words, new=newest, old=order.rules_version)
        outcomes.effects.append(Effect(order.pk, "set", what))
        order.rules_version = newest
        happenings.append(history.Happening(order, "rules.adopted", data=data))
    history.record(happenings, by=by, at=at)
    save(taken, "rules_version")
    return outcomes
