"""Numbers that people type: every form reads them in the language of whoever reads it."""

from __future__ import annotations

import re
from decimal import Decimal
from html import unescape
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from django.urls import reverse

from finance.models import Payment
from orders.models import Order, OrderLine, RecurringLine, Staff
from tests import builders as b

pytestmark = pytest.mark.django_db
BOTH = pytest.mark.parametrize("language", ["en-gb", "de"])
WRITTEN = {  # a thousand units, a price with decimals, one in thousands
    "en-gb": ("1,000", "9.50", "1,200"),
    "de": ("1.000", "9,50", "1.200"),
}
OTHER = {"en-gb": "de", "de": "en-gb"}


def reader(language: str, role: str = "Sales rep") -> Client:
    user = User.objects.create(username=f"{role}-{language}")
    user.groups.add(Group.objects.get(name=role))
    Staff.objects.create(user=user, language=language)
    client = Client()
    client.force_login(user, backend="config.accounts.Accounts")
    return client


def shown(page: str) -> dict[str, str]:
    """What stands in the fields of a page."""
    tags = re.findall(r"<input([^>]*)>", page)
    found = {}
    for tag in tags:
        name, value = re.search(r'name="([^"]+)"', tag), re.search(r'value="([^"]*)"', tag)
        if name and 'type="checkbox"' not in tag:
            found[name[1]] = unescape(value[1]) if value else ""
    return found


def entered(client: Client, quantity: str, price: str = "", **more: str) -> Any:
    data = {
        "customer": b.customer().code,
        "lines-TOTAL_FORMS": "1",
        "lines-INITIAL_FORMS": "0",
        "lines-0-sku": b.product(price="2.00").sku,
        "lines-0-quantity": quantity,
        "lines-0-unit_price": price,
        **more,
    }
    return client.post(reverse("orders:new"), data)


@BOTH
def test_an_order_is_entered_as_its_reader_writes_numbers(language: str) -> None:
    units, _, price = WRITTEN[language]

    entered(reader(language), units, price, place="1")

    line = OrderLine.objects.get()
    assert (line.ordered, line.unit_price) == (1000, 1200)


@BOTH
def test_units_in_the_other_way_are_refused_and_shown_how_to_write(language: str) -> None:
    units, _, _ = WRITTEN[OTHER[language]]

    answer = entered(reader(language), units, place="1")

    assert answer.status_code == 422
    assert f"{WRITTEN[language][0][0]}{WRITTEN[language][0][1]}234" in answer.text
    assert units in answer.text
    assert not Order.objects.exists()


def test_a_draft_shows_its_prices_as_its_reader_types_them_and_keeps_them() -> None:
    client = reader("de")
    entered(client, "3", "9,50", draft="1")
    url = reverse("orders:edit", args=[Order.objects.get().number])

    page = client.get(url).text
    client.post(url, {**shown(page), "draft": "1"})

    assert shown(page)["lines-0-unit_price"] == "9,50"
    assert OrderLine.objects.get().unit_price == Decimal("9.5")


def test_parts_are_counted_in_thousands_too() -> None:
    parts = {"lines-0-parts": "2031-03-04 1.000\n2031-03-05 200"}

    entered(reader("de"), "1.200", draft="1", **parts)

    kept = OrderLine.objects.get().schedule.order_by("due_on")
    assert [part.quantity for part in kept] == [1000, 200]


def test_while_typing_a_number_that_cannot_be_read_is_named() -> None:
    data = {
        "customer": b.customer().code,
        "lines-TOTAL_FORMS": "1",
        "lines-INITIAL_FORMS": "0",
        "lines-0-sku": b.product().sku,
        "lines-0-quantity": "1.000",
    }

    answer = reader("en-gb").post(reverse("orders:outlook"), data)

    assert "“1.000” is not a whole number" in answer.text


@BOTH
def test_an_amendment_reads_numbers_as_the_page_writes_them(language: str) -> None:
    units, price, _ = WRITTEN[language]
    thing = b.product(price="10.00")
    b.stocked(1, of=thing)
    order = b.order(b.processed((thing, 4))[0])
    first = order.lines.get()
    client, url = reader(language), reverse("orders:amend", args=[order.number])
    data = shown(client.get(url).text)
    data |= {f"quantity-{first.pk}": units, f"price-{first.pk}": price, "reason": "error"}
    data |= {"added-0-sku": first.sku, "added-0-quantity": units, "added-0-unit_price": price}

    answer = client.post(url, {**data, "terms": order.terms_code, "apply": "1"})

    assert answer.status_code == 302, answer.text
    lines = list(OrderLine.objects.order_by("line_no").values_list("ordered", "unit_price"))
    assert lines == [(1000, Decimal("9.5")), (1000, Decimal("9.5"))]


@BOTH
def test_an_amendment_refuses_the_other_way_to_write_units(language: str) -> None:
    order = b.order(b.validated((b.product(), 4))[0])
    client, url = reader(language), reverse("orders:amend", args=[order.number])
    name = f"quantity-{order.lines.get().pk}"
    data = {**shown(client.get(url).text), name: WRITTEN[OTHER[language]][0], "reason": "error"}

    answer = client.post(url, {**data, "terms": order.terms_code, "apply": "1"})

    assert answer.status_code == 422
    assert order.lines.get().ordered == 4


@BOTH
def test_a_recurring_order_counts_units_as_its_reader_writes_them(language: str) -> None:
    data = {
        "name": "Every Monday",
        "customer": b.customer().code,
        "pattern": "weeks",
        "every": "1",
        "weekday": "0",
        "nth": "1",
        "month_day": "1",
        "weekend": "keep",
        "starts_on": "2031-03-04",
        "lines-TOTAL_FORMS": "1",
        "lines-INITIAL_FORMS": "0",
        "lines-0-sku": b.product().sku,
        "lines-0-every": "1",
    }
    client, url = reader(language), reverse("orders:recurring_new")

    refused = client.post(url, {**data, "lines-0-quantity": WRITTEN[OTHER[language]][0]})
    client.post(url, {**data, "lines-0-quantity": WRITTEN[language][0]})

    assert refused.status_code == 422
    assert RecurringLine.objects.get().quantity == 1000


@BOTH
def test_a_cancellation_counts_units_as_its_reader_writes_them(language: str) -> None:
    order = b.order(b.validated((b.product(), 2000))[0])
    client, url = reader(language), reverse("orders:cancel", args=[order.number])
    field = f"line-{order.lines.get().pk}"
    data = {**shown(client.get(url).text), "reason": "error", "confirm": "1"}

    refused = client.post(url, {**data, field: WRITTEN[OTHER[language]][0]})
    client.post(url, {**data, field: WRITTEN[language][0]})

    assert refused.status_code == 422
    assert order.lines.get().cancelled == 1000


@BOTH
def test_a_payment_is_recorded_as_its_reader_writes_amounts(language: str) -> None:
    order = b.order(b.validated((b.product(), 2))[0])
    client, url = reader(language, "Finance"), reverse("orders:payment", args=[order.number])
    written, other = WRITTEN[language][1], WRITTEN[OTHER[language]][1]

    refused = client.post(url, {"amount": other, "reference": "R-1"})
    client.post(url, {"amount": written, "reference": "R-1"})

    assert refused.status_code == 422
    assert written[0] in refused.text
    assert Payment.objects.get().amount == Decimal("9.5")
