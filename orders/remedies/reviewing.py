"""Reviewing one order: every check is asked again, and each open finding gets its ways out."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from django.utils import timezone
from django.utils.translation import gettext

from finance.models import CreditAccount
from orders.lifecycle.checks import CHECKS, Context, Finding, applicable, context
from orders.lifecycle.findings import answered, same_problem
from orders.lifecycle.loading import attach
from orders.models import CHECK_NAMES, Order, OrderException, ValidationRule
from orders.remedies import goods, money, parties
from orders.remedies.cases import Case, Review, Situation, Verdict

Answer = Callable[[Case], Situation]

ANSWERS: dict[str, Answer] = {
    "credit": money.credit,
    "price": money.price,
    "terms": money.terms,
    "stock": goods.short,
    "stock_final": goods.short,
    "deliverable": goods.deliverable,
    "address": parties.address,
    "duplicate": parties.duplicate,
    "customer_status": parties.customer,
    "required_fields": parties.incomplete,
}
# Worst first, when several findings of one check differ.
STATES = ("failed", "told", "waived")


def review(order: Order) -> Review:
    """The order as a reviewer sees it; its facts are read here, without a lock."""
    attach([order])
    order.facts.credit = CreditAccount.objects.filter(
        customer=order.customer_id, currency=order.currency_id
    ).first()
    known = context([order], at=timezone.now())
    rules = applicable(order, known, "validation" if order.status == "in_review" else "credit")
    found = {rule.code: list(CHECKS[rule.code](order, known, rule)) for rule in rules}
    return Review(order, _verdicts(order, found), _situations(order, known, rules, found))


def _verdicts(order: Order, found: dict[str, list[Finding]]) -> list[Verdict]:
    """What each check says now; a waived finding counts as waived while its facts last."""
    verdicts = []
    for code, problems in found.items():
        states = {_state(answered(order, code, problem)) for problem in problems}
        worst = next((state for state in STATES if state in states), "passed")
        verdicts.append(Verdict(gettext(CHECK_NAMES.get(code, code)), worst))
    others = {
        row.label for row in order.facts.exceptions if row.is_blocking and row.rule not in found
    }
    return verdicts + [Verdict(label, "failed") for label in sorted(others)]


def _state(row: OrderException | None) -> str:
    if row is None:
        return "failed"
    if row.status == "waived":
        return "waived"
    return "failed" if row.is_blocking else "told"


def _situations(
    order: Order,
    known: Context,
    rules: Sequence[ValidationRule],
    found: dict[str, list[Finding]],
) -> list[Situation]:
    by_code = {rule.code: rule for rule in rules}
    situations, shelves = [], goods.shelves(order)
    for row in order.facts.exceptions:
        if not row.is_blocking:
            continue
        case = Case(order, row, by_code.get(row.rule), known, shelves)
        answer = ANSWERS.get(row.rule)
        now = _now(row, found)
        situation = answer(case) if answer and now else Situation(row, now)
        situation.now = now
        situations.append(situation)
    return situations


def _now(row: OrderException, found: dict[str, list[Finding]]) -> str:
    """What the check says today of what it found then; '' when it is no longer the case."""
    if row.rule not in found:
        return row.message if row.rule not in CHECKS else ""
    now = same_problem(row, found[row.rule])
    return now.message if now else ""
