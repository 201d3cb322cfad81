"""Review: a person decides on what the checks found; then the order goes on by itself."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext

from config.kernel.actors import Actor
from config.kernel.steps import Outcomes, asked, reasons, step
from config.kernel.wake import wake
from finance.services.credit import Check
from orders import history
from orders.lifecycle import findings
from orders.lifecycle.checks import context
from orders.lifecycle.loading import load, moved, save
from orders.lifecycle.validation import evidence_of, missing, settle
from orders.models import Order, OrderException, Status, unmet


@step
def recheck(
    ids: Sequence[int], *, by: Actor, reason: str = "", at: datetime | None = None
) -> Outcomes:
    """Run the checks again: what is no longer the case closes by itself."""
    at = at or timezone.now()
    orders, outcomes = asked(
        load(ids, by=by, reason=reason, with_lines=False, with_findings=False), Order.recheck, ids
    )
    history.record([moved(order, "order.rechecked") for order in orders], by=by, at=at)
    save(orders)
    if orders:
        wake("validation")
    return outcomes


@step
def waive(
    ids: Sequence[int],
    *,
    reason: str,
    by: Actor,
    exceptions: Collection[int] | None = None,
    at: datetime | None = None,
) -> Outcomes:
    """Let findings stand for a reason: these exceptions, or all that want a decision.

    A waiver counts for the facts as they are now, and for better ones. The last one lets an order
    in review go on, unless its customer's credit has run out meanwhile.
    """
    at = at or timezone.now()
    orders = load(ids, by=by, reason=reason, with_credit=True)
    known, outcomes = context(orders, at=at), missing(orders, ids)
    taken: list[Order] = []
    evidence: dict[int, Check] = {}
    for order in orders:
        chosen = [row for row in order.facts.exceptions if _meant(row, exceptions)]
        if why := _objection(order, chosen, reason, by):
            outcomes.refuse(order.pk, why)
            continue
        findings.read_again(order, known, chosen)
        _close(chosen, reason, by=by, at=at)
        if order.status == "in_review":
            findings.examine(order, known, "credit")
        if order.status == "in_review" and not reasons(order, Order.waive):
            evidence[order.pk] = evidence_of(order, "validation", order.outstanding)
            Order.waive(order)
        taken.append(order)
        outcomes.done.append(order.pk)
    passed = [order for order in taken if order.status != order.facts.came_from]
    findings.save([order for order in taken if order.status == order.facts.came_from])
    _note(taken, reason, by=by, at=at)
    settle(passed, evidence, outcomes, by=by, at=at)
    save(taken)
    if taken:
        wake("processing")
    return outcomes


def _close(rows: Sequence[OrderException], reason: str, *, by: Actor, at: datetime) -> None:
    """Let these findings stand, in memory, for this reason."""
    for row in rows:
        row.status, row.closed_at = OrderException.Status.WAIVED, max(at, row.opened_at)
        row.waived_by_id, row.waive_reason = by.user_id, reason


def _meant(row: OrderException, exceptions: Collection[int] | None) -> bool:
    return row.is_blocking and (exceptions is None or row.pk in exceptions)


def _objection(order: Order, chosen: Sequence[OrderException], reason: str, by: Actor) -> str:
    if not chosen:
        words = gettext("Nothing is open on %(order)s that could be waived.")
        return words % {"order": order}
    if not reason.strip():
        return gettext("A waiver needs a reason.")
    if by.user_id is None:
        return gettext("Only a person can waive a finding.")
    for row in chosen:
        if why := findings.against_waiving(order, row, by):
            return why
    rule = order.facts.rules.get((order.status, Status.VALIDATED))
    return unmet(order, rule) if rule and order.status == Status.IN_REVIEW else ""


def _note(orders: Sequence[Order], reason: str, *, by: Actor, at: datetime) -> None:
    """The event of a waiver stands before the change of status that it allows."""
    happenings = [
        history.Happening(
            order,
            "exception.waived",
            reason="waived",
            words=reason,
            data={
                "waived": history.changed(
                    None, [row.fingerprint for row in order.facts.exceptions if row.closed_at == at]
                )
            },
        )
        for order in orders
    ]
    history.record(happenings, by=by, at=at)
