"""Every screen there is, in light and in dark, on a desk and on a phone."""

from __future__ import annotations

from typing import Any

import pytest
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from django.contrib.auth.models import User
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Page

from config.kernel.actors import WORKER
from fulfillment.models import PickList
from orders.lifecycle import capture, submission
from orders.lifecycle.drafts import Edit, LineDraft, OrderDraft
from orders.models import Order
from tests import builders as b
from tests import company
from tests.architecture.test_permissions import KEPT_CLOSED, PLACES
from tests.browser.looking import PASSWORD, Look, let_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
Things = dict[str, str | int]

# address → what stands in it, by its name in the company, and what is asked of it
DESK: dict[str, tuple[str, ...]] = {
    "account_logout": ("",),
    "account_change_password": ("",),
    "fulfillment:pick_list": ("pick-list",),
    "fulfillment:pick_lists": ("",),
    "fulfillment:shipments": ("",),
    "orders:allocation": ("processing",),
    "orders:amend": ("processing",),
    "orders:cancel": ("processing", "fulfilling"),
    "orders:confirmation": ("completed",),
    "orders:customer": ("customer",),
    "orders:customer_list": ("",),
    "orders:edit": ("draft",),
    "orders:filters": ("",),
    "orders:finding": ("finding",),
    "orders:import": ("import",),
    "orders:import_new": ("",),
    "orders:imports": ("",),
    "orders:integrity": ("",),
    "orders:invite": ("",),
    "orders:invoice": ("completed invoice",),
    "orders:job": ("dry-run", "job", "waiting"),
    "orders:jobs": ("",),
    "orders:ledger": ("completed",),
    "orders:list": ("", "?status=draft&q=zzz", "?view={view}"),
    "orders:money": ("completed",),
    "orders:new": ("",),
    "orders:notices": ("",),
    "orders:offer": ("secret",),
    "orders:order": ("draft", "in_review", "held", "processing", "completed", "cancelled"),
    "orders:payment": ("shipped",),
    "orders:people": ("",),
    "orders:person": ("person",),
    "orders:policies": ("",),
    "orders:policy_check": ("check",),
    "orders:policy_checks": ("",),
    "orders:policy_labels": ("",),
    "orders:policy_matrix": ("",),
    "orders:policy_versions": ("",),
    "orders:preferences": ("",),
    "orders:quote": ("quoted", "draft"),
    "orders:quote_paper": ("quoted",),
    "orders:quotes": ("",),
    "orders:recurring": ("",),
    "orders:recurring_new": ("",),
    "orders:recurring_order": ("recurring",),
    "orders:recurring_runs": ("",),
    "orders:review": ("",),
    "orders:security": ("",),
    "orders:slip": ("completed shipment",),
    "orders:step": (
        *("processing hold", "held release", "fulfilling pack", "in_review waive"),
        *("processing assign", "packed dispatch"),
    ),
    "orders:today": ("",),
    "orders:versions": ("processing",),
    "orders:view_counts": ("", "?list=status%3Ddraft"),
    "returns:authorize": ("return",),
    "returns:reject": ("return",),
    "returns:request": ("completed", "shipped"),
    "returns:withdraw": ("return",),
}
ENTRANCE: dict[str, tuple[str, ...]] = {
    "account_inactive": ("",),
    "account_login": ("",),
    "account_reset_password": ("",),
    "account_reset_password_done": ("",),
    "account_reset_password_from_key": ("uid key", "uid used-up"),
    "account_reset_password_from_key_done": ("",),
}
SECOND_FACTOR = {
    "account_reauthenticate",
    "account_set_password",
    "mfa_activate_totp",
    "mfa_authenticate",
    "mfa_deactivate_totp",
    "mfa_generate_recovery_codes",
    "mfa_index",
    "mfa_reauthenticate",
    "mfa_view_recovery_codes",
}
# why an address is no screen → these addresses
NO_SCREEN: dict[str, set[str]] = {
    "nobody may open it; the page that says so is a screen": KEPT_CLOSED,
    "it answers machines": {"healthz", "readyz"},
    "it is a file": {
        *("mfa_download_recovery_codes", "orders:import_refused", "orders:import_template"),
        *("orders:job_file", "orders:job_results"),
        "orders:customer_export",
    },
    "no step makes one yet; it is drawn as an invoice is": {"orders:credit_note"},
    "it leads to what it is about": {"orders:notice"},
    "it is a part of a page, which is looked at with it": {
        *("orders:activity", "orders:customers", "orders:finding_looking", "orders:finding_owner"),
        *("orders:items", "orders:notices_menu", "orders:notices_unread", "orders:outlook"),
        "orders:search",
    },
    "it takes forms only; the page that says so is a screen": {
        *("fulfillment:make_list", "fulfillment:pick", "orders:activate", "orders:bulk"),
        *("orders:change_view", "orders:delete_view", "orders:display", "orders:end_sessions"),
        *(
            "orders:grant",
            "orders:import_start",
            "orders:invite_link",
            "orders:job_retry",
            "orders:job_start",
        ),
        *(
            "orders:job_stop",
            "orders:note",
            "orders:notices_read",
            "orders:send_again",
            "orders:policy_discard",
        ),
        *("orders:policy_draft", "orders:policy_publish", "orders:replace_view"),
        *("orders:save_view", "orders:set_scope", "orders:sign_out"),
        *("orders:finding_raise", "orders:take_off_second_factor", "orders:theme"),
    },
}


