"""The desk in a real browser: an order is typed by keyboard, and a mistake loses nothing."""

from __future__ import annotations

import os

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from orders.models import Order
from tests import builders as b

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
# What the browser says when the icon of a tab is asked for twice is none of our business.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")


def home(page: Page) -> str:
    return page.url.split("/", 3)[0] + "//" + page.url.split("/", 3)[2]


def test_an_order_is_typed_by_keyboard_and_placed(desk: Page) -> None:
    buyer, things = b.customer(), [b.product() for _ in range(3)]
    for thing in things:
        b.stocked(50, of=thing)

    desk.goto(home(desk) + reverse("orders:new"))
    desk.keyboard.type(buyer.code)
    offered = desk.locator("[role=listbox]:not([hidden]) [role=option]")
    expect(offered.first).to_contain_text(buyer.name)
    desk.keyboard.press("Enter")
    desk.locator("[data-sku]").first.focus()
    for thing in things:
        desk.keyboard.type(thing.sku)
        expect(offered.first).to_contain_text(thing.sku)
        desk.keyboard.press("Enter")  # takes the item and goes to the quantity
        desk.keyboard.type("4")
        for _ in range(2):
            desk.keyboard.press("Enter")
    expect(desk.locator("#outlook")).to_contain_text("€120.00")
    desk.keyboard.press("Control+Enter")

    expect(desk.get_by_role("heading", level=1)).to_contain_text("SO-")
    made = Order.objects.get()
    assert (made.status, made.lines.count(), made.grand_total) == ("submitted", 3, 120)


def test_a_mistake_is_named_at_its_field_and_nothing_typed_is_lost(desk: Page) -> None:
    desk.goto(home(desk) + reverse("orders:new"))
    desk.fill("#id_customer", "Nobody at all")
    desk.fill("#id_po_number", "PO-KEPT")
    desk.get_by_role("button", name="Place order").click()

    expect(desk.get_by_role("alert")).to_contain_text("No customer matches")
    expect(desk.locator("#id_po_number")).to_have_value("PO-KEPT")
