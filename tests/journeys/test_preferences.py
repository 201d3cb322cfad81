"""Preferences: how somebody likes to read is kept and shown."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from orders import people
from orders.models import RoleGrant, Staff
from tests.architecture.test_permissions import BACKEND
from tests.journeys.test_people import member

pytestmark = pytest.mark.django_db


def test_preferences_are_kept_and_change_what_is_shown() -> None:
    amara = member("amara", "Sales rep")
    client, url = Client(), reverse("orders:preferences")
    client.force_login(amara, backend=BACKEND)
    data = {"theme": "dark", "density": "compact", "landing": "orders:list", "language": "en-gb"}

    client.post(url, data | {"time_zone": "Asia/Tokyo"})

    html = client.get(url).content.decode()
    assert 'data-theme="dark" data-density="compact" data-shortcuts="off"' in html
    grant = people.Action.GRANTED
    noon = timezone.now().replace(year=2026, month=3, day=4, hour=12, minute=5)
    RoleGrant.objects.create(user=amara, action=grant, role="Sales rep", at=noon)
    boss = User.objects.create_superuser("boss")
    Staff.objects.create(user=boss, time_zone="Asia/Tokyo")
    client.force_login(boss, backend=BACKEND)
    assert (
        "Wed 4 Mar, 21:05" in client.get(reverse("orders:person", args=[amara.pk])).content.decode()
    )


def test_the_theme_is_switched_from_any_page_and_kept() -> None:
    client, url = Client(), reverse("orders:theme")
    client.force_login(member("amara", "Sales rep"), backend=BACKEND)

    kept = []
    for asked in ("dark", "light", "", "", "blue"):
        answer = client.post(url, {"theme": asked})
        kept.append(Staff.objects.get().theme)

    assert kept == ["dark", "light", "dark", "light", "dark"]
    assert answer["Location"] == reverse("orders:preferences")
    assert client.post(url, headers={"HX-Request": "true"}).status_code == 204
    assert 'data-theme="light"' in client.get(reverse("orders:preferences")).text


@pytest.mark.parametrize(
    ("field", "value"), [("time_zone", "Mars/Olympus"), ("landing", "orders:integrity")]
)
def test_preferences_that_do_not_fit_are_refused(field: str, value: str) -> None:
    amara = member("amara", "Sales rep")
    client, url = Client(), reverse("orders:preferences")
    client.force_login(amara, backend=BACKEND)
    data = {"language": "en-gb", "time_zone": "UTC", "landing": "", field: value}

    answer = client.post(url, data)

    assert answer.status_code == 422
    assert not Staff.objects.filter(user=amara).exists()


def test_a_time_zone_that_is_no_more_is_read_as_utc() -> None:
    amara, client = member("amara", "Sales rep"), Client()
    Staff.objects.create(user=amara, time_zone="Mars/Olympus", language="tlh")
    client.force_login(amara, backend=BACKEND)

    assert client.get(reverse("orders:preferences")).status_code == 200
