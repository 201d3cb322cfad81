"""Customers in a real browser: reached by keyboard, accessible, and never wider than the screen."""

from __future__ import annotations

import os
import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from config.kernel.actors import WORKER
from finance.models import CreditAccount, Invoice
from orders.lifecycle import quotes, recurring
from orders.models import Customer, Order, RecurringOrder, Staff
from tests import builders as b
from tests.browser.looking import THEMES, walk
from tests.browser.test_desk import home

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SHOTS = os.environ.get("SHOTS", "")
LONG = "Gesellschaft für medizinisch-technische Großhandelsbedarfsbeschaffung mbH & Co. KG"


def known() -> Customer:
    """A customer of whom there is something in every card."""
    boss = User.objects.get(username="boss")
    mail = "beschaffung@grosshandelsbedarfsbeschaffung.example"
    made = b.customer(limit="1000", email=mail, phone="+49 341 123", group="Trade", sales_rep=boss)
    thing, today = b.product("GLV-NIT-L"), timezone.localdate()
    b.stocked(100, of=thing)
    b.processed((thing, 4), (thing, 80), buyer=made)
    [sent] = b.dispatched((thing, 1), buyer=made)
    ago = today - timedelta(days=9)
    Invoice.objects.filter(order=sent).update(issued_on=ago, due_on=ago)
    Order.objects.filter(customer=made, promised_on__isnull=False).update(promised_on=ago)
    [draft] = b.drafted((thing, 2), buyer=made)
    quotes.send([draft], expires_on=today, by=WORKER)
    template = RecurringOrder(name="Gloves every week", customer=made, starts_on=today)
    recurring.plan(template, today)
    template.save()
    CreditAccount.objects.create(customer=made, currency_id="GBP", credit_limit=5000)
    for _ in range(3):
        b.customer()
    Customer.objects.filter(pk=made.pk).update(name=LONG)
    return made


def test_a_long_list_of_customers_keeps_its_tabs_and_scrolls_inside(desk: Page) -> None:
    for _ in range(30):
        b.customer()

    desk.goto(home(desk) + reverse("orders:customer_list"))

    tabs, foot = desk.locator("nav.tabs").bounding_box(), desk.locator("main footer").bounding_box()
    assert tabs
    assert foot
    assert tabs["height"] > 30
    assert foot["y"] + foot["height"] <= desk.viewport_size["height"]  # type: ignore[index]
    assert desk.evaluate("document.documentElement.scrollHeight <= innerHeight")


def test_a_customer_is_reached_by_keyboard_and_an_order_begun(desk: Page) -> None:
    made = known()
    desk.keyboard.press("g")
    desk.keyboard.press("k")
    expect(desk.get_by_role("heading", level=1)).to_have_text("Customers")
    desk.keyboard.press("/")
    desk.keyboard.type("medizinisch")
    desk.keyboard.press("Enter")
    expect(desk.locator(".rowlink")).to_have_count(1)
    desk.locator("h1").click()
    desk.keyboard.press("j")
    desk.keyboard.press("Enter")
    expect(desk.get_by_role("heading", level=1)).to_have_text(LONG)
    desk.get_by_role("main").get_by_role("link", name="New order").click()

    expect(desk).to_have_url(re.compile(reverse("orders:new")))
    expect(desk.locator("#id_customer")).to_have_value(f"{made.code} · {LONG}")


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("theme", THEMES)
def test_customers_are_accessible_and_never_scroll_sideways(
    desk: Page, theme: str, language: str
) -> None:
    made = known()
    staff = {"user": User.objects.get(username="boss"), "language": language}
    Staff.objects.create(**staff)
    customers = reverse("orders:customer_list")
    pages = [customers, f"{customers}?view=late&sort=overdue", f"{customers}?q=nobody-at-all"]
    pages.append(made.get_absolute_url())

    found = walk(desk, [home(desk) + page for page in pages], theme=theme)

    assert found == {}
