"""The exceptions inbox over HTTP: found, narrowed, owned, decided, and never behind one's back."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal
from html import unescape

import pytest
from django.contrib.auth.models import Group, User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from config.kernel.actors import WORKER
from finance.models import CreditAccount
from orders.lifecycle import review, validation
from orders.models import Order, OrderEvent, OrderException
from orders.permissions import ROLES
from tests import builders as b

pytestmark = pytest.mark.django_db

INBOX = "/orders/review/"


def person(role: str, username: str = "") -> User:
    name = username or role.replace(" ", ".")
    user = User.objects.create(username=name, first_name=name.title(), last_name="Test")
    user.groups.add(Group.objects.get(name=role))
    return user


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def admin() -> Client:
    return client_of(User.objects.create_superuser("root"))


def broke(**more: object) -> OrderException:
    """A credit finding: the customer may owe 20, the order is for 50."""
    [pk] = b.submitted((b.product(), 5), buyer=b.customer("20", **more))  # type: ignore[arg-type]
    validation.validate([pk], by=WORKER)
    return OrderException.objects.blocking().get(order=pk)


def misaddressed() -> OrderException:
    buyer = b.customer()
    buyer.addresses.update(postal_code="ABC")
    [pk] = b.submitted((b.product(), 1), buyer=buyer)
    validation.validate([pk], by=WORKER)
    return OrderException.objects.blocking().get(order=pk)


def page_of(row: OrderException) -> str:
    return reverse("orders:finding", args=[row.pk])


def shown(client: Client, **query: str) -> list[int]:
    answer = client.get(INBOX, query)
    return [row.pk for row in answer.context["page"].rows]


@pytest.mark.parametrize("role", ROLES)
def test_the_inbox_answers_as_the_permission_table_says(role: str) -> None:
    row = broke()
    user = person(role)
    if role == "Admin":
        user.is_superuser = True
        user.save()
    client, granted = client_of(user), set(ROLES[role])
    owner = reverse("orders:finding_owner", args=[row.pk])
    looking = reverse("orders:finding_looking", args=[row.pk])

    for address, permission in (
        (INBOX, "orders.view_order"),
        (page_of(row), "orders.view_order"),
        (owner, "orders.own_exception"),
        (looking, "orders.own_exception"),
    ):
        allowed = role == "Admin" or permission in granted
        assert client.get(address).status_code in ({200, 302} if allowed else {403}), address
    answers = {
        decision: client.post(
            page_of(row), {"decision": decision, "exceptions": [row.pk], "reason": "Agreed"}
        ).status_code
        for decision in ("recheck", "waive")
    }
    assert answers == {
        decision: 302 if role == "Admin" or permission in granted else 403
        for decision, permission in (
            ("recheck", "orders.recheck_order"),
            ("waive", "orders.waive_exception"),
        )
    }


@pytest.mark.parametrize("name", ["review", "finding", "finding_owner", "finding_looking"])
def test_a_stranger_is_asked_to_sign_in(name: str) -> None:
    arguments = [] if name == "review" else [broke().pk]

    answer = Client().get(reverse(f"orders:{name}", args=arguments))

    assert answer["Location"].startswith("/accounts/login/")


def test_the_pages_keep_within_their_statements() -> None:
    client, row = admin(), broke()
    most = {INBOX: 10, page_of(row): 72}
    for address, statements in most.items():
        client.get(address)
        with CaptureQueriesContext(connection) as queries:
            client.get(address)
        assert len(queries) <= statements, (address, len(queries))


def test_a_full_queue_takes_as_many_statements_as_one_row() -> None:
    client, _ = admin(), broke()
    client.get(INBOX)
    with CaptureQueriesContext(connection) as few:
        client.get(INBOX)
    ids = b.submitted((b.product(), 5), buyer=b.customer("20"), times=30)
    validation.validate(ids, by=WORKER)

    with CaptureQueriesContext(connection) as many:
        client.get(INBOX)

    assert len(many) == len(few)


def test_the_queue_goes_on_from_the_oldest_without_gap_or_repeat() -> None:
    client = admin()
    ids = b.submitted((b.product(), 5), buyer=b.customer("20"), times=30)
    validation.validate(ids, by=WORKER)

    first = client.get(INBOX).context["page"]
    second = client.get(INBOX + first.next_query).context["page"]

    found = [row.order_id for row in [*first.rows, *second.rows]]
    assert found == ids
    back = client.get(INBOX + second.previous_query).context["page"]
    assert [row.order_id for row in back.rows] == ids[:25]


def test_the_queue_is_narrowed_by_every_axis() -> None:
    client = admin()
    credit, wrong = broke(code="KESTREL"), misaddressed()
    lucia = person("Finance", "lucia")
    OrderException.objects.filter(pk=credit.pk).update(owner=lucia)
    hour_ago = timezone.now() - timedelta(hours=1)
    OrderException.objects.filter(pk=wrong.pk).update(due_at=hour_ago)

    assert shown(client) == [credit.pk, wrong.pk]
    assert shown(client, rule="credit") == [credit.pk]
    assert shown(client, team="Sales rep") == [wrong.pk]
    assert shown(client, severity="block") == [wrong.pk]
    assert shown(client, owner="nobody") == [wrong.pk]
    assert shown(client, owner=str(lucia.pk)) == [credit.pk]
    assert shown(client_of(lucia), owner="me") == [credit.pk]
    assert shown(client, over="true") == [wrong.pk]
    assert shown(client, customer="KESTREL") == [credit.pk]
    assert shown(client, channel="manual") == [credit.pk, wrong.pk]
    assert shown(client, channel="api") == []
    assert shown(client, q="kestrel") == [credit.pk]
    assert shown(client, q=wrong.order.number) == [wrong.pk]
    assert shown(client, rule="credit", severity="block") == []


@pytest.mark.parametrize(
    ("axis", "names"),
    [
        ("rule", ["Address", "Credit limit"]),
        ("team", ["Finance", "Sales rep"]),
        ("owner", ["Lucia Test", "Nobody"]),
        ("customer", ["Nordhavn Byg", "Nordhavn Byg"]),
    ],
)
def test_the_queue_is_grouped_with_counts_and_age(axis: str, names: list[str]) -> None:
    client, lucia = admin(), person("Finance", "lucia")
    credit = broke()
    misaddressed()
    OrderException.objects.filter(pk=credit.pk).update(
        owner=lucia, due_at=timezone.now() - timedelta(minutes=1)
    )

    groups = client.get(INBOX, {"group": axis}).context["groups"]

    assert sorted(group.name for group in groups) == names
    assert [group.count for group in groups] == [1, 1]
    assert sum(group.over for group in groups) == 1
    for group in groups:
        assert len(client.get(INBOX + group.query).context["page"].rows) == 1


def test_an_age_over_its_target_is_said() -> None:
    client, row = admin(), broke()
    opened = timezone.now() - timedelta(hours=6, minutes=10)
    OrderException.objects.update(opened_at=opened, due_at=opened + timedelta(hours=4))

    page = client.get(page_of(row)).content.decode()

    assert "6 h 10 m" in page
    assert "2 h 10 m over target" in page


def test_a_finding_shows_its_checks_figures_and_ways_out() -> None:
    client, row = client_of(person("Finance")), broke()

    page = client.get(page_of(row)).content.decode()

    assert "30.00 above the credit limit of 20.00" in page
    assert "Record a payment of 30.00 EUR" in page
    assert "Raise the credit limit by 30.00 EUR to 50.00 EUR" in page
    assert "Cancel 3 ×" in page
    assert reverse("orders:payment", args=[row.order.number]) in page
    assert "/admin/finance/creditaccount/" in page
    assert page.count("Not your role") == 1
    for label in ("Address", "Price", "Duplicate", "Completeness"):
        assert label in page
    assert "is validated and 50.00 EUR stand on the credit" in page


def test_ways_out_open_their_form_with_the_figure() -> None:
    client, row = admin(), broke()
    page = client.get(page_of(row)).text
    ways = [unescape(url) for url in re.findall(r'<a class="choice way" href="([^"]*)"', page)]

    pay = client.get(next(url for url in ways if "/payment/" in url)).text
    limit = client.get(next(url for url in ways if "creditaccount" in url)).text

    assert re.search(r'<input[^>]* name="amount" value="30\.00"', pay)
    assert re.search(r'<input[^>]* name="credit_limit" value="50\.00', limit)
    assert CreditAccount.objects.get(customer=row.order.customer_id).credit_limit == 20


def test_letting_pass_goes_to_the_next_and_keeps_the_filters() -> None:
    client, first = client_of(person("Finance")), broke()
    misaddressed()
    second = broke()

    answer = client.post(
        page_of(first) + "?rule=credit",
        {"decision": "waive", "exceptions": [first.pk], "reason": "Agreed by phone"},
    )

    assert answer["Location"] == page_of(second) + "?rule=credit"
    assert b.order(first.order_id).status == "validated"
    first.refresh_from_db()
    assert (first.status, first.waive_reason) == ("waived", "Agreed by phone")
    last = client.post(
        page_of(second) + "?rule=credit",
        {"decision": "waive", "exceptions": [second.pk], "reason": "Agreed"},
    )
    assert last["Location"] == INBOX + "?rule=credit"


def test_a_decision_without_a_reason_is_asked_for_one_and_changes_nothing() -> None:
    client, row = client_of(person("Finance")), broke()

    answer = client.post(page_of(row), {"decision": "waive", "exceptions": [row.pk]})

    assert answer.status_code == 422
    assert '<a href="#id_reason">Say why it may pass.</a>' in answer.content.decode()
    assert b.order(row.order_id).status == "in_review"


def test_nobody_decides_on_an_order_of_their_own() -> None:
    user, row = person("Finance"), broke()
    Order.objects.filter(pk=row.order_id).update(created_by=user)
    client = client_of(user)

    page = client.get(page_of(row)).content.decode()
    answer = client.post(
        page_of(row), {"decision": "waive", "exceptions": [row.pk], "reason": "Mine"}
    )

    words = f"You entered {row.order} yourself; somebody else has to waive “Credit limit”."
    assert words in page
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert b.order(row.order_id).status == "in_review"


def test_what_must_be_fixed_offers_no_waiver() -> None:
    client, row = client_of(person("Sales manager")), misaddressed()

    page = client.get(page_of(row)).content.decode()
    answer = client.post(
        page_of(row), {"decision": "waive", "exceptions": [row.pk], "reason": "Never mind"}
    )

    assert "“Address” must be fixed; it cannot be waived." in page
    assert f"/orders/{row.order.number}/amend/" in page
    assert answer.status_code == 422
    assert OrderException.objects.get(pk=row.pk).status == "open"


def test_a_stale_finding_says_so() -> None:
    client, row = client_of(person("Finance")), broke()
    CreditAccount.objects.filter(customer=row.order.customer_id).update(credit_limit=25)
    assert "The figures have changed since it was found" in (
        client.get(page_of(row)).content.decode()
    )

    CreditAccount.objects.filter(customer=row.order.customer_id).update(credit_limit=100)
    page = client.get(page_of(row)).content.decode()

    assert "This is no longer the case" in page
    assert "it goes on and is checked once more" in page


def test_what_changed_while_it_was_read_is_not_let_pass_unread() -> None:
    client, row = client_of(person("Finance")), broke()
    read = {"decision": "waive", "exceptions": [row.pk], "reason": "Agreed"}
    read[f"seen-{row.pk}"] = row.message
    CreditAccount.objects.filter(customer=row.order.customer_id).update(receivable=500)

    answer = client.post(page_of(row), read)

    assert answer.status_code == 422
    assert "“Credit limit” changed while you read it" in answer.content.decode()
    assert "530.00 above the credit limit of 20.00" in answer.content.decode()
    assert b.order(row.order_id).status == "in_review"
    CreditAccount.objects.filter(customer=row.order.customer_id).update(receivable=0)
    assert client.post(page_of(row), read).status_code == 302


def test_checking_again_closes_what_is_gone_and_lets_the_order_go_on() -> None:
    client, row = client_of(person("Finance")), broke()
    unchanged = client.post(page_of(row), {"decision": "recheck"}, follow=True)
    assert "nothing has changed" in unchanged.content.decode()
    assert OrderEvent.objects.filter(order=row.order_id, type="order.rechecked").count() == 0
    CreditAccount.objects.filter(customer=row.order.customer_id).update(credit_limit=100)

    answer = client.post(page_of(row), {"decision": "recheck"}, follow=True)

    assert "“Credit limit” is solved" in answer.content.decode()
    assert b.order(row.order_id).status == "submitted"


def test_a_finding_that_somebody_else_has_closed_is_said_to_be() -> None:
    boss, row = person("Sales manager", "priya"), broke()
    client = client_of(person("Finance"))
    from config.kernel.actors import Actor

    b.done(review.waive([row.order_id], reason="Agreed with Mei", by=Actor.of(boss)))

    page = client.get(page_of(row)).content.decode()
    answer = client.post(
        page_of(row), {"decision": "waive", "exceptions": [row.pk], "reason": "Another tab"}
    )

    assert "Priya Test let it pass: Agreed with Mei" in page
    assert answer.status_code == 409
    row.refresh_from_db()
    assert row.waive_reason == "Agreed with Mei"


def test_the_preview_of_a_decision_changes_nothing() -> None:
    client, row = client_of(person("Finance")), broke()

    answer = client.post(
        page_of(row), {"decision": "waive", "exceptions": [row.pk], "preview": "1"}
    )

    assert "is validated and 50.00 EUR stand on the credit" in answer.content.decode()
    assert "<html" not in answer.content.decode()
    assert b.order(row.order_id).status == "in_review"
    assert CreditAccount.objects.get(customer=row.order.customer_id).committed == Decimal(0)


def test_a_finding_is_taken_given_away_and_given_back() -> None:
    mine, lucia = person("Sales manager", "priya"), person("Finance", "lucia")
    client, row = client_of(mine), broke()
    address = reverse("orders:finding_owner", args=[row.pk])

    def owner_after(who: str) -> int | None:
        answer = client.post(address + "?rule=credit", {"owner": who})
        assert answer["Location"] == page_of(row) + "?rule=credit"
        return OrderException.objects.get(pk=row.pk).owner_id

    assert "Lucia Test" in client.get(page_of(row)).content.decode()
    assert owner_after("me") == mine.pk
    assert owner_after(str(lucia.pk)) == lucia.pk
    assert "Lucia Test has it" in client.get(page_of(row)).content.decode()
    assert owner_after("team") is None


def test_who_is_looking_is_seen_by_the_others() -> None:
    row = broke()
    mei, lucia = person("Sales manager", "mei"), person("Finance", "lucia")
    client_of(mei).get(page_of(row))
    looking = reverse("orders:finding_looking", args=[row.pk])

    assert "MT is looking" in client_of(lucia).get(INBOX).content.decode()
    assert "MT is looking" in client_of(lucia).get(page_of(row)).content.decode()
    assert "MT is looking" in client_of(lucia).get(looking).content.decode()
    assert "is looking" not in client_of(mei).get(INBOX).content.decode()
    OrderException.objects.update(looked_at=timezone.now() - timedelta(seconds=61))
    assert "is looking" not in client_of(lucia).get(INBOX).content.decode()
