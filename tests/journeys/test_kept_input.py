"""Whoever makes a mistake types nothing twice: every field is as it was, and the field is named."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from django.urls import reverse

from fulfillment.models import Carrier
from orders.models import Order
from tests import builders as b
from tests.orders.test_bulk_pages import signed_in

pytestmark = pytest.mark.django_db


class Page(HTMLParser):
    """The fields of a page by name, those that are marked as wrong, and the problems it lists."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.fields: dict[str, str] = {}
        self.wrong: set[str] = set()
        self.problems: list[str] = []
        self._name = ""  # of the list or the area that is open
        self._problem = self._in_summary = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        name = given.get("name", "")
        if tag in {"input", "select", "textarea"} and name:
            self.fields[name] = given.get("value", "")
            self._name = "" if tag == "input" else name
            self.wrong |= {name} if given.get("aria-invalid") == "true" else set()
        elif tag == "option" and "selected" in given:
            self.fields[self._name] = given.get("value", "")
        elif tag == "div" and "error-summary" in given.get("class", ""):
            self._in_summary = True
        elif tag == "li" and self._in_summary:
            self.problems.append("")
            self._problem = True

    def handle_data(self, data: str) -> None:
        if self._problem:
            self.problems[-1] += data
        elif self.lasttag == "textarea" and self._name:
            self.fields[self._name] += data.removeprefix("\n")  # as browsers read it

    def handle_endtag(self, tag: str) -> None:
        self._problem = self._problem and tag != "li"
        self._in_summary = self._in_summary and tag != "ul"
        if tag in {"select", "textarea"}:
            self._name = ""


MISTAKES = [
    ({"currency": "USD"}, "lines-1-unit_price", "Line 2: GLV-2 has no price in USD; type one."),
    ({"ship_to_country": "Germany"}, "ship_to_country", "Country code: Ensure this value has at"),
    ({"ship_to_city": "C" * 101}, "ship_to_city", "City: Ensure this value has at most 100"),
    ({"ship_to_line1": "S" * 201}, "ship_to_line1", "Street: Ensure this value has at most 200"),
    ({"ship_to_postal_code": "1" * 21}, "ship_to_postal_code", "Postal code: Ensure this value"),
    ({"lines-1-unit_price": "ten"}, "lines-1-unit_price", "Line 2: Price: “ten” cannot be read"),
    ({"lines-1-unit_price": "-5"}, "lines-1-unit_price", "Line 2: Price: Ensure this value is"),
    ({"lines-1-unit_price": "1.23456"}, "lines-1-unit_price", "Line 2: Price: Ensure that there"),
    (
        {"lines-1-unit_price": "99999999.9999", "lines-1-quantity": "1000000"},
        "lines-1-unit_price",
        "Line 2: GLV-2: a line comes to 1,000,000,000,000 at most; check quantity and price.",
    ),
    ({"lines-1-discount_percent": "101"}, "lines-1-discount_percent", "Line 2: Discount: Ensure"),
    ({"shipping": "much"}, "shipping", "Delivery charge: “much” cannot be read as a number"),
    ({"order_discount": "-1"}, "order_discount", "Order discount: Ensure this value is greater"),
]


@pytest.fixture
def typed() -> dict[str, str]:
    """An order in the making, with something in every field."""
    buyer, lines = b.customer(), [b.product("GLV-1"), b.product("GLV-2")]
    Carrier.objects.create(code="FAST", name="Fast")
    return {
        "customer": f"{buyer.code} · {buyer.name}",
        "po_number": "PO <4711> & more",
        "requested_on": "2099-03-01",
        "fill_policy": "ship_complete",
        "currency": "EUR",
        "shipping_method": "FAST",
        "shipping": "12.50",
        "order_discount": "1.25",
        "note": "Ring twice.\nThen wait.",
        "ship_to_name": "Gate 3",
        "ship_to_line1": "Hafenstraße 1",
        "ship_to_postal_code": "04103",
        "ship_to_city": "Leipzig",
        "ship_to_region": "Sachsen",
        "ship_to_country": "DE",
        "lines-TOTAL_FORMS": "2",
        "lines-INITIAL_FORMS": "0",
        "lines-0-sku": lines[0].sku,
        "lines-0-quantity": "3",
        "lines-0-unit_price": "9.75",
        "lines-0-discount_percent": "2.50",
        "lines-0-requested_on": "2099-02-01",
        "lines-0-parts": "2099-01-01 1\n2099-02-01 2",
        "lines-1-sku": lines[1].sku,
        "lines-1-quantity": "4",
        "lines-1-unit_price": "",
        "lines-1-discount_percent": "",
        "lines-1-requested_on": "",
        "lines-1-parts": "",
    }


@pytest.mark.parametrize(("mistake", "field", "words"), MISTAKES)
def test_nothing_typed_is_lost_and_the_mistake_is_named(
    typed: dict[str, str], mistake: dict[str, str], field: str, words: str
) -> None:
    typed |= mistake
    answer = signed_in("Sales rep").post(reverse("orders:new"), {**typed, "place": "1"})

    page = Page(answer.content.decode())
    assert answer.status_code == 422
    assert {name: page.fields.get(name) for name in typed} == typed
    assert [each for each in page.problems if each.startswith(words)], page.problems
    assert page.wrong == {field}
    assert not Order.objects.exists()


@pytest.mark.parametrize(("mistake", "field", "words"), MISTAKES)
def test_a_draft_is_kept_with_its_mistakes_or_refused_with_all_that_was_typed(
    typed: dict[str, str], mistake: dict[str, str], field: str, words: str
) -> None:
    """What is wrong in a row waits in the draft; what is wrong in the head is refused.

    A currency that is the customer's anyway is as agreed once it is saved.
    """
    typed |= mistake
    address = reverse("orders:new")
    answer = signed_in("Sales rep").post(address, {**typed, "draft": "1"}, follow=True)

    page = Page(answer.content.decode())
    del typed["lines-TOTAL_FORMS"]  # empty rows come after it
    if Order.objects.exists() and typed["currency"] == "EUR":
        typed["currency"] = ""
    assert {name: page.fields.get(name) for name in typed} == typed
    assert Order.objects.exists() == (field.startswith("lines") or field == "currency")
    assert (answer.status_code == 422) == (not Order.objects.exists())
