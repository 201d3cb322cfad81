"""The list in a real browser: by keyboard, selected, narrowed, with the columns one wants."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.urls import reverse
from playwright.sync_api import Page, expect

from orders.models import SavedView, Staff
from tests import builders as b
from tests.browser.looking import THEMES, violations

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def desk(desk: Page) -> Page:
    """Before 30 drafts."""
    b.drafted((b.product("PIN-1"), 1), times=30)
    desk.set_viewport_size({"width": 1440, "height": 1000})
    desk.goto(desk.url.rstrip("/") + reverse("orders:list"))
    return desk


def checked(page: Page) -> list[int]:
    boxes = page.locator("input[name=o]")
    return [i for i in range(boxes.count()) if boxes.nth(i).is_checked()]


def test_a_total_that_takes_a_look_at_each_order_comes_after_the_page(desk: Page) -> None:
    desk.goto(f"{desk.url}?channel=manual")

    expect(desk.locator("#orders footer")).to_contain_text("25 of 30")
    desk.get_by_label("Select all on this page").check()
    desk.get_by_label("Select all 30 that match").check()
    expect(desk.locator("[data-selcount]")).to_have_text("30 selected")


def test_rows_are_walked_selected_and_opened_by_keyboard(desk: Page) -> None:
    links = desk.locator(".rowlink")
    for key in ("j", "j", "k"):
        desk.keyboard.press(key)
    expect(links.nth(0)).to_be_focused()

    desk.keyboard.press("x")
    for _ in range(3):
        desk.keyboard.press("j")
    desk.keyboard.press("Shift+X")
    assert checked(desk) == [0, 1, 2, 3]
    expect(desk.locator("[data-selcount]")).to_have_text("4 selected")
    desk.keyboard.press("Escape")
    assert checked(desk) == []
    expect(desk.locator(".bulkbar")).to_be_hidden()

    number = links.nth(3).inner_text()
    desk.keyboard.press("Enter")
    expect(desk.get_by_role("heading", level=1)).to_contain_text(number)
    assert "?in=sort%3Dnewest" in desk.url


def test_a_page_then_all_that_match_are_selected_and_handed_over(desk: Page) -> None:
    expect(desk.locator(".bulkbar")).to_be_hidden()
    desk.locator("[data-checkall]").check()
    expect(desk.locator("[data-selcount]")).to_have_text("25 selected")
    desk.get_by_label("Select all 30 that match").check()
    expect(desk.locator("[data-selcount]")).to_have_text("30 selected")

    with desk.expect_request("**/orders/bulk/") as sent:
        desk.get_by_role("button", name="Hold", exact=True).click()
    posted = sent.value.post_data or ""

    assert sent.value.method == "POST"
    assert "every=1" in posted
    assert "action=hold" in posted
    assert "query=sort%3Dnewest" in posted
    assert posted.count("&o=") == 25
    expect(desk.get_by_role("heading", level=1)).to_contain_text("Hold 30 orders")


def test_a_row_taken_out_means_no_longer_all_that_match(desk: Page) -> None:
    desk.locator("[data-checkall]").check()
    desk.get_by_label("Select all 30 that match").check()
    desk.locator("input[name=o]").nth(2).uncheck()

    expect(desk.get_by_label("Select all 30 that match")).not_to_be_checked()
    expect(desk.locator("[data-selcount]")).to_have_text("24 selected")


def test_columns_are_chosen_and_stay_chosen(desk: Page) -> None:
    heads = desk.locator("thead th")
    expect(heads.filter(has_text="Payment")).to_have_count(1)
    desk.locator("summary", has_text="Columns").click()
    desk.locator("input[type=checkbox][name=columns][value=payment]").uncheck()
    desk.locator("input[type=checkbox][name=columns][value=po_number]").check()
    desk.get_by_role("button", name="Remember").click()

    expect(heads.filter(has_text="PO number")).to_have_count(1)
    expect(heads.filter(has_text="Payment")).to_have_count(0)
    assert "po_number" in Staff.objects.get().list_columns
    desk.locator("summary", has_text="Columns").click()
    desk.get_by_role("button", name="Reset to default").click()
    expect(heads.filter(has_text="Payment")).to_have_count(1)


def test_the_list_is_narrowed_in_place_and_the_view_is_saved(desk: Page) -> None:
    desk.locator("summary", has_text="Filters").click()
    desk.get_by_label("SKU", exact=True).fill("PIN-1")
    desk.get_by_role("button", name="Show orders").click()

    expect(desk.get_by_label("Remove filter SKU PIN-1")).to_be_visible()
    assert desk.url.endswith("/orders/?sku=PIN-1&sort=newest")
    desk.locator("summary", has_text="Save view").click()
    desk.get_by_label("Name of the view").fill("Pins")
    desk.get_by_role("button", name="Save this view").click()
    current = desk.locator(".views [aria-current=page]")
    expect(current).to_contain_text("Pins")
    expect(current.locator(".n")).to_have_text("30")
    assert SavedView.objects.get().query == "sku=PIN-1"

    desk.get_by_label("Remove filter SKU PIN-1").click()
    expect(desk.locator(".views [aria-current=page]")).to_contain_text("All")


def test_the_list_works_without_scripts(desk: Page) -> None:
    context = desk.context.browser.new_context(java_script_enabled=False)  # type: ignore[union-attr]
    context.add_cookies(desk.context.cookies())  # type: ignore[arg-type]
    plain = context.new_page()
    plain.goto(desk.url)
    plain.locator("summary", has_text="Filters").click()
    plain.get_by_role("link", name="All filters").click()
    plain.get_by_label("SKU", exact=True).fill("PIN-2")
    plain.get_by_role("button", name="Show orders").click()
    expect(plain.get_by_role("heading", name="No order matches")).to_be_visible()
    plain.get_by_role("link", name="30 without SKU PIN-2").click()
    plain.locator("input[name=o]").first.check()
    expect(plain.locator(".bulkbar")).to_be_visible()
    plain.get_by_role("button", name="Clear", exact=True).click()
    expect(plain.locator(".bulkbar")).to_be_hidden()
    context.close()


@pytest.mark.parametrize("theme", THEMES)
def test_the_list_is_accessible_and_never_scrolls_sideways(desk: Page, theme: str) -> None:
    desk.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
    home = desk.url.split("?")[0]
    view = SavedView.objects.create(owner=User.objects.get(), name="Pins", query="sku=PIN-1")
    thing = b.product()
    b.stocked(5, of=thing)
    b.processed((thing, 2))
    opened = {
        "": None,
        "sort=promise": "[data-checkall]",
        "status=draft&channel=manual": "summary:has-text('Filters')",
        "sku=PIN-1": "summary:has-text('Save view')",
        "sku=NONE&status=draft": "summary:has-text('Columns')",
        f"sku=PIN-1&view={view.pk}": "summary:has-text('Rename')",
        "entered_from=never": None,
    }

    faults = {}
    for width in (1440, 390):
        desk.set_viewport_size({"width": width, "height": 900})
        for query, control in opened.items():
            desk.goto(f"{home}?{query}")
            hidden_head = width == 390 and control == "[data-checkall]"
            if control:
                desk.locator("input[name=o]" if hidden_head else control).first.click()
            found = violations(desk)
            if found:
                faults[width, query] = found
            if desk.locator("html").evaluate("e => e.scrollWidth > e.clientWidth + 1"):
                faults[width, query, "wide"] = []

    assert faults == {}


def hidden(page: Page, selector: str) -> list[str]:
    """The text of what lies, wholly or in part, outside of its place or of the screen."""
    return page.locator(selector).evaluate_all(
        """all => all.filter(e => {
            const place = e.closest(".tbl-wrap, .bulkbar, .body").getBoundingClientRect();
            const own = e.getBoundingClientRect();
            return own.right > Math.min(place.right, innerWidth) + 1 || own.left < place.left - 1;
        }).map(e => e.textContent.trim())"""
    )


def test_what_an_order_is_worth_and_what_can_be_done_are_never_cut_off(desk: Page) -> None:
    home, thing = desk.url, b.product(price="98765.43")
    for code in ("LEI", "HAM", "MUC", "ROT"):
        b.stocked(5, b.warehouse(code), thing)
    buyer = b.customer("99000000")
    buyer.name = "Wirtschafts- und Beschaffungsgenossenschaft der Krankenhäuser"
    buyer.save()
    [pk] = b.processed((thing, 20), buyer=buyer)

    for width in (1440, 1280):
        desk.set_viewport_size({"width": width, "height": 900})
        desk.goto(home)
        assert hidden(desk, ".tbl .c-total") == []
        desk.locator("input[name=o]").first.check()
        assert hidden(desk, ".bulkbar button") == []
        desk.goto(home + b.order(pk).number + "/")
        assert hidden(desk, ".lines .pin") == []
        desk.goto(home.replace("/orders/", reverse("orders:policies")))
        assert hidden(desk, ".sdiag text") == []
    desk.goto(home)
    desk.locator("input[name=o]").first.check()
    names = desk.locator(".bulkbar button").all_inner_texts()
    assert len(names) == len(set(names))


def test_the_menu_makes_a_file_with_the_columns_of_the_list(desk: Page) -> None:
    user = User.objects.get(username="boss")
    Staff.objects.update_or_create(user=user, defaults={"list_columns": ["po_number"]})
    desk.reload()

    desk.get_by_text("Export", exact=True).click()
    desk.get_by_role("button", name="CSV", exact=True).click()
    expect(desk.get_by_role("heading", level=1)).to_contain_text("30 orders")
    with desk.expect_download() as file:
        desk.get_by_role("link", name="Download the file").click()

    heading, *rows = file.value.path().read_text("utf-8-sig").splitlines()
    assert (heading, len(rows)) == ("Order,PO number", 30)
