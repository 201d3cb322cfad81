"""Findings become exceptions: kept by fingerprint, waived, closed when the cause is gone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from operator import attrgetter

from django.utils.translation import gettext

from config.kernel import sets
from config.kernel.actors import Actor
from orders.lifecycle.checks import CHECKS, STAGES, Context, Finding, applicable
from orders.models import Order, OrderException, Severity, ValidationRule


def examine(order: Order, known: Context, stage: str) -> None:
    """Run the checks of a stage and bring the order's exceptions in line, in memory.

    What is found again stays the same exception and says what is the case now; a waived one keeps
    the words that it was waived with.
    """
    standing = {row.fingerprint: row for row in order.facts.exceptions}
    found: set[str] = set()
    for rule in applicable(order, known, stage):
        for finding in CHECKS[rule.code](order, known, rule):
            found.add(finding.fingerprint)
            row = standing.get(finding.fingerprint)
            if row is None:
                row = standing[finding.fingerprint] = _opened(order, rule, finding, known.at)
                order.facts.exceptions.append(row)
            elif row.status == OrderException.Status.OPEN:
                _seen(row, finding, max(known.at, order.last_event_at))
    for row in order.facts.exceptions:
        is_open = row.status == OrderException.Status.OPEN
        if is_open and row.rule in STAGES[stage] and row.fingerprint not in found:
            _close(row, known.at)


def _opened(order: Order, rule: ValidationRule, finding: Finding, at: datetime) -> OrderException:
    return OrderException(
        order_id=order.pk,
        rule=rule.code,
        severity=rule.severity,
        fingerprint=finding.fingerprint[:120],
        message=finding.message[:400],
        data=finding.kept,
        team=rule.team,
        four_eyes=rule.four_eyes,
        opened_at=at,
        due_at=at + timedelta(hours=rule.target_hours) if rule.target_hours else None,
        checked_at=max(at, order.last_event_at),
    )


def _seen(row: OrderException, finding: Finding, at: datetime) -> None:
    row.message, row.data, row.checked_at = finding.message[:400], finding.kept, at


def _close(row: OrderException, at: datetime) -> None:
    row.status = OrderException.Status.AUTO_RESOLVED
    row.closed_at = max(at, row.opened_at)


def close_open(orders: Iterable[Order], at: datetime) -> None:
    """Close whatever is still open on orders that end, in memory."""
    for order in orders:
        for row in order.facts.exceptions:
            if row.status == OrderException.Status.OPEN:
                _close(row, at)


def of_rule(order: Order, rule: str) -> OrderException | None:
    """The standing (open or waived) exception of a rule, or None."""
    for row in order.facts.exceptions:
        if row.rule == rule and row.status in {"open", "waived"}:
            return row
    return None


def against_waiving(order: Order, row: OrderException, by: Actor) -> str:
    """Why whoever asks may not let this finding pass, or ''."""
    named = {"finding": row.label, "order": order}
    if row.severity == Severity.BLOCK:
        return gettext("“%(finding)s” must be fixed; it cannot be waived.") % named
    if row.four_eyes and by.user_id is not None and order.created_by_id == by.user_id:
        words = gettext("You entered %(order)s yourself; somebody else has to waive “%(finding)s”.")
        return words % named
    return ""


def against_waiving_any(order: Order, by: Actor) -> list[str]:
    """Why whoever asks can let none of the open findings pass; empty if one of them may."""
    rows = [row for row in order.facts.exceptions if row.is_blocking]
    why = [against_waiving(order, row, by) for row in rows]
    if not why:
        return [gettext("Nothing is open that could be waived.")]
    return why[:1] if all(why) else []


COLUMNS = (
    "order",
    "rule",
    "severity",
    "fingerprint",
    "message",
    "data",
    "status",
    "team",
    "four_eyes",
    "opened_at",
    "due_at",
    "checked_at",
    "closed_at",
    "waived_by",
    "waive_reason",
)


def save(orders: Sequence[Order]) -> None:
    """Write new exceptions, those that were closed or waived, and what the open ones say now."""
    rows = [row for order in orders for row in order.facts.exceptions]
    new = [row for row in rows if not row.pk]
    values = attrgetter(*(f"{n}_id" if n in {"order", "waived_by"} else n for n in COLUMNS))
    ids = sets.insert(OrderException, COLUMNS, [values(row) for row in new], returning="id")
    known = [row for row in rows if row.pk]
    closed = [row for row in known if row.status != OrderException.Status.OPEN]
    standing = [row for row in known if row.status == OrderException.Status.OPEN]
    sets.update(OrderException, ["status", "closed_at", "waived_by", "waive_reason"], closed)
    sets.update(OrderException, ["message", "data", "checked_at"], standing)
    for row, (pk,) in zip(new, ids, strict=True):
        row.pk = pk
