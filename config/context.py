"""What every page of the shell knows: where one may go, who one is, how one likes to read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from orders.models import Staff


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
            Item("Quotes", "orders:quotes", "doc", "orders.view_order", "q"),
            Item("Recurring orders", "orders:recurring", "refresh", "orders.view_order", "c"),
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


def shell(request: HttpRequest) -> dict[str, Any]:
    """The navigation, the roles and the preferences of whoever is signed in."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {"nav": [], "preferences": None}
    return {
        "nav": [
            {"title": title, "items": items}
            for title, places in GROUPS
            if (
                items := [
                    _shown(item, request) for item in places if user.has_perm(item.permission)
                ]
            )
        ],
        "roles": ", ".join(user.groups.values_list("name", flat=True)),
        "preferences": Staff.objects.filter(user=user).first(),
    }


def _shown(item: Item, request: HttpRequest) -> dict[str, Any]:
    current = request.resolver_match and request.resolver_match.view_name == item.url_name
    return {
        "label": item.label,
        "url": reverse(item.url_name),
        "icon": item.icon,
        "key": item.key,
        "current": bool(current),
    }
