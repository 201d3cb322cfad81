"""What every page of the shell knows: where one may go, who one is, how one likes to read."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

from django.contrib.auth.models import AnonymousUser, User
from django.contrib.postgres.aggregates import StringAgg
from django.db.models import Count, OuterRef, Subquery, Value
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject

from config import shortcuts
from config.shortcuts import Shortcut
from orders.models import Staff, StaffNotice


@dataclass(frozen=True, slots=True)
class Item:
    """One place of the navigation, for those who may see it."""

    label: str
    url_name: str
    icon: str
    permission: str
    key: str = ""  # the letter after G


GROUPS: tuple[tuple[str, tuple[Item, ...]], ...] = (
    (
        "",
        (
            Item("Today", "orders:today", "home", "orders.view_order", "t"),
            Item("Orders", "orders:list", "orders", "orders.view_order", "o"),
            Item("Needs review", "orders:review", "alert", "orders.view_order", "x"),
        ),
    ),
    (
        "Fulfillment",
        (
            Item("Pick lists", "fulfillment:pick_lists", "pick", "fulfillment.view_picklist", "p"),
            Item("Shipments", "fulfillment:shipments", "truck", "fulfillment.view_shipment", "s"),
        ),
    ),
    (
        "Records",
        (Item("Integrity", "orders:integrity", "scale", "finance.view_journalentry"),),
    ),
)


def places(user: User | AnonymousUser) -> list[tuple[str, list[Item]]]:
    """The places that somebody may go to, by group."""
    return [
        (title, allowed)
        for title, items in GROUPS
        if (allowed := [item for item in items if user.has_perm(item.permission)])
    ]


def shell(request: HttpRequest) -> dict[str, Any]:
    """The navigation, and what is known of whoever is signed in: read when a page asks for it."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {"nav": [], "preferences": None}
    nav = [
        {"title": title, "items": [_shown(item, request) for item in items]}
        for title, items in places(user)
    ]
    known = SimpleLazyObject(partial(_known, user.pk))
    return {"nav": nav, "shell": known, "shortcuts": SimpleLazyObject(partial(_keys, user))} | {
        name: SimpleLazyObject(partial(getattr, known, name)) for name in ("roles", "preferences")
    }


@dataclass(frozen=True, slots=True)
class Known:
    """What every page says of whoever is signed in."""

    roles: str
    preferences: Staff | None
    unread: int


def _known(pk: int) -> Known:
    """Roles, preferences and the number of unread notices, in one statement."""
    unread = StaffNotice.objects.unread().filter(user=OuterRef("pk")).order_by().values("user")
    row = (
        User.objects.filter(pk=pk)
        .select_related("staff")
        .annotate(
            roles=StringAgg("groups__name", ", ", default=Value("")),
            unread=Coalesce(Subquery(unread.annotate(n=Count("pk")).values("n")), 0),
        )
        .get()
    )
    return Known(row.roles, getattr(row, "staff", None), row.unread)


def _keys(user: User) -> list[tuple[str, list[Shortcut]]]:
    """The help: every shortcut that does something for this person, by where it works."""
    visits = [
        Shortcut(("G", item.key.upper()), item.label)
        for _, items in places(user)
        for item in items
        if item.key
    ]
    groups = (
        ("Everywhere", shortcuts.EVERYWHERE),
        ("Go to", visits),
        ("In a list", shortcuts.LISTS),
        ("On an order", shortcuts.ORDER),
    )
    return [
        (title, [key for key in keys if not key.permission or user.has_perm(key.permission)])
        for title, keys in groups
    ]


def _shown(item: Item, request: HttpRequest) -> dict[str, Any]:
    current = request.resolver_match and request.resolver_match.view_name == item.url_name
    return {
        "label": item.label,
        "url": reverse(item.url_name),
        "icon": item.icon,
        "key": item.key,
        "current": bool(current),
    }
