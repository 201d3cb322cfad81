"""Notices: who of the staff is told of what happens, written with the event that they tell.

One table names the events that concern somebody. A batch costs two statements, whatever its size:
whom it concerns, and what they are told. Many orders that say the same to the same people become
one sentence with their number.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from types import MappingProxyType
from typing import Any, NamedTuple, Protocol

from django.contrib.auth.models import User
from django.utils.translation import gettext_noop

from config.kernel import pipeline, sets
from config.kernel.actors import Actor
from config.kernel.words import Value, Words
from orders.models import (
    SERVING,
    BulkJob,
    Order,
    OrderException,
    OrderImport,
    Staff,
    StaffNotice,
)

KEPT = timedelta(days=30)
LONGEST = 300  # letters of a sentence
TOLD = ("sentence", "data", "created_at")  # what is kept of one
MANAGERS = "Sales manager"  # the team that decides on returns, and looks at jobs of the system
MENTION = re.compile(r"(?<!\w)@([\w.+-]+)")
# What `OrderQuerySet.visible_to` says, of each reader: nobody is told of orders they may not see.
SEEN = """
(s.countries IS NULL OR s.countries = '{}' OR o.ship_to_country = ANY(s.countries)
  OR o.ship_to_country = '' AND o.created_by_id = s.user_id)
AND (s.channels IS NULL OR s.channels = '{}'
  OR (SELECT c.code FROM orders_channel c WHERE c.id = o.channel_id) = ANY(s.channels))
AND (s.warehouses IS NULL OR s.warehouses = '{}' OR EXISTS (
    SELECT FROM orders_orderline l JOIN orders_allocation a ON a.line_id = l.id
    JOIN inventory_stocklevel i ON i.id = a.stock_level_id
    JOIN inventory_warehouse w ON w.id = i.warehouse_id
    WHERE l.order_id = o.id AND a.state = ANY(%(serving)s) AND w.code = ANY(s.warehouses))
  OR EXISTS (
    SELECT FROM fulfillment_shipment p JOIN inventory_warehouse w ON w.id = p.warehouse_id
    WHERE p.order_id = o.id AND w.code = ANY(s.warehouses)))
"""
# Whom each topic concerns, of how many orders, and the place of its first notice: of one, the only.
# Whoever acted knows it already; who is meant twice is told once.
READERS = f"""
WITH v AS (
  SELECT * FROM unnest(%(topic)b::bigint[], %(user)b::bigint[], %(team)b::text[], %(login)b::text[],
    %(order)b::bigint[]) WITH ORDINALITY v (topic, user_id, team, login, order_id, place)
), readers AS (
  SELECT m.*, u.id reader FROM (SELECT DISTINCT user_id, team, login FROM v) m
  JOIN auth_user u ON u.is_active AND u.id <> %(by)s AND (u.id = m.user_id OR u.username = m.login
    OR u.id IN (SELECT x.user_id FROM auth_user_groups x JOIN auth_group g ON g.id = x.group_id
      WHERE g.name = m.team))
)
SELECT reader, min(v.place), count(DISTINCT v.order_id)
FROM v JOIN readers USING (user_id, team, login) JOIN orders_order o ON o.id = v.order_id
LEFT JOIN orders_staff s ON s.user_id = reader
WHERE {SEEN} GROUP BY reader, v.topic ORDER BY 2, 1
"""  # noqa: S608 - all that is put in stands here
HOLDERS = """
SELECT h.order_id, h.placed_by_id, EXISTS (SELECT FROM orders_hold other
  WHERE other.order_id = h.order_id AND other.released_at IS NULL)
