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
    also: str = ""  # the name of a page that belongs to it


GROUPS: tuple[tuple[str, tuple[Item, ...]], ...] = (
    (
        "",
        (
            Item("Today", "orders:today", "home", "orders.view_order", "t"),
            Item("Orders", "orders:list", "orders", "orders.view_order", "o"),
            Item(
                "Exceptions", "orders:review", "alert", "orders.view_order", "x", "orders:finding"
            ),
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
        (
            Item("Jobs", "orders:jobs", "import", "orders.view_order", "j"),
            Item("Integrity", "orders:integrity", "scale", "finance.view_journalentry"),
            Item("Settings", "orders:preferences", "filter", ""),
        ),
    ),
)

# The second level of navigation, within the settings.
SETTINGS: tuple[tuple[str, tuple[Item, ...]], ...] = (
    (
        "You",
        (
            Item("Preferences", "orders:preferences", "user", ""),
            Item("Security", "orders:security", "lock", ""),
        ),
    ),
    ("Access", (Item("Users and roles", "orders:people", "user", "orders.manage_staff"),)),
)
# Pages that belong to one of the navigation, by its name.
WITHIN = {
    "orders:preferences": "orders:preferences",
    "orders:invite": "orders:people",
    "orders:person": "orders:people",
    "orders:grant": "orders:people",
    "orders:set_scope": "orders:people",
    "account_change_password": "orders:security",
    "account_reauthenticate": "orders:security",
    "mfa_index": "orders:security",
    "mfa_reauthenticate": "orders:security",
    "mfa_activate_totp": "orders:security",
    "mfa_deactivate_totp": "orders:security",
    "mfa_view_recovery_codes": "orders:security",
    "mfa_generate_recovery_codes": "orders:security",
}


def shell(request: HttpRequest) -> dict[str, Any]:
    """The navigation, the roles and the preferences of whoever is signed in."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {"nav": [], "preferences": None}
    return {
        "nav": _groups(GROUPS, request),
        "settings_nav": lambda: _groups(SETTINGS, request),
        "roles": ", ".join(user.groups.values_list("name", flat=True)),
        "preferences": Staff.of(user),
    }


def _groups(
    groups: tuple[tuple[str, tuple[Item, ...]], ...], request: HttpRequest
) -> list[dict[str, Any]]:
    """The places that the user may see, in their groups; a group without any is left out."""
    may = request.user.has_perm
    found = [
        (title, [item for item in places if not item.permission or may(item.permission)])
        for title, places in groups
    ]
    return [
        {"title": title, "items": [_shown(item, request) for item in items]}
        for title, items in found
        if items
    ]


def _shown(item: Item, request: HttpRequest) -> dict[str, Any]:
    match = request.resolver_match
    here = match.view_name if match else ""
    place = WITHIN.get(here, here)
    settings = {each.url_name for _, places in SETTINGS for each in places}
    inside = item.label == "Settings" and place in settings
    return {
        "label": item.label,
        "url": reverse(item.url_name),
        "icon": item.icon,
        "key": item.key,
        "current": inside or place in {item.url_name, item.also},
    }
