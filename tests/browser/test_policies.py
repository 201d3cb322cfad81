"""The policies in a real browser: accessible in both themes, never too wide, mended by a link."""

from __future__ import annotations

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from config.kernel.actors import WORKER
from orders.lifecycle import labels
from orders.models import RuleSet
from orders.policies import versions
from tests import builders as b
from tests.browser.looking import THEMES, walk
from tests.browser.test_desk import home

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
NAMES = ("policies", "policy_checks", "policy_matrix", "policy_labels", "policy_versions")


@pytest.mark.parametrize("theme", THEMES)
def test_the_policies_are_accessible_and_never_scroll_sideways(desk: Page, theme: str) -> None:
    b.edge("validated", "cancelled", permission="orders.waive_exception")
    thing = b.product()
    b.stocked(5, of=thing)
    [pk] = b.processed((thing, 1))
    b.done(labels.put([pk], code="waiting-for-goods", by=WORKER))
    draft = versions.start(by=WORKER)
    with versions.changing(by=WORKER):
        draft.transitions.filter(from_state="fulfilling", to_state="shipped").update(
            is_enabled=False
        )
        draft.transitions.filter(from_state="draft", to_state="submitted").update(
            extra_check="note"
        )
    check, cell = draft.validations.get(code="price"), draft.amendments.first()
    assert cell is not None
    pages = [reverse(f"orders:{name}") for name in NAMES]
    pages += [
        reverse("orders:policy_check", args=[check.pk]),
        f"{reverse('orders:policy_matrix')}?cell=a-{cell.pk}",
        f"{reverse('orders:policy_versions')}?of=2",
        f"{reverse('orders:policies')}?show=before",
        reverse("orders:step", args=[b.order(pk).number, "label"]),
    ]

    assert walk(desk, [home(desk) + page for page in pages], theme=theme) == {}


def test_a_step_is_switched_off_seen_as_a_dead_end_and_mended_by_the_link(desk: Page) -> None:
    desk.goto(home(desk) + reverse("orders:policies"))
    desk.get_by_role("button", name="Edit as draft").click()
    row = desk.locator("#t-shipped-delivered")
    row.get_by_role("checkbox").first.uncheck()
    desk.get_by_role("button", name="Save draft").click()

    problem = desk.get_by_role("link", name="“In transit” can no longer reach “Delivered”")
    expect(problem).to_be_visible()
    expect(desk.locator(".sdiag .bad")).to_contain_text(["In transit", "Delivered", "Completed"])
    problem.click()
    expect(row).to_be_in_viewport()
    row.get_by_role("checkbox").first.check()
    desk.get_by_role("button", name="Save draft").click()

    expect(desk.get_by_role("alert")).to_have_count(0)
    expect(desk.locator(".sdiag .bad")).to_have_count(0)
    assert RuleSet.objects.get(version=2).transitions.filter(is_enabled=False).count() == 0
