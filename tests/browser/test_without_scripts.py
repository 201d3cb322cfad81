"""Without a script: whatever a form can do is done by forms alone, from signing in to a list."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.cache import cache
from django.urls import reverse
from playwright.sync_api import BrowserContext, Page, expect

from orders import tasks
from orders.models import Order, OrderLine
from tests import builders as b
from tests.browser.looking import PASSWORD

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def plain(new_context: Callable[..., BrowserContext], live_server: Any) -> Page:
    """Somebody who may do everything, signed in by a browser that runs no script."""
    cache.clear()
    User.objects.create_superuser("boss", "boss@zepergo.example", PASSWORD)
    page = new_context(java_script_enabled=False, base_url=live_server.url).new_page()
    page.set_default_timeout(5000)
    page.goto("/")
    page.get_by_label("User name").fill("boss")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    return page


def choose(page: Page, action: str) -> None:
    """Take what stands in the menu of an order."""
    page.locator(".page-head summary").click()
    page.get_by_role("link", name=re.compile(f"^{action}…")).click()


def test_an_order_goes_through_its_life_without_a_script(plain: Page) -> None:
    thing, buyer = b.product(), b.customer()
    b.stocked(50, of=thing)
    title, said = plain.get_by_role("heading", level=1), plain.get_by_role("status")

    plain.get_by_role("link", name="New order").first.click()
    plain.get_by_label("Customer", exact=True).fill(buyer.code)
    plain.get_by_label("Customer’s PO number").fill("PO-PLAIN")
    plain.get_by_label("Item").first.fill(thing.sku)
    plain.get_by_label("Quantity").first.fill("4")
    plain.get_by_role("button", name="Check prices").last.click()
    expect(plain.locator("#foot-figures")).to_contain_text("€40.00")
    plain.get_by_role("button", name="Place order").click()
    made = Order.objects.get()
    expect(title).to_contain_text(made.number)
    expect(plain.locator("main")).to_contain_text(thing.sku)
    expect(plain.locator("main")).to_contain_text("PO PO-PLAIN")

    choose(plain, "Hold")
    plain.get_by_label("Reason").fill("Waits for a call")
    plain.get_by_role("button", name="Hold order").click()
    expect(said).to_contain_text(f"{made.number} is on hold.")
    choose(plain, "Release hold")
    plain.get_by_label("Reason").fill("They called")
    plain.get_by_role("button", name="Release").click()
    expect(said).to_contain_text(f"{made.number} is free of the hold.")
    tasks.work("validation")
    tasks.work("processing")

    plain.reload()
    choose(plain, "Amend")
    plain.get_by_label(f"Quantity of {thing.sku}").fill("6")
    plain.get_by_label("Reason", exact=True).select_option(index=1)
    plain.get_by_role("button", name="Preview").click()
    expect(plain.locator("#plan")).to_contain_text("€60.00")
    plain.get_by_role("button", name="Apply as version 2").click()
    expect(title).to_contain_text(made.number)
    expect(plain.locator("main")).to_contain_text("€60.00")

    choose(plain, "Cancel")
    plain.get_by_label(re.compile(f"{thing.sku}: up to 6")).fill("2")
    plain.get_by_label("Reason").select_option(index=1)
    plain.get_by_role("button", name="Preview").click()
    expect(plain.locator("#cancel-preview")).to_contain_text("Release")
    plain.get_by_role("button", name="Cancel 2 units").click()
    expect(title).to_contain_text(made.number)

    line = OrderLine.objects.get()
    assert (b.order(made.pk).status, line.ordered, line.cancelled) == ("processing", 6, 2)


def test_the_list_is_narrowed_paged_and_acted_on_without_a_script(plain: Page) -> None:
    thing = b.product()
    drafts = b.drafted((thing, 1), times=30)
    placed = b.submitted((thing, 1), times=2)
    rows = plain.locator("[name=o]")

    plain.get_by_role("link", name="Orders", exact=True).click()
    expect(rows).to_have_count(25)
    plain.get_by_role("link", name="Next").click()
    expect(rows).to_have_count(7)
    plain.get_by_text("Filters", exact=True).click()
    plain.get_by_role("link", name="All filters").click()
    plain.get_by_label("Submitted").check()
    plain.get_by_role("button", name="Show orders").click()
    expect(rows).to_have_count(len(placed))
    plain.get_by_label("Remove filter").click()
    plain.get_by_label("Search orders").fill(b.order(drafts[3]).po_number)
    plain.get_by_label("Search orders").press("Enter")
    expect(rows).to_have_count(1)
    rows.check()
    plain.get_by_role("button", name="Cancel").click()
    expect(plain.get_by_role("heading", level=1)).to_have_text("Cancel 1 order?")


def test_on_a_phone_without_a_script_every_page_is_reached_and_no_button_is_dead(
    plain: Page,
) -> None:
    order = b.order(b.drafted((b.product(), 1))[0])
    plain.set_viewport_size({"width": 390, "height": 900})
    plain.goto(order.get_absolute_url())
    expect(plain.get_by_role("button", name="Menu")).to_be_hidden()
    expect(plain.get_by_label("Copy the order number")).to_be_hidden()

    plain.locator("#nav").get_by_role("link", name="Customers").click()

    expect(plain.get_by_role("heading", level=1)).to_have_text("Customers")
    plain.goto(reverse("orders:edit", args=[order.number]))
    expect(plain.get_by_label("Remove line").first).to_be_hidden()
    expect(plain.get_by_role("button", name="More rows")).to_be_visible()
