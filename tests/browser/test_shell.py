"""The shell in a real browser: palette and help by keyboard, notes, the bell; accessible."""

from __future__ import annotations

import re
import time

import pytest
from django.contrib.auth.models import User
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, Route, expect

from config.kernel.actors import WORKER
from orders.lifecycle import notes, quotes
from orders.models import Order, OrderEvent, Quote, StaffNotice
from tests import builders as b
from tests.browser.looking import THEMES, violations
from tests.browser.test_desk import home

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def order() -> Order:
    thing = b.product("GLV-NIT-L")
    b.stocked(10, of=thing)
    [pk] = b.processed((thing, 3))
    return b.order(pk)


def test_the_palette_finds_an_order_by_keyboard_and_opens_it(desk: Page, order: Order) -> None:
    desk.keyboard.press("Control+k")
    palette = desk.locator("#palette")
    expect(palette.get_by_role("combobox")).to_be_focused()
    desk.keyboard.type(order.po_number)
    chosen = palette.locator("[role=option][aria-selected=true]")
    expect(chosen).to_contain_text(order.number)
    desk.keyboard.press("ArrowDown")
    desk.keyboard.press("ArrowUp")
    expect(chosen).to_contain_text(order.number)
    desk.keyboard.press("Enter")

    expect(desk.get_by_role("heading", level=1)).to_contain_text(order.number)


def test_an_exact_number_and_enter_open_the_order_without_waiting(desk: Page, order: Order) -> None:
    desk.keyboard.press("Control+k")
    desk.keyboard.type(order.number)
    desk.keyboard.press("Enter")

    expect(desk.get_by_role("heading", level=1)).to_contain_text(order.number)


def test_whoever_types_faster_than_answers_come_gets_there_all_the_same(desk: Page) -> None:
    def late(route: Route) -> None:
        time.sleep(0.4)
        route.continue_()

    desk.route("**/search/?q=*", late)
    desk.keyboard.press("Control+k")
    desk.keyboard.type(">new order")
    desk.keyboard.press("Enter")

    expect(desk.get_by_role("heading", level=1)).to_contain_text("New order")


def test_escape_closes_the_palette_and_commands_lead_to_pages(desk: Page) -> None:
    desk.keyboard.press("/")
    expect(desk.locator("#palette")).to_be_visible()
    desk.keyboard.press("Escape")
    expect(desk.locator("#palette")).to_be_hidden()
    desk.locator(".omni").click()
    desk.keyboard.type("> ship")
    expect(desk.locator("#palette [role=option]")).to_have_count(1)
    desk.keyboard.press("Enter")

    expect(desk).to_have_url(re.compile("/shipments/"))


