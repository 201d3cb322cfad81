"""One finding of the inbox over HTTP: its figures and ways out, who has it, and the decision."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal
from html import unescape

import pytest
from django.urls import reverse
from django.utils import timezone

from config.kernel.actors import WORKER, Actor
from finance.models import CreditAccount, Price
from orders.lifecycle import capture, review, submission, validation
from orders.lifecycle.drafts import LineDraft, OrderDraft
from orders.models import Order, OrderEvent, OrderException
from tests import builders as b
from tests.journeys.test_inbox import INBOX, admin, broke, client_of, misaddressed, page_of, person

pytestmark = pytest.mark.django_db


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
    boss, row = person("Finance", "priya"), broke()
    client = client_of(person("Finance", "lucia"))

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
    assert owner_after("²") is None


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


def too_cheap(*prices: str) -> list[OrderException]:
    """Lines below their floor of 9.00 on one order, each with its finding."""
    lines = [LineDraft(b.product().sku, 4, unit_price=Decimal(price)) for price in prices]
    Price.objects.update(floor=9)
    draft = OrderDraft(b.customer().code, lines, po_number="one")
    made = list(capture.create([draft], by=WORKER).orders.values())
    validation.validate(b.done(submission.submit(made, by=WORKER)), by=WORKER)
    return list(OrderException.objects.blocking().filter(rule="price").order_by("pk"))


def raising(row: OrderException) -> str:
    return reverse("orders:finding_raise", args=[row.pk])


def test_a_price_is_raised_to_the_floor_from_the_finding_line_by_line() -> None:
    client, (first, second) = client_of(person("Sales manager")), too_cheap("8.00", "7.00")
    shown_ = client.get(page_of(first)).text
    assert shown_.count("Raise to €9.00</button>") == 2
    seen = {f"seen-{row.pk}": row.message for row in (first, second)}

    answer = client.post(raising(second) + "?rule=price", seen)

    order = b.order(first.order_id)
    assert answer["Location"] == page_of(second) + "?rule=price"
    assert [line.unit_price for line in order.lines.order_by("line_no")] == [8, 9]
    assert order.events.get(type="amendment.applied").reason == "price_agreed"
    assert order.status == "submitted"


def test_the_last_price_that_is_raised_lets_the_order_go_on() -> None:
    client, [row] = client_of(person("Sales manager")), too_cheap("8.00")

    answer = client.post(raising(row), follow=True)
    validation.validate([row.order_id], by=WORKER)

    assert "is amended and checked again" in answer.text
    assert b.order(row.order_id).status == "validated"


def test_a_price_that_changed_while_it_was_read_is_not_raised() -> None:
    client, [row] = client_of(person("Sales manager")), too_cheap("8.00")
    Price.objects.update(floor=Decimal("9.50"))

    answer = client.post(raising(row), {f"seen-{row.pk}": row.message}, follow=True)

    assert "changed while you read it" in answer.text
    assert b.order(row.order_id).lines.get().unit_price == 8


def test_whoever_may_not_amend_is_offered_no_raise_and_gets_none() -> None:
    client, [row] = client_of(person("Finance")), too_cheap("8.00")

    assert "Raise to" not in client.get(page_of(row)).text
    assert client.post(raising(row)).status_code == 403