FROM orders_hold h
WHERE h.order_id = ANY(%s) AND h.released_at = %s AND h.placed_by_id IS NOT NULL ORDER BY h.id
"""


class Told(Protocol):
    """What a notice needs to know of an event: the order, its type, its words and its facts."""

    order: Order
    type: str
    words: str
    data: dict[str, Any]


class Notice(NamedTuple):
    """A sentence about one order, for a user, a team or whoever signs in by a name."""

    order: Order
    kind: str
    tone: str
    one: str  # about this order: a pattern with its %(order)s
    many: str  # about so many orders: a pattern with their %(count)s
    named: Mapping[str, Value] = MappingProxyType({})  # what else that pattern names
    finding: OrderException | None = None  # what the sentence about this order says was %(found)s
    user: int | None = None
    team: str = ""
    login: str = ""

    @property
    def topic(self) -> tuple[object, ...]:
        """What is the same of many orders that one sentence can tell of."""
        return (self.kind, self.many, *self.named.values())

    def about(self, count: int) -> Words:
        """The sentence for somebody who may see so many of the orders that say the same."""
        if count > 1:
            return Words(self.many, count=count, **self.named)
        found = {"found": self.finding.words} if self.finding else {}
        return Words(self.one, order=self.order.number, **found)


FOUND = gettext_noop("%(order)s: %(found)s")


def _sent_to_review(told: Told) -> Iterator[Notice]:
    """Whoever entered the order, and the teams that have to decide."""
    order = told.order
    one = gettext_noop("%(order)s needs a review before it goes on.")
    many = gettext_noop("%(count)s of your orders need a review before they go on.")
    yield Notice(order, "review", "amber", one, many, user=order.created_by_id)
    many = gettext_noop("%(count)s orders wait for %(team)s: %(finding)s.")
    first: dict[tuple[str, str], OrderException] = {}
    for row in order.facts.exceptions:
        if row.is_blocking and row.team:
            first.setdefault((row.team, row.rule), row)
    for row in first.values():  # one of each kind, however many lines it is about
        named = _of_team(row.team, row.kept_label)
        yield Notice(order, "finding", "amber", FOUND, many, named, row, team=row.team)


@lru_cache
def _of_team(team: str, finding: str) -> Mapping[str, Value]:
    """What the sentence about many orders names, the same object for the same."""
    return {"team": Words(team), "finding": Words(finding)}


def _refused_for_credit(told: Told) -> Iterator[Notice]:
    """Whoever entered the order that may not leave, and those who watch the credit."""
    order = told.order
    one = gettext_noop(
        "%(order)s is packed but may not leave: its customer is over the credit limit."
    )
    many = gettext_noop(
        "%(count)s packed orders may not leave: their customers are over the credit limit."
    )
    yield Notice(order, "credit", "red", one, many, user=order.created_by_id)
    yield Notice(order, "credit", "red", one, many, team="Finance")


def _noted(told: Told) -> Iterator[Notice]:
    """Whoever entered the order, and everybody whom the note names."""
    order = told.order
    one = gettext_noop("You are mentioned in a note on %(order)s.")
    many = gettext_noop("You are mentioned in notes on %(count)s orders.")
    for name in sorted(set(MENTION.findall(told.words))):
        yield Notice(order, "mention", "blue", one, many, login=name.rstrip("."))
    one = gettext_noop("There is a new note on %(order)s.")
    many = gettext_noop("There are new notes on %(count)s of your orders.")
    yield Notice(order, "note", "blue", one, many, user=order.created_by_id)


def _accepted(told: Told) -> Iterator[Notice]:
    """Whoever sent the quote."""
    order = told.order
    one = gettext_noop("The quote of %(order)s is accepted.")
    many = gettext_noop("%(count)s of your quotes are accepted.")
    yield Notice(order, "quote", "green", one, many, user=order.facts.offered_by)


def _asked(told: Told) -> Iterator[Notice]:
    """Whoever sent the quote, or else looks after the customer."""
    order = told.order
    one = gettext_noop("The customer wants the quote of %(order)s changed.")
    many = gettext_noop("Customers want %(count)s of your quotes changed.")
    rep = order.facts.offered_by or order.customer.sales_rep_id or order.created_by_id
    yield Notice(order, "quote", "amber", one, many, user=rep)


def _asked_back(told: Told) -> Iterator[Notice]:
    """The team that decides on returns; whoever asked for it is not told."""
    order = told.order
    one = gettext_noop("A return of %(order)s waits for a decision.")
    many = gettext_noop("Returns of %(count)s orders wait for a decision.")
    yield Notice(order, "return", "orange", one, many, team=MANAGERS)


def _given(told: Told) -> Iterator[Notice]:
    """Those who decide on the findings from now on."""
    order = told.order
    one = gettext_noop("What was found on %(order)s is yours to decide.")
    many = gettext_noop("What was found on %(count)s orders is yours to decide.")
    for owner in {new for old, new in told.data.values() if new and new != old}:
        yield Notice(order, "finding", "amber", one, many, user=owner)


def _held(told: Told) -> Iterator[Notice]:
    """The person or the team that takes care of the hold, and whoever entered the order."""
    order, owner = told.order, told.data["owner"][1]
    one = gettext_noop("The hold on %(order)s is yours to take care of.")
    many = gettext_noop("The holds on %(count)s orders are yours to take care of.")
    if isinstance(owner, int):
        yield Notice(order, "hold", "orange", one, many, user=owner)
    elif owner:
        yield Notice(order, "hold", "orange", one, many, team=owner)
    if owner != order.created_by_id:
        yield from _changed(told)


# What somebody else did to an order, for whoever entered it: kind, tone, of one, of many.
CHANGES = {
    "hold.placed": (
        "hold",
        "orange",
        gettext_noop("%(order)s, which you entered, is on hold."),
        gettext_noop("%(count)s orders that you entered are on hold."),
    ),
    "amendment.applied": (
        "change",
        "blue",
        gettext_noop("%(order)s, which you entered, was amended."),
        gettext_noop("%(count)s orders that you entered were amended."),
    ),
    "units.cancelled": (
        "change",
        "amber",
        gettext_noop("Units of %(order)s, which you entered, were cancelled."),
        gettext_noop("Units of %(count)s orders that you entered were cancelled."),
    ),
    "order.cancelled": (
        "change",
        "amber",
        gettext_noop("%(order)s, which you entered, was cancelled."),
        gettext_noop("%(count)s orders that you entered were cancelled."),
    ),
}


def _changed(told: Told) -> Iterator[Notice]:
    """Whoever entered the order."""
    order, (kind, tone, one, many) = told.order, CHANGES[told.type]
    yield Notice(order, kind, tone, one, many, user=order.created_by_id)


SUBSCRIBERS: dict[str, Callable[[Told], Iterable[Notice]]] = {
    "order.sent_to_review": _sent_to_review,
    "credit.refused": _refused_for_credit,
    "note.added": _noted,
    "quote.accepted": _accepted,
    "quote.asked": _asked,
    "return.requested": _asked_back,
    "exception.assigned": _given,
    "hold.placed": _held,
    "amendment.applied": _changed,
    "units.cancelled": _changed,
    "order.cancelled": _changed,
}
HOLDS_END = {"hold.released", "hold.expired"}
FREE = (
    gettext_noop("Your hold on %(order)s is over: it may go on."),
    gettext_noop("%(count)s orders that you held may go on."),
)
STILL_HELD = (
    gettext_noop("Your hold on %(order)s is over; another one still stops it."),
    gettext_noop("Your holds on %(count)s orders are over; others still stop them."),
)


def tell(happenings: Sequence[Told], *, by: Actor, at: datetime) -> None:
    """Write the notices of these events: no statement if they concern nobody."""
    found = [
        notice
        for told in happenings
        if (subscriber := SUBSCRIBERS.get(told.type))
        for notice in subscriber(told)
        if notice.user or notice.team or notice.login
    ]
    ended = [told.order for told in happenings if told.type in HOLDS_END]
    if ended:
        found += _of_holders(ended, at)
    send(found, by=by, at=at)


def _of_holders(orders: Sequence[Order], at: datetime) -> list[Notice]:
    """Those whose hold ended with this event; an order that others hold goes on for nobody."""
    by_pk = {order.pk: order for order in orders}
    with pipeline.cursor() as cursor:
        cursor.execute(HOLDERS, [list(by_pk), at])
        rows = cursor.fetchall()
    found = []
    for pk, user, stays in rows:
        one, many = STILL_HELD if stays else FREE
        found.append(Notice(by_pk[pk], "hold", "orange", one, many, user=user))
    return found


def send(found: Sequence[Notice], *, by: Actor, at: datetime) -> None:
    """Write notices; what says the same of many orders to the same people is one sentence.

    Somebody with a scope is told of the orders within it alone.
    """
    if not found:
        return
    topics: dict[tuple[object, ...], int] = {}
    once: dict[tuple[int, int, str, str, int], Notice] = {}
    for notice in found:
        topic = topics.setdefault(notice.topic, len(topics))
        audience = notice.user or 0, notice.team, notice.login
        once.setdefault((topic, *audience, notice.order.pk), notice)
    names = ("topic", "user", "team", "login", "order")
    arrays = dict(zip(names, map(list, zip(*once, strict=True)), strict=True))
    notices = list(once.values())
    with pipeline.cursor() as cursor:
        cursor.execute(READERS, arrays | {"serving": list(SERVING), "by": by.user_id or 0})
        told = [(reader, notices[place - 1], n) for reader, place, n in cursor.fetchall()]
    rows = []
    for reader, notice, count in told:
        words, order = notice.about(count), notice.order.pk if count == 1 else None
        kept = words[:LONGEST], words.plain()
        rows.append((reader, notice.kind, notice.tone, order, *kept, at))
    sets.insert(StaffNotice, ["user", "kind", "tone", "order", *TOLD], rows)


def job_ended(job: BulkJob, words: Words) -> None:
    """Tell whoever asked for a bulk job or tried it again; of one that the system began, those of
    the team who see all of the company, if some failed.
    """
    tone = "amber" if job.blocked else "green"
    if asked := {user for user in (job.requested_by_id, job.retried_by_id) if user}:
        told = sorted(asked)
    elif job.blocked:
        managers = User.objects.filter(is_active=True, groups__name=MANAGERS)
        told = [
            user.pk for user in managers.select_related("staff") if not Staff.of(user).is_scoped
        ]
    else:
        return
    kept = words[:LONGEST], words.plain()
    rows = [(user, "job", tone, job.pk, *kept, job.finished_at) for user in told]
    sets.insert(StaffNotice, ["user", "kind", "tone", "job", *TOLD], rows)


def import_ended(made: OrderImport, words: Words, *, tone: str) -> None:
    """Tell whoever had a file imported how that ended."""
    kept = words[:LONGEST], words.plain()
    columns = ["user", "kind", "tone", "order_import", *TOLD]
    row = (made.requested_by_id, "import", tone, made.pk, *kept, made.finished_at)
    sets.insert(StaffNotice, columns, [row])


def sweep(*, at: datetime) -> int:
    """Drop what was read a month ago; what nobody has read stays."""
    return StaffNotice.objects.filter(read_at__lt=at - KEPT).delete()[0]
