"""People: invited, granted, narrowed, closed; duties stay apart and every grant is recorded."""

from __future__ import annotations

import re

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from django.contrib.auth.models import Group, Permission, User
from django.core.mail import EmailMessage
from django.core.management import call_command
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from config.kernel.actors import SYSTEM, Actor
from config.kernel.steps import single
from orders import people
from orders.lifecycle import review
from orders.management.demo import people as demo
from orders.models import RoleGrant, Staff
from orders.permissions import CONFLICTS, ROLES
from orders.reports import integrity
from tests import builders as b
from tests.architecture.test_permissions import BACKEND

pytestmark = pytest.mark.django_db
PAGE_STATEMENTS = {"orders:people": 17, "orders:invite": 9, "orders:preferences": 8}
TWO = [
    ("Sales rep", "Finance"),
    ("Sales rep", "Sales manager"),
    ("Sales manager", "Finance"),
    ("Warehouse", "Finance"),
    ("Warehouse lead", "Finance"),
    ("Sales rep", "Warehouse"),
    ("Admin", "Finance"),
    ("Admin", "Sales manager"),
]


def member(name: str, *roles: str) -> User:
    user = User.objects.create(username=name, first_name=name.title(), email=f"{name}@x.example")
    user.groups.set(Group.objects.filter(name__in=roles))
    return user


@pytest.fixture
def sam() -> User:
    return member("sam", "Admin")


@pytest.fixture
def desk(sam: User) -> Client:
    client = Client()
    client.force_login(sam, backend=BACKEND)
    return client


def roles(user: User) -> set[str]:
    return set(user.groups.values_list("name", flat=True))


def test_somebody_is_invited_and_sets_a_password_by_a_link_that_works_once(
    desk: Client, sam: User
) -> None:
    data = {
        "first_name": "Amara",
        "last_name": "Okafor",
        "username": "Amara",
        "email": "amara@x.example",
        "roles": ["Sales rep"],
        "reason": "Starts on Monday",
    }

    page = desk.post(reverse("orders:invite"), data).content.decode()

    made = User.objects.get(username="amara")
    assert (made.has_usable_password(), roles(made)) == (False, {"Sales rep"})
    link = re.search(r'value="(http://testserver/accounts/password/reset/key/[^"]+)"', page)
    assert link is not None
    stranger = Client()
    url = stranger.get(link[1], follow=True).request["PATH_INFO"]
    stranger.post(url, {"password1": "fresh word 2026", "password2": "fresh word 2026"})
    typed = {"login": "amara", "password": "fresh word 2026"}
    assert Client().post("/accounts/login/", typed)["Location"] == "/"
    assert "no longer works" in Client().get(link[1]).content.decode()
    assert link[1] not in desk.get(reverse("orders:person", args=[made.pk])).content.decode()
    assert [(row.action, row.role, row.by) for row in RoleGrant.objects.order_by("pk")] == [
        ("activated", "", sam),
        ("granted", "Sales rep", sam),
    ]


def test_no_link_is_made_to_an_account_that_is_in_use(desk: Client) -> None:
    amara = member("amara", "Sales rep")
    User.objects.filter(pk=amara.pk).update(last_login=timezone.now())

    answer = desk.post(reverse("orders:invite_link", args=[amara.pk]))

    assert answer.status_code == 404


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("username", "SAM", "Somebody is called sam already"),
        ("email", "SAM@x.example", "has an account already"),
        ("reason", "", "Reason is required"),
    ],
)
def test_an_invitation_that_does_not_fit_says_why(
    field: str, value: str, words: str, desk: Client
) -> None:
    data = {"first_name": "A", "last_name": "B", "username": "ab", "email": "ab@x.example"}

    answer = desk.post(reverse("orders:invite"), data | {"reason": "New", field: value})

    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert User.objects.count() == 1


