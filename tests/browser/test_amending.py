"""Amending and cancelling in a real browser: foreseen as one types, accessible, nothing lost."""

from __future__ import annotations

import re

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from config.kernel.actors import WORKER
from orders.lifecycle import amendment
from orders.lifecycle.amendment import Operation
from orders.models import Order, OrderLine
from tests import builders as b
from tests.browser.looking import THEMES, violations, walk

REFUSALS = "409|422"
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def address(page: Page, order: Order, name: str = "amend") -> str:
    return "/".join(page.url.split("/", 3)[:3]) + reverse(f"orders:{name}", args=[order.number])


def sold() -> Order:
    thing = b.product(price="10.00")
    b.stocked(20, of=thing)
    [pk] = b.processed((thing, 4))
    return b.order(pk)


def test_an_order_is_amended_by_keyboard_with_every_effect_seen_before(desk: Page) -> None:
    order, more = sold(), b.product("EXTRA-1", price="3.00")
    b.stocked(9, of=more)

    desk.goto(address(desk, order))
    desk.get_by_label(re.compile("Quantity of")).fill("6")
    desk.locator("[data-sku]").first.focus()
    desk.keyboard.type("EXTRA-1")
    expect(desk.locator("[role=listbox]:not([hidden]) [role=option]").first).to_be_visible()
    desk.keyboard.press("Enter")
    desk.keyboard.type("2")
    plan = desk.locator("#plan")
    expect(plan).to_contain_text("Reserve EXTRA-1 at LEI")
    expect(plan).to_contain_text("€66.00")
    desk.get_by_label("Reason", exact=True).select_option("customer_request")
    desk.wait_for_timeout(900)  # the last look at the plan
    desk.get_by_role("button", name="Apply as version 2").click()

    expect(desk.get_by_role("status")).to_contain_text("version 2")
    expect(desk.locator(".timeline")).to_contain_text("€40.00 → €66.00")
    assert b.order(order.pk).grand_total == 66


def test_a_conflict_shows_both_sides_and_keeps_what_was_typed(desk: Page) -> None:
    order = sold()
    line = OrderLine.objects.get(order=order)
    desk.goto(address(desk, order))
    desk.get_by_label(re.compile("Quantity of")).fill("9")
    desk.get_by_label("Reason", exact=True).select_option("error")
    desk.wait_for_timeout(900)
    theirs = [Operation("set_quantity", line=line.pk, quantity=7)]
    amendment.amend([order.pk], operations={order.pk: theirs}, reason="error", by=WORKER)

    desk.get_by_role("button", name="Apply as version 2").click()
    expect(desk.get_by_role("heading", level=1)).to_contain_text("Someone changed this order")
    assert violations(desk) == []
    desk.get_by_text("Mine").first.click()
    desk.get_by_role("button", name="Look at version 3").click()
    expect(desk.get_by_label(re.compile("Quantity of"))).to_have_value("9")
    desk.get_by_role("button", name="Apply as version 3").click()

    expect(desk.get_by_role("status")).to_contain_text("version 3")
    line.refresh_from_db()
    assert line.ordered == 9


def test_a_cancellation_opens_over_the_order_and_foresees_as_one_types(desk: Page) -> None:
    order = sold()
    desk.goto(address(desk, order, "order"))
    desk.locator(".actions summary").click()
    desk.get_by_role("link", name="Cancel…").click()
    dialog = desk.get_by_role("dialog")
    expect(dialog).to_contain_text("4 of 4 units can still be cancelled")
    for theme in ("light", "dark"):
        desk.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
        assert violations(desk) == []
    dialog.locator("input[name^=line-]").fill("1")
    expect(dialog.locator("#cancel-preview")).to_contain_text("€30.00")
    expect(dialog.get_by_role("button", name="Cancel 1 unit")).to_be_visible()
    desk.keyboard.press("Escape")
    expect(dialog).to_have_count(0)

    desk.locator(".actions summary").click()
    desk.get_by_role("link", name="Cancel…").click()
    dialog.locator("input[name^=line-]").fill("1")
    dialog.get_by_label("Reason").select_option("error")
    dialog.get_by_role("button", name="Cancel 1 unit").click()

    expect(desk.get_by_role("status")).to_contain_text("what you chose is cancelled")
    assert OrderLine.objects.get(order=order).cancelled == 1


def test_what_an_address_proposes_is_foreseen_as_the_page_opens(desk: Page) -> None:
    order = sold()
    desk.goto(address(desk, order, "amend") + f"?quantity-{OrderLine.objects.get().pk}=7")

    expect(desk.locator("#plan")).to_contain_text("€70.00")
    assert OrderLine.objects.get().ordered == 4


@pytest.mark.parametrize("theme", THEMES)
def test_pages_are_accessible_and_never_scroll_sideways(desk: Page, theme: str) -> None:
    order = sold()
    more = [Operation("set_quantity", line=OrderLine.objects.get().pk, quantity=5)]
    amendment.amend([order.pk], operations={order.pk: more}, reason="error", by=WORKER)
    names = ("amend", "cancel", "versions")
    pages = [address(desk, order, name) for name in names]

    assert walk(desk, [*pages, f"{pages[-1]}?whole=1"], theme=theme) == {}


def test_a_line_changes_its_warehouse_and_the_mail_to_the_customer_is_read_before(
    desk: Page,
) -> None:
    thing = b.product("NUT-8", price="10.00")
    b.stocked(20, of=thing)
    [pk] = b.processed((thing, 4), buyer=b.customer(email="buyer@nordhavn.example"))
    b.stocked(20, b.warehouse("ROT", "NL"), thing)

    desk.goto(address(desk, b.order(pk)))
    plan = desk.locator("#plan")
    desk.get_by_label("NUT-8, warehouse").select_option("ROT")
    expect(plan).to_contain_text("Reserve NUT-8 at ROT")
    desk.get_by_label("Tell the customer").check()
    expect(plan).to_contain_text("Nothing changes for the customer, so no mail is sent.")
    desk.get_by_label(re.compile("Quantity of")).fill("6")
    expect(plan).to_contain_text("A thing (NUT-8): 6 instead of 4")
    assert violations(desk) == []
    desk.get_by_label("Reason", exact=True).select_option("customer_request")
    desk.wait_for_timeout(900)  # the last look at the plan
    desk.get_by_role("button", name="Apply as version 2").click()

    expect(desk.get_by_text("The customer is told by mail to")).to_be_visible()
    desk.goto(address(desk, b.order(pk), "order"))
    expect(desk.locator(".timeline")).to_contain_text("wrote to the customer")
