"""Completion: delivered, billed and paid or within terms, an order is closed in the books."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime

from django.utils import timezone

from config.kernel import sets
from config.kernel.actors import Actor
from config.kernel.steps import Outcomes, asked, step
from finance.models import Invoice
from orders import history
from orders.lifecycle import findings
from orders.lifecycle.loading import load, moved, save
from orders.models import OPEN_RETURNS, Order
from returns.models import Return

LATE = "WHERE order_id = ANY(%s) AND status = 'open' AND due_on < %s ORDER BY id"
COMING_BACK = "WHERE order_id = ANY(%s) AND status = ANY(%s) ORDER BY id"


@step
def complete(
    ids: Sequence[int], *, by: Actor, reason: str = "", at: datetime | None = None
) -> Outcomes:
    """Close the delivered orders for which nothing is left to do."""
    at = at or timezone.now()
    orders = load(ids, by=by, reason=reason, with_amounts=False)
    keys = [order.pk for order in orders]
    late, back = overdue(keys, at), coming_back(keys)
    for order in orders:
        order.facts.overdue, order.facts.returns = late[order.pk], back[order.pk]
    taken, outcomes = asked(orders, Order.complete, ids, at=at)
    findings.close_open(taken, at)
    findings.save(taken)
    history.record([moved(order, "order.completed") for order in taken], by=by, at=at)
    save(taken, "completed_at")
    return outcomes


def overdue(orders: Iterable[int], at: datetime) -> dict[int, list[str]]:
    """The numbers of the invoices that are past their due date, by order."""
    numbers: dict[int, list[str]] = defaultdict(list)
    for invoice in sets.read(Invoice, LATE, list(orders), at.date()):
        numbers[invoice.order_id].append(invoice.number)
    return numbers


def coming_back(orders: Iterable[int]) -> dict[int, list[str]]:
    """The numbers of the returns that are open, by order."""
    numbers: dict[int, list[str]] = defaultdict(list)
    for each in sets.read(Return, COMING_BACK, list(orders), list(OPEN_RETURNS)):
        numbers[each.order_id].append(each.number)
    return numbers
