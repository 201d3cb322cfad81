"""What a dry run found: what keeps orders back, what to know of others, what it comes to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.models import AnonymousUser, User
from django.db.models import Count, F, Min, Sum

from fulfillment.models import PickTask
from orders.bulk import fixes
from orders.models import BulkJob
from orders.scope import visible

MOST_GROUPS = 20  # that stand on a page; of the others it is said how many they are


@dataclass(frozen=True, slots=True)
class Group:
    """Orders that cannot go for one reason: how many, one of them, and the way out."""

    reason: str
    words: str
    orders: int
    example: str
    fix: fixes.Fix | None


@dataclass(frozen=True, slots=True)
class Warned:
    """Orders that can go and of which one should know something; they may be left out."""

    reason: str
    orders: int
    query: str  # the page with them left out, or taken in again
    is_out: bool


@dataclass(frozen=True, slots=True)
class Load:
    """Units that a warehouse would get to pick, and those that wait there now."""

    code: str
    units: int
    waiting: int


def groups(job: BulkJob, user: User | AnonymousUser) -> list[Group]:
    """Why orders cannot go, the largest group first."""
    failed = job.items.failed().visible_to(user)
    grouped = failed.values("reason").annotate(orders=Count("pk"))
    found = grouped.annotate(example=Min("reference"), sentence=Min("message"))
    return [
        Group(
            row["reason"],
            row["sentence"] if row["orders"] == 1 else row["reason"],
            row["orders"],
            row["example"],
            fixes.of(row["reason"], job.action, user),
        )
        for row in found.order_by("-orders", "reason")
    ]


def warned(job: BulkJob, user: User | AnonymousUser) -> dict[str, int]:
    """What one should know of orders that can go, and of how many: the most first."""
    warned = job.items.succeeded().exclude(reason="").visible_to(user)
    found = warned.order_by().values("reason").annotate(orders=Count("pk"))
    return dict(found.order_by("-orders", "reason").values_list("reason", "orders"))


def choices(warned: Mapping[str, int], without: Sequence[str]) -> list[Warned]:
    """Each warning with the way to leave its orders out, or to take them in again."""
    choices = []
    for reason, orders in warned.items():
        others = [name for name in without if name != reason]
        is_out = reason in without
        query = urlencode({"without": others if is_out else [*others, reason]}, doseq=True)
        choices.append(Warned(reason, orders, f"?{query}", is_out=is_out))
    return choices


def load(job: BulkJob, user: User | AnonymousUser) -> list[Load]:
    """What each warehouse gets to pick, beside what waits to be picked there."""
    if not job.load:
        return []
    tasks = visible(PickTask.objects.open().filter(bin__warehouse__code__in=job.load), user)
    places = tasks.order_by().values_list("bin__warehouse__code")
    waiting = dict(places.annotate(units=Sum(F("quantity") - F("picked"))))
    return [Load(code, units, waiting.get(code, 0)) for code, units in sorted(job.load.items())]


def worth(job: BulkJob, user: User | AnonymousUser) -> list[tuple[str, Any]]:
    """What the eligible orders are worth, by currency."""
    succeeded = job.items.succeeded().visible_to(user).order_by()
    sums = succeeded.values("order__currency").annotate(value=Sum("order__grand_total"))
    return list(sums.order_by("order__currency").values_list("order__currency", "value"))
