"""The customer's side of a quote in a real browser: read, changed where allowed, accepted."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from config.kernel.actors import WORKER
from orders.lifecycle import quotes
from orders.models import Quote
from tests import builders as b
from tests.browser.looking import violations

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SHOTS = os.environ.get("SHOTS", "")


@pytest.mark.parametrize(("theme", "width"), [("light", 1440), ("dark", 390)])
def test_the_customer_changes_quantities_sees_the_total_and_orders(
    page: Page, live_server: object, theme: str, width: int
) -> None:
    first, second = b.product(), b.product()
    b.stocked(9, of=first)
    [pk] = b.drafted((first, 3), (second, 5))
    quotes.send([pk], expires_on=timezone.localdate(), may_change=True, by=WORKER)
    page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(f"{live_server.url}{Quote.objects.get().get_public_url()}")  # type: ignore[attr-defined]
    expect(page.get_by_role("heading", level=1)).to_contain_text("€80.00")

    page.get_by_role("textbox", name="Quantity of").first.fill("2")
    page.get_by_role("textbox", name="Quantity of").last.fill("0")
    page.keyboard.press("Enter")

    expect(page.get_by_text("This is the total of your quantities")).to_be_visible()
    expect(page.get_by_role("heading", level=1)).to_contain_text("€20.00")
    expect(page.locator("label[for=id_name]")).to_have_text("Your name")
    assert violations(page) == []
    assert not page.locator("html").evaluate("e => e.scrollWidth > e.clientWidth + 1")
    if SHOTS:
        page.screenshot(path=Path(SHOTS) / f"offer-{theme}-{width}.png", full_page=True)
    assert b.order(pk).status == "draft"
    page.get_by_label("Your name").fill("Marian Hale")
    page.get_by_label("I may order for").check()
    page.get_by_role("button", name="Accept and order").click()

    expect(page.get_by_role("heading", level=1)).to_contain_text("Your order is placed")
    order = b.order(pk)
    assert (order.status, order.grand_total, order.lines.get().ordered) == ("submitted", 20, 2)
