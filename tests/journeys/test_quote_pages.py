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

from config.kernel.actors import WORKER, Actor
from orders.lifecycle import quotes
from orders.models import Customer, Order, Quote, StaffNotice
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


def typed(quote: Quote, *units: str, **more: str) -> dict[str, str]:
    """The offer's form with these quantities."""
    lines = quote.order.lines.order_by("line_no")
    return {f"units-{line.pk}": text for line, text in zip(lines, units, strict=True)} | more


def seen(page: str) -> str:
    return page.partition('name="seen" value="')[2].partition('"')[0]


def test_whoever_sends_a_quote_says_whether_quantities_may_be_changed(draft: Any) -> None:
    client, words = signed_in(), "The customer may change quantities"

    fixed = sent(client, draft.number)
    offer = Client().get(Quote.objects.get().get_public_url()).content.decode()
    assert fixed.count(words) == 1
    assert "units-" not in offer

    free = sent(client, draft.number, may_change="on")
    quote = Quote.objects.get(withdrawn_at=None)
    assert quote.may_change
    assert free.count(words) == 2
    assert "units-" in Client().get(quote.get_public_url()).content.decode()


def test_the_customer_sees_the_new_total_before_the_order_is_placed() -> None:
    [pk] = b.drafted((b.product(), 3), (b.product(), 5))
    quotes.send([pk], expires_on=timezone.localdate(), may_change=True, by=WORKER)
    quote, client = Quote.objects.get(), Client()
    link = quote.get_public_url()

    look = client.post(link, typed(quote, "2", "0", look="1")).content.decode()
    assert "This is the total of your quantities" in look
    assert "<h1>€20.00" in look
    assert "Not ordered" in look
    assert b.order(pk).grand_total == 80

    yes = {"name": "Marian", "may_order": "on"}
    unseen = client.post(link, typed(quote, "4", "0", seen=seen(look), **yes)).content.decode()
    assert "<h1>€40.00" in unseen
    assert b.order(pk).status == "draft"

    client.post(link, typed(quote, "4", "0", seen=seen(unseen), **yes))
    order = b.order(pk)
    assert (order.status, order.grand_total, order.lines.get().ordered) == ("submitted", 40, 4)
    page = signed_in().get(order.get_absolute_url()).content.decode()
    assert "4 instead of 3" in page
    assert "Thank you. Your order is placed." in client.get(link).content.decode()


@pytest.mark.parametrize(
    ("units", "words"),
    [
        (("2.5", "1"), "2.5"),
        (("", "1"), "A thing is required."),
        (("-1", "1"), "greater than or equal to 0"),
        (("0", "0"), "Keep at least one item"),
    ],
)
def test_quantities_that_cannot_be_had_are_said_at_their_fields(
    units: tuple[str, str], words: str
) -> None:
    [pk] = b.drafted((b.product(), 3), (b.product(), 5))
    quotes.send([pk], expires_on=timezone.localdate(), may_change=True, by=WORKER)
    quote = Quote.objects.get()

    for more in ({"look": "1"}, {"name": "Marian", "may_order": "on"}):
        answer = Client().post(quote.get_public_url(), typed(quote, *units, **more))
        assert answer.status_code == 422
        assert words in answer.content.decode()
        assert f'value="{units[0]}"' in answer.content.decode()
    assert b.order(pk).status == "draft"


def test_quantities_of_a_quote_that_fixes_them_are_not_listened_to() -> None:
    [pk] = b.drafted((b.product(), 3))
    quotes.send([pk], expires_on=timezone.localdate(), by=WORKER)
    quote = Quote.objects.get()

    Client().post(quote.get_public_url(), typed(quote, "1", name="Marian", may_order="on"))

    assert b.order(pk).lines.get().ordered == 3


def test_a_quote_asks_for_the_po_number_that_the_customer_needs(draft: Any) -> None:
    Customer.objects.update(needs_po_number=True)
    Order.objects.update(po_number="")
    quotes.send([draft.pk], expires_on=timezone.localdate(), by=WORKER)
    link = Quote.objects.get().get_public_url()
    yes = {"name": "Marian", "may_order": "on", "seen": "30.00"}

    without = Client().post(link, yes)
    assert (without.status_code, b.order(draft.pk).status) == (422, "draft")
    Client().post(link, yes | {"po_number": "PO-9"})

    order = b.order(draft.pk)
    assert (order.status, order.po_number) == ("submitted", "PO-9")
