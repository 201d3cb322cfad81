"""Findings are kept in the language of the company and read in that of the reader."""

from __future__ import annotations

import re

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from django.urls import reverse
from django.utils import translation

from config.kernel.actors import WORKER
from orders.lifecycle import holds, review, validation
from orders.models import Customer, OrderEvent, OrderException, Staff
from tests import builders as b

pytestmark = pytest.mark.django_db

ENGLISH = "is closed and takes no new orders."
GERMAN = "ist gesperrt und nimmt keine neuen Aufträge an."


def refused() -> OrderException:
    """A finding in review: the customer was closed after the order was placed."""
    buyer = b.customer()
    [pk] = b.submitted((b.product(), 1), buyer=buyer)
    Customer.objects.filter(pk=buyer.pk).update(is_active=False)
    validation.validate([pk], by=WORKER)
    return OrderException.objects.blocking().get(order=pk)


def german() -> Client:
    user = User.objects.create(username="rita", first_name="Rita")
    user.groups.add(Group.objects.get(name="Sales manager"))
    Staff.objects.create(user=user, language="de")
    client = Client()
    client.force_login(user, backend="config.accounts.Accounts")
    return client


def test_a_german_reader_reads_a_finding_in_german_that_is_kept_in_english() -> None:
    row, client = refused(), german()

    inbox = client.get(reverse("orders:finding", args=[row.pk])).text
    order = client.get(row.order.get_absolute_url()).text

    assert row.message.endswith(ENGLISH)
    for page in (inbox, order):
        assert GERMAN in page
        assert ENGLISH not in re.sub(' value="[^"]*"', "", page)


def test_a_german_reader_who_checks_again_leaves_english_behind() -> None:
    row, client = refused(), german()
    OrderException.objects.filter(pk=row.pk).update(message="as it was", data={})

    client.post(reverse("orders:finding", args=[row.pk]), {"decision": "recheck"})

    row.refresh_from_db()
    assert row.message.endswith(ENGLISH)
    with translation.override("de"):
        assert row.said.endswith(GERMAN)


def test_a_finding_that_was_kept_without_its_pattern_is_shown_as_it_is() -> None:
    row = refused()
    row.data = {}

    with translation.override("de"):
        assert row.said == row.message


def test_a_german_step_keeps_english_and_is_refused_in_german() -> None:
    row = refused()

    with translation.override("de"):
        answer = review.recheck([row.order_id], by=WORKER)
        validation.validate([row.order_id], by=WORKER)
        refusal = validation.validate([row.order_id], by=WORKER).refused

    row.refresh_from_db()
    assert answer.done == [row.order_id]
    assert row.message.endswith(ENGLISH)
    assert list(refusal) == [row.order_id]


def test_the_event_of_a_german_step_tells_its_effects_in_english() -> None:
    thing = b.product()
    b.stocked(3, of=thing)
    [pk] = b.processed((thing, 3))

    with translation.override("de"):
        holds.place([pk], reason="Anruf", by=WORKER)

    effects = OrderEvent.objects.get(order=pk, type="hold.placed").data["effects"]
    assert effects[0][:3] == ["stop", "reserved units are not picked", 3]
    assert effects[1][1].startswith("the promise for ")
