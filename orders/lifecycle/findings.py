"""Findings become exceptions: kept by fingerprint, waived, closed when the cause is gone."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from operator import attrgetter
from typing import Any

from django.utils.translation import gettext

from config.kernel import sets
from config.kernel.actors import Actor
from orders.lifecycle.checks import CHECKS, STAGES, Context, Finding, applicable
from orders.models import (
    Order,
    OrderException,
    Severity,
    ValidationRule,
    permission_words,
)

Facts = Mapping[str, Any]


def examine(order: Order, known: Context, stage: str) -> None:
    """Run the checks of a stage and bring the order's exceptions in line, in memory.

    What is found again stays the same exception and says what is the case now; a waived one keeps
    the words that it was waived with, and what is worse than those is asked about anew.
    """
    found: set[str] = set()
    for rule in applicable(order, known, stage):
        for finding in CHECKS[rule.code](order, known, rule):
            found.add(finding.fingerprint)
            row = answered(order, rule.code, finding)
            if row is None:
                order.facts.exceptions.append(_opened(order, rule, finding, known.at))
            elif row.status == OrderException.Status.OPEN:
                _seen(row, finding, max(known.at, order.last_event_at))
    for row in order.facts.exceptions:
        is_open = row.status == OrderException.Status.OPEN
        if is_open and row.rule in STAGES[stage] and row.fingerprint not in found:
            _close(row, known.at)


def answered(order: Order, rule: str, finding: Finding) -> OrderException | None:
    """The exception that a finding is known under: an open one, else a waiver that covers it."""
    rows = [row for row in order.facts.exceptions if row.rule == rule]
    if not rows:
        return None
    same = (row for row in rows if row.fingerprint == finding.fingerprint)
    is_open = next((row for row in same if row.status == OrderException.Status.OPEN), None)
    return is_open or next((row for row in reversed(rows) if _covers(row, finding)), None)


def _covers(row: OrderException, finding: Finding) -> bool:
    """Whether an exception was waived for facts no better than those of the finding."""
    if row.status != OrderException.Status.WAIVED:
        return False
    no_worse = NO_WORSE.get(row.rule)
    if no_worse and no_worse[0] in finding.data and no_worse[0] in row.data:
        return no_worse[1](row.data, finding.data)
    return row.fingerprint == finding.fingerprint


def _owes_no_more(waived: Facts, now: Facts) -> bool:
    """The limit is as high, and with the order no more is owed than was let pass.

    The order's own value counts on both sides: first as what is to be committed, then as a
    commitment, then as a receivable.
    """
    owed, owed_now = (
        Decimal(facts["exposure"]) + Decimal(facts["amount"]) for facts in (waived, now)
    )
    lower = Decimal(now["limit"]) < Decimal(waived["limit"])
    return not lower and owed_now <= owed and Decimal(now["total"]) <= Decimal(waived["total"])


def _lacks_no_more(waived: Facts, now: Facts) -> bool:
    """The same item of the same line lacks no more units."""
    same = all(waived[name] == now[name] for name in ("line", "product"))
    return same and now["short"] <= waived["short"]


# Where a waiver lasts while things only get better: the fact that says so, and the comparison.
# Elsewhere it counts for its fingerprint, which names the facts.
NO_WORSE: dict[str, tuple[str, Callable[[Facts, Facts], bool]]] = {
    "credit": ("exposure", _owes_no_more),
    "stock": ("short", _lacks_no_more),
    "stock_final": ("short", _lacks_no_more),
    "deliverable": ("short", _lacks_no_more),
}


def read_again(order: Order, known: Context, rows: Sequence[OrderException]) -> None:
    """Bring these findings to what is the case now, in memory: a waiver is given for that."""
    stage = "validation" if order.status == "in_review" else "credit"
    asked = {row.rule for row in rows}
    found = {
        rule.code: list(CHECKS[rule.code](order, known, rule))
        for rule in applicable(order, known, stage)
        if rule.code in asked
    }
    for row in rows:
        if now := same_problem(row, found.get(row.rule, [])):
            row.fingerprint = now.fingerprint[:120]
            _seen(row, now, max(known.at, order.last_event_at))


def same_problem(row: OrderException, problems: Iterable[Finding]) -> Finding | None:
    """Which of these problems is the one that an exception is about, whatever its figures."""
    of_it = [each for each in problems if _subject(each) == _subject(row)]
    exactly = (each for each in of_it if each.fingerprint == row.fingerprint)
    return next(exactly, of_it[0] if of_it else None)


def _subject(problem: Finding | OrderException) -> tuple[object, ...]:
    kind = problem.fingerprint.partition(":")[0]
    return (kind, *(problem.data.get(name) for name in ("line", "field", "order")))


def _opened(order: Order, rule: ValidationRule, finding: Finding, at: datetime) -> OrderException:
    return sets.new(
        OrderException,
        order_id=order.pk,
        rule=rule.code,
        severity=rule.severity,
        fingerprint=finding.fingerprint[:120],
        message=finding.message[:400],
        data=finding.kept,
        team=rule.team,
        four_eyes=rule.four_eyes,
        permission=rule.permission,
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
    """The standing exception of a rule: an open one, else the one waived last, or None."""
    rows = [row for row in order.facts.exceptions if row.rule == rule]
    is_open = (row for row in rows if row.status == OrderException.Status.OPEN)
    waived = (row for row in reversed(rows) if row.status == OrderException.Status.WAIVED)
    return next(is_open, next(waived, None))


def against_waiving(order: Order, row: OrderException, by: Actor) -> str:
    """Why whoever asks may not let this finding pass, or ''."""
    named = {"finding": row.label, "order": order}
    if row.severity == Severity.BLOCK:
        return gettext("“%(finding)s” must be fixed; it cannot be waived.") % named
    if row.permission and by.user_id is not None and row.permission not in by.permissions:
        return _not_theirs(row)
    if row.four_eyes and by.user_id is not None and order.created_by_id == by.user_id:
        words = gettext("You entered %(order)s yourself; somebody else has to waive “%(finding)s”.")
        return words % named
    return ""


def _not_theirs(row: OrderException) -> str:
    """Who may let this finding pass, for somebody who may not."""
    words = gettext(
        "“%(finding)s” takes the permission to %(right)s, which your role does not include."
    )
    if row.team:
        words = gettext(
            "“%(finding)s” is for %(team)s: it takes the permission to %(right)s, which your role "
            "does not include."
        )
    right = permission_words(Order, row.permission)
    return words % {"finding": row.label, "team": gettext(row.team), "right": right}


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
    "permission",
    "opened_at",
    "due_at",
    "checked_at",
    "closed_at",
    "waived_by",
    "waive_reason",
)


WHEN_CLOSED = [
    "fingerprint",
    "message",
    "data",
    "status",
    "closed_at",
    "waived_by",
    "waive_reason",
]


def save(orders: Sequence[Order]) -> None:
    """Write new exceptions, those that were closed or waived, and what the open ones say now."""
    rows = [row for order in orders for row in order.facts.exceptions]
    new = [row for row in rows if not row.pk]
    values = attrgetter(*(f"{n}_id" if n in {"order", "waived_by"} else n for n in COLUMNS))
    ids = sets.insert(OrderException, COLUMNS, [values(row) for row in new], returning="id")
    known = [row for row in rows if row.pk]
    closed = [row for row in known if row.status != OrderException.Status.OPEN]
    standing = [row for row in known if row.status == OrderException.Status.OPEN]
    sets.update(OrderException, WHEN_CLOSED, closed)
    sets.update(OrderException, ["message", "data", "checked_at"], standing)
    for row, (pk,) in zip(new, ids, strict=True):
        row.pk = pk