def test_roles_are_granted_and_taken_and_each_is_recorded(desk: Client, sam: User) -> None:
    amara = member("amara", "Sales rep")

    desk.post(
        reverse("orders:grant", args=[amara.pk]), {"roles": ["Support"], "reason": "Moves over"}
    )

    assert roles(amara) == {"Support"}
    found = RoleGrant.objects.order_by("pk").values_list("action", "role", "by", "reason")
    assert list(found) == [
        ("revoked", "Sales rep", sam.pk, "Moves over"),
        ("granted", "Support", sam.pk, "Moves over"),
    ]


@pytest.mark.parametrize("pair", TWO)
def test_roles_that_conflict_are_refused_in_words_and_nothing_changes(
    pair: tuple[str, str], desk: Client
) -> None:
    amara = member("amara", pair[0])

    answer = desk.post(
        reverse("orders:grant", args=[amara.pk]), {"roles": list(pair), "reason": "Both"}
    )

    assert answer.status_code == 422
    assert "Take one of the roles away." in answer.content.decode()
    assert roles(amara) == {pair[0]}
    assert not RoleGrant.objects.exists()
    with pytest.raises(people.DutiesConflict, match="Whoever"):
        people.set_roles(amara, pair, by=SYSTEM, reason="Both")


@pytest.mark.parametrize("pair", TWO)
def test_the_database_refuses_the_conflict_that_the_code_forgot(pair: tuple[str, str]) -> None:
    amara = member("amara", pair[0])

    with pytest.raises(IntegrityError, match="Whoever"), transaction.atomic():
        amara.groups.add(Group.objects.get(name=pair[1]))
    with pytest.raises(IntegrityError, match="Whoever"), transaction.atomic():
        amara.groups.set(Group.objects.filter(name__in=pair))

    assert roles(amara) == {pair[0]}


def test_a_permission_given_besides_counts_as_well() -> None:
    amara = member("amara", "Sales rep")
    booking = Permission.objects.get(codename="record_payment")

    with pytest.raises(IntegrityError, match="does not record"), transaction.atomic():
        amara.user_permissions.add(booking)

    mei = member("mei")
    mei.user_permissions.add(booking)
    with pytest.raises(people.DutiesConflict, match="does not record"):
        people.set_roles(mei, ["Sales rep"], by=SYSTEM, reason="Both")


def test_the_master_data_refuses_the_conflict_too_and_records_what_it_changes() -> None:
    boss, amara = User.objects.create_superuser("boss"), member("amara", "Sales rep")
    client = Client()
    client.force_login(boss, backend=BACKEND)
    ids = dict(Group.objects.values_list("name", "pk"))
    url = f"/admin/auth/user/{amara.pk}/change/"
    data = {"username": "amara", "is_active": "on", "date_joined_0": "2026-01-01"}
    data |= {"date_joined_1": "10:00"}

    refused = client.post(url, data | {"groups": [ids["Sales rep"], ids["Finance"]]})
    assert "does not record their payments" in refused.content.decode()
    assert roles(amara) == {"Sales rep"}
    client.post(url, data | {"groups": [ids["Support"]]})

    assert roles(amara) == {"Support"}
    assert [(row.role, row.by) for row in RoleGrant.objects.all()] == [
        ("Support", boss),
        ("Sales rep", boss),
    ]


@pytest.mark.unsound("a conflict of duties slips in")
def test_a_conflict_that_slipped_in_is_found_by_the_check_of_integrity() -> None:
    amara = member("amara", "Sales rep")
    assert [rule.broken for rule in integrity.check() if rule.code == "U1"] == [0]
    # Behind the trigger: the role itself is given what it must not have.
    Group.objects.get(name="Sales rep").permissions.add(
        Permission.objects.get(codename="record_payment")
    )

    [rule] = [rule for rule in integrity.check() if rule.code == "U1"]

    assert (rule.waits, rule.broken) == (False, 1)
    assert rule.samples[0][0] == str(amara.pk)
    with pytest.raises(SystemExit):
        call_command("check_integrity")


