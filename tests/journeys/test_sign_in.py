"""Signing in: throttled, with a second factor, and revocable everywhere."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth as totp
from allauth.usersessions.models import UserSession
from axes.models import AccessAttempt
from django.contrib.auth.models import Group, User
from django.core import mail
from django.core.cache import cache
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from config.accounts import SecondFactors
from orders.models import Staff

pytestmark = pytest.mark.django_db
PASSWORD = "a long word for tests"  # noqa: S105
LOGIN = "/accounts/login/"


@pytest.fixture(autouse=True)
def forgotten() -> None:
    cache.clear()


@pytest.fixture
def amara() -> User:
    user = User.objects.create_user("amara", "amara@zepergo.example", PASSWORD)
    user.groups.add(Group.objects.get(name="Sales rep"))
    return user


def sign_in(client: Client, name: str = "amara", password: str = PASSWORD) -> HttpResponse:
    return client.post(LOGIN, {"login": name, "password": password})


def code(secret: str, step: int = 0) -> str:
    counters = list(totp.yield_hotp_counters_from_time())
    return totp.format_hotp_value(totp.hotp_value(secret, counters[0] + step))


def second_factor(client: Client, *, fresh: bool = True) -> str:
    """Set up the app, which first asks for the password again; answers its secret."""
    if fresh:
        url = client.get(reverse("mfa_activate_totp"))["Location"]
        assert url.startswith(reverse("account_reauthenticate"))
        client.post(url, {"password": PASSWORD})
    page = client.get(reverse("mfa_activate_totp"))
    secret = str(page.context["form"].secret)
    answer = client.post(reverse("mfa_activate_totp"), {"code": code(secret)})
    assert answer["Location"] == reverse("mfa_view_recovery_codes")
    return secret


@pytest.mark.parametrize("name", ["amara", "AMARA", "amara@zepergo.example"])
def test_staff_sign_in_by_name_or_e_mail(name: str, amara: User) -> None:
    assert sign_in(Client(), name.lower())["Location"] == "/"


@pytest.mark.parametrize("name", ["amara", "nobody-at-all"])
def test_five_wrong_tries_close_the_door_and_say_until_when(name: str, amara: User) -> None:
    client = Client()
    for _ in range(4):
        words = sign_in(client, name, "wrong").content.decode()
        assert "User name or password is not right." in words

    closed = sign_in(client, name, "wrong")

    until = timezone.localtime(
        AccessAttempt.objects.get(username=name).attempt_time + timedelta(minutes=15)
    )
    words = closed.content.decode()
    assert closed.status_code == 429
    assert f"This account is closed for sign-in from here until {until:%H:%M}." in words
    assert "5 tries in a row did not fit." in words
    assert sign_in(client, name).status_code == 429
    assert "_auth_user_id" not in client.session


def test_nothing_tells_whether_an_account_exists(amara: User) -> None:
    def answers(name: str) -> list[tuple[int, str]]:
        client, found = Client(), []
        for _ in range(6):
            answer = sign_in(client, name, "wrong")
            words = answer.content.decode().replace(name, "X")
            words = re.sub(r"<[^>]+>|\d\d:\d\d", "", words)
            found.append((answer.status_code, words))
        return found

    assert answers("amara") == answers("ghost")


def test_the_name_and_the_e_mail_of_one_account_are_counted_together(amara: User) -> None:
    client = Client()
    for name in ("amara", "amara@zepergo.example", "Amara", "AMARA@zepergo.example"):
        sign_in(client, name, "wrong")

    assert sign_in(client, "amara", "wrong").status_code == 429


def test_another_place_is_not_locked_and_the_lock_ends(amara: User) -> None:
    here, there = Client(), Client(REMOTE_ADDR="10.1.1.9")
    for _ in range(5):
        sign_in(here, password="wrong")  # noqa: S106

    assert sign_in(there).status_code == 302
    AccessAttempt.objects.update(attempt_time=timezone.now() - timedelta(minutes=16))
    assert sign_in(here).status_code == 302


def test_nobody_moves_a_try_elsewhere_by_claiming_a_proxy(amara: User) -> None:
    answer = None
    for i in range(5):
        client = Client(headers={"X-Forwarded-For": f"10.0.0.{i}"})
        answer = sign_in(client, password="wrong")  # noqa: S106

    assert answer is not None
    assert answer.status_code == 429


def test_a_closed_account_cannot_sign_in(amara: User) -> None:
    User.objects.update(is_active=False)
    client = Client()

    sign_in(client)

    assert "_auth_user_id" not in client.session


def test_a_second_factor_is_set_up_and_asked_for(amara: User) -> None:
    client = Client()
    sign_in(client)
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    page = client.get(reverse("mfa_activate_totp")).content.decode()
    assert "<svg" in page
    assert "<?xml" not in page
    assert "data:image" not in page
    secret = second_factor(client, fresh=False)
    stored = Authenticator.objects.get(type="totp").data["secret"]
    assert secret not in stored
    assert SecondFactors().decrypt(stored) == secret

    other = Client()
    answer = sign_in(other)
    assert answer["Location"] == reverse("mfa_authenticate")
    assert other.get("/").status_code == 302
    assert "Incorrect code" in other.post(answer["Location"], {"code": "000000"}).content.decode()
    assert other.post(answer["Location"], {"code": code(secret)})["Location"] == "/"
    assert other.get("/").status_code == 200


def test_a_recovery_code_opens_once(amara: User) -> None:
    first = Client()
    sign_in(first)
    second_factor(first)
    [one, *rest] = first.get(reverse("mfa_view_recovery_codes")).context["unused_codes"]
    assert len(rest) == 9
    url = reverse("mfa_authenticate")

    client = Client()
    sign_in(client)
    assert client.post(url, {"code": one})["Location"] == "/"
    again = Client()
    sign_in(again)

    assert again.post(url, {"code": one}).status_code == 200
    assert "_auth_user_id" not in again.session


def test_guessing_codes_is_throttled(amara: User) -> None:
    first, client = Client(), Client()
    sign_in(first)
    secret = second_factor(first)
    sign_in(client)
    for _ in range(10):
        client.post(reverse("mfa_authenticate"), {"code": "000000"})

    client.post(reverse("mfa_authenticate"), {"code": code(secret)})

    assert "_auth_user_id" not in client.session


def test_a_second_factor_is_turned_off_again(amara: User) -> None:
    client = Client()
    sign_in(client)
    second_factor(client)
    assert "Keep it on" in client.get(reverse("mfa_deactivate_totp")).content.decode()

    client.post(reverse("mfa_deactivate_totp"))

    assert not Authenticator.objects.exists()


def test_a_role_may_take_a_second_factor(amara: User, settings: Any) -> None:
    settings.MFA_REQUIRED_ROLES = ["Sales rep"]
    client = Client()
    sign_in(client)

    for url in ("/", reverse("orders:list"), reverse("orders:new")):
        assert client.get(url)["Location"] == reverse("mfa_activate_totp")
    assert "Your role takes a second factor" in client.get("/", follow=True).content.decode()
    second_factor(client)
    assert client.get("/").status_code == 200

    settings.MFA_REQUIRED_ROLES = ["Finance"]
    assert client.get("/").status_code == 200


def test_sessions_are_listed_and_one_or_all_others_revoked(amara: User) -> None:
    here = Client(headers={"User-Agent": "Mozilla/5.0 (Windows NT 10) Firefox/140.0"})
    phone = Client(headers={"User-Agent": "Mozilla/5.0 (iPhone) Safari/600"})
    third = Client()
    for client in (here, phone, third):
        sign_in(client)
    words = here.get(reverse("orders:security")).content.decode()
    assert "Firefox on Windows" in words
    assert "Safari on iPhone" in words
    assert "3 sessions" in words

    key = phone.session.session_key
    chosen = UserSession.objects.get(session_key=key).pk
    here.post(reverse("orders:end_sessions"), {"session": chosen})
    assert phone.get("/").status_code == 302
    assert third.get("/").status_code == 200
    here.post(reverse("orders:end_sessions"))

    assert third.get("/").status_code == 302
    assert here.get("/").status_code == 200


def test_the_forms_of_the_frame_carry_the_token_of_their_reader(amara: User) -> None:
    out, tokens = reverse("account_logout"), []
    for _ in range(2):
        client = Client(enforce_csrf_checks=True)
        client.force_login(amara, backend="config.accounts.Accounts")
        page = client.get("/orders/").content.decode()
        form = page[page.index(f'action="{out}"') :]
        tokens.append(re.search(r'csrfmiddlewaretoken" value="(\w+)"', form))

    first, second = (token[1] for token in tokens if token)
    refused = client.post(out, {"csrfmiddlewaretoken": first})
    left = client.post(out, {"csrfmiddlewaretoken": second})

    assert (refused.status_code, left.status_code) == (403, 302)


def test_nobody_ends_the_session_of_another(amara: User) -> None:
    User.objects.create_user("mei", password=PASSWORD)
    mine, theirs = Client(), Client()
    sign_in(mine)
    sign_in(theirs, "mei")

    chosen = UserSession.objects.get(user__username="mei").pk
    mine.post(reverse("orders:end_sessions"), {"session": chosen})

    assert UserSession.objects.filter(user__username="mei").exists()
    assert theirs.get(reverse("orders:security")).status_code == 200


def test_a_new_password_ends_the_other_sessions(amara: User) -> None:
    here, there = Client(), Client()
    sign_in(here)
    sign_in(there)
    fresh = "another long word for tests"

    answer = here.post(
        reverse("account_change_password"),
        {"oldpassword": PASSWORD, "password1": fresh, "password2": fresh},
    )

    assert answer.status_code == 302
    assert there.get("/").status_code == 302
    assert here.get("/").status_code == 200


def test_a_forgotten_password_is_set_anew_by_mail_and_a_stranger_learns_nothing(
    amara: User,
) -> None:
    client = Client()
    for _ in range(5):
        sign_in(client, password="wrong")  # noqa: S106
    known = client.post(reverse("account_reset_password"), {"email": amara.email})
    unknown = client.post(reverse("account_reset_password"), {"email": "ghost@x.example"})
    assert known["Location"] == unknown["Location"] == reverse("account_reset_password_done")
    [letter] = mail.outbox
    link = re.search(r"http\S+", letter.body)
    assert link is not None

    form = client.get(link[0], follow=True)
    url = form.request["PATH_INFO"]
    client.post(url, {"password1": "fresh word 2026", "password2": "fresh word 2026"})

    opened = sign_in(Client(), password="fresh word 2026")  # noqa: S106
    assert opened.status_code == 302  # the lock is gone
    assert "This link no longer works" in Client().get(link[0]).content.decode()


def test_the_page_to_start_on_is_the_one_that_was_chosen(amara: User) -> None:
    Staff.objects.create(user=amara, landing="orders:list")
    assert sign_in(Client())["Location"] == reverse("orders:list")
    Staff.objects.update(landing="orders:integrity")

    assert sign_in(Client())["Location"] == "/"
