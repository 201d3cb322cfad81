"""The permission table is the whole truth: every address × every role answers as it says."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import AnonymousUser, Group, Permission, User
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.urls import ResolverMatch, URLPattern, URLResolver, get_resolver, path, reverse

from config.guard import GuardMiddleware, asked_by
from fulfillment.models import PickTask
from fulfillment.services import picking as floor
from orders.lifecycle.actions import ACTIONS
from orders.permissions import (
    BY_STEP,
    CLOSED,
    CONFLICTS,
    MASTER_DATA,
    PAGES,
    PUBLIC,
    ROLES,
    SIGNED_IN,
    WHOLE_COMPANY,
    WRITES,
    conflicts,
    opens_master_data,
    roles_with,
)
from orders.views.steps import PAGES as STEPS
from tests import builders as b

pytestmark = pytest.mark.django_db
BACKEND = "config.accounts.Accounts"
READ_ONLY = {"orders.order", "orders.ruleset", "orders.rolegrant"}  # in the master data
MARKERS = {PUBLIC, SIGNED_IN, MASTER_DATA, BY_STEP}
# Pages of signing in that the library brings and that we keep closed.
KEPT_CLOSED = {
    "account_signup",
    "account_email",
    "account_email_verification_sent",
    "account_confirm_login_code",
    "account_confirm_email",
}


@dataclass(frozen=True, slots=True)
class Place:
    """One address of ours: its name, and what stands in it."""

    name: str
    arguments: tuple[str, ...]


def places(
    patterns: list[Any], namespace: str = "", outer: tuple[str, ...] = ()
) -> Iterator[Place]:
    for pattern in patterns:
        inner = (*outer, *pattern.pattern.converters)
        if isinstance(pattern, URLResolver):
            if pattern.namespace != "admin":
                prefix = f"{pattern.namespace}:" if pattern.namespace else namespace
                yield from places(pattern.url_patterns, prefix, inner)
        elif isinstance(pattern, URLPattern):
            groups = tuple(pattern.pattern.regex.groupindex)
            yield Place(f"{namespace}{pattern.name or ''}", tuple(dict.fromkeys(inner + groups)))


PLACES = list(places(get_resolver().url_patterns))


@pytest.fixture
def given() -> dict[str, Any]:
    """What stands in an address, by its name."""
    thing = b.product()
    b.stocked(10, of=thing)
    [pk] = b.processed((thing, 3))
    tasks = PickTask.objects.values_list("pk", flat=True)
    floor.make_list(b.warehouse().pk, tasks, at=b.order(pk).created_at)
    return {"number": b.order(pk).number, "pk": 1, "uidb36": "1", "key": "a-b", "name": "hold"}


def address(place: Place, given: dict[str, Any]) -> str:
    values = {name: given.get(name, 1) for name in place.arguments}
    if place.name.startswith("fulfillment:pick") and "number" in values:
        values["number"] = PickTask.objects.get().pick_list.number
    return reverse(place.name, kwargs=values)


def member(role: str) -> User:
    user = User.objects.create(username=role.replace(" ", "."), email=f"{len(role)}@x.example")
    if role in ROLES:
        user.groups.add(Group.objects.get(name=role))
    return user


def as_asked(place: Place, role: str, method: str) -> str:
    """What the table says happens: page, refused, or signed out."""
    asked = PAGES.get(place.name, CLOSED)
    if method == "post":
        asked = WRITES.get(place.name, asked)
    if asked == BY_STEP:
        asked = "orders.hold_order"
    if asked == PUBLIC:
        return "page"
    if role == "stranger":
        return "sign in"
    return "page" if asked == SIGNED_IN or asked in ROLES.get(role, ()) else "refused"


def as_answered(answer: HttpResponse) -> str:
    where = answer.headers.get("Location", "")
    if answer.status_code == 403:
        return "refused"
    if answer.status_code == 302 and where.startswith("/accounts/login/?next="):
        return "sign in"
    return "page"


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("role", [*ROLES, "no role", "stranger"])
def test_every_address_answers_every_role_as_the_table_says(
    role: str, method: str, given: dict[str, Any]
) -> None:
    user, client = member(role), Client()
    wrong = {}

    for place in PLACES:
        if role != "stranger" and "sessionid" not in client.cookies:
            client.force_login(user, backend=BACKEND)
        answer = getattr(client, method)(address(place, given))
        if (found := as_answered(answer)) != (said := as_asked(place, role, method)):
            wrong[place.name] = (said, found, answer.status_code)
        if place.name == "account_logout":
            client = Client()

    assert wrong == {}


def test_every_address_of_ours_is_in_the_table_and_the_table_names_no_other() -> None:
    names = {place.name for place in PLACES}

    assert names - set(PAGES) == KEPT_CLOSED
    assert set(PAGES) - names == set()


def test_the_table_asks_for_permissions_that_exist_and_that_a_role_holds() -> None:
    exist = {
        f"{app}.{codename}"
        for app, codename in Permission.objects.values_list("content_type__app_label", "codename")
    }
    asked = set(PAGES.values()) - MARKERS | {action.permission for action in ACTIONS}
    granted = {name for names in ROLES.values() for name in names}

    assert asked - exist == set()
    assert granted - exist == set()
    assert asked - granted == set()


def test_a_step_takes_the_permission_of_its_action() -> None:
    asked = {
        name: asked_by(ResolverMatch(None, (), {"name": name}, "step", ["orders"], ["orders"]))
        for name in STEPS
    }

    assert asked == {name: next(a.permission for a in ACTIONS if a.name == name) for name in STEPS}


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("step", STEPS)
def test_each_step_answers_each_role_as_its_action_says(
    step: str, role: str, given: dict[str, Any]
) -> None:
    client = Client()
    client.force_login(member(role), backend=BACKEND)
    permission = next(action.permission for action in ACTIONS if action.name == step)

    answer = client.get(reverse("orders:step", args=[given["number"], step]))

    assert answer.status_code == (200 if permission in ROLES[role] else 403)


def test_an_address_that_the_table_does_not_know_is_refused_to_a_superuser_too() -> None:
    boss = User.objects.create_superuser("boss")
    client = Client()
    client.force_login(boss, backend=BACKEND)

    assert client.get("/accounts/signup/").status_code == 403
    request = RequestFactory().get("/new-page/")
    request.user = User.objects.create(username="anybody")
    request.resolver_match = path("new-page/", lambda _: HttpResponse(), name="new").resolve(
        "new-page/"
    )
    guard = GuardMiddleware(lambda _: HttpResponse())
    with pytest.raises(Exception, match="closed"):
        guard.process_view(request, None, (), {})


def test_the_master_data_is_for_those_who_may_open_it_and_has_no_door_of_its_own() -> None:
    client = Client()
    assert client.get("/admin/login/")["Location"] == "/accounts/login/?next=/admin/login/"
    client.force_login(member("Sales rep"), backend=BACKEND)
    assert client.get("/admin/").status_code == 403
    client.force_login(member("Admin"), backend=BACKEND)

    assert client.get("/admin/").status_code == 200
    assert client.get("/admin/orders/customer/").status_code == 200
    assert client.get("/admin/auth/user/").status_code == 403


def admin_pages() -> Iterator[tuple[str, str, str, tuple[str, ...]]]:
    """Each address of the master data: its model, how it is asked, and what it takes one of."""
    for model in admin.site._registry:
        name = model._meta.label_lower
        base, first = name.replace(".", "_"), model._default_manager.first()
        there = reverse(f"admin:{base}_change", args=[first.pk if first else 0])
        nobody = reverse(f"admin:{base}_change", args=[0])
        yield name, "get", reverse(f"admin:{base}_changelist"), ("view", "change")
        yield name, "get", there, ("view", "change")
        yield name, "post", nobody, () if name in READ_ONLY else ("change",)
        add = () if name in {*READ_ONLY, "finance.creditaccount"} else ("add",)
        yield name, "get", reverse(f"admin:{base}_add"), add


@pytest.mark.usefixtures("given")
@pytest.mark.parametrize("role", [*ROLES, "no role"])
def test_every_page_of_the_master_data_answers_every_role_as_its_permissions_say(role: str) -> None:
    user, client, wrong, pages = member(role), Client(), {}, list(admin_pages())
    client.force_login(user, backend=BACKEND)
    inside = opens_master_data(user)

    for name, method, where, verbs in pages:
        app, model = name.split(".")
        may = inside and any(user.has_perm(f"{app}.{verb}_{model}") for verb in verbs)
        answer = getattr(client, method)(where)
        if as_answered(answer) != ("page" if may else "refused"):
            wrong[method, where] = (may, answer.status_code)

    assert wrong == {}
    assert len(pages) == 4 * len(admin.site._registry)


@pytest.mark.parametrize("role", ROLES)
def test_the_master_data_opens_by_what_a_role_may_do_there(role: str) -> None:
    user, client = member(role), Client()
    client.force_login(user, backend=BACKEND)
    opens = role in {"Admin", "Finance", "Sales manager"}

    index, frame = client.get("/admin/"), client.get(reverse("orders:preferences")).text

    assert not user.is_staff
    assert index.status_code == (200 if opens else 403)
    assert ('href="/admin/"' in frame) is opens
    user.groups.clear()
    assert client.get("/admin/").status_code == 403


def test_an_attribute_alone_opens_nothing_and_a_closed_account_neither() -> None:
    client = Client()
    user = member("Support")
    User.objects.filter(pk=user.pk).update(is_staff=True)
    client.force_login(user, backend=BACKEND)
    assert client.get("/admin/").status_code == 403

    boss = User.objects.create_superuser("boss")
    client.force_login(boss, backend=BACKEND)
    form = client.get(reverse("admin:auth_user_change", args=[user.pk])).text
    assert 'name="is_superuser"' in form
    assert 'name="is_staff"' not in form
    boss.is_active = False
    assert not opens_master_data(boss)
    assert not opens_master_data(AnonymousUser())


def test_a_part_of_a_page_sends_a_stranger_to_sign_in_as_a_whole() -> None:
    answer = Client().get(reverse("orders:today"), headers={"HX-Request": "true"})

    assert (answer.status_code, answer["HX-Redirect"]) == (401, "/accounts/login/")


def test_the_page_of_refusal_names_what_is_missing_who_has_it_and_who_can_give_it(
    given: dict[str, Any],
) -> None:
    User.objects.create_superuser("sam", first_name="Sam", last_name="Archer")
    client = Client()
    client.force_login(member("Support"), backend=BACKEND)

    words = client.get(reverse("orders:payment", args=[given["number"]])).content.decode()

    assert "Your role (Support) does not include “record payments”." in words
    assert "These roles do: Finance." in words
    assert "ask Sam Archer, who manages access" in words


def test_whoever_has_no_role_is_told_so() -> None:
    client = Client()
    client.force_login(member("nobody"), backend=BACKEND)

    words = client.get("/").content.decode()

    assert "You have no role yet; this takes “view order”." in words


def test_no_role_conflicts_with_itself() -> None:
    assert {role: conflicts([role]) for role in ROLES} == {role: [] for role in ROLES}


def test_each_conflict_is_between_rights_that_roles_hold() -> None:
    rights = set(ROLES) | {name for names in ROLES.values() for name in names}

    assert all(conflict.these <= rights and conflict.those <= rights for conflict in CONFLICTS)


def test_whoever_enters_orders_amends_them_too_and_finds_items_for_both() -> None:
    assert PAGES["orders:items"] == PAGES["orders:amend"]
    assert set(roles_with("orders.add_order")) <= set(roles_with("orders.amend_order"))


def test_pages_of_the_whole_company_are_pages() -> None:
    assert set(PAGES) >= WHOLE_COMPANY
