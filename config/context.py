"""What every page of the shell knows: where one may go, who one is, how one likes to read."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache, partial
from typing import Any

from django.contrib.auth.models import AnonymousUser, User
from django.db import connection
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from config import shortcuts
from config.kernel.reading import language
from config.shortcuts import Shortcut
from orders.models import Staff


@dataclass(frozen=True, slots=True)
class Item:
    """One place of the navigation, for those who may see it."""

    label: StrOrPromise
    url_name: str
    icon: str
    permission: str
    key: str = ""  # the letter after G
    also: str = ""  # the name of a page that belongs to it


@dataclass(frozen=True, slots=True, eq=False)
class Place:
    """A place of the navigation as a page shows it."""

    label: StrOrPromise
    url: str
    icon: str
    key: str
    current: bool


@dataclass(frozen=True, slots=True, eq=False)
class Group:
    """Places that stand together, under a title or under none."""

    title: StrOrPromise
    items: tuple[Place, ...]


OVERVIEW = Item(_("Settings"), "orders:preferences", "filter", "")
GROUPS: tuple[tuple[StrOrPromise, tuple[Item, ...]], ...] = (
    (
        "",
        (
            Item(_("Today"), "orders:today", "home", "orders.view_order", "t"),
            Item(_("Orders"), "orders:list", "orders", "orders.view_order", "o"),
            Item(
                _("Exceptions"),
                "orders:review",
                "alert",
                "orders.view_order",
                "x",
                "orders:finding",
            ),
            Item(
                _("Customers"),
                "orders:customer_list",
                "building",
                "orders.view_customer",
                "k",
                "orders:customer",
            ),
            Item(_("Quotes"), "orders:quotes", "doc", "orders.view_order", "q"),
            Item(_("Recurring orders"), "orders:recurring", "refresh", "orders.view_order", "c"),
        ),
    ),
    (
        _("Fulfillment"),
        (
            Item(
                _("Pick lists"), "fulfillment:pick_lists", "pick", "fulfillment.view_picklist", "p"
            ),
            Item(
                _("Shipments"), "fulfillment:shipments", "truck", "fulfillment.view_shipment", "s"
            ),
        ),
    ),
    (
        _("Records"),
        (
            Item(_("Jobs"), "orders:jobs", "import", "orders.view_order", "j"),
            Item(_("Integrity"), "orders:integrity", "scale", "finance.view_journalentry"),
            OVERVIEW,
        ),
    ),
)

# The second level of navigation, within the settings.
SETTINGS: tuple[tuple[StrOrPromise, tuple[Item, ...]], ...] = (
    (
        _("You"),
        (
            Item(_("Preferences"), "orders:preferences", "user", ""),
            Item(_("Security"), "orders:security", "lock", ""),
        ),
    ),
    (_("Rules"), (Item(_("Policies"), "orders:policies", "filter", "orders.manage_rules"),)),
    (_("Access"), (Item(_("Users and roles"), "orders:people", "user", "orders.manage_staff"),)),
)
# Pages that belong to one of the navigation, by its name.
WITHIN = {
    "orders:imports": "orders:list",
    "orders:import_new": "orders:list",
    "orders:import": "orders:list",
    "orders:import_start": "orders:list",
    "orders:preferences": "orders:preferences",
    "orders:invite": "orders:people",
    "orders:person": "orders:people",
    "orders:grant": "orders:people",
    "orders:set_scope": "orders:people",
    "orders:take_off_second_factor": "orders:people",
    "orders:policy_checks": "orders:policies",
    "orders:policy_check": "orders:policies",
    "orders:policy_matrix": "orders:policies",
    "orders:policy_labels": "orders:policies",
    "orders:policy_versions": "orders:policies",
    "orders:policy_publish": "orders:policies",
    "account_change_password": "orders:security",
    "account_reauthenticate": "orders:security",
    "mfa_index": "orders:security",
    "mfa_reauthenticate": "orders:security",
    "mfa_activate_totp": "orders:security",
    "mfa_deactivate_totp": "orders:security",
    "mfa_view_recovery_codes": "orders:security",
    "mfa_generate_recovery_codes": "orders:security",
}
OF_SETTINGS = {each.url_name for _, items in SETTINGS for each in items}

Groups = tuple[tuple[StrOrPromise, tuple[Item, ...]], ...]
Help = tuple[tuple[str, tuple[Shortcut, ...]], ...]


def places(
    user: User | AnonymousUser, groups: Groups = GROUPS
) -> list[tuple[StrOrPromise, list[Item]]]:
    """The places that somebody may go to, by group; a group without any is left out."""
    return [
        (title, allowed)
        for title, items in groups
        if (
            allowed := [
                item for item in items if not item.permission or user.has_perm(item.permission)
            ]
        )
    ]


def shell(request: HttpRequest) -> dict[str, Any]:
    """The navigation, and what is known of whoever is signed in: read when a page asks for it."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {"nav": (), "preferences": None}
    return {
        "nav": _nav(request),
        "settings_nav": lambda: _nav(request, within_settings=True),
        "preferences": Staff.of(user),
        "shell": SimpleLazyObject(partial(_known, user.pk)),
        "shortcuts": lambda: _keys(user),
    }


