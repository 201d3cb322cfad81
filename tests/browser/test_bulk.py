"""Bulk jobs in a real browser: from the selection to the result, accessible at every step."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from django.contrib.auth.models import User
from django.urls import reverse
from playwright.sync_api import Page, expect

from config.kernel.actors import WORKER
from orders.bulk import engine, jobs
from orders.bulk.actions import BY_NAME
from orders.bulk.selection import Selection
from orders.lifecycle import holds
from orders.models import BulkJob, Hold
from tests import builders as b
from tests.browser.looking import THEMES, walk
from tests.browser.test_desk import home

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def _over() -> Iterator[None]:
    yield
    BulkJob.objects.unfinished().update(status="cancelled", finished_at="2030-01-01T00:00Z")


def test_orders_are_ticked_looked_at_held_and_the_page_follows_the_job(desk: Page) -> None:
    ids = b.submitted((b.product(), 1), times=3)

    desk.goto(home(desk) + reverse("admin:orders_order_changelist"))
    for pk in ids[:2]:
        desk.locator(f"input[name=_selected_action][value='{pk}']").check()
    desk.locator("select[name=action]").first.select_option("bulk-hold")
    desk.get_by_role("button", name="Go", exact=True).click()
    expect(desk.get_by_role("heading", level=1)).to_have_text("Hold 2 orders?")
    desk.get_by_role("button", name="Hold 2 orders").click()
    expect(desk.get_by_role("alert")).to_contain_text("Reason is required.")
    desk.get_by_label("Reason").fill("Stock audit")
    desk.get_by_role("button", name="Hold 2 orders").click()

    expect(desk.locator("#job")).to_contain_text("Waits for a worker")
    assert Hold.objects.count() == 0
    engine.work()
    expect(desk.locator("#job")).to_contain_text("Finished", timeout=8000)
    expect(desk.locator("#results .pill").first).to_have_text(re.compile("On hold"))
    expect(desk.get_by_role("button", name="Stop")).to_have_count(0)
    assert sorted(Hold.objects.values_list("order", flat=True)) == ids[:2]


@pytest.mark.parametrize("theme", THEMES)
def test_pages_of_jobs_are_accessible_and_never_scroll_sideways(desk: Page, theme: str) -> None:
    user = User.objects.get(username="boss")
    thing = b.product()
    b.stocked(5, of=thing)
    ids = b.validated((thing, 1), times=6) + b.processed((thing, 1))
    holds.place(ids[:1], reason="Waits for a call", by=WORKER)  # one more finds no stock
    dry = jobs.look(BY_NAME["process"], Selection.of_ids(ids, user), user)
    assert (dry.blocked, dry.already, dry.items.succeeded().exclude(reason="").count()) == (1, 1, 1)
    done = jobs.start(dry, user, arguments={}, detail="")
    engine.work()
    held = jobs.look(BY_NAME["hold"], Selection.of_ids(ids, user), user)
    waiting = jobs.start(held, user, arguments={"reason": "Audit"}, detail="Audit")
    again = jobs.look(BY_NAME["release"], Selection.of_ids(ids, user), user)
    pages = [job.get_absolute_url() for job in (dry, done, held, waiting, again)]
    pages.append(reverse("orders:jobs"))

    assert walk(desk, [home(desk) + page for page in pages], theme=theme) == {}
