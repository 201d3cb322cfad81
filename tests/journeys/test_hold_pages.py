"""Holds over HTTP: what a hold stops is seen before, and one of several is let go."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from config.kernel.actors import WORKER
from orders.bulk import engine
from orders.lifecycle import holds
from orders.models import BulkJob, Hold, OrderEvent
from tests import builders as b

pytestmark = pytest.mark.django_db

INBOX = "/orders/review/"


def person(role: str, username: str = "") -> User:
    name = username or role.replace(" ", ".")
    user = User.objects.create(username=name, first_name=name.title(), last_name="Test")
    user.groups.add(Group.objects.get(name=role))
    return user


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="config.accounts.Accounts")
    return client


def admin() -> Client:
    return client_of(User.objects.create_superuser("root"))


def test_several_holds_are_placed_with_owner_and_end_and_released_one_by_one() -> None:
    thing = b.product()
    b.stocked(10, of=thing)
    [pk] = b.processed((thing, 3))
    order, client = b.order(pk), client_of(person("Sales rep"))
    lucia = person("Finance", "lucia")
    hold = reverse("orders:step", args=[order.number, "hold"])
    release = reverse("orders:step", args=[order.number, "release"])
    page = client.get(hold).content.decode()
    assert "reserved units are not picked" in page

    until = timezone.localtime(timezone.now() + timedelta(days=2))
    client.post(
        hold,
        {
            "kind": "payment",
            "reason": "Card refused",
            "owner": f"user:{lucia.pk}",
            "expires_at": f"{until:%Y-%m-%dT%H:%M}",
        },
    )
    client.post(hold, {"kind": "address", "reason": "Which gate?", "owner": "team:Support"})

    first, second = Hold.objects.order_by("pk")
    assert (first.kind, first.owner, second.team) == ("payment", lucia, "Support")
    assert first.expires_at is not None
    page = client.get(release).content.decode()
    assert "Card refused" in page
    assert "Which gate?" in page
    nothing = client.post(release, {"reason": "Gate 5"})
    assert nothing.status_code == 422
    client.post(release, {"holds": [second.pk], "reason": "Gate 5"})
    assert [each.pk for each in Hold.objects.in_force()] == [first.pk]
    again = client.post(release, {"holds": [second.pk], "reason": "Gate 5"})
    assert "is no longer in force" in again.content.decode()


def test_the_page_of_a_hold_says_which_promises_it_breaks() -> None:
    thing = b.product()
    b.stocked(10, of=thing)
    [pk] = b.processed((thing, 3))
    order, client = b.order(pk), client_of(person("Sales rep"))
    hold = reverse("orders:step", args=[order.number, "hold"])
    data = {"kind": "customer_request", "reason": "Not before spring"}

    late = client.post(hold, data | {"expires_at": "2031-03-04T08:00", "preview": "1"})
    past = client.post(hold, data | {"expires_at": "2001-03-04T08:00"})

    assert "Breaks the promise for" in late.content.decode()
    assert past.status_code == 422
    assert "A hold ends in the future." in past.content.decode()
    assert not Hold.objects.exists()


def test_a_hold_that_is_gone_is_not_released_twice() -> None:
    [pk] = b.submitted((b.product(), 1))
    order, client = b.order(pk), client_of(person("Sales rep"))
    b.done(holds.place([pk], reason="wait", by=WORKER))
    b.done(holds.release([pk], reason="fine", by=WORKER))

    page = client.get(reverse("orders:step", args=[order.number, "release"])).content.decode()

    assert "No hold is in force" in page


def test_holds_of_many_orders_end_with_one_reason() -> None:
    ids = b.submitted((b.product(), 1), times=2)
    holds.place(ids, reason="Wait", by=WORKER)
    client = client_of(person("Sales manager"))
    answer = client.post(reverse("orders:bulk"), {"action": "release", "o": ids})
    dry = BulkJob.objects.get()
    start = reverse("orders:job_start", args=[dry.pk])

    shown = client.get(answer["Location"]).content.decode()
    unsaid = client.post(start, {"reason": " "})
    client.post(start, {"reason": "The customer called"})
    engine.work()

    assert "Every hold of each order ends." in shown
    assert (unsaid.status_code, "Reason is required." in unsaid.content.decode()) == (422, True)
    assert not Hold.objects.filter(released_at=None).exists()
    events = OrderEvent.objects.filter(type="hold.released")
    assert set(events.values_list("note__text", flat=True)) == {"The customer called"}
