"""The exceptions inbox in a real browser: by keyboard, accessible, quiet, on a phone too."""

from __future__ import annotations

import os

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from config.kernel.actors import WORKER
from orders.lifecycle import validation
from orders.models import Hold, Order, OrderException
from tests import builders as b
from tests.browser.looking import THEMES, walk
from tests.journeys.test_finding import too_cheap

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")


def home(page: Page) -> str:
    return page.url.split("/", 3)[0] + "//" + page.url.split("/", 3)[2]


def findings() -> list[OrderException]:
    """Two orders over their credit limit, a repeat, a wrong address."""
    thing = b.product()
    b.stocked(40, of=thing)
    ids = b.submitted((thing, 5), buyer=b.customer("20"), times=2)
    twins = b.submitted((thing, 1), buyer=b.customer(), times=2)
    Order.objects.filter(pk__in=twins).update(po_number="")
    lost = b.customer()
    lost.addresses.update(postal_code="ABC")
    ids += twins + b.submitted((thing, 1), buyer=lost)
    for pk in ids:
        validation.validate([pk], by=WORKER)
    return list(OrderException.objects.blocking().order_by("opened_at", "pk"))


def test_findings_are_decided_one_after_the_other_by_keyboard(desk: Page) -> None:
    first, second, *_ = findings()
    desk.goto(home(desk) + reverse("orders:review") + "?rule=credit")

    desk.keyboard.press("j")
    desk.keyboard.press("Enter")
    expect(desk.get_by_role("heading", level=1)).to_contain_text(str(first.order))
    expect(desk.locator("#then")).to_contain_text("is validated")
    desk.keyboard.press("m")
    desk.keyboard.type("Agreed by phone")
    desk.keyboard.press("Control+Enter")
    expect(desk.get_by_role("heading", level=1)).to_contain_text(str(second.order))
    desk.keyboard.press("m")
    desk.keyboard.type("The same")
    desk.keyboard.press("Control+Enter")
    expect(desk.get_by_role("heading", name="Nothing matches")).to_be_visible()

    rows = OrderException.objects.filter(rule="credit").order_by("pk")
    assert [(row.status, row.waive_reason) for row in rows] == [
        ("waived", "Agreed by phone"),
        ("waived", "The same"),
    ]
    assert b.order(first.order_id).status == "validated"


def test_what_happens_next_follows_the_choice(desk: Page) -> None:
    first = findings()[0]
    desk.goto(home(desk) + reverse("orders:finding", args=[first.pk]))
    expect(desk.locator("#then")).to_contain_text("stand on the credit")

    desk.get_by_label("Check again").check()
    expect(desk.locator("#then")).to_contain_text("Nothing has changed")
    desk.get_by_label("Let it pass").check()
    desk.get_by_label("“Credit limit” may pass").uncheck()

    expect(desk.locator("#then")).to_contain_text("Choose the findings that may pass.")
    assert b.order(first.order_id).status == "in_review"


def test_on_a_phone_the_queue_and_the_finding_are_two_pages(desk: Page) -> None:
    first = findings()[0]
    desk.set_viewport_size({"width": 390, "height": 844})

    desk.goto(home(desk) + reverse("orders:review"))
    expect(desk.get_by_role("heading", name="Choose a finding")).to_be_hidden()
    desk.get_by_role("link", name=str(first.order)).click()
    expect(desk.get_by_role("heading", level=1)).to_contain_text(str(first.order))
    expect(desk.locator(".qlist")).to_be_hidden()
    desk.get_by_role("link", name="All exceptions").click()

    expect(desk.locator(".qlist")).to_be_visible()


def test_a_finding_is_taken_and_given_back(desk: Page) -> None:
    first = findings()[0]
    desk.goto(home(desk) + reverse("orders:finding", args=[first.pk]))

    desk.get_by_role("button", name="Take it").click()
    expect(desk.locator(".owner-row")).to_contain_text("boss has it")
    desk.get_by_role("button", name="Back to the team").click()
    expect(desk.locator(".owner-row")).to_contain_text("for Finance")


def test_an_order_is_held_until_a_day_and_released_with_a_reason(desk: Page) -> None:
    thing = b.product()
    b.stocked(10, of=thing)
    [pk] = b.processed((thing, 3))
    order = b.order(pk)
    desk.goto(home(desk) + reverse("orders:step", args=[order.number, "hold"]))

    expect(desk.locator(".effects")).to_contain_text("reserved units are not picked")
    desk.get_by_label("What is wrong").select_option("customer_request")
    desk.get_by_label("Reason").fill("Not before spring")
    desk.get_by_label("Until").fill("2031-03-04T08:00")
    desk.get_by_role("button", name="Preview").click()
    expect(desk.locator(".effects")).to_contain_text("Breaks the promise for")
    desk.get_by_role("button", name="Hold order").click()
    expect(desk.get_by_text("Not before spring, until Tue 04 Mar 08:00.")).to_be_visible()

    desk.goto(home(desk) + reverse("orders:step", args=[order.number, "release"]))
    expect(desk.get_by_label("Not before spring")).to_be_checked()
    desk.get_by_label("Reason").fill("It is spring")
    desk.get_by_role("button", name="Release", exact=True).click()
    expect(desk.get_by_text("is free of the hold")).to_be_visible()
    assert not Hold.objects.in_force().exists()


@pytest.mark.parametrize("theme", THEMES)
def test_the_pages_are_accessible_and_never_scroll_sideways(desk: Page, theme: str) -> None:
    rows = findings()
    held = rows[0].order
    for name, kind in (("hold", "payment"), ("hold", "address")):
        desk.goto(home(desk) + reverse("orders:step", args=[held.number, name]))
        desk.get_by_label("What is wrong").select_option(kind)
        desk.get_by_label("Reason").fill("A reason")
        desk.get_by_role("button", name="Hold order").click()
    pages = [reverse("orders:finding", args=[row.pk]) for row in rows]
    pages += [reverse("orders:review") + query for query in ("", "?group=owner", "?q=nothing")]
    pages += [reverse("orders:step", args=[held.number, name]) for name in ("hold", "release")]

    assert walk(desk, [home(desk) + page for page in pages], theme=theme) == {}


def test_a_price_is_raised_by_its_button_and_not_by_enter_in_the_reason(desk: Page) -> None:
    first, second = too_cheap("8.00", "7.00")
    lines = Order.objects.get(pk=first.order_id).lines.order_by("line_no")
    desk.goto(home(desk) + reverse("orders:finding", args=[first.pk]))

    desk.locator("#id_reason").press("Enter")
    expect(desk.get_by_text("Say why it may pass.").first).to_be_visible()
    assert [line.unit_price for line in lines] == [8, 7]
    card = desk.locator(f"section[aria-labelledby=s-{second.pk}]")
    card.get_by_role("button", name="Raise to €9.00").click()

    expect(desk.get_by_text("is amended and checked again")).to_be_visible()
    assert [line.unit_price for line in lines.all()] == [8, 9]
