"""Labels: what orders wait for within their state, as the house calls it.

Which labels there are stands in the rules of an order's version, under each state. A label goes
when the state does.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.translation import gettext

from config.kernel import sets
from config.kernel.actors import Actor
from config.kernel.steps import Outcomes, asked, reasons, step
from orders import history
from orders.lifecycle.loading import load, save
from orders.models import Order, SubStatus

# Whether an order could have a label in its state: asked with the order, as ``has_labels``.
KNOWN = Exists(SubStatus.objects.filter(rules=OuterRef("rules_version"), status=OuterRef("status")))
OF_VERSIONS = "WHERE rules_id = ANY(%s) ORDER BY position, id"


@step
def put(ids: Sequence[int], *, code: str, by: Actor, at: datetime | None = None) -> Outcomes:
    """Put a label on the orders, by its code, or take it off where the code is empty."""
    at = at or timezone.now()
    orders, known = load(ids, by=by, with_lines=False, with_findings=False), {}
    for row in sets.read(SubStatus, OF_VERSIONS, list({o.rules_version for o in orders})):
        known[row.rules_id, row.status, row.code] = row.label
    fitting = [order for order in orders if _fits(order, code, known)]
    taken, outcomes = asked(fitting, Order.label, [order.pk for order in fitting])
    _refuse(orders, ids, code, outcomes)
    happenings = []
    for order in taken:
        data = {"sub_status": history.changed(order.sub_status, code or None)}
        order.sub_status = code or None
        happenings.append(history.Happening(order, "label.set", data=data))
    history.record(happenings, by=by, at=at)
    save(taken)
    return outcomes


def nothing_to_choose(order: Order) -> str:
    """Why no label can be put on the order or taken off it, or ''; asked where it is not known."""
    there = vars(order).get("has_labels")
    if there is None:
        there = SubStatus.objects.filter(rules=order.rules_version, status=order.status).exists()
    if order.sub_status or there:
        return ""
    words = gettext("There are no labels under “%(stage)s” yet.")
    return words % {"stage": order.get_status_display()}


def _fits(order: Order, code: str, known: dict[tuple[int, str, str], str]) -> bool:
    same = (order.sub_status or "") == code
    return not same and (not code or (order.rules_version, order.status, code) in known)


def _refuse(orders: Sequence[Order], ids: Sequence[int], code: str, outcomes: Outcomes) -> None:
    """Say of each order that was not taken why not."""
    found = {order.pk: order for order in orders}
    for pk in ids:
        if pk in outcomes.refused or pk in outcomes.done:
            continue
        why = _why(found[pk], code) if pk in found else gettext("There is no such order.")
        outcomes.refuse(pk, why)


def _why(order: Order, code: str) -> str:
    if why := reasons(order, Order.label):
        return " ".join(why)
    if (order.sub_status or "") == code:
        words = gettext("%(order)s has no label.")
        if code:
            words = gettext("%(order)s has this label already.")
        return words % {"order": order}
    words = gettext("There is no label “%(code)s” under “%(stage)s” (rules version %(version)s).")
    stage, version = order.get_status_display(), order.rules_version
    return words % {"code": code, "stage": stage, "version": version}