def test_what_was_granted_is_never_rewritten() -> None:
    amara = member("amara")
    people.set_roles(amara, ["Support"], by=SYSTEM, reason="Starts")

    for change in (RoleGrant.objects.all().delete, lambda: RoleGrant.objects.update(role="X")):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()

    assert RoleGrant.objects.get().role == "Support"


def test_nobody_changes_their_own_rights(desk: Client, sam: User) -> None:
    for url, data in (
        ("orders:grant", {"roles": ["Finance"], "reason": "Me"}),
        ("orders:set_scope", {"scope-countries": "DE", "scope-reason": "Me"}),
        ("orders:activate", {"close-reason": "Me"}),
    ):
        answer = desk.post(reverse(url, args=[sam.pk]), data)
        assert answer.status_code == 422
        assert "changed by somebody else" in answer.content.decode()

    sam.refresh_from_db()
    assert (roles(sam), sam.is_active, RoleGrant.objects.count()) == ({"Admin"}, True, 0)


def test_the_last_administrator_stays(sam: User) -> None:
    for change in (
        lambda: people.deactivate(sam, by=SYSTEM, reason="Leaves"),
        lambda: people.set_roles(sam, [], by=SYSTEM, reason="Leaves"),
    ):
        with pytest.raises(people.LastAdministrator, match="last administrator"):
            change()

    member("second", "Admin")
    people.deactivate(sam, by=SYSTEM, reason="Leaves")
    assert not sam.is_active


def test_a_closed_account_is_signed_out_at_once_and_can_be_opened_again(desk: Client) -> None:
    amara, theirs = member("amara", "Sales rep"), Client()
    theirs.force_login(amara, backend=BACKEND)
    assert theirs.get("/").status_code == 200
    url = reverse("orders:activate", args=[amara.pk])

    desk.post(url, {"close-reason": "Leaves"})
    assert theirs.get("/").status_code == 302
    assert people.sessions(amara) == []
    desk.post(url, {"close-reason": "Came back"})

    amara.refresh_from_db()
    assert (amara.is_active, roles(amara)) == (True, {"Sales rep"})
    assert [row.action for row in RoleGrant.objects.all()] == ["activated", "deactivated"]


def test_a_lost_second_factor_is_taken_off_by_somebody_else_and_its_owner_hears_of_it(
    desk: Client, sam: User, mailoutbox: list[EmailMessage]
) -> None:
    amara, theirs = member("amara", "Sales rep"), Client()
    amara.set_password("fresh word 2026")
    amara.save()
    theirs.post("/accounts/login/", {"login": "amara", "password": "fresh word 2026"})
    assert theirs.get("/").status_code == 200
    for user in (amara, sam):
        TOTP.activate(user, "JBSWY3DPEHPK3PXP")
    page, url = reverse("orders:person", args=[amara.pk]), "orders:take_off_second_factor"
    assert "Take off the second factor" in desk.get(page).content.decode()

    assert desk.post(reverse(url, args=[amara.pk]), {}).status_code == 422  # says no reason
    desk.post(reverse(url, args=[amara.pk]), {"factor-reason": "Lost her phone"})
    own = desk.post(reverse(url, args=[sam.pk]), {"factor-reason": "Lost mine"})

    assert list(Authenticator.objects.values_list("user", flat=True)) == [sam.pk]
    assert own.status_code == 422
    assert theirs.get("/").status_code == 302
    [change] = RoleGrant.objects.all()
    assert (change.user, change.action, change.reason) == (amara, "factor_off", "Lost her phone")
    assert [mail.to for mail in mailoutbox] == [["amara@x.example"]]
    assert "Take off the second factor" not in desk.get(page).content.decode()


def test_an_administrator_signs_somebody_out_everywhere(desk: Client) -> None:
    amara, laptop, phone = member("amara", "Sales rep"), Client(), Client()
    amara.set_password("fresh word 2026")
    amara.save()
    for client in (laptop, phone):
        client.post("/accounts/login/", {"login": "amara", "password": "fresh word 2026"})
    page = desk.get(reverse("orders:person", args=[amara.pk])).content.decode()
    assert "Sign out everywhere" in page

    desk.post(reverse("orders:sign_out", args=[amara.pk]))

    assert (laptop.get("/").status_code, phone.get("/").status_code) == (302, 302)
    assert desk.get("/").status_code == 200