def _nav(request: HttpRequest, *, within_settings: bool = False) -> tuple[Group, ...]:
    allowed = places(request.user, SETTINGS if within_settings else GROUPS)
    names = tuple(item.url_name for _, items in allowed for item in items)
    match = request.resolver_match
    return _drawn(names, match.view_name if match else "", within_settings=within_settings)


@lru_cache(maxsize=1000)
def _drawn(names: tuple[str, ...], here: str, *, within_settings: bool) -> tuple[Group, ...]:
    """The same groups for all who may go to the same places and are at the same one."""
    return tuple(
        Group(title, tuple(_shown(item, here) for item in items if item.url_name in names))
        for title, items in (SETTINGS if within_settings else GROUPS)
        if any(item.url_name in names for item in items)
    )


KNOWN = """
SELECT (SELECT coalesce(string_agg(g.name, ', '), '') FROM auth_user_groups m
        JOIN auth_group g ON g.id = m.group_id WHERE m.user_id = %s),
 (SELECT count(*) FROM orders_staffnotice WHERE user_id = %s AND read_at IS NULL)
"""


@dataclass(frozen=True, slots=True)
class Known:
    """What every page says of whoever is signed in."""

    roles: str
    unread: int


def _known(pk: int) -> Known:
    """Roles and the number of unread notices, in one statement."""
    with connection.cursor() as cursor:
        cursor.execute(KNOWN, [pk, pk])
        roles, unread = cursor.fetchone() or ("", 0)
    return Known(roles, unread)


def _keys(user: User) -> Help:
    """The help: every shortcut that does something for this person, by where it works."""
    names = tuple(item.url_name for _, items in places(user) for item in items if item.key)
    asked = {key.permission for keys in shortcuts.ALL for key in keys if key.permission}
    return _help(language(), names, frozenset(name for name in asked if user.has_perm(name)))


@lru_cache(maxsize=200)
def _help(_language: str, names: tuple[str, ...], rights: frozenset[str]) -> Help:
    visits = tuple(
        Shortcut(("G", item.key.upper()), item.label)
        for _, items in GROUPS
        for item in items
        if item.key and item.url_name in names
    )
    groups = (
        (gettext("Everywhere"), shortcuts.EVERYWHERE),
        (gettext("Go to"), visits),
        (gettext("In a list"), shortcuts.LISTS),
        (gettext("On an order"), shortcuts.ORDER),
        (gettext("While you enter an order"), shortcuts.ENTRY),
    )
    return tuple(
        (title, tuple(key for key in keys if not key.permission or key.permission in rights))
        for title, keys in groups
    )


@cache
def _address(name: str) -> str:
    return reverse(name)


def _shown(item: Item, here: str) -> Place:
    place = WITHIN.get(here, here)
    inside = item is OVERVIEW and place in OF_SETTINGS
    current = inside or place in {item.url_name, item.also}
    return Place(item.label, _address(item.url_name), item.icon, item.key, current)
