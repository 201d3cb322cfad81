"""The desk in a real browser: an order is typed by keyboard, pages are accessible and quiet."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib.auth.models import User
from django.urls import reverse
from playwright.sync_api import Page, expect

from fulfillment.models import PickTask
from fulfillment.services import picking as floor
from orders.models import Order
from tests import builders as b

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PASSWORD = "a long word for tests"  # noqa: S105
# What the browser says when the icon of a tab is asked for twice is none of our business.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")


@pytest.fixture
def desk(page: Page, live_server: object) -> Iterator[Page]:
    """Somebody who may do everything, signed in; no page may complain."""
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    User.objects.create_superuser("boss", "boss@zepergo.example", PASSWORD)
    page.goto(f"{live_server.url}/accounts/login/")  # type: ignore[attr-defined]
    page.fill("#id_login", "boss")
    page.fill("#id_password", PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("link", name="Today")).to_be_visible()
    yield page
    assert [words for words in complaints if "422" not in words] == []


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


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_pages_are_accessible_and_never_scroll_sideways(desk: Page, theme: str) -> None:
    thing = b.product()
    b.stocked(10, of=thing)
    [pk] = b.processed((thing, 3))
    order = b.order(pk)
    tasks = PickTask.objects.values_list("pk", flat=True)
    made = floor.make_list(b.warehouse().pk, tasks, at=order.created_at)
    numbered = ("order", "ledger", "allocation", "cancel", "payment")
    pages = [reverse(f"orders:{name}", args=[order.number]) for name in numbered]
    pages += [reverse(f"orders:{name}") for name in ("today", "list", "review", "new")]
    pages += [reverse("fulfillment:pick_list", args=[made.number]), "/pick-lists/", "/shipments/"]
    desk.emulate_media(color_scheme=theme)  # type: ignore[arg-type]

    faults = {}
    for width in (1440, 390):
        desk.set_viewport_size({"width": width, "height": 900})
        for address in pages:
            desk.goto(home(desk) + address)
            found = Axe().run(desk).response["violations"]
            if found:
                faults[width, address] = [(f["id"], f["nodes"][0]["html"][:90]) for f in found]
            wide = desk.locator("html").evaluate("e => e.scrollWidth > e.clientWidth + 1")
            if wide:
                faults[width, address, "wide"] = []

    assert faults == {}
