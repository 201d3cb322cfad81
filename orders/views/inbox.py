"""The exceptions inbox: what waits for a decision, grouped and narrowed, the oldest first."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from django.contrib.auth.models import User
from django.db.models import Count, Min, Q
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext, gettext_noop
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from config.kernel.lists import MOST_COUNTED, Sort, capped, page
from orders.forms.inbox import InboxFilter
from orders.models import LABELS, Channel, OrderException
from orders.models.review import OrderExceptionQuerySet
from orders.permissions import ROLES
from orders.scope import visible

OLDEST = {"oldest": Sort(_("Oldest first"), field="opened_at", descending=False)}
MOST_GROUPS = 12
NO_TEAM = gettext_noop("No team")


@dataclass(frozen=True, slots=True)
class Axis:
    """One way to group the queue: the columns that make a group, and its name."""

    label: StrOrPromise
    columns: tuple[str, ...]  # the first one is the value of the filter
    name: Callable[..., str]
    empty: str = ""  # the filter's value for "none"


def _rule(code: str) -> str:
    return gettext(LABELS.get(code) or code.replace("_", " ").capitalize())


def _person(_pk: int | None, first: str | None, last: str | None, username: str | None) -> str:
    return f"{first or ''} {last or ''}".strip() or username or gettext("Nobody")


AXES = {
    "rule": Axis(_("Kind"), ("rule",), _rule),
    "team": Axis(_("Team"), ("team",), lambda team: gettext(team or NO_TEAM)),
    "customer": Axis(
        _("Customer"), ("order__customer__code", "order__customer__name"), lambda _code, name: name
    ),
    "owner": Axis(
        _("Owner"),
        ("owner", "owner__first_name", "owner__last_name", "owner__username"),
        _person,
        "nobody",
    ),
}


@dataclass(frozen=True, slots=True)
class Group:
    """Findings that have something in common."""

    name: str
    query: str
    current: bool
    count: int
    over: int
    oldest: datetime


def narrowed(request: HttpRequest, without: str = "") -> OrderExceptionQuerySet:
    """The open findings as the address narrows them, but for one of its filters."""
    query = request.GET.copy()
    query.pop(without, None)
    rows = InboxFilter(
        query, visible(OrderException.objects.blocking(), request.user), request=request
    ).qs
    return cast("OrderExceptionQuerySet", rows)


def queue(request: HttpRequest) -> dict[str, Any]:
    """Everything that the left-hand side shows: groups, filters and a page of findings."""
    rows = narrowed(request)
    axis = request.GET.get("group", "rule")
    axis = axis if axis in AXES else "rule"
    listed = rows.select_related("order", "order__customer", "owner", "looked_at_by")
    shown = page(listed, request.GET, OLDEST)
    return {
        "page": shown,
        "rows": [(row, row.is_looked_at_by_others(request.user.pk)) for row in shown.rows],
        "count": capped(rows),
        "axis": axis,
        "axes": [
            {"label": each.label, "query": _with(request.GET, group=name), "current": name == axis}
            for name, each in AXES.items()
        ],
        "groups": _groups(request, axis),
        "everything": _with(request.GET, **{axis: ""}),
        "is_narrowed": any(request.GET.get(name) for name in InboxFilter.base_filters),
        "is_narrowed_by_group": bool(request.GET.get(axis)),
        "is_narrowed_further": any(
            request.GET.get(name) for name in InboxFilter.base_filters if name != axis
        ),
        "kinds": [(code, gettext(label)) for code, label in LABELS.items()],
        "teams": [role for role in ROLES if role != "Admin"],
        "channels": Channel.objects.filter(is_active=True),
        "place": _with(request.GET),
        "whole_place": f"?{request.GET.urlencode()}" if request.GET else "",
    }


def _groups(request: HttpRequest, name: str) -> list[Group]:
    """The largest groups; beyond what makes sense to count, of the oldest findings alone."""
    axis, now = AXES[name], timezone.now()
    oldest = narrowed(request, without=name).order_by("opened_at", "pk")[:MOST_COUNTED]
    found = (
        OrderException.objects.filter(pk__in=oldest.values("pk"))
        .order_by()
        .values_list(*axis.columns)
        .annotate(n=Count("pk"), over=Count("pk", filter=Q(due_at__lt=now)), old=Min("opened_at"))
        .order_by("-n", axis.columns[0])[:MOST_GROUPS]
    )
    groups = []
    for *values, count, over, old in found:
        value = axis.empty if values[0] is None else str(values[0])
        query = _with(request.GET, **{name: value})
        current = bool(value) and request.GET.get(name) == value
        groups.append(Group(axis.name(*values), query, current, count, over, old))
    return groups


def _with(query: QueryDict, **changes: str) -> str:
    """The query with some filters set or, by an empty text, taken away; from the top."""
    changed = query.copy()
    for name in ("after", "before", *changes):
        changed.pop(name, None)
    for name, value in changes.items():
        if value:
            changed[name] = value
    return f"?{changed.urlencode()}"


def inbox(request: HttpRequest) -> HttpResponse:
    """What waits for a decision, with an overview of its groups."""
    return render(request, "orders/inbox.html", queue(request) | {"current": None})


def team_of(row: OrderException) -> list[User]:
    """The people to whom a finding can be given: the team that has to act."""
    people = User.objects.filter(is_active=True, groups__name=row.team)
    return list(people.order_by("first_name", "username")[:50])
