"""What the versions of the rules are used by, and what the checks have found and let pass."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Count, Q
from django.utils import timezone

from orders.models import TERMINAL, Order, OrderException, Status

PERIOD = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Count90:
    """How often a check has found something in the last 90 days, and how often it was waived."""

    caught: int
    waived: int


def caught() -> dict[str, Count90]:
    """By check; read along the index by time."""
    since = timezone.now() - PERIOD
    rows = (
        OrderException.objects.filter(opened_at__gte=since)
        .order_by()
        .values_list("rule")
        .annotate(n=Count("pk"), waived=Count("pk", filter=Q(status="waived")))
    )
    return {rule: Count90(n, waived) for rule, n, waived in rows}


def open_orders() -> dict[int, list[tuple[str, int]]]:
    """How many open orders go by each version, by state; read along the index by state."""
    states = [status for status in Status.values if status not in TERMINAL]
    rows = (
        Order.objects.filter(status__in=states)
        .order_by()
        .values_list("rules_version", "status")
        .annotate(n=Count("pk"))
    )
    found: dict[int, dict[str, int]] = defaultdict(dict)
    for version, status, n in rows:
        found[version][status] = n
    return {
        version: [(status, counts[status]) for status in states if status in counts]
        for version, counts in sorted(found.items(), reverse=True)
    }