@pytest.fixture
def boss(transactional_db: None) -> User:
    cache.clear()
    return User.objects.create_superuser("boss", "boss@zepergo.example", PASSWORD)


@pytest.fixture(params=["light", "dark"])
def look(request: pytest.FixtureRequest, page: Page, live_server: Any) -> Look:
    return Look(page, request.param, live_server.url)


def signed_in(look: Look, user: User) -> Client:
    """Whoever it is, in the browser and beside it."""
    return let_in(look.page, look.home, user)


def address(name: str, of: str, things: Things) -> str:
    words, _, query = of.partition("?")
    path = reverse(name, args=[things.get(word, word) for word in words.split()])
    return f"{path}?{query.format(**things)}" if query else path


def test_every_screen_of_the_desk_is_accessible_quiet_and_still(look: Look, boss: User) -> None:
    things = company.things(boss)
    signed_in(look, boss)

    for name, shown in DESK.items():
        for of in shown:
            look.at(address(name, of, things))

    assert look.faults == {}


def test_every_question_and_refusal_of_a_form_is_accessible_quiet_and_still(
    look: Look, boss: User
) -> None:
    made, page = company.orders(), look.page
    signed_in(look, boss)

    def answer(at: str, button: str, status: int = 200) -> None:
        page.goto(look.home + at)
        look.by(page.locator(button).first.click, f"{at}: {button}", status)

    answer(reverse("orders:new"), "[name=place]", 422)
    answer(reverse("orders:invite"), "main [data-submit]", 422)
    answer(reverse("orders:step", args=[made["validated"].number, "hold"]), "[name=preview]", 422)
    page.goto(look.home + reverse("orders:list"))
    page.locator("input[name=o]").first.check()
    look.by(page.locator("[name=action][value=assign]").click, "what a bulk action asks")
    _stale(look, made["draft"])
    page.goto(look.home + made["draft"].get_absolute_url())
    page.locator("[name=words]").fill("It leaves tomorrow.")
    page.locator("[name=shared]").check()
    look.by(page.locator(".composer [data-submit]").click, "a mail to the customer")

    assert look.faults == {}


def _stale(look: Look, draft: Order) -> None:
    """A draft is saved from a page that is out of date."""
    page, thing = look.page, draft.lines.get().product
    page.goto(look.home + reverse("orders:edit", args=[draft.number]))
    page.locator("[name=po_number]").fill("PO-MINE")
    theirs = OrderDraft(draft.customer.code, [LineDraft(thing.sku, 9)], po_number="PO-THEIRS")
    capture.revise([Edit(draft.pk, draft.version, theirs)], by=WORKER)
    look.by(page.locator(".btn[name=draft]").click, "a draft out of date", 409)
    page.goto(look.home + reverse("orders:edit", args=[draft.number]))
    page.locator("[name=po_number]").fill("PO-MINE")
    b.done(submission.submit([draft.pk], by=WORKER))
    look.by(page.locator(".btn[name=draft]").click, "a draft that was placed meanwhile", 409)


