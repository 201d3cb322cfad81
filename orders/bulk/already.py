"""Orders that have what an action would give them: neither done by it nor kept from it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

from django.db.models import Exists, F, OuterRef, Q

from orders.models import OPEN_ALLOCATIONS, Allocation, BulkJob, Hold, Order, RuleSet, Status

SENT = (Status.PROCESSING, Status.FULFILLING, Status.SHIPPED, Status.DELIVERED, Status.COMPLETED)


def _released(_arguments: Mapping[str, Any]) -> Q:
    """No hold is in force."""
    return ~Q(Exists(Hold.objects.filter(order=OuterRef("pk"), released_at=None)))


def _labelled(arguments: Mapping[str, Any]) -> Q:
    """The label, or none where none is asked for."""
    code = arguments.get("code") or ""
    return Q(sub_status=code) if code else Q(sub_status=None)


def _newest(_arguments: Mapping[str, Any]) -> Q:
    """The rules that new orders go by."""
    return Q(rules_version__in=RuleSet.objects.published().values("version")[:1])


def _served(arguments: Mapping[str, Any]) -> Q:
    """Everything that is allocated lies at the warehouse."""
    open_ = Allocation.objects.filter(line__order=OuterRef("pk"), state__in=OPEN_ALLOCATIONS)
    left = open_.filter(quantity__gt=F("picked"))
    elsewhere = left.exclude(stock_level__warehouse=arguments.get("warehouse"))
    return Q(Exists(open_)) & ~Q(Exists(elsewhere))


HAD: dict[str, Callable[[Mapping[str, Any]], Q]] = {
    "release": _released,
    "validate": lambda _arguments: Q(status__in=(Status.VALIDATED, *SENT)),
    "process": lambda _arguments: Q(status__in=SENT),
    "label": _labelled,
    "adopt": _newest,
    "assign": _served,
    "cancel": lambda _arguments: Q(status=Status.CANCELLED),
}


def among(job: BulkJob, refused: Collection[int]) -> set[int]:
    """Those of the refused orders that had it before, in one statement."""
    had = HAD.get(job.action)
    if had is None or not refused:
        return set()
    found = Order.objects.filter(had(job.arguments), pk__in=list(refused))
    return set(found.values_list("pk", flat=True))
