"""The versions of an order: who changed what, any two compared, the order as it was."""

from __future__ import annotations

from datetime import datetime
from itertools import groupby
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext

from config.kernel import typed
from orders.lifecycle.amendment import REASONS
from orders.versions import Snapshot, Trail, Version, compare
from orders.views.order import found, head
from orders.views.timeline import people


def versions(request: HttpRequest, number: str) -> HttpResponse:
    """Every version with its changes; two of them compared; one moment shown whole."""
    order = found(request, number)
    trail = Trail.of(order)
    made = trail.versions()
    numbers = [version.number for version in made]
    last = max(numbers, default=1)
    one = _chosen(request, "from", numbers, max(last - 1, 1))
    two = _chosen(request, "to", numbers, last)
    differences = compare(trail.at_version(one), trail.at_version(two), trail.known)
    moment = _moment(request.GET.get("at", ""))
    names = people([version.event for version in made])
    context = head(request, order, "versions") | {
        "made": [_told(version, names) for version in made],
        "one": one,
        "two": two,
        "groups": [(name, list(rows)) for name, rows in groupby(differences, lambda d: d.group)],
        "moment": moment,
        "at": request.GET.get("at", ""),
        "snapshot": trail.at(moment) if moment else _whole(request, trail, numbers),
        "snapshot_of": request.GET.get("whole", ""),
        "events": order.last_seq,
    }
    return render(request, "orders/versions.html", context)


def _chosen(request: HttpRequest, name: str, numbers: list[int], default: int) -> int:
    given = typed.key(request.GET.get(name, ""))
    return given if given in numbers else default


def _whole(request: HttpRequest, trail: Trail, numbers: list[int]) -> Snapshot | None:
    """One version shown whole, where that was asked for."""
    given = typed.key(request.GET.get("whole", ""))
    return trail.at_version(given) if given in numbers else None


def _moment(text: str) -> datetime | None:
    """The moment that was asked for, in the time zone of whoever asks."""
    try:
        found_ = parse_datetime(text)
    except ValueError:
        return None
    if found_ is None:
        return None
    return found_ if timezone.is_aware(found_) else timezone.make_aware(found_)


def _told(version: Version, names: dict[str, str]) -> dict[str, Any]:
    """One version for the list."""
    event = version.event
    return {
        "version": version,
        "who": names.get(event.actor, gettext("the system")),
        "at": event.occurred_at,
        "reason": REASONS.get(event.reason or "", ""),
        "changes": len(version.operations),
    }
