"""Step pages: a person reads what they let pass, and a refusal is a sentence."""

from __future__ import annotations

import re

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from config.kernel.actors import WORKER
from finance.models import CreditAccount
from orders.lifecycle import delivery, validation
from orders.models import Order, OrderException, Staff
from tests import builders as b

pytestmark = pytest.mark.django_db


@pytest.fixture
def manager() -> Client:
    client = Client()
    client.force_login(
        User.objects.create_superuser("boss"),
        backend="config.accounts.Accounts",
    )
    return client


def in_review() -> Order:
    """A repeat of another order, of a customer without credit: two findings."""
    thing, buyer = b.product(), b.customer("0")
    b.stocked(10, of=thing)
    ids = b.submitted((thing, 1), buyer=buyer, times=2)
    Order.objects.filter(pk__in=ids).update(po_number="")
    validation.validate(ids, by=WORKER)
    return b.order(ids[1])


def states(order: Order) -> dict[str, str]:
    blocking = order.exceptions.filter(severity="review")
    return dict(blocking.values_list("rule", "status"))


def test_only_what_was_chosen_passes(manager: Client) -> None:
    order = in_review()
    page = reverse("orders:step", args=[order.number, "waive"])
    twin = order.exceptions.get(rule="duplicate")

    shown = manager.get(page).content.decode()
    answer = manager.post(page, {"exceptions": [twin.pk], "reason": "They want it twice"})

    assert twin.message in shown
    assert "above the credit limit" in shown
    assert answer.status_code == 302
    assert states(order) == {"duplicate": "waived", "credit": "open"}
    assert b.order(order.pk).status == "in_review"


def test_nothing_chosen_lets_nothing_pass_and_keeps_the_reason(manager: Client) -> None:
    order = in_review()
    page = reverse("orders:step", args=[order.number, "waive"])

    answer = manager.post(page, {"reason": "They want it twice"})

    assert answer.status_code == 422
    assert '<a href="#id_exceptions">Choose the findings that may pass.</a>' in (
        answer.content.decode()
    )
    assert "They want it twice" in answer.content.decode()
    assert set(states(order).values()) == {"open"}


def test_a_finding_that_was_closed_meanwhile_is_said_to_be(manager: Client) -> None:
    order = in_review()
    page = reverse("orders:step", args=[order.number, "waive"])
    twin = order.exceptions.get(rule="duplicate")
    manager.post(page, {"exceptions": [twin.pk], "reason": "They want it twice"})

    answer = manager.post(page, {"exceptions": [twin.pk], "reason": "Another tab"})

    assert answer.status_code == 422
    assert "is no longer open" in answer.content.decode()
    assert OrderException.objects.get(pk=twin.pk).waive_reason == "They want it twice"


def test_what_changed_while_it_was_read_is_not_let_pass_unread(manager: Client) -> None:
    order = in_review()
    page, row = (
        reverse("orders:step", args=[order.number, "waive"]),
        order.exceptions.get(rule="credit"),
    )
    read = {"exceptions": [row.pk], "reason": "Agreed", f"seen-{row.pk}": row.message}
    assert f'name="seen-{row.pk}" value="{row.message}"' in manager.get(page).text
    CreditAccount.objects.filter(customer=order.customer_id).update(credit_limit=5)

    answer = manager.post(page, read)

    assert answer.status_code == 422
    assert "“Credit limit” changed while you read it" in answer.text
    assert states(order)["credit"] == "open"


def test_what_must_be_fixed_is_shown_but_cannot_be_chosen(manager: Client) -> None:
    buyer = b.customer("0")
    buyer.addresses.update(postal_code="ABC")
    [pk] = b.submitted((b.product(), 1), buyer=buyer)
    validation.validate([pk], by=WORKER)
    order, words = b.order(pk), "“Address” must be fixed; it cannot be waived."
    page, row = (
        reverse("orders:step", args=[order.number, "waive"]),
        order.exceptions.get(rule="address"),
    )

    answer = manager.post(page, {"exceptions": [row.pk], "reason": "Never mind"})

    assert words in manager.get(page).text
    assert answer.status_code == 422
    assert words in answer.text
    row.refresh_from_db()
    assert row.status == "open"


def test_findings_are_read_in_the_language_of_the_reader(manager: Client) -> None:
    order = in_review()
    Staff.objects.create(user=User.objects.get(username="boss"), language="de")

    page = manager.get(reverse("orders:step", args=[order.number, "waive"])).text

    assert "10,00 über dem Kreditlimit von 0,00" in re.sub(r' value="[^"]*"', "", page)
    assert "above the credit limit" not in re.sub(r' value="[^"]*"', "", page)


def test_a_missing_answer_is_named_by_its_field(manager: Client) -> None:
    order = in_review()

    answer = manager.post(reverse("orders:payment", args=[order.number]), {})

    assert "Amount is required." in answer.content.decode()
    assert "Reference is required." in answer.content.decode()


def test_a_refusal_reads_as_a_sentence() -> None:
    order = in_review()

    refused = delivery.deliver([order.pk], by=WORKER).refused[order.pk]

    assert refused == (
        f"{order} stands at “Needs review”; "
        "it is not possible to report the delivery of it from there."
    )


def test_a_page_that_is_not_there_is_ours(manager: Client) -> None:
    answer = manager.get("/nothing/")

    assert answer.status_code == 404
    assert "DEBUG" not in answer.content.decode()
    assert "Today" in answer.content.decode()
