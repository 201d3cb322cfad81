"""What somebody new to order entry does: takes over what was, agrees terms, mends what is wrong."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone
from playwright.sync_api import Page, Route, expect

from config.kernel.reading import day
from finance.models import Price
from fulfillment.models import Carrier, ShippingRate
from inventory.models import Product, Supply, Warehouse
from orders.models import Order
from tests import builders as b
from tests.browser.looking import violations
from tests.browser.test_entry import at

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def opened(page: Page, *rows: tuple[Product, int]) -> None:
    """Entry for a customer, with these rows typed and their prices told."""
    page.goto(f"{at(page, 'new')}?customer={b.customer().code}")
    for number, (thing, quantity) in enumerate(rows):
        page.locator("[data-sku]").nth(number).fill(thing.sku)
        page.locator("[data-quantity]").nth(number).fill(str(quantity))
        page.keyboard.press("Tab")
        expect(page.locator(f"#lines-{number}-total")).not_to_be_empty()


def detail(page: Page, number: int = 0) -> None:
    page.locator("[data-detail] summary").nth(number).click()


def test_every_warehouse_of_a_line_is_reached_by_keyboard(desk: Page) -> None:
    thing, soon = b.product(), timezone.localdate() + timedelta(days=9)
    for code, units in (("LEI", 12), ("ROT", 400), ("WAW", 3)):
        b.stocked(units, at=b.warehouse(code), of=thing)
    place = Warehouse.objects.get(code="WAW")
    Supply.objects.create(product=thing, warehouse=place, quantity=50, expected_on=soon)
    opened(desk, (thing, 500))
    cell = desk.locator("#lines-0-atp")
    expect(cell).to_contain_text("400 at ROT, 12 at LEI")
    expect(cell).to_contain_text(f"50 more {day(soon)}")
    expect(cell.get_by_text(f"3 at WAW, 50 on {day(soon)}")).to_be_hidden()

    desk.locator("#id_lines-0-unit_price").focus()
    desk.keyboard.press("Tab")
    expect(cell.get_by_text("All 3 warehouses")).to_be_focused()
    desk.keyboard.press("Enter")

    expect(cell.get_by_text(f"3 at WAW, 50 on {day(soon)}")).to_be_visible()
    assert violations(desk) == []
    desk.keyboard.press("Escape")
    expect(cell.get_by_text(f"3 at WAW, 50 on {day(soon)}")).to_be_hidden()
    expect(cell.get_by_text("All 3 warehouses")).to_be_focused()


def test_the_last_order_is_copied_and_a_usual_item_added(desk: Page) -> None:
    buyer, often, once = b.customer(), b.product(), b.product()
    b.submitted((often, 6), buyer=buyer)
    b.submitted((often, 6), (once, 2), buyer=buyer)
    desk.goto(f"{at(desk, 'new')}?customer={buyer.code}")

    desk.get_by_role("button", name="Copy last order").click()
    codes, quantities = desk.locator("[data-sku]"), desk.locator("[data-quantity]")
    expect(codes.nth(1)).to_have_value(once.sku)
    desk.get_by_role("listitem").filter(has_text=often.sku).get_by_role("button").click()

    expect(codes.nth(2)).to_have_value(often.sku)
    expect(quantities.nth(2)).to_have_value("6")
    expect(desk.locator("#foot-figures")).to_contain_text("3 lines, 14 units")
    desk.get_by_role("button", name="Place order").click()
    expect(desk.get_by_role("heading", level=1)).to_contain_text("SO-")
    made = Order.objects.latest("pk")
    rows = [(often.sku, 6), (once.sku, 2), (often.sku, 6)]
    assert list(made.lines.values_list("sku", "ordered")) == rows


def test_discounts_delivery_days_parts_and_a_note_are_typed_and_kept(desk: Page) -> None:
    first, second = b.product(), b.product()
    road = Carrier.objects.create(code="ROAD", name="Road")
    ShippingRate.objects.create(carrier=road, currency_id="EUR", amount=Decimal("9.50"))
    wanted = timezone.localdate() + timedelta(days=30)
    later = wanted + timedelta(days=30)
    opened(desk, (first, 100), (second, 10))
    foot = desk.locator("#foot-figures")

    desk.get_by_label("Delivery", exact=False).first.select_option("ROAD")
    expect(foot).to_contain_text("€9.50")
    desk.get_by_label("Wanted by").first.fill(str(wanted))
    detail(desk)
    desk.fill("#id_lines-0-discount_percent", "10")
    desk.fill("#id_lines-0-parts", f"{wanted} 60\n{later} 40")
    detail(desk, 1)
    desk.fill("#id_lines-1-requested_on", str(later))
    desk.get_by_text("Charges, another address, internal note").click()
    desk.get_by_label("Order discount").fill("50")
    desk.get_by_label("Delivery charge").fill("12.50")
    desk.get_by_label("Internal note").fill("Ring before noon")
    desk.keyboard.press("Tab")
    expect(foot).to_contain_text("−€150.00")
    expect(foot).to_contain_text("€12.50")
    expect(foot).to_contain_text("€962.50")
    desk.get_by_role("button", name="Place order").click()
    expect(desk.get_by_role("heading", level=1)).to_contain_text("SO-")

    made = Order.objects.get()
    told = (made.order_discount, made.shipping_total, made.grand_total, made.note)
    assert told == (50, Decimal("12.50"), Decimal("962.50"), "Ring before noon")
    assert (made.shipping_method, made.requested_on) == ("ROAD", wanted)
    lines = list(made.lines.order_by("line_no"))
    assert [line.discount_percent for line in lines] == [10, 0]
    assert parts(lines[0]) == [(wanted, 60), (later, 40)]
    assert (lines[1].requested_on, parts(lines[1])) == (later, [])


def parts(line: object) -> list[tuple[date, int]]:
    return list(line.schedule.values_list("due_on", "quantity"))  # type: ignore[attr-defined]


def test_an_incomplete_draft_saves_itself_and_says_what_is_missing(desk: Page) -> None:
    buyer, thing = b.customer(), b.product()
    buyer.addresses.all().delete()
    desk.goto(at(desk, "new"))
    desk.fill("#id_customer", buyer.code)
    missing = desk.locator("[data-missing]")

    desk.locator("[data-sku]").first.fill("NO-SUCH")
    desk.keyboard.press("Control+s")
    expect(desk.locator("[data-saved]")).to_contain_text("Saved ")
    expect(missing).to_have_text(
        "Still missing: a line, a row that is no line yet, a complete delivery address"
    )
    desk.locator("[data-sku]").first.fill(thing.sku)
    desk.locator("[data-quantity]").first.fill("2")
    expect(missing).to_have_text("Still missing: a complete delivery address", timeout=20_000)
    desk.reload()

    expect(missing).to_have_text("Still missing: a complete delivery address")
    expect(desk.locator("[data-sku]").first).to_have_value(thing.sku)
    assert Order.objects.get().status == "draft"


def test_each_problem_leads_to_its_field(desk: Page) -> None:
    thing = b.product()
    desk.goto(at(desk, "new"))
    desk.locator("[data-sku]").first.fill(thing.sku)
    desk.locator("[data-quantity]").first.fill("many")
    desk.get_by_text("Charges, another address, internal note").click()
    desk.get_by_label("Order discount").fill("-1")

    desk.get_by_role("button", name="Place order").click()

    summary = desk.locator(".error-summary")
    expect(summary).to_be_focused()
    assert violations(desk) == []
    for words, field in (
        ("Line 1", "#id_lines-0-quantity"),
        ("Order discount", "#id_order_discount"),
        ("Customer", "#id_customer"),
    ):
        summary.get_by_role("link").filter(has_text=words).click()
        expect(desk.locator(field)).to_be_focused()
        expect(desk.locator(field)).to_have_attribute("aria-invalid", "true")
    assert not Order.objects.exists()


def test_a_price_below_the_floor_says_who_has_to_agree_and_goes_back_up(desk: Page) -> None:
    thing, other = b.product(), b.product()
    Price.objects.update(floor=8)
    opened(desk, (thing, 5))
    notes = desk.locator("#lines-0-notes")
    expect(notes).to_contain_text("list €10.00, floor €8.00")

    desk.locator("[data-price]").first.fill("7")
    expect(notes).to_contain_text("Below the floor of €8.00; a manager will have to agree.")
    desk.get_by_role("button", name="Set to floor").click()

    expect(desk.locator("[data-price]").first).to_have_value("8.00")
    expect(desk.locator("#foot-figures")).to_contain_text("€40.00")
    expect(notes).not_to_contain_text("Below the floor")
    desk.locator("[data-sku]").first.fill(other.sku)
    desk.keyboard.press("Tab")
    expect(desk.locator("[data-price]").first).to_have_value("")
    expect(desk.locator("#foot-figures")).to_contain_text("€50.00")


def test_an_answer_that_comes_late_leaves_what_was_typed_since(desk: Page) -> None:
    first, second = b.product(), b.product()
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    desk.goto(f"{at(desk, 'new')}?customer={b.customer().code}")
    desk.route("**/outlook/", hold)
    code = desk.locator("[data-sku]").first
    code.fill(first.sku.lower())
    with desk.expect_request("**/outlook/"):
        desk.locator("[data-quantity]").first.fill("1")

    code.evaluate("(field, sku) => { field.value = sku; }", second.sku)
    held[-1].continue_()

    expect(desk.locator("#lines-0-notes")).to_contain_text("list €10.00")
    expect(code).to_have_value(second.sku)
