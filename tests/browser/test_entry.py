"""Order entry in a real browser: quick by keyboard, saved by itself, nothing lost or doubled."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import BrowserContext, Page, expect

from config.kernel.actors import WORKER
from orders.bulk.recurring import run_due
from orders.lifecycle import quotes, recurring
from orders.models import Order, OrderLine, Quote, RecurringOrder
from tests import builders as b
from tests.browser.looking import PASSWORD, THEMES, violations, walk

REFUSALS = "409|422"
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
PASTE = """text => {
  const data = new DataTransfer();
  data.setData("text", text);
  const field = document.activeElement;
  const how = {clipboardData: data, bubbles: true, cancelable: true};
  field.dispatchEvent(new ClipboardEvent("paste", how));
}"""


def at(page: Page, name: str, *arguments: object) -> str:
    host = "/".join(page.url.split("/", 3)[:3])
    return host + reverse(f"orders:{name}", args=arguments)


def soon(holds: Callable[[], bool]) -> None:
    """What a page that was left still sends arrives within moments."""
    until = time.monotonic() + 10
    while not holds():
        assert time.monotonic() < until
        time.sleep(0.05)


def test_ten_lines_are_entered_in_far_less_than_a_minute_by_keyboard(desk: Page) -> None:
    buyer, things = b.customer(), [b.product(sku=f"K{n:02}") for n in range(10)]
    desk.goto(at(desk, "new"))
    keys = 0

    def press(text: str) -> None:
        nonlocal keys
        for key in [text] if len(text) > 4 else list(text):
            desk.keyboard.press(key)
            keys += 1

    started = time.monotonic()
    press_all = buyer.code
    for key in press_all:
        press(key)
    press("Enter")
    expect(desk.locator("[data-sku]").first).to_be_focused()
    for number, thing in enumerate(things):
        expect(desk.locator("[data-sku]").nth(number)).to_be_focused()
        press(thing.sku)
        press("Enter")
        press("12")
        press("Enter")
        press("Enter")
    desk.keyboard.press("Control+Enter")
    desk.wait_for_load_state()
    expect(desk.locator(".error-summary")).to_have_count(0)
    expect(desk.get_by_role("heading", level=1)).to_contain_text("SO-")
    expect(desk).to_have_url(at(desk, "order", Order.objects.get().number))
    elapsed = time.monotonic() - started

    made = Order.objects.get()
    assert (made.status, made.lines.count(), made.grand_total) == ("submitted", 10, 1200)
    assert list(made.lines.values_list("sku", flat=True)) == [thing.sku for thing in things]
    assert keys <= len(buyer.code) + 1 + 10 * 8
    assert elapsed < 40


def test_a_block_of_a_spreadsheet_becomes_rows_and_unknown_ones_wait(desk: Page) -> None:
    buyer, first, second = b.customer(), b.product(), b.product()
    desk.goto(at(desk, "new"))
    desk.fill("#id_customer", buyer.code)
    desk.locator("[data-sku]").first.focus()
    desk.evaluate(PASTE, f"{first.sku}\t4\n" * 501)
    expect(desk.locator("[data-saved]")).to_contain_text("an order has at most 500 lines")

    desk.evaluate(PASTE, f"{first.sku}\t4\t9.50\nNO-SUCH\t2\n{second.sku};7")
    desk.get_by_role("button", name="Save draft").click()

    expect(desk.get_by_role("status").first).to_contain_text("a row that is no line yet")
    rows = OrderLine.objects.order_by("line_no").values_list("sku", "ordered", "unit_price")
    assert [tuple(row) for row in rows] == [(first.sku, 4, 9.5), (second.sku, 7, 10)]
    expect(desk.locator("[data-sku]").nth(2)).to_have_value("NO-SUCH")
    desk.locator("[data-sku]").first.focus()
    desk.evaluate(PASTE, f"{second.sku};4")
    expect(desk.locator("[data-price]").first).to_have_value("")


def test_rows_are_moved_and_removed_by_keyboard(desk: Page) -> None:
    things = [b.product() for _ in range(3)]
    desk.goto(at(desk, "new"))
    desk.fill("#id_customer", b.customer().code)
    desk.locator("[data-sku]").first.focus()
    desk.evaluate(PASTE, "\n".join(f"{thing.sku}\t{n}" for n, thing in enumerate(things, 1)))
    codes = desk.locator("[data-sku]")

    codes.nth(2).focus()
    desk.keyboard.press("Alt+ArrowUp")
    expect(codes.nth(1)).to_have_value(things[2].sku)
    codes.nth(0).focus()
    desk.keyboard.press("Alt+Backspace")

    expect(codes.nth(0)).to_have_value(things[2].sku)
    expect(codes.nth(1)).to_have_value(things[1].sku)
    expect(desk.locator("[data-quantity]").nth(0)).to_have_value("3")


def test_a_draft_saves_itself_and_comes_back(desk: Page) -> None:
    buyer, thing = b.customer(), b.product()
    desk.goto(at(desk, "new"))
    desk.fill("#id_customer", buyer.code)
    desk.locator("[data-sku]").first.fill(thing.sku)
    desk.locator("[data-quantity]").first.fill("5")

    expect(desk.locator("[data-saved]")).to_contain_text("Saved ", timeout=20_000)
    number = Order.objects.get().number
    expect(desk).to_have_url(at(desk, "edit", number))
    desk.locator("[data-quantity]").first.fill("8")
    desk.keyboard.press("Control+s")
    expect(desk.locator("[name=version]")).to_have_value("2")
    desk.reload()

    expect(desk.locator("[data-quantity]").first).to_have_value("8")
    assert (Order.objects.count(), OrderLine.objects.get().ordered) == (1, 8)


def test_what_another_tab_changed_is_shown_and_chosen(desk: Page, context: BrowserContext) -> None:
    buyer, thing = b.customer(), b.product()
    [pk] = b.drafted((thing, 3), buyer=buyer)
    address = at(desk, "edit", b.order(pk).number)
    desk.goto(address)
    other = context.new_page()
    other.goto(address)
    other.locator("[data-quantity]").first.fill("4")
    other.get_by_role("button", name="Save draft").click()
    expect(other.get_by_role("status").first).to_contain_text("is kept as a draft")

    desk.fill("#id_po_number", "PO-MINE")
    desk.locator("[data-quantity]").first.fill("9")
    desk.get_by_role("button", name="Save draft").click()

    expect(desk.get_by_role("heading", level=1)).to_contain_text("Someone changed this order")
    assert violations(desk) == []
    row = desk.get_by_role("row").filter(has_text="at 10")
    row.get_by_text("Theirs", exact=True).click()
    desk.get_by_role("button", name="Save what is chosen").click()
    expect(desk.locator("#id_po_number")).to_have_value("PO-MINE")
    expect(desk.locator("[data-quantity]").first).to_have_value("4")


def test_a_double_click_places_one_order(desk: Page) -> None:
    buyer, thing = b.customer(), b.product()
    desk.goto(at(desk, "new"))
    desk.fill("#id_customer", buyer.code)
    desk.locator("[data-sku]").first.fill(thing.sku)
    desk.locator("[data-quantity]").first.fill("5")

    desk.get_by_role("button", name="Place order").dblclick()

    expect(desk.get_by_role("heading", level=1)).to_contain_text("SO-")
    assert Order.objects.get().status == "submitted"


def test_a_wrong_quantity_offers_the_right_one_and_takes_it(desk: Page) -> None:
    buyer, thing = b.customer(), b.product(order_multiple=10)
    desk.goto(at(desk, "new"))
    desk.fill("#id_customer", buyer.code)
    desk.locator("[data-sku]").first.fill(thing.sku)
    desk.locator("[data-quantity]").first.fill("84")
    desk.keyboard.press("Tab")

    desk.get_by_role("button", name="Set to 90").click()

    expect(desk.locator("[data-quantity]").first).to_have_value("90")
    expect(desk.locator("#foot-figures")).to_contain_text("€900.00")


@pytest.mark.parametrize("theme", THEMES)
def test_pages_of_entry_are_accessible_and_never_scroll_sideways(desk: Page, theme: str) -> None:
    thing, buyer = b.product(), b.customer()
    b.stocked(2, of=thing)
    b.processed((thing, 1), buyer=buyer)
    [pk] = b.drafted((thing, 3), buyer=buyer)
    until = timezone.localdate() + timedelta(days=3)
    quotes.send([pk], expires_on=until, may_change=True, by=WORKER)
    template = RecurringOrder(name="Gloves", customer=buyer, starts_on=timezone.localdate())
    recurring.plan(template, timezone.localdate())
    template.save()
    template.lines.create(product=thing)
    run_due(timezone.localdate() + timedelta(days=7), by=WORKER)
    number = b.order(pk).number
    pages = [at(desk, name, number) for name in ("edit", "quote", "quote_paper")]
    pages += [at(desk, n) for n in ("new", "quotes", "recurring", "recurring_new")]
    pages += [at(desk, "recurring_runs"), at(desk, "recurring_order", template.pk)]
    pages.append(at(desk, "offer", Quote.secret(Quote.objects.get().number)))

    assert walk(desk, pages, theme=theme) == {}


def test_an_order_typed_before_signing_in_again_elsewhere_is_placed_all_the_same(
    desk: Page,
) -> None:
    buyer, thing = b.customer(), b.product()
    b.stocked(50, of=thing)
    desk.goto(at(desk, "new"))
    desk.fill("#id_customer", buyer.code)
    desk.locator("[data-sku]").first.fill(thing.sku)
    desk.locator("[data-quantity]").first.fill("4")

    site, other = at(desk, "today").removesuffix("/"), desk.context.new_page()
    other.goto(f"{site}/accounts/logout/")
    other.get_by_role("main").get_by_role("button", name="Sign out").click()
    other.goto(f"{site}/accounts/login/")
    other.fill("#id_login", "boss")
    other.fill("#id_password", PASSWORD)
    other.get_by_role("button", name="Sign in").click()
    expect(other.get_by_role("link", name="Today")).to_be_visible()
    other.close()
    desk.get_by_role("button", name="Place order").click()

    expect(desk.get_by_role("heading", level=1)).to_contain_text("SO-")
    assert Order.objects.get().status == "submitted"


def test_who_leaves_at_once_finds_the_last_edits_and_goes_on_from_them(desk: Page) -> None:
    [pk] = b.drafted((b.product(), 3))
    address = at(desk, "edit", b.order(pk).number)
    desk.goto(address)
    for quantity in (8, 9):
        desk.locator("[data-quantity]").first.fill(str(quantity))
        desk.get_by_role("link", name="Today").click()
        expect(desk).to_have_url(at(desk, "today"))
        soon(lambda wanted=quantity: OrderLine.objects.get().ordered == wanted)

        desk.go_back()

        expect(desk).to_have_url(address)
        expect(desk.locator("[data-quantity]").first).to_have_value(str(quantity))
    desk.fill("#id_po_number", "PO-MORE")
    desk.keyboard.press("Control+s")
    expect(desk.locator("[name=version]")).to_have_value("4")
    assert b.order(pk).po_number == "PO-MORE"
    asked: list[str] = []
    desk.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    desk.get_by_text("Charges, another address, internal note").click()
    desk.get_by_label("Internal note").fill("long " * 13_000)
    desk.get_by_role("link", name="Today").click()
    soon(lambda: asked == ["beforeunload"])
    expect(desk).to_have_url(address)


def test_a_new_order_that_is_left_at_once_is_a_draft(desk: Page) -> None:
    buyer, thing = b.customer(), b.product()
    desk.goto(at(desk, "new"))
    desk.fill("#id_customer", buyer.code)
    desk.locator("[data-sku]").first.fill(thing.sku)
    desk.locator("[data-quantity]").first.fill("5")

    desk.get_by_role("link", name="Today").click()

    expect(desk).to_have_url(at(desk, "today"))
    soon(Order.objects.exists)
    desk.go_back()
    expect(desk).to_have_url(at(desk, "edit", Order.objects.get().number))
    expect(desk.locator("[data-quantity]").first).to_have_value("5")


def test_what_is_typed_into_an_order_that_another_tab_placed_is_kept(
    desk: Page, context: BrowserContext
) -> None:
    [pk] = b.drafted((b.product(), 3))
    address = at(desk, "edit", b.order(pk).number)
    desk.goto(address)
    other = context.new_page()
    other.goto(address)
    other.get_by_role("button", name="Place order").click()
    expect(other).to_have_url(at(desk, "order", b.order(pk).number))

    desk.fill("#id_po_number", "PO-MINE")
    desk.keyboard.press("Control+s")
    expect(desk.locator("[data-saved]")).to_contain_text("no draft any more")
    desk.get_by_role("button", name="See both versions").click()

    expect(desk.get_by_role("heading", level=1)).to_contain_text("Someone placed this order")
    expect(desk.get_by_role("cell", name="PO-MINE")).to_be_visible()
    assert violations(desk) == []
    desk.get_by_role("button", name="Enter mine as a new order").click()
    expect(desk.locator("#id_po_number")).to_have_value("PO-MINE")
    desk.go_back()
    desk.get_by_role("link", name="Amend the order").click()
    expect(desk).to_have_url(re.compile(re.escape(at(desk, "amend", b.order(pk).number))))
    expect(desk.locator("#id_po_number")).to_have_value("PO-MINE")


def test_an_item_is_taken_by_scanning_its_barcode(desk: Page) -> None:
    b.product(sku="GLV-1", gtin="04012345678901")
    desk.goto(at(desk, "new"))
    desk.fill("#id_customer", b.customer().code)
    desk.locator("[data-sku]").first.focus()

    desk.keyboard.type("4012345678901")
    expect(desk.get_by_role("option").filter(has_text="GLV-1")).to_be_visible()
    desk.keyboard.press("Enter")

    expect(desk.locator("[data-sku]").first).to_have_value("GLV-1")
    expect(desk.locator("[data-quantity]").first).to_be_focused()
