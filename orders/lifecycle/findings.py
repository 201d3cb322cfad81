"""Findings become exceptions: kept by fingerprint, waived, closed when the cause is gone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from config.kernel import sets
from orders.lifecycle.checks import CHECKS, STAGES, Context, Finding, applicable
from orders.models import Order, OrderException, ValidationRule


def examine(order: Order, known: Context, stage: str) -> None:
    """Run the checks of a stage and bring the order's exceptions in line, in memory."""
    standing = {row.fingerprint: row for row in order.facts.exceptions}
    found: set[str] = set()
    for rule in applicable(order, known, stage):
        for finding in CHECKS[rule.code](order, known, rule):
            found.add(finding.fingerprint)
            if finding.fingerprint not in standing:
                row = _opened(order, rule, finding, known.at)
                standing[finding.fingerprint] = row
                order.facts.exceptions.append(row)
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
        data=finding.data,
        team=rule.team,
        four_eyes=rule.four_eyes,
        opened_at=at,
    )


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


def save(orders: Sequence[Order]) -> None:
    """Write new exceptions and those that were closed or waived."""
    rows = [row for order in orders for row in order.facts.exceptions]
    new = [row for row in rows if not row.pk]
    columns = ["order", "rule", "severity", "fingerprint", "message", "data", "status", "team"]
    ids = sets.insert(
        OrderException,
        [*columns, "four_eyes", "opened_at", "closed_at", "waived_by", "waive_reason"],
        [
            (
                row.order_id,
                row.rule,
                row.severity,
                row.fingerprint,
                row.message,
                row.data,
                row.status,
                row.team,
                row.four_eyes,
                row.opened_at,
                row.closed_at,
                row.waived_by_id,
                row.waive_reason,
            )
            for row in new
        ],
        returning="id",
    )
    closed = [row for row in rows if row.pk and row.status != "open"]
    sets.update(
        OrderException, ["status", "closed_at", "waived_by", "waive_reason", "owner"], closed
    )
    for row, (pk,) in zip(new, ids, strict=True):
        row.pk = pk
