"""Processing: a validated order gets its stock, its dates and its pick tasks.

The batch is planned together, in id order, on shared stock levels: what an earlier order takes, a
later one no longer finds. What is short is backordered and served when goods arrive.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from config.kernel.actors import Actor
from config.kernel.money import ZERO
from config.kernel.steps import Outcomes, attempt, step
from finance.services import credit, ledger, postings
from finance.services.credit import Check
from orders import history
from orders.lifecycle import findings, promising, sourcing, tasks
from orders.lifecycle.checks import context
from orders.lifecycle.loading import load, lock_stock, moved, save, save_credit, save_lines
from orders.lifecycle.validation import evidence_of, missing
from orders.models import Order, SourcingDecision

MOST_STARTS = 3


@dataclass(slots=True)
class Turn:
    """What becomes of one order of the batch."""

    order: Order
    check: Check
    released: Decimal = ZERO  # value taken off the commitments when it goes back to review


@step
def process(
    ids: Sequence[int], *, by: Actor, reason: str = "", at: datetime | None = None
) -> Outcomes:
    """Allocate stock to the validated orders; one that no longer passes goes back to review.

    Which levels have units is read before they are locked; if others took those meanwhile and
    more lie elsewhere, it starts over.
    """
    at = at or timezone.now()
    for left in range(MOST_STARTS - 1, -1, -1):
        with transaction.atomic():
            orders = load(ids, by=by, reason=reason, with_credit=True)
            places = sourcing.Places.read(orders)
            levels = lock_stock(orders, more=places.candidates(orders))
            if left and places.outdated(orders, levels):
                transaction.set_rollback(True)  # lets go of the locks, too
                continue
            outcomes = missing(orders, ids)
            enter(orders, places, levels, outcomes, by=by, at=at)
            return outcomes
    raise AssertionError("unreachable")


def enter(
    orders: Sequence[Order],
    places: sourcing.Places,
    levels: sourcing.Levels,
    outcomes: Outcomes,
    *,
    by: Actor,
    at: datetime,
    method: str = SourcingDecision.Method.AUTOMATIC,
) -> None:
    """Give loaded orders their stock from these places, on locked levels; fill the outcomes."""
    known, turns = context(orders, at=at, with_repeats=False), []
    for order in orders:
        findings.examine(order, known, "processing")
        blocked = any(row.is_blocking for row in order.facts.exceptions)
        transition = Order.review if blocked else Order.process
        turn = Turn(order, _evidence(order), order.outstanding if blocked else ZERO)
        if why := attempt(order, transition):
            outcomes.refuse(order.pk, why)
            continue
        turns.append(turn)
        outcomes.done.append(order.pk)
    going = [turn.order for turn in turns if turn.order.status == "processing"]
    plans = sourcing.allocate(going, places, levels, outcomes)
    sourcing.save(going, plans, levels, at=at, method=method)
    promising.first_promises(going, plans, at=at)
    tasks.plan(going, at=at)
    save_lines(going, "allocated", "backordered", "first_promised_on", "promised_on")
    _write(turns, outcomes, by=by, at=at)


def _evidence(order: Order) -> Check:
    """Credit is looked at again before goods are tied up; the order's own value is in already."""
    own, check = order.outstanding, evidence_of(order, "processing", ZERO)
    check.exposure_before, check.amount = check.exposure_before - own, own
    return check


def _write(turns: Sequence[Turn], outcomes: Outcomes, *, by: Actor, at: datetime) -> None:
    """Exceptions, history, given-back commitments, evidence and the orders themselves."""
    orders = [turn.order for turn in turns]
    findings.save(orders)
    effects = history.told_by_order(outcomes)
    happenings = [_event(turn, effects[turn.order.pk]) for turn in turns]
    events = history.record(happenings, by=by, at=at)
    release = [
        postings.commitment_release(
            turn.order.pk, turn.order.customer_id, turn.order.currency_id, turn.released, event
        )
        for turn, event in zip(turns, events, strict=True)
        if turn.released
    ]
    ledger.post(release, at=at)
    if release:
        save_credit(orders)
    for turn in turns:
        exception = findings.of_rule(turn.order, "credit")
        if exception and turn.check.decision != "passed":
            turn.check.exception = exception.pk
    credit.keep([turn.check for turn in turns], at=at)
    save(orders, "promised_on")


def _event(turn: Turn, effects: history.Effects) -> history.Happening:
    order = turn.order
    if turn.released or order.status != "processing":
        given_back = {"committed": history.changed(turn.released, 0)}
        return moved(order, "order.sent_to_review", data=given_back)
    data = {
        "lines": {
            str(line.line_no): history.changed([0, 0], [line.allocated, line.backordered])
            for line in order.facts.lines
            if line.is_stocked
        },
        "promised_on": history.changed(None, order.promised_on),
        "effects": effects,
    }
    return moved(order, "order.processed", data=data)
