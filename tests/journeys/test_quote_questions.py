"""The page of a quote says whom to ask, and takes what the customer wants changed to them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from config.kernel.actors import WORKER, Actor
from orders.lifecycle import notes, quotes
from orders.lifecycle.quotes import MOST_HEARD
from orders.models import Order, OrderEvent, Quote, StaffNotice
from tests import builders as b

pytestmark = pytest.mark.django_db
WANTS = {"ask": "1", "words": "Two boxes more, please.", "who": "Marian"}


@pytest.fixture
def rep() -> User:
    return User.objects.create(
        username="olga", first_name="Olga", last_name="Brandt", email="olga@zepergo.example"
    )


@pytest.fixture
def link(rep: User) -> str:
    [pk] = b.drafted((b.product(), 3))
    b.done(quotes.send([pk], expires_on=timezone.localdate(), by=Actor.of(rep)))
    return Quote.objects.get().get_public_url()


def test_the_customer_sees_whom_to_ask(link: str) -> None:
    page = Client().get(link).content.decode()

    assert "Olga Brandt" in page
    assert 'href="mailto:olga@zepergo.example"' in page
    User.objects.update(first_name="", last_name="")
    assert "olga</b>" not in Client().get(link).content.decode()


def test_what_the_customer_wants_changed_reaches_whoever_sent_the_quote(
    link: str, rep: User
) -> None:
    sent = Order.objects.get().version
    page = Client().post(link, WANTS, follow=True).content.decode()

    order = Order.objects.get()
    assert "Your message has arrived" in page
    notice = StaffNotice.objects.get()
    assert (notice.user, notice.order) == (rep, order)
    assert notice.said == f"The customer wants the quote of {order} changed."
    event = OrderEvent.objects.get(type="quote.asked")
    assert event.note.text == "Marian: Two boxes more, please."
    assert "Marian" not in event.canonical
    assert order.version == sent
    yes = {"name": "Marian", "may_order": "on", "seen": "30.00"}
    assert "Your order is placed" in Client().post(link, yes, follow=True).content.decode()


def test_a_note_of_the_staff_leaves_the_quote_as_it_is_and_is_not_read_there(link: str) -> None:
    b.done(notes.add([Order.objects.get().pk], words="They pay late", by=WORKER))
    page = Client().get(link).text

    assert "They pay late" not in page
    yes = {"name": "Marian", "may_order": "on", "seen": "30.00"}
    assert "Your order is placed" in Client().post(link, yes, follow=True).text


def test_a_message_needs_words_and_a_name_and_comes_so_often_a_day(link: str) -> None:
    stranger = Client()

    for wrong in ({"words": " "}, {"who": ""}):
        assert stranger.post(link, WANTS | wrong).status_code == 422
    assert StaffNotice.objects.count() == 0
    answers = [stranger.post(link, WANTS).status_code for _ in range(MOST_HEARD + 1)]

    assert answers == [302] * MOST_HEARD + [422]
    assert OrderEvent.objects.filter(type="quote.asked").count() == MOST_HEARD


def test_a_quote_that_ended_takes_no_message_and_one_that_ran_out_does(link: str) -> None:
    yesterday = timezone.localdate() - timedelta(days=1)
    Quote.objects.update(expires_on=yesterday)
    assert Client().post(link, WANTS).status_code == 302

    quotes.withdraw([Order.objects.get().pk], by=WORKER)

    assert "Ask for a change" not in Client().get(link).content.decode()
    assert Client().post(link, WANTS).status_code == 422
    assert OrderEvent.objects.filter(type="quote.asked").count() == 1
