"""Holds: an order stops where it stands until somebody, or the calendar, lets it go on."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import date, datetime

from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.functional import lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from config.kernel import pipeline, sets
from config.kernel.actors import Actor
from config.kernel.reading import near_day, worded
from config.kernel.steps import Effect, Outcomes, asked, step
from config.kernel.wake import wake
from orders import history
from orders.lifecycle.loading import load, save
from orders.models import Hold, Order, OrderQuerySet, Status

COLUMNS = (
    "order",
    "kind",
    "reason",
    "team",
    "owner",
    "placed_by",
    "placed_at",
    "expires_at",
)


# What stands of the lines of orders, by the day they are promised for.
UNITS = """
SELECT order_id, promised_on, sum(ordered - cancelled - shipped), sum(picked),
       sum(allocated - picked), sum(backordered), sum(ordered - cancelled - shipped
       - CASE WHEN is_stocked THEN allocated + backordered ELSE 0 END)
FROM orders_orderline WHERE order_id = ANY(%s) GROUP BY order_id, promised_on
ORDER BY order_id, promised_on
"""
STOPS = (
    _("picked units are not packed or sent"),
    _("reserved units are not picked"),
    _("units wait for stock and get none"),
    _("units are not allocated yet"),
)
# What an order can go on with from where it stands.
NEXT = {
    Status.SUBMITTED: "validation",
    Status.IN_REVIEW: "recheck",
    Status.VALIDATED: "processing",
    Status.PROCESSING: "allocation",
    Status.FULFILLING: "allocation",
    Status.DELIVERED: "completion",
}


@step
def place(
    ids: Sequence[int],
    *,
    reason: str,
    by: Actor,
    kind: str = Hold.Kind.MANUAL,
    team: str = "",
    owner: int | None = None,
    expires_at: datetime | None = None,
    at: datetime | None = None,
) -> Outcomes:
    """Stop the orders; several holds may be in force at once, each with its owner and its end."""
    at = at or timezone.now()
    if expires_at is not None and expires_at <= at:
        return Outcomes(refused=dict.fromkeys(ids, gettext("A hold ends in the future.")))
    orders, outcomes = asked(
        load(ids, by=by, with_lines=False, with_findings=False), Order.hold, ids
    )
    rows = [(o.pk, kind, reason, team, owner, by.user_id, at, expires_at) for o in orders]
    sets.insert(Hold, COLUMNS, rows)
    outcomes.effects += _consequences(orders, expires_at)
    effects = history.told_by_order(outcomes)
    happenings = [
        history.Happening(
            order,
            "hold.placed",
            reason=kind,
            words=reason,
            data={
                "owner": history.changed(None, owner or team or None),
                "expires_at": history.changed(None, expires_at),
                "effects": effects[order.pk],
            },
        )
        for order in orders
    ]
    history.record(happenings, by=by, at=at)
    save(orders)
    return outcomes


def _consequences(orders: Sequence[Order], until: datetime | None) -> list[Effect]:
    """What stops, and which promises cannot be kept if the holds last as long as they may."""
    stopped: dict[int, list[int]] = {order.pk: [0] * len(STOPS) for order in orders}
    promised: dict[int, list[tuple[date, int]]] = defaultdict(list)
    with pipeline.cursor() as cursor:
        cursor.execute(UNITS, [list(stopped)])
        for pk, day, still_open, *units in cursor.fetchall():
            stopped[pk] = [sum(pair) for pair in zip(stopped[pk], units, strict=True)]
            if still_open and day and (until is None or day <= until.date()):
                promised[pk].append((day, still_open))
    found = []
    kind = "endanger" if until is None else "miss"
    for pk, counts in stopped.items():
        told = zip(STOPS, counts, strict=True)
        found += [Effect(pk, "stop", what, units) for what, units in told if units]
        for day, units in promised[pk]:
            what = worded(_("the promise for %(day)s"), day=_written(day))
            found.append(Effect(pk, kind, what, units))
    return found


_written = lazy(near_day, str)


@step
def release(
    ids: Sequence[int],
    *,
    by: Actor,
    reason: str,
    holds: Collection[int] | None = None,
    at: datetime | None = None,
) -> Outcomes:
    """Let the orders go on, for a reason in words: these holds on them end, or all of them."""
    at = at or timezone.now()
    if not reason.strip():
        why = gettext("Nothing was released: say why the hold may end.")
        return Outcomes(refused=dict.fromkeys(ids, why))
    orders, outcomes = asked(
        load(ids, by=by, with_lines=False, with_findings=False), Order.release_hold, ids
    )
    ending = {
        order.pk: [hold for hold in order.facts.holds if holds is None or hold.pk in holds]
        for order in orders
    }
    return _end(orders, ending, outcomes, code="released", words=reason, by=by, at=at)


def due(at: datetime | None = None) -> OrderQuerySet:
    """Orders with a hold whose time is over."""
    over = Hold.objects.expired(at or timezone.now()).filter(order=OuterRef("pk"))
    found: OrderQuerySet = Order.objects.filter(Exists(over))
    return found


@step
def expire(ids: Sequence[int], *, by: Actor, at: datetime | None = None) -> Outcomes:
    """End the holds of the orders whose time is over; the others stay."""
    at = at or timezone.now()
    orders, outcomes = asked(
        load(ids, by=by, with_lines=False, with_findings=False), Order.release_hold, ids
    )
    ending = {
        order.pk: [h for h in order.facts.holds if h.expires_at and h.expires_at <= at]
        for order in orders
    }
    return _end(orders, ending, outcomes, code="expired", words="", by=by, at=at)


def _end(
    orders: Sequence[Order],
    ending: dict[int, list[Hold]],
    outcomes: Outcomes,
    *,
    code: str,
    words: str,
    by: Actor,
    at: datetime,
) -> Outcomes:
    """Close the holds that end; an order goes on when none is left on it."""
    taken = [order for order in orders if ending[order.pk]]
    for order in orders:
        if not ending[order.pk]:
            why = gettext("That hold is no longer in force on %(order)s.")
            outcomes.refuse(order.pk, why % {"order": order})
    outcomes.done = [order.pk for order in taken]
    _close([hold for order in taken for hold in ending[order.pk]], by=by, at=at)
    happenings = []
    for order in taken:
        before, ended = order.facts.holds, {hold.pk for hold in ending[order.pk]}
        order.facts.holds = [hold for hold in before if hold.pk not in ended]
        data = {
            "holds": history.changed(
                [hold.pk for hold in before], [hold.pk for hold in order.facts.holds]
            )
        }
        happenings.append(
            history.Happening(order, "hold.released", reason=code, words=words, data=data)
        )
        outcomes.effects.append(_going_on(order))
    history.record(happenings, by=by, at=at)
    save(taken)
    free = {Status(order.status) for order in taken if not order.facts.holds}
    for stage in sorted({NEXT[status] for status in free if status in NEXT}):
        wake(stage)
    return outcomes


def _going_on(order: Order) -> Effect:
    if left := order.facts.holds:
        reasons = "; ".join(hold.reason for hold in left)
        what = worded(_("It stays on hold: %(reasons)s"), reasons=reasons)
        return Effect(order.pk, "stop", what, len(left))
    what = worded(_("it goes on from “%(stage)s”"), stage=Status(order.status).label)
    return Effect(order.pk, "advance", what)


def let_go(orders: Sequence[Order], *, by: Actor, at: datetime) -> None:
    """End every hold that is in force on the orders; they are locked by the caller."""
    _close([hold for order in orders for hold in order.facts.holds], by=by, at=at)
    for order in orders:
        order.facts.holds = []


def _close(holds: Sequence[Hold], *, by: Actor, at: datetime) -> None:
    for hold in holds:
        hold.released_at, hold.released_by_id = max(at, hold.placed_at), by.user_id
    sets.update(Hold, ["released_at", "released_by"], holds)
