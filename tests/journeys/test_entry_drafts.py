"""What a draft keeps: as it was typed, as it was agreed, whole however long, and at its address."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from finance.models import CustomerTerms, Price, PriceList
from fulfillment.models import Carrier, ShippingRate
from orders.forms import sheets
from orders.lifecycle import capture
from orders.lifecycle.drafts import LineDraft, OrderDraft
from orders.models import Amendment, Order, OrderLine
from tests import builders as b
from tests.journeys.test_entry import signed_in, typed
from tests.journeys.test_kept_input import Page

pytestmark = pytest.mark.django_db
NEW = "orders:new"


def opened(client: Client, order: Order) -> dict[str, str]:
    """The fields of a draft as its page shows them."""
    fields = Page(client.get(reverse("orders:edit", args=[order.number])).text).fields
    return {name: text for name, text in fields.items() if name not in BUTTONS}


BUTTONS = {"recount", "copy", "usual", "quote", "draft", "place", "add"}


def saved(client: Client, order: Order, **changes: str) -> Order:
    """The draft after its page was opened, changed so far, and saved."""
    url = reverse("orders:edit", args=[order.number])
    client.post(url, opened(client, order) | changes | {"draft": "1"})
    order.refresh_from_db()
    return order


def test_an_order_of_two_hundred_lines_is_saved_placed_and_amended() -> None:
    thing, buyer, client = b.product(), b.customer(), signed_in("Sales manager")
    data = typed(*[(thing.sku, str(n)) for n in range(1, 201)], customer=buyer.code, key="long")

    draft = client.post(reverse(NEW), data | {"autosave": "1"}).json()
    client.post(draft["url"], data | {"version": "1", "place": "1"})

    order = Order.objects.get()
    assert (order.status, order.lines.count()) == ("submitted", 200)
    url = reverse("orders:amend", args=[order.number])
    fields = Page(client.get(url).text).fields
    last = order.lines.latest("line_no")
    asked = {f"quantity-{last.pk}": "7", "reason": "customer_request", "apply": "1"}
    client.post(url, {n: text for n, text in fields.items() if n != "tell"} | asked)
    last.refresh_from_db()
    assert (Amendment.objects.applied().count(), last.ordered - last.cancelled) == (1, 7)


def test_more_lines_than_an_order_has_are_refused_in_a_sentence() -> None:
    thing, buyer, client = b.product(), b.customer(), signed_in()
    data = typed(*[(thing.sku, "1")] * 501, customer=buyer.code)

    answer = client.post(reverse(NEW), data | {"autosave": "1"})

    words = "An order has at most 500 lines; this one has 501, so split it into several."
    assert (answer.status_code, answer.json()["error"]) == (422, words)
    assert len(sheets.sent(data).rows) == 501
    answer = client.post(reverse(NEW), dict.fromkeys(map(str, range(10_001)), "1"))
    assert (answer.status_code, "an order has at most 500 lines" in answer.text) == (400, True)
    assert not Order.objects.exists()


def test_an_address_that_was_begun_stays_and_its_missing_part_is_named() -> None:
    thing, buyer, client = b.product(), b.customer(), signed_in()
    begun = {"ship_to_name": "Gate 3", "ship_to_city": "Halle", "ship_to_country": "DE"}
    data = typed((thing.sku, "1"), customer=buyer.code, **begun)

    refused = client.post(reverse(NEW), data | {"place": "1"})
    page = client.post(reverse(NEW), data | {"draft": "1"}, follow=True).text

    assert refused.status_code == 422
    assert 'href="#id_ship_to_line1"' in refused.text
    assert "The delivery address needs a street." in refused.text
    assert 'value="Halle"' in refused.text
    order = Order.objects.get()
    assert "Still missing: the street of the delivery address" in page
    assert {name: getattr(order, name) for name in begun} == begun
    assert (order.status, order.ship_to_line1) == ("draft", "")
    fields = opened(client, order) | {"ship_to_line1": "Weg 2", "place": "1"}
    client.post(reverse("orders:edit", args=[order.number]), fields)
    order.refresh_from_db()
    assert (order.status, order.ship_to_line1, order.ship_to_city) == (
        "submitted",
        "Weg 2",
        "Halle",
    )


def test_a_draft_that_is_saved_as_it_was_opened_stays_as_it_was() -> None:
    thing, other, buyer, client = b.product(), b.product(), b.customer(), signed_in()
    CustomerTerms.objects.update(discount_percent=Decimal("2.5"))
    road = Carrier.objects.create(code="ROAD", name="Road")
    ShippingRate.objects.create(carrier=road, currency_id="EUR", amount=Decimal("9.50"))
    there = {**b.LEIPZIG, "line1": "Weg 2", "line2": "Hof 3", "region": "Sachsen"}
    by_hand = OrderDraft(
        buyer.code,
        [
            LineDraft(thing.sku, 2, Decimal("8.004"), Decimal(0)),
            LineDraft(other.sku, 3),
        ],
        shipping_method="ROAD",
        shipping=Decimal(0),
        fill_policy="ship_complete",
        ship_to=there,
    )
    as_agreed = OrderDraft(buyer.code, [LineDraft(thing.sku, 2)], shipping_method="ROAD")
    captured = capture.create([by_hand, as_agreed], by=b.WORKER)

    orders = [b.order(pk) for pk in captured.orders.values()]
    for order in orders:
        assert saved(client, order).version == 1
    first, second = (opened(client, order) for order in orders)
    assert (first["shipping"], first["lines-0-discount_percent"]) == ("0.00", "0.00")
    assert (first["lines-0-unit_price"], first["lines-1-unit_price"]) == ("8.004", "")
    left = ("shipping", "currency", "fill_policy", "lines-0-unit_price", "lines-0-discount_percent")
    assert {name: second[name] for name in left} == dict.fromkeys(left, "")


def test_another_customer_brings_its_own_terms_and_what_was_typed_stays() -> None:
    thing, by_hand, buyer, client = b.product(), b.product(), b.customer(), signed_in()
    other = b.customer(fill_policy="ship_complete")
    own = PriceList.objects.create(code="OWN", name="Own", currency_id="EUR")
    Price.objects.create(price_list=own, product=thing, unit_price=Decimal("8.50"))
    CustomerTerms.objects.filter(customer=other).update(price_list=own, discount_percent=5)
    lines = [LineDraft(thing.sku, 2), LineDraft(by_hand.sku, 1, Decimal("7.25"), Decimal(1))]
    captured = capture.create([OrderDraft(buyer.code, lines)], by=b.WORKER)

    order = saved(client, b.order(captured.orders[0]), customer=other.code)

    told = OrderLine.objects.order_by("line_no").values_list("unit_price", "discount_percent")
    assert list(told) == [(Decimal("8.50"), 5), (Decimal("7.25"), 1)]
    assert (order.customer, order.fill_policy) == (other, "ship_complete")
