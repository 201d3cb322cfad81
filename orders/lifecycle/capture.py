"""Capture: typed, sent or imported, an order becomes a draft with its own copy of everything.

Product, price, tax, terms and address are copied as they are now, so that later changes of master
data never alter an order. A draft may be edited until it is placed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext

from config.kernel import sets, turns
from config.kernel.actors import Actor
from config.kernel.errors import StaleVersion
from config.kernel.steps import step
from finance.services import credit
from orders import history
from orders.lifecycle import catalogue, revising, writing
from orders.lifecycle.drafts import ADDRESS, Captured, Edit, OrderDraft, Problem
from orders.lifecycle.loading import ALWAYS
from orders.lifecycle.reading import Reading, read
from orders.models import Order, OrderLine, Status
from orders.models.guards import is_complete

STALE = "stale_version"
NO_DRAFT = "not_a_draft"


@step
def create(drafts: Sequence[OrderDraft], *, by: Actor, at: datetime | None = None) -> Captured:
    """Make an order of every draft that can be one; answer the others with their problems.

    A draft is taken whole or not at all. (channel, external id) is taken once; a form that was
    sent before is answered with the order it made then.
    """
    at = at or timezone.now()
    captured = Captured()
    turns.take("form", (draft.entry_key for draft in drafts if draft.entry_key))
    turns.take("order", (f"{d.channel} {d.external_id}" for d in drafts if d.external_id))
    known = catalogue.read(drafts)
    readings, captured.problems = read(drafts, known)
    fresh = []
    for reading in readings:
        key = reading.draft.entry_key
        if key in known.entered:
            captured.orders[reading.index] = known.entered[key]
            captured.repeated.add(reading.index)
        else:
            fresh.append(reading)
    if fresh:
        _open_accounts(fresh)
        ids = writing.write(fresh, known, created_by=by.user_id, at=at)
        _record(ids, fresh, by, at)
        captured.orders |= {r.index: pk for pk, r in zip(ids, fresh, strict=True)}
    return captured


def look(drafts: Sequence[OrderDraft]) -> tuple[list[Reading], list[Problem]]:
    """What would be made of the drafts, by the same reading, and what stands in the way of others.

    Nothing is written, and no number of an order is used up.
    """
    return read(drafts, catalogue.read(drafts))


def lacks(reading: Reading) -> str:
    """What an order of this reading would still lack before it can be placed, or ''."""
    terms = reading.terms.code if reading.terms else ""
    order = Order(unread_rows=reading.unread, terms_code=terms, po_number=reading.draft.po_number)
    order.customer = reading.customer
    for part in ADDRESS:
        setattr(order, f"ship_to_{part}", reading.ship_to[part])
    order.facts.lines = [OrderLine(order=order) for _ in reading.lines]
    return is_complete.why(order)  # type: ignore[attr-defined,no-any-return]


@step
def revise(edits: Sequence[Edit], *, by: Actor, at: datetime | None = None) -> Captured:
    """Replace what drafts say, each under its lock; answer the others with their problems.

    An edit that changes nothing writes nothing. One that was worked out from another version than
    the present one is not taken (``stale_version``), nor one of an order that was placed or
    cancelled meanwhile (``not_a_draft``), unless it says what the order says anyway.
    """
    at = at or timezone.now()
    captured = Captured()
    orders = {order.pk: order for order in Order.locked(edit.order for edit in edits)}
    known = catalogue.read([edit.draft for edit in edits])
    readings, captured.problems = read([edit.draft for edit in edits], known)
    present = revising.contents(orders.values())
    changes = []
    for reading in readings:
        edit = edits[reading.index]
        order = orders.get(edit.order)
        if order is None:
            words = gettext("There is no such order.")
            captured.problems.append(Problem(reading.index, "", "unknown_order", words))
            continue
        change = revising.Change(order, present[order.pk], reading, at)
        if change.differs and order.status != Status.DRAFT:
            captured.problems.append(Problem(reading.index, "", NO_DRAFT, no_draft(order)))
            continue
        if change.differs and edit.version != order.version:
            captured.problems.append(_stale(reading.index, order, edit.version))
            continue
        captured.orders[reading.index] = order.pk
        if change.differs:
            changes.append(change)
    _open_accounts(change.reading for change in changes)
    happenings = [change.happening() for change in changes]
    revising.write(changes, at=at)
    history.record(happenings, by=by, at=at)
    sets.update(Order, ALWAYS, [change.order for change in changes])
    return captured


def revise_one(edit: Edit, *, by: Actor) -> Captured:
    """Replace what one draft says; that somebody else changed or ended it meanwhile is raised."""
    captured = revise([edit], by=by)
    for problem in captured.problems:
        if problem.code in {STALE, NO_DRAFT}:
            raise StaleVersion(problem.message)
    return captured


def no_draft(order: Order) -> str:
    """Why an order is not typed over any more, and what is done instead."""
    if order.status == Status.CANCELLED:
        return gettext("%(order)s is cancelled; enter a new order instead.") % {"order": order}
    words = gettext("%(order)s is no draft any more; change it by an amendment.")
    return words % {"order": order}


def _stale(index: int, order: Order, version: int) -> Problem:
    words = gettext(
        "%(order)s stands at version %(now)s; you started from version %(version)s."
    ) % {"order": order, "now": order.version, "version": version}
    return Problem(index, "", STALE, words)


def _open_accounts(readings: Iterable[Reading]) -> None:
    pairs = {(reading.customer.pk, reading.currency.code) for reading in readings}
    if pairs:
        credit.open_accounts(pairs)


def _record(ids: Sequence[int], readings: Sequence[Reading], by: Actor, at: datetime) -> None:
    """The first event of every order, and its counters of history."""
    orders = []
    for pk, reading in zip(ids, readings, strict=True):
        order = Order(pk=pk, last_seq=0, version=0, last_event_at=at)
        orders.append(
            history.Happening(
                order,
                "order.created",
                to_state="draft",
                data={
                    "channel": history.changed(None, reading.draft.channel),
                    "lines": history.changed(None, len(reading.lines)),
                    "grand_total": history.changed(None, reading.totals.grand_total),
                },
            )
        )
    history.record(orders, by=by, at=at)
    sets.update(Order, [name for name in ALWAYS if name != "status"], [h.order for h in orders])
