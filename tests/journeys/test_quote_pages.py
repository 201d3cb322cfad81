"""A quote on its way: sent by mail, copied by hand, and told of when it is accepted."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.mail import EmailMessage
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from config.kernel.actors import Actor
from orders.lifecycle import quotes
from orders.models import Customer, Quote, StaffNotice
from tests import builders as b
from tests.journeys.test_entry import signed_in

pytestmark = pytest.mark.django_db


def sent(client: Client, number: str, **more: str) -> str:
    """The page after the quote was sent."""
    url = reverse("orders:quote", args=[number])
    day = timezone.localdate() + timedelta(days=7)
    client.post(url, {"send": "1", "expires_on": str(day), **more})
    return client.get(url).content.decode()


@pytest.fixture
def draft() -> Any:
    buyer = b.customer(email="buyer@nordhavn.example")
    [pk] = b.drafted((b.product(), 3), buyer=buyer)
    return b.order(pk)


def test_the_page_of_a_draft_leads_to_its_quote(draft: Any) -> None:
    client, link = signed_in(), f'href="{reverse("orders:quote", args=[draft.number])}"'
    [placed] = b.submitted((b.product(), 1))

    assert link in client.get(draft.get_absolute_url()).content.decode()
    assert "/quote/" not in client.get(b.order(placed).get_absolute_url()).content.decode()


def test_the_customer_gets_the_link_by_mail_and_may_answer_whoever_sent_it(
    draft: Any, mailoutbox: list[EmailMessage]
) -> None:
    client = signed_in()
    User.objects.update(email="rep@zepergo.example")

    page = sent(client, draft.number, message="As <agreed> & so")

    [mail], quote = mailoutbox, Quote.objects.get()
    assert (mail.to, mail.reply_to) == (["buyer@nordhavn.example"], ["rep@zepergo.example"])
    assert quote.number in mail.subject
    assert f"http://testserver{quote.get_public_url()}" in mail.body
    assert "€30.00" in mail.body
    assert "As <agreed> & so" in mail.body
    assert "Its link is on its way to buyer@nordhavn.example." in page
    assert f'data-copy="http://testserver{quote.get_public_url()}"' in page


def test_without_an_address_the_link_is_handed_over_by_hand(
    draft: Any, mailoutbox: list[EmailMessage]
) -> None:
    Customer.objects.update(email="")
    client = signed_in()
    before = client.get(reverse("orders:quote", args=[draft.number])).content.decode()

    page = sent(client, draft.number)

    assert "hand the link over yourself" in before
    assert "The quote stands. Send the customer its link." in page
    assert mailoutbox == []


def test_a_quote_that_is_refused_is_not_mailed(draft: Any, mailoutbox: list[EmailMessage]) -> None:
    past = str(timezone.localdate() - timedelta(days=1))

    sent(signed_in(), draft.number, expires_on=past)

    assert mailoutbox == []
    assert not Quote.objects.exists()


def test_a_mail_that_cannot_be_sent_leaves_the_quote_standing_and_says_so(
    draft: Any,
    settings: Any,
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1

    page = sent(signed_in(), draft.number)

    assert "no mail could be sent: hand the link over yourself" in page
    assert Quote.objects.open().count() == 1


def test_whoever_sent_a_quote_is_told_that_the_customer_accepted_it(draft: Any) -> None:
    rep, other = User.objects.create(username="rep"), User.objects.create(username="other")
    expires_on = timezone.localdate()
    quotes.send([draft.pk], expires_on=expires_on, by=Actor.of(other))
    quotes.send([draft.pk], expires_on=expires_on, by=Actor.of(rep))
    link = Quote.objects.get(withdrawn_at=None).get_public_url()

    Client().post(link, {"name": "Marian", "may_order": "on"})

    [notice] = StaffNotice.objects.filter(kind="quote")
    assert (notice.user, notice.order, notice.tone) == (rep, draft, "green")
    assert notice.sentence == f"The quote of {draft.number} is accepted."


def test_whoever_accepts_for_the_customer_is_not_told_of_it(draft: Any) -> None:
    client = signed_in("Sales manager")
    me = Actor.of(User.objects.get())
    quotes.send([draft.pk], expires_on=timezone.localdate(), by=me)

    client.post(reverse("orders:quote", args=[draft.number]), {"accept": "1"})

    assert b.order(draft.pk).status == "submitted"
    assert not StaffNotice.objects.exists()
