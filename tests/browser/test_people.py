"""People in a real browser: keys can be turned off, the app is set up."""

from __future__ import annotations

import os

import pytest
from allauth.mfa.totp.internal import auth as totp
from django.contrib.auth.models import User
from django.urls import reverse
from playwright.sync_api import Page, expect

from tests.browser.looking import PASSWORD, violations

REFUSALS = "403|422"
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")


def home(page: Page) -> str:
    return "/".join(page.url.split("/", 3)[:3])


def confirm(page: Page) -> None:
    page.goto(home(page) + reverse("mfa_activate_totp"))
    page.fill("#id_password", PASSWORD)
    page.get_by_role("button", name="Go on").click()
    expect(page.locator(".qr svg")).to_be_visible()


def test_single_keys_are_turned_off_and_sending_by_keyboard_still_works(desk: Page) -> None:
    desk.goto(home(desk) + reverse("orders:preferences"))
    desk.keyboard.press("n")
    expect(desk.get_by_role("heading", level=1)).to_contain_text("New order")
    desk.goto(home(desk) + reverse("orders:preferences"))
    desk.get_by_label("Single-key shortcuts").uncheck()
    desk.get_by_text("Dark", exact=True).click()
    desk.keyboard.press("Control+Enter")
    expect(desk.get_by_role("status")).to_contain_text("Your preferences are saved.")

    desk.keyboard.press("n")

    expect(desk.get_by_role("heading", level=1)).to_have_text("Preferences")
    expect(desk.locator("html")).to_have_attribute("data-theme", "dark")


def test_the_app_is_set_up_and_asked_for_at_the_next_sign_in(desk: Page) -> None:
    confirm(desk)
    secret = desk.locator(".key").inner_text()

    def code() -> str:
        [now] = list(totp.yield_hotp_counters_from_time())
        return totp.format_hotp_value(totp.hotp_value(secret, now))

    desk.fill("#id_code", code())
    desk.get_by_role("button", name="Turn it on").click()
    expect(desk.locator(".codes li")).to_have_count(10)
    assert violations(desk) == []
    desk.context.clear_cookies()
    desk.goto(home(desk) + "/accounts/login/")
    desk.fill("#id_login", "boss")
    desk.fill("#id_password", PASSWORD)
    desk.get_by_role("button", name="Sign in").click()
    expect(desk.get_by_role("heading", level=1)).to_have_text("Enter the code")
    assert violations(desk) == []
    desk.fill("#id_code", code())
    desk.get_by_role("button", name="Sign in").click()

    expect(desk.get_by_role("link", name="Today")).to_be_visible()


def test_a_second_factor_is_taken_off_with_a_reason(desk: Page) -> None:
    amara = User.objects.create(username="amara", first_name="Amara")
    totp.TOTP.activate(amara, totp.generate_totp_secret())
    desk.goto(home(desk) + reverse("orders:person", args=[amara.pk]))
    card = desk.get_by_role("form", name="Take off the second factor")

    card.get_by_role("button", name="Take it off").click()
    desk.get_by_role("alert").get_by_role("link", name="Reason is required.").click()
    expect(card.get_by_label("Reason")).to_be_focused()
    assert violations(desk) == []
    desk.keyboard.type("Lost the phone")
    card.get_by_role("button", name="Take it off").click()

    expect(desk.get_by_text("Password only")).to_be_visible()
    expect(desk.get_by_text("Lost the phone")).to_be_visible()
    expect(card).to_have_count(0)


def test_a_conflict_of_duties_is_named_beside_the_roles(desk: Page) -> None:
    amara = User.objects.create(username="amara", first_name="Amara")
    desk.goto(home(desk) + reverse("orders:person", args=[amara.pk]))
    desk.get_by_label("Sales rep").check()
    desk.get_by_label("Finance").check()
    desk.get_by_label("Reason").first.fill("Both")
    desk.get_by_role("button", name="Save roles").click()

    expect(desk.get_by_role("alert")).to_contain_text("does not record their payments")
    expect(desk.get_by_label("Finance")).to_be_checked()
    assert not amara.groups.exists()
