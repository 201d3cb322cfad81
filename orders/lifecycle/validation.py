"""Validation: every order goes through the same checks; what passes stands on the credit.

What does not pass goes to review, with typed exceptions that say who has to act and why.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from config.kernel.actors import Actor
from config.kernel.errors import DomainError
from config.kernel.steps import Effect, Outcomes, attempt, step
from config.kernel.wake import wake
from finance.services import credit as credit_service
from finance.services import ledger, postings
from finance.services.credit import Check
from orders import history
from orders.lifecycle import findings
from orders.lifecycle.checks import context
from orders.lifecycle.loading import load, moved, save, save_credit
from orders.models import Order


@step
def validate(
    ids: Sequence[int], *, by: Actor, reason: str = "", at: datetime | None = None
) -> Outcomes:
    """Check the submitted orders; each becomes validated, or goes to review with its exceptions."""
    at = at or timezone.now()
    orders = load(ids, by=by, reason=reason, with_credit=True)
    known = context(orders, at=at)
    outcomes = missing(orders, ids)
    taken: list[Order] = []
    evidence: dict[int, Check] = {}
    for order in orders:
        findings.examine(order, known, "validation")
        blocked = any(row.is_blocking for row in order.facts.exceptions)
        transition = Order.review if blocked else Order.validate
        check = evidence_of(order, "validation", order.outstanding)
        if why := attempt(order, transition):
            outcomes.refuse(order.pk, why)
            continue
        evidence[order.pk] = check
        taken.append(order)
        outcomes.done.append(order.pk)
    settle(taken, evidence, outcomes, by=by, at=at)
    return outcomes


def missing(orders: Sequence[Order], ids: Sequence[int]) -> Outcomes:
    """Outcomes that so far only say which orders there are not."""
    found = {order.pk for order in orders}
    lost = [pk for pk in ids if pk not in found]
    return Outcomes(refused=dict.fromkeys(lost, gettext("There is no such order.")))


def evidence_of(order: Order, stage: str, amount: Decimal) -> Check:
    """The credit decision as it stands before the order's amount is added to the exposure."""
    standing, exception = order.facts.credit, findings.of_rule(order, "credit")
    if standing is None:
        words = gettext("%(customer)s has no credit account in %(currency)s.")
        raise DomainError(words % {"customer": order.customer, "currency": order.currency_id})
    decision = "passed"
    if standing.exposure + amount > standing.credit_limit:
        decision = "waived" if exception and exception.status == "waived" else "refused"
    return Check(order.pk, stage, standing.exposure, amount, standing.credit_limit, decision)


def settle(
    orders: Sequence[Order],
    evidence: dict[int, Check],
    outcomes: Outcomes,
    *,
    by: Actor,
    at: datetime,
) -> None:
    """Write what became of the orders: exceptions, history, commitments, evidence, status."""
    findings.save(orders)
    committed = [order for order in orders if order.status == "validated"]
    outcomes.effects += [_committed(order) for order in committed]
    events = history.record([_event(order) for order in orders], by=by, at=at)
    event_of = {order.pk: event for order, event in zip(orders, events, strict=True)}
    entries = ledger.post(
        [
            postings.commitment(
                order.pk,
                order.customer_id,
                order.currency_id,
                order.outstanding,
                event_of[order.pk],
            )
            for order in committed
        ],
        at=at,
    )
    booked = dict(zip((order.pk for order in committed), entries, strict=True))
    _keep_evidence(orders, evidence, booked, at)
    save_credit(orders)
    save(orders)
    if committed:
        wake("processing")


def _committed(order: Order) -> Effect:
    what = _("the order's value on the customer's credit")
    return Effect(order.pk, "commit", what, amount=order.outstanding, currency=order.currency_id)


def _event(order: Order) -> history.Happening:
    """The event of a check: what stands open, what is committed."""
    standing = [
        [row.rule, row.severity, row.status]
        for row in order.facts.exceptions
        if row.status in {"open", "waived"}
    ]
    data = {"exceptions": history.changed(None, standing)}
    if order.status == "validated":
        data["committed"] = history.changed(0, order.outstanding)
        waived = order.facts.came_from == "in_review"  # the words stand beside the waiver
        more = {"reason": "waived", "words": ""} if waived else {}
        return moved(order, "order.validated", data=data, **more)
    return moved(order, "order.sent_to_review", data=data)


def _keep_evidence(
    orders: Sequence[Order],
    evidence: dict[int, Check],
    booked: dict[int, int | None],
    at: datetime,
) -> None:
    checks = []
    for order in orders:
        check = evidence.get(order.pk)
        if check is None:
            continue
        exception = findings.of_rule(order, "credit")
        check.exception = exception.pk if exception and check.decision != "passed" else None
        check.entry = booked.get(order.pk)
        if check.decision != "refused" or check.exception:
            checks.append(check)
    credit_service.keep(checks, at=at)