def test_every_page_of_an_error_is_accessible_quiet_and_still(look: Look, boss: User) -> None:
    [pk] = b.drafted((b.product(), 1))
    number = b.order(pk).number
    signed_in(look, User.objects.create_user("amara", first_name="Amara"))
    look.at(reverse("orders:integrity"), 403)
    signed_in(look, boss)
    look.at("/orders/SO-999999/", 404)
    look.at(reverse("orders:note", args=[number]), 405)
    look.page.goto(look.home + reverse("orders:preferences"))
    look.page.context.clear_cookies(name="csrftoken")
    look.by(look.page.locator("main [data-submit]").first.click, "a form from before", 403)
    table = PickList._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {table} RENAME TO elsewhere")
        look.at(reverse("fulfillment:pick_lists"), 500)
        cursor.execute(f"ALTER TABLE elsewhere RENAME TO {table}")

    assert look.faults == {}


def test_every_screen_of_signing_in_is_accessible_quiet_and_still(look: Look, boss: User) -> None:
    invited, page = User.objects.create_user("amara", "amara@x.example"), look.page
    for name, shown in ENTRANCE.items():
        for of in shown:
            look.at(address(name, of, company.link(invited)))
    for _ in range(4):
        Client().post(reverse("account_login"), {"login": "amara", "password": "wrong"})

    def type_in(name: str, password: str) -> None:
        page.goto(look.home + reverse("account_login"))
        page.fill("#id_login", name)
        page.fill("#id_password", password)

    type_in("amara", "wrong")
    look.by(page.locator("[type=submit]").click, "a door that is closed", 429)
    TOTP.activate(boss, "SECRET")
    type_in("boss", PASSWORD)
    look.by(page.locator("[type=submit]").click, reverse("mfa_authenticate"))

    assert look.faults == {}


def test_every_screen_of_a_second_factor_is_accessible_quiet_and_still(
    look: Look, boss: User
) -> None:
    page = look.page
    signed_in(look, User.objects.create_user("amara", "amara@x.example"))
    look.at(reverse("account_set_password"))
    signed_in(look, boss)
    look.at(reverse("mfa_activate_totp"))  # which asks for the password first
    page.fill("#id_password", PASSWORD)
    look.by(page.locator("main [data-submit]").click, reverse("mfa_activate_totp"))
    TOTP.activate(boss, "SECRET")
    RecoveryCodes.activate(boss)
    for name in sorted(SECOND_FACTOR - {"account_set_password", "mfa_authenticate"}):
        look.at(reverse(name))

    assert look.faults == {}


def test_a_page_that_jumps_is_too_wide_and_complains_is_noticed(look: Look, boss: User) -> None:
    late = """addEventListener("load", () => requestAnimationFrame(() => setTimeout(() => {
      document.querySelector("main").insertAdjacentHTML("afterbegin", "<p class=tall>Late</p>");
      const tall = document.querySelector(".tall");
      tall.style.blockSize = "300px"; tall.style.inlineSize = "2000px"; tall.style.color = "#777";
      tall.style.background = "#888";
      document.body.insertAdjacentHTML("beforeend", "<b style='color:red'>No</b>");
    })));"""
    look.page.add_init_script(late)
    look.at(reverse("account_login"))

    [found] = look.faults.values()
    sentences = " ".join(each for each in found if isinstance(each, str))
    assert "jumps by" in sentences
    assert "is too wide for 390" in sentences
    assert "Content Security Policy" in sentences
    assert "color-contrast" in {each[1] for each in found if isinstance(each, tuple)}


def test_every_address_is_looked_at_or_says_why_it_is_no_screen(boss: User) -> None:
    looked_at = [*DESK, *ENTRANCE, *SECOND_FACTOR]
    left_out = [name for names in NO_SCREEN.values() for name in names]

    assert sorted(looked_at + left_out) == sorted({place.name for place in PLACES})
