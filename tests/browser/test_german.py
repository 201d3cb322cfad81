"""German in a real browser: long words fit on a phone, pages stay accessible and quiet."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.urls import reverse
from playwright.sync_api import Page, expect

from orders.bulk import jobs
from orders.bulk.actions import BY_NAME
from orders.bulk.selection import Selection
from orders.models import Order, Staff
from tests import builders as b
from tests.browser.looking import violations
from tests.browser.test_desk import home

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SHOTS = os.environ.get("SHOTS", "")
WIDTHS = (390, 1440)


@pytest.fixture
def german(desk: Page) -> Page:
    Staff.objects.create(user=User.objects.get(username="boss"), language="de")
    return desk


def pages() -> dict[str, str]:
    thing = b.product()
    b.stocked(10, of=thing)
    order = b.order(b.processed((thing, 4), (thing, 20))[0])
    b.validated((b.product(), 3))
    b.submitted((b.product(price="9000000"), 1))
    return {
        "today": reverse("orders:today"),
        "list": reverse("orders:list"),
        "order": order.get_absolute_url(),
        "money": reverse("orders:money", args=[order.number]),
        "allocation": reverse("orders:allocation", args=[order.number]),
        "versions": reverse("orders:versions", args=[order.number]),
        "entry": reverse("orders:new"),
        "inbox": reverse("orders:review"),
        "amend": reverse("orders:amend", args=[order.number]),
        "cancel": reverse("orders:cancel", args=[order.number]),
        "hold": reverse("orders:step", args=[order.number, "hold"]),
        "jobs": reverse("orders:jobs"),
        "quotes": reverse("orders:quotes"),
        "recurring": reverse("orders:recurring_new"),
        "pick lists": reverse("fulfillment:pick_lists"),
        "shipments": reverse("fulfillment:shipments"),
        "preferences": reverse("orders:preferences"),
        "security": reverse("orders:security"),
        "people": reverse("orders:people"),
        "invite": reverse("orders:invite"),
    }


def shoot(page: Page, name: str) -> None:
    if SHOTS:
        page.screenshot(path=Path(SHOTS) / f"{name}.png", full_page=True)


def test_what_may_change_fits_the_desk_without_scrolling(german: Page) -> None:
    german.goto(home(german) + reverse("orders:policy_matrix"))
    for width in (1440, 1366):
        german.set_viewport_size({"width": width, "height": 900})
        table = german.locator(".tbl-wrap")

        assert table.evaluate("e => e.scrollWidth - e.clientWidth") == 0, width


def test_german_pages_fit_every_width_and_are_accessible(german: Page) -> None:
    start, found = home(german), {}
    for name, url in pages().items():
        for width in WIDTHS:
            german.set_viewport_size({"width": width, "height": 900})
            german.goto(start + url)
            expect(german.locator("html")).to_have_attribute("lang", "de")
            wide = german.evaluate("document.documentElement.scrollWidth - innerWidth")
            if wide > 0:
                found[f"{name} at {width}"] = f"{wide} px too wide"
            shoot(german, f"{name}-{width}")
        if bad := violations(german):
            found[f"{name}, axe"] = str(bad)

    assert found == {}


def test_a_selection_and_its_dry_run_are_german_and_fit_a_phone(german: Page) -> None:
    thing, boss = b.product(), User.objects.get(username="boss")
    b.stocked(10, of=thing)
    ids = b.processed((thing, 4))
    german.set_viewport_size({"width": 390, "height": 900})
    german.goto(home(german) + reverse("orders:list"))

    german.locator("input[name=o]").first.check()
    expect(german.locator("[data-selcount]")).to_have_text("1 gewählt")
    expect(german.get_by_role("button", name="Sperren")).to_be_visible()
    job = jobs.look(BY_NAME["hold"], Selection.of_ids(ids, boss), boss)
    german.goto(home(german) + job.get_absolute_url())
    shoot(german, "bulk-390")

    expect(german.get_by_role("heading", level=1)).to_contain_text("1 Auftrag: Sperren")
    assert german.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    assert violations(german) == []


def test_what_the_scripts_say_is_german_too(german: Page) -> None:
    german.goto(home(german) + reverse("orders:new"))
    item = german.locator("[data-sku]").first
    expect(item).to_have_attribute("aria-label", "Artikel, Position 1")

    german.keyboard.press("Control+s")

    expect(german.locator("[data-saved]")).to_have_text(
        "Nicht gespeichert: zuerst einen Kunden wählen."
    )
    assert not Order.objects.exists()
