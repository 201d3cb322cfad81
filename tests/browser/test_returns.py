"""Returns in a real browser: from a cancellation that comes too late to what may come back."""

from __future__ import annotations

import os

import pytest
from django.contrib.auth.models import User
from django.urls import reverse
from playwright.sync_api import Page, expect

from config.kernel.actors import WORKER, Actor
from orders.models import Order, OrderLine, Staff
from returns import lifecycle as returns
from returns.models import Return
from tests import builders as b
from tests.browser.looking import THEMES, walk
from tests.browser.test_desk import home

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SHOTS = os.environ.get("SHOTS", "")


def part_sent() -> Order:
    """An order of which some units have left and others are wanted."""
    thing, other = b.product("GLV-NIT-L"), b.product("GWN-ISO-U")
    b.stocked(5, of=thing)
    b.stocked(3, of=other)
    [pk] = b.dispatched((thing, 8), (other, 3))
    return b.order(pk)


def test_what_cannot_be_cancelled_is_asked_back(desk: Page) -> None:
    order = part_sent()
    desk.goto(home(desk) + order.get_absolute_url())
    desk.locator("summary", has_text="Actions").click()
    desk.get_by_role("link", name="Cancel…").click()
    desk.get_by_role("dialog").get_by_role("link", name="Ask for a return of 8 shipped").click()
    expect(desk.get_by_role("heading", level=1)).to_contain_text("What is to come back")
    preview = desk.locator("#return-preview")
    expect(preview).to_contain_text("To come back: GLV-NIT-L")
    gloves = desk.locator(".choice", has_text="GLV-NIT-L").get_by_role("textbox")
    expect(gloves).to_have_value("5")
    gloves.fill("9")
    expect(preview).not_to_contain_text("GLV-NIT-L")
    gloves.fill("2")
    expect(preview.locator("li", has_text="GLV-NIT-L")).to_contain_text("2")
    desk.locator(".choice", has_text="GWN-ISO-U").get_by_role("textbox").fill("0")
    expect(preview).not_to_contain_text("GWN-ISO-U")
    desk.get_by_label("Reason").select_option("damaged")
    desk.get_by_role("button", name="Ask for the return").click()

    each = Return.objects.get()
    expect(desk.get_by_text(f"{each} is asked for. Somebody else decides on it.")).to_be_visible()
    card = desk.get_by_role("region", name="Returns")
    expect(card).to_contain_text("2 × A thing (GLV-NIT-L)")
    expect(card).to_contain_text("You asked for")
    card.get_by_role("link", name="Withdraw…").click()
    desk.get_by_role("button", name="Withdraw").click()
    expect(desk.get_by_text(f"{each} is withdrawn.")).to_be_visible()
    assert Return.objects.get().status == "cancelled"
    assert set(OrderLine.objects.values_list("return_requested", flat=True)) == {0}


def returned() -> Order:
    """A delivered order with a return in every state that there is."""
    thing = b.product("SNZ-GEL-5L")
    b.stocked(60, of=thing)
    [pk] = b.delivered((thing, 60))
    anna = Actor.of(User.objects.create(username="anna", first_name="Anna", last_name="Long-Name"))
    line = OrderLine.objects.get(order=pk)
    long = "Der Karton war aufgerissen und die Ware ist feucht geworden. " * 2
    for units in (1, 2, 3, 4):
        returns.request([pk], reason="damaged", words=long, quantities={line.pk: units}, by=anna)
    first, second, third, _fourth = Return.objects.order_by("pk")
    b.done(returns.authorize([pk], returns=[first.pk], by=WORKER))
    b.done(returns.reject([pk], returns=[second.pk], words="They were used", by=WORKER))
    b.done(returns.withdraw([pk], returns=[third.pk], by=anna))
    return b.order(pk)


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("theme", THEMES)
def test_returns_are_accessible_and_never_scroll_sideways(
    desk: Page, theme: str, language: str
) -> None:
    order, sent = returned(), part_sent()
    Staff.objects.create(user=User.objects.get(username="boss"), language=language)
    last = Return.objects.latest("pk")
    pages = [
        order.get_absolute_url(),
        reverse("returns:request", args=[order.number]) + f"?line-{_line(order)}=2",
        reverse("returns:authorize", args=[last.number]),
        reverse("returns:reject", args=[last.number]),
        reverse("orders:cancel", args=[sent.number]),
        reverse("orders:cancel", args=[order.number]),
        reverse("orders:list"),
    ]

    found = walk(desk, [home(desk) + page for page in pages], theme=theme)

    assert found == {}


def _line(order: Order) -> int:
    return OrderLine.objects.get(order=order).pk