def test_the_help_opens_with_a_question_mark_and_keys_rest_while_it_is_open(desk: Page) -> None:
    desk.keyboard.press("?")
    expect(desk.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()
    desk.keyboard.press("n")
    expect(desk.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()
    desk.keyboard.press("Escape")
    expect(desk.locator("#shortcuts")).to_be_hidden()
    desk.keyboard.press("g")
    desk.keyboard.press("o")

    expect(desk.get_by_role("heading", level=1)).to_have_text("Orders")


def test_keys_can_be_turned_off_and_rest_while_one_types(desk: Page, order: Order) -> None:
    desk.goto(home(desk) + order.get_absolute_url())
    desk.keyboard.press("m")
    expect(desk.locator("textarea[name=words]")).to_be_focused()
    desk.keyboard.type("hop?")
    expect(desk.locator("textarea[name=words]")).to_have_value("hop?")
    expect(desk.locator("#shortcuts")).to_be_hidden()
    desk.locator("html").evaluate("e => { e.dataset.shortcuts = 'off'; }")
    desk.locator("h1").click()
    desk.keyboard.press("?")

    expect(desk.locator("#shortcuts")).to_be_hidden()


def test_a_note_is_written_and_sent_by_keyboard_alone(desk: Page, order: Order) -> None:
    desk.goto(home(desk) + order.get_absolute_url())
    desk.keyboard.press("m")
    desk.keyboard.type("Gate 5, ask for Marian")
    desk.keyboard.press("Control+Enter")

    expect(desk.locator("#activity")).to_contain_text("“Gate 5, ask for Marian”")
    assert OrderEvent.objects.get(type="note.added").note.text == "Gate 5, ask for Marian"
    assert b.order(order.pk).status == "processing"


def test_h_e_and_p_act_on_an_order_and_j_and_k_move_in_a_list(desk: Page, order: Order) -> None:
    b.drafted((order.lines.get().product, 1))
    desk.goto(home(desk) + reverse("orders:list"))
    desk.keyboard.press("j")
    desk.keyboard.press("j")
    expect(desk.locator(".rowlink").nth(1)).to_be_focused()
    desk.keyboard.press("k")
    expect(desk.locator(".rowlink").first).to_be_focused()
    desk.goto(home(desk) + order.get_absolute_url())
    desk.evaluate("window.print = () => { document.title = 'printed'; }")
    desk.keyboard.press("p")
    expect(desk).to_have_title("printed")
    desk.keyboard.press("h")
    expect(desk).to_have_url(re.compile(f"{order.number}/hold/"))
    desk.go_back()
    desk.keyboard.press("e")

    expect(desk).to_have_url(re.compile(f"{order.number}/amend/"))


def test_j_and_k_on_an_order_go_through_the_list_it_was_opened_from(desk: Page) -> None:
    ids = b.drafted((b.product(), 1), times=3)
    b.submitted((b.product(), 1))
    newest, middle, oldest = (b.order(pk).number for pk in reversed(ids))
    title = desk.get_by_role("heading", level=1)
    desk.goto(f"{home(desk)}{reverse('orders:list')}?status=draft")
    desk.keyboard.press("j")
    desk.keyboard.press("Enter")
    expect(title).to_contain_text(newest)
    for key, number in (("j", middle), ("j", oldest), ("j", oldest), ("k", middle), ("k", newest)):
        desk.wait_for_load_state()
        desk.keyboard.press(key)
        expect(title).to_contain_text(number)
    desk.keyboard.press("k")
    desk.get_by_role("link", name="Back to the list").click()

    expect(desk).to_have_url(re.compile("status=draft"))


def test_the_link_of_a_quote_is_copied(desk: Page) -> None:
    [pk] = b.drafted((b.product(), 1))
    quotes.send([pk], expires_on=timezone.localdate(), by=WORKER)
    desk.context.grant_permissions(["clipboard-read", "clipboard-write"])
    desk.goto(home(desk) + reverse("orders:quote", args=[b.order(pk).number]))
    desk.get_by_role("button", name="Copy the link").click()

    expect(desk.locator(".toast")).to_contain_text("The link is copied.")
    link = Quote.objects.get().get_public_url()
    assert desk.evaluate("navigator.clipboard.readText()") == home(desk) + link


def test_what_happens_elsewhere_appears_by_itself(desk: Page, order: Order) -> None:
    desk.goto(home(desk) + order.get_absolute_url())
    notes.add([order.pk], words="From somewhere else", by=WORKER)

    expect(desk.locator("#activity")).to_contain_text("From somewhere else", timeout=20_000)
    expect(desk.locator("#activity")).to_contain_text("Something new has happened")


def test_the_bell_shows_what_concerns_me_and_leads_there(desk: Page, order: Order) -> None:
    Order.objects.update(created_by=User.objects.get(username="boss"))
    notes.add([order.pk], words="Look", by=WORKER)
    desk.goto(home(desk) + reverse("orders:list"))
    desk.get_by_label("Notifications, 1 unread").click()
    desk.get_by_role("link", name="There is a new note on").click()

    expect(desk.get_by_role("heading", level=1)).to_contain_text(order.number)
    assert not StaffNotice.objects.unread().exists()


def test_the_order_number_is_copied(desk: Page, order: Order) -> None:
    desk.context.grant_permissions(["clipboard-read", "clipboard-write"])
    desk.goto(home(desk) + order.get_absolute_url())
    desk.get_by_label("Copy the order number").click()

    expect(desk.locator(".toast")).to_contain_text(f"{order.number} is copied.")
    assert desk.evaluate("navigator.clipboard.readText()") == order.number


@pytest.mark.parametrize("theme", THEMES)
def test_the_shell_is_accessible_and_never_scrolls_sideways(
    desk: Page, order: Order, theme: str
) -> None:
    Order.objects.update(created_by=User.objects.get(username="boss"))
    notes.add([order.pk], words="Look", shared=True, by=WORKER)
    desk.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
    page = home(desk) + order.get_absolute_url()
    faults = {}

    def look(name: str) -> None:
        found = violations(desk)
        if found:
            faults[name] = found
        if desk.locator("html").evaluate("e => e.scrollWidth > e.clientWidth + 1"):
            faults[f"{name} is wide"] = []

    for width in (1440, 390):
        desk.set_viewport_size({"width": width, "height": 900})
        for address in (page, f"{page}money/", f"{home(desk)}/notifications/"):
            desk.goto(address)
            look(f"{width} {address}")
        desk.goto(page)
        desk.locator(".page-head .menu summary").click()
        look(f"{width} actions")
        desk.keyboard.press("Control+k")
        desk.keyboard.type(order.number)
        expect(desk.locator("#palette [role=option]").first).to_contain_text(order.number)
        look(f"{width} palette")
        desk.keyboard.press("Escape")
        expect(desk.locator("#palette")).to_be_hidden()
        desk.keyboard.press("?")
        look(f"{width} help")

    assert faults == {}


def test_the_theme_that_was_switched_to_is_kept_without_loading_the_page(desk: Page) -> None:
    desk.emulate_media(color_scheme="light")
    desk.evaluate("window.same = true")
    menu, root = desk.get_by_label("Account menu for"), desk.locator("html")
    for wanted in ("dark", "light", "dark"):
        if not desk.get_by_role("button", name="Switch theme").is_visible():
            menu.click()
        with desk.expect_response("**/settings/theme/") as answer:
            desk.get_by_role("button", name="Switch theme").click()
        assert answer.value.status == 204
        expect(root).to_have_attribute("data-theme", wanted)
    assert desk.evaluate("window.same")
    assert desk.locator("[data-toggle=theme][aria-busy]").count() == 0

    desk.reload()

    expect(root).to_have_attribute("data-theme", "dark")


def test_the_palette_starts_an_order_for_the_customer_that_was_found(desk: Page) -> None:
    buyer = b.customer(code="NORD-1")
    desk.keyboard.press("Control+k")
    desk.keyboard.type("NORD-1")
    option = desk.locator("#palette [role=option]").filter(has_text=f"New order for {buyer}")

    option.click()

    expect(desk.locator("#id_customer")).to_have_value(f"NORD-1 · {buyer}")
