"""The customer is told what changes: seen before it is applied, sent after, tried again."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core import mail as post
from django.core.mail import EmailMessage
from django.core.mail.backends.locmem import EmailBackend
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from config.kernel.actors import WORKER, Actor
from orders import mailing
from orders.lifecycle import amendment, cancellation, messages, notes
from orders.lifecycle.amendment import Operation
from orders.models import CustomerMessage, EventNote, Order, OrderEvent, StaffNotice
from orders.models.messages import MOST_ATTEMPTS
from tests import builders as b
from tests.journeys.test_amending import filled, line, page, signed_in
from tests.journeys.test_ways_out import shown

pytestmark = pytest.mark.django_db
BUYER = "buyer@nordhavn.example"


@pytest.fixture
def order() -> Order:
    thing = b.product("NUT-8", price="10.00")
    b.stocked(10, of=thing)
    [pk] = b.processed((thing, 4), buyer=b.customer(email=BUYER))
    return b.order(pk)


def test_what_is_sent_and_to_whom_is_seen_before_it_is_applied(
    order: Order, mailoutbox: list[EmailMessage]
) -> None:
    client = signed_in("Sales rep")
    opened = client.get(page(order)).text
    data = filled(client, order) | {f"quantity-{line(order).pk}": "6", "tell": "on"}

    seen = client.post(page(order), {**data, "preview": "1"}, headers={"HX-Request": "true"}).text
    quiet = {name: value for name, value in data.items() if name != "tell"}
    silent = client.post(page(order), {**quiet, "preview": "1"}, headers={"HX-Request": "true"})

    assert f"A mail to {BUYER} says in plain words what changes" in opened
    assert f"<dd>{BUYER}</dd>" in seen
    assert "A thing (NUT-8): 6 instead of 4" in seen
    assert "The new total is €60.00 instead of €40.00." in seen
    assert "Mail to the customer" not in silent.text
    assert (CustomerMessage.objects.count(), mailoutbox) == (0, [])


def test_the_customer_is_sent_what_was_looked_at_and_may_answer_whoever_wrote(
    order: Order, mailoutbox: list[EmailMessage]
) -> None:
    client = signed_in("Sales rep")
    User.objects.update(email="rep@zepergo.example")
    data = filled(client, order) | {f"quantity-{line(order).pk}": "6", "tell": "on"}

    answer = client.post(page(order), {**data, "apply": "1"}, follow=True)
    kept = EventNote.objects.get(event__type="message.written").text
    assert mailoutbox == []  # nothing leaves before it is committed
    waiting = client.get(order.get_absolute_url()).text
    assert mailing.send_due() == 1
    assert mailing.send_due() == 0

    assert f"The customer is told by mail to {BUYER}." in answer.text
    [sent] = mailoutbox
    assert (sent.to, sent.reply_to) == ([BUYER], ["rep@zepergo.example"])
    assert sent.subject == f"Your order {order} has changed"
    assert sent.body == kept
    assert f"We have changed your order {order} (your order number {order.po_number})." in kept
    assert kept.endswith("ZeperGo Trading")
    gone = client.get(order.get_absolute_url()).text
    assert f"On its way to {BUYER}" in waiting
    assert f"Sent to {BUYER}" in gone
    activity = gone.partition("wrote to the customer")[2].partition("</li>")[0]
    assert f"Sent to {BUYER}" in activity
    assert "6 instead of 4" in activity


def test_every_change_is_told_in_plain_words(order: Order) -> None:
    thing, pk = b.product("BOLT-8", price="2.50"), line(order).pk
    operations = [
        Operation("set_quantity", line=pk, quantity=3),
        Operation("set_price", line=pk, unit_price=Decimal(9)),
        Operation("set_discount", line=pk, discount_percent=Decimal(5)),
        Operation("add_line", sku=thing.sku, quantity=2),
        Operation("set_requested_on", day=date(2031, 3, 4)),
        Operation("set_terms", terms="PREPAID"),
        Operation(
            "set_ship_to",
            ship_to={"line1": "Weg 2", "postal_code": "06108", "city": "Halle", "country": "DE"},
        ),
    ]

    outcomes = amendment.plan(order.pk, operations, reason="error", by=WORKER, tell=True)

    assert not outcomes.refused, outcomes.refused
    text = outcomes.messages[order.pk].text
    for words in (
        "- A thing (NUT-8): 3 instead of 4",
        "- A thing (NUT-8): €9.00 each instead of €10.00",
        "- A thing (NUT-8): 5 % discount instead of 0 %",
        "- A thing (BOLT-8): 2 more, at €2.50 each",
        "- You want it by 4 March 2031",
        "- You pay in advance",
        "- What has not left yet goes to: Weg 2, 06108 Halle, DE",
        "We expect to deliver all of it by",
    ):
        assert words in text


def test_the_mail_is_in_the_language_of_the_company_whoever_writes_it(order: Order) -> None:
    from django.utils import translation

    with translation.override("de"):
        asked = [Operation("set_quantity", line=line(order).pk, quantity=6)]
        outcomes = amendment.plan(order.pk, asked, reason="error", by=WORKER, tell=True)

    assert "6 instead of 4" in outcomes.messages[order.pk].text


def test_a_customer_without_an_address_is_said_and_a_step_that_should_tell_is_refused(
    order: Order,
) -> None:
    order.customer.email = ""
    order.customer.save()
    client = signed_in("Sales rep")

    for name in ("amend", "cancel"):
        text = client.get(page(order, name)).text
        assert "Nordhavn Byg has no e-mail address: tell them yourself." in text
        assert 'name="tell"' not in text
    asked = [Operation("set_quantity", line=line(order).pk, quantity=6)]
    given = {"operations": {order.pk: asked}, "reason": "error", "tell": True}
    changed = amendment.amend([order.pk], by=WORKER, **given)
    gone = cancellation.cancel([order.pk], reason="error", tell=True, by=WORKER)

    why = {order.pk: "Nordhavn Byg has no e-mail address: tell them yourself."}
    assert (changed.refused, gone.refused) == (why, why)
    assert (line(order).ordered, b.order(order.pk).status) == (4, "processing")


def test_a_cancellation_tells_which_units_go_and_what_is_left(
    order: Order, mailoutbox: list[EmailMessage]
) -> None:
    client, url = signed_in("Support"), page(order, "cancel")
    data = {**shown(client.get(url).text), f"line-{line(order).pk}": "3", "reason": "error"}
    data["tell"] = "on"

    look = {"HX-Request": "true", "HX-Target": "cancel-preview"}
    seen = client.post(url, {**data, "preview": "1"}, headers=look).text
    client.post(url, {**data, "confirm": "1"})
    mailing.send_due()

    assert "- A thing (NUT-8): 3 of 4" in seen
    assert mailoutbox[0].subject == f"Parts of your order {order} are cancelled"
    assert "The new total is €10.00 instead of €40.00." in mailoutbox[0].body
    cancellation.cancel([order.pk], reason="error", tell=True, by=WORKER)
    mailing.send_due()
    assert mailoutbox[1].subject == f"Your order {order} is cancelled"
    assert not OrderEvent.objects.exclude(type="message.written").filter(message__isnull=False)


class Broken(EmailBackend):
    """A mail server that is away."""

    def send_messages(self, email_messages: Any) -> int:
        raise ConnectionRefusedError(f"nobody takes {len(email_messages)}")


def test_a_mail_that_could_not_go_is_tried_later_and_its_writer_hears_when_it_is_given_up(
    order: Order, settings: Any, mailoutbox: list[EmailMessage]
) -> None:
    rep = User.objects.create(username="rep")
    asked = {order.pk: [Operation("set_quantity", line=line(order).pk, quantity=6)]}
    amendment.amend([order.pk], operations=asked, reason="error", tell=True, by=Actor.of(rep))
    now, works = timezone.now(), settings.EMAIL_BACKEND
    settings.EMAIL_BACKEND = f"{__name__}.Broken"

    assert mailing.send_due(at=now) == 0
    assert mailing.send_due(at=now + timedelta(seconds=30)) == 0  # not yet
    assert CustomerMessage.objects.get().attempts == 1
    settings.EMAIL_BACKEND = works
    assert mailing.send_due(at=now + timedelta(minutes=2)) == 1
    assert len(post.outbox) == 1

    CustomerMessage.objects.update(sent_at=None, due_at=now, attempts=MOST_ATTEMPTS - 1)
    settings.EMAIL_BACKEND = f"{__name__}.Broken"
    mailing.send_due(at=now)

    message, notice = CustomerMessage.objects.get(), StaffNotice.objects.get()
    assert (message.due_at, message.sent_at) == (None, None)
    assert "could not be sent" in message.whereabouts
    assert (notice.user, notice.order) == (rep, order)
    assert notice.said == f"The mail to the customer of {order} could not be sent: tell them."


def test_words_that_were_erased_are_not_sent(order: Order, mailoutbox: list[EmailMessage]) -> None:
    cancellation.cancel([order.pk], reason="error", tell=True, by=WORKER)
    EventNote.objects.update(text="")

    assert mailing.send_due() == 0
    assert mailoutbox == []
    assert CustomerMessage.objects.get().due_at is None


def test_telling_takes_the_same_statements_for_one_order_and_for_many() -> None:
    def counted(times: int) -> int:
        thing = b.product()
        ids = b.validated((thing, 4), buyer=b.customer(email=BUYER), times=times)
        with CaptureQueriesContext(connection) as captured:
            b.done(cancellation.cancel(ids, reason="error", tell=True, by=WORKER))
        return len(captured)

    assert counted(1) == counted(20)


@pytest.mark.parametrize("name", ["amend", "cancel", "payment", "step"])
def test_the_crumbs_lead_to_the_list_that_one_came_from(name: str, order: Order) -> None:
    args = [order.number, "hold"] if name == "step" else [order.number]
    url = reverse(f"orders:{name}", args=args)
    client = signed_in("Admin")

    listed = client.get(url, {"in": "status=processing&q=nut"}).text
    alone = client.get(url).text

    here = reverse("orders:list")
    assert f'<a href="{here}?status=processing&amp;q=nut">Orders</a>' in listed
    assert f'<a href="{here}">Orders</a>' in alone


def test_a_note_for_the_customer_is_looked_at_first_and_mailed(
    order: Order, mailoutbox: list[EmailMessage]
) -> None:
    client, url = signed_in("Support"), page(order, "note")
    assert "Mail it to the customer" in client.get(order.get_absolute_url()).text

    client.post(url, {"words": "It leaves", "shared": "1"})
    words = {"words": "It leaves tomorrow."}  # changed, so it is shown once more
    seen = client.post(url, {**words, "shared": "1", "seen": "It leaves"}).text
    assert (CustomerMessage.objects.count(), order.events.filter(type="note.added").count()) == (
        0,
        0,
    )
    assert 'name="shared" value="1" checked' in seen
    answer = client.post(url, {**shown(seen), **words, "shared": "1"}, follow=True).text
    assert mailing.send_due() == 1

    assert f"<dd>{BUYER}</dd>" in seen
    assert f"The customer is told by mail to {BUYER}." in answer
    assert f"On its way to {BUYER}" in answer
    [sent] = mailoutbox
    assert sent.to == [BUYER]
    assert sent.subject == f"About your order {messages.named(order)}"
    assert sent.body.startswith("It leaves tomorrow.\n\n")
    event = OrderEvent.objects.get(type="note.added")
    assert (event.visible_to_customer, event.note.text) == (True, sent.body)
    assert f"Sent to {BUYER}" in client.get(order.get_absolute_url()).text


def test_a_note_for_a_customer_without_an_address_is_refused() -> None:
    [pk] = b.submitted((b.product(), 1))
    client, url = signed_in("Support"), page(b.order(pk), "note")

    answer = client.post(url, {"words": "Hello", "shared": "1"}, follow=True).text

    assert "has no e-mail address: tell them yourself." in answer
    assert ">Hello</textarea>" in answer
    assert "Mail it to the customer" not in answer
    assert not OrderEvent.objects.filter(type="note.added").exists()


def test_a_note_of_many_lines_fits_as_it_was_typed_and_a_longer_one_is_kept(order: Order) -> None:
    client, url = signed_in("Support"), page(order, "note")
    lines = "\r\n".join(["x" * 99] * 20)

    assert "The note is written." in client.post(url, {"words": lines}, follow=True).text
    refused = client.post(url, {"words": f"{lines}\r\nmore"})

    assert refused.status_code == 422
    assert "2,004 characters long; 2,000 fit" in refused.text
    assert "xx\nmore</textarea>" in refused.text


def test_a_mail_that_was_given_up_says_why_and_is_tried_again(
    order: Order, settings: Any, mailoutbox: list[EmailMessage]
) -> None:
    client, works = signed_in("Support"), settings.EMAIL_BACKEND
    b.done(notes.add([order.pk], words="It leaves tomorrow.", shared=True, by=WORKER))
    settings.EMAIL_BACKEND = f"{__name__}.Broken"
    mailing.send_due()
    waiting = client.get(order.get_absolute_url()).text
    CustomerMessage.objects.update(due_at=timezone.now(), attempts=MOST_ATTEMPTS - 1)
    mailing.send_due()
    settings.EMAIL_BACKEND = works
    given_up = client.get(order.get_absolute_url()).text
    message = CustomerMessage.objects.get()
    again = reverse("orders:send_again", args=[order.number, message.pk])

    assert f"could not be sent to {BUYER} yet and is tried again" in waiting
    assert again not in waiting
    assert "nobody takes 1" in given_up
    assert f'action="{again}"' in given_up
    assert mailing.send_due() == 0
    assert "The mail is on its way once more." in client.post(again, follow=True).text
    assert mailing.send_due() == 1
    assert "nothing was done" in client.post(again, follow=True).text
    assert len(mailoutbox) == 1


def test_a_mail_of_another_order_is_not_sent_again_from_here(order: Order) -> None:
    b.done(notes.add([order.pk], words="It leaves tomorrow.", shared=True, by=WORKER))
    CustomerMessage.objects.update(due_at=None)
    [other] = b.submitted((b.product(), 1))

    message = CustomerMessage.objects.get()
    assert not messages.send_again(other, message.pk, at=timezone.now())
    assert messages.send_again(order.pk, message.pk, at=timezone.now())