def test_a_scope_is_set_recorded_and_refused_when_no_country_has_the_code(desk: Client) -> None:
    amara = member("amara", "Sales rep")
    url = reverse("orders:set_scope", args=[amara.pk])

    wrong = desk.post(url, {"scope-countries": "DE, ZQ", "scope-reason": "Region"})
    assert "ZQ: no country has this code." in wrong.content.decode()
    desk.post(
        url,
        {"scope-countries": "de fr", "scope-channels": ["manual"], "scope-reason": "Region"},
    )

    staff = Staff.objects.get(user=amara)
    assert (staff.countries, staff.channels, staff.warehouses) == (["DE", "FR"], ["manual"], [])
    assert RoleGrant.objects.get().reason == "Countries: DE, FR; Channels: manual. Region"


def test_people_are_listed_by_name_and_role_with_the_matrix_of_the_table(desk: Client) -> None:
    member("amara", "Sales rep")
    member("lucia", "Finance")
    url = reverse("orders:people")

    assert [user.username for user in desk.get(url).context["page"].rows] == [
        "amara",
        "lucia",
        "sam",
    ]
    found = desk.get(url, {"q": "LUC"}).context["page"].rows
    assert [user.username for user in found] == ["lucia"]
    found = desk.get(url, {"role": "Sales rep"}).context["page"].rows
    assert [user.username for user in found] == ["amara"]
    matrix = dict(desk.get(url).context["matrix"])
    held = next(right.held for right in matrix["Money"] if right.label == "Record payments")
    assert held == ["finance.record_payment" in granted for granted in ROLES.values()]
    words = desk.get(url).content.decode()
    assert all(str(conflict.why) in words for conflict in CONFLICTS)


def test_whoever_entered_an_order_does_not_let_its_price_pass() -> None:
    manager = member("priya", "Sales manager")
    thing = b.product(price="100.00")
    b.stocked(10, of=thing)
    draft = b.OrderDraft(
        customer=b.customer().code, lines=[b.LineDraft(thing.sku, 1, b.Decimal("20.00"))]
    )
    [pk] = b.capture.create([draft], by=Actor.of(manager)).orders.values()
    b.done(b.submission.submit([pk], by=Actor.of(manager)))
    b.validation.validate([pk], by=b.WORKER)
    assert b.order(pk).status == "in_review"

    with pytest.raises(people.DomainError, match="somebody else has to waive"):
        single(review.waive, pk, reason="I know them", by=Actor.of(manager))
    other = member("tom", "Sales manager")
    single(review.waive, pk, reason="Agreed", by=Actor.of(other))

    assert b.order(pk).status == "validated"


def test_the_people_of_the_demo_company_sign_in_and_one_sees_a_part() -> None:
    demo.hire()
    demo.hire()

    for name, *_, role in demo.PEOPLE:
        answer = Client().post("/accounts/login/", {"login": name, "password": demo.PASSWORD})
        assert (answer.status_code, answer["Location"]) == (302, "/"), name
        user = User.objects.get(username=name)
        assert roles(user) == {role}
        assert RoleGrant.objects.filter(user=user, action="granted").count() == 1
    assert Staff.objects.get(user__username="germany").countries == ["DE"]
    assert "germany    Support, sees DE only" in demo.logins()


@pytest.mark.parametrize("name", PAGE_STATEMENTS)
def test_pages_of_people_keep_within_their_statements(name: str, desk: Client) -> None:
    for i in range(20):
        member(f"member{i}", "Support")
    desk.get(reverse(name))

    with CaptureQueriesContext(connection) as queries:
        desk.get(reverse(name))

    assert len(queries) <= PAGE_STATEMENTS[name]
