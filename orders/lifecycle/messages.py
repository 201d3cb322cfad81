"""Messages: what the customer is told of a change, in plain words, by mail.

The words are put together by the step itself, so a preview shows exactly what would be sent. They
are in the language of the company: what language a customer reads is not known.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext

from config.kernel import reading, sets
from config.kernel.wake import wake
from orders import history
from orders.lifecycle import schedules
from orders.lifecycle.schedules import Restaged, Staged
from orders.models import CustomerMessage, Order, OrderLine

WRITTEN = "message.written"  # the type of the event
WRITTEN_BY = {WRITTEN, "note.added"}  # the events whose words can be those of a mail


@dataclass(frozen=True, slots=True)
class Message:
    """A mail to the customer of an order."""

    order: Order
    recipient: str
    subject: str
    text: str


def unreachable(order: Order) -> str:
    """Why the customer cannot be told by mail, or ''."""
    if order.customer.email:
        return ""
    return gettext("%(customer)s has no e-mail address: tell them yourself.") % {
        "customer": order.customer
    }


def of_cancellation(
    order: Order,
    units: Mapping[OrderLine, int],
    restaged: Sequence[Restaged],
    before: Decimal,
    after: Decimal,
) -> Message:
    """Which units of its lines are cancelled, or that the whole order is."""
    with translation.override(settings.LANGUAGE_CODE):
        if order.status == "cancelled":
            subject = gettext("Your order %(order)s is cancelled") % {"order": order}
            words = gettext("Your order %(order)s is cancelled. Nothing more of it will be sent.")
            return message(order, subject, [words % {"order": named(order)}])
        subject = gettext("Parts of your order %(order)s are cancelled") % {"order": order}
        first = gettext("These parts of your order %(order)s are cancelled:")
        told = [
            gettext("- %(item)s: %(units)s of %(ordered)s")
            % {"item": item(line), "units": number, "ordered": line.ordered}
            for line, number in units.items()
        ]
        parts = [first % {"order": named(order)}, "\n".join(told)]
        if staged := of_parts(restaged):
            parts += [gettext("What is left is delivered like this:"), "\n".join(staged)]
        return message(order, subject, [*parts, total(order, before, after)])


def of_parts(restaged: Iterable[Restaged]) -> list[str]:
    """The parts in which what is left of lines is delivered now, a line each."""
    return [f"- {in_parts(row.line, row.after)}" for row in restaged if row.after]


def in_parts(line: OrderLine, parts: Staged) -> str:
    """The parts in which a line is delivered."""
    values = {"item": item(line), "parts": schedules.in_parts(parts)}
    return gettext("%(item)s: %(parts)s") % values


def of_note(order: Order, words: str) -> Message:
    """What somebody writes to the customer, in their own words."""
    with translation.override(settings.LANGUAGE_CODE):
        subject = gettext("About your order %(order)s") % {"order": named(order)}
        return message(order, subject[:200], [words])


def send_again(order: int, message: int, *, at: datetime) -> bool:
    """Try a mail of the order anew that was given up; False if it was not."""
    given_up = CustomerMessage.objects.filter(sent_at=None, due_at=None, event__order=order)
    found = given_up.filter(pk=message).update(due_at=at, attempts=0, trouble="")
    if found:
        wake("messages")
    return bool(found)


def happening(message: Message) -> history.Happening:
    """The event that the customer was written to; the words stand beside it."""
    return history.Happening(message.order, WRITTEN, words=message.text, shared=True)


def post(
    happenings: Sequence[history.Happening],
    events: Sequence[int],
    messages: Mapping[int, Message],
    *,
    at: datetime,
) -> None:
    """Keep the messages (by order) beside their events, to be sent once this is committed."""
    rows = [
        (event, messages[told.order.pk].recipient, messages[told.order.pk].subject, 0, at)
        for told, event in zip(happenings, events, strict=True)
        if told.type in WRITTEN_BY and told.order.pk in messages
    ]
    columns = ["event", "recipient", "subject", "attempts", "due_at"]
    sets.insert(CustomerMessage, columns, rows)
    if rows:
        wake("messages")


def message(order: Order, subject: str, parts: Sequence[str]) -> Message:
    """A mail of these paragraphs, signed by the company."""
    text = "\n\n".join([*parts, settings.COMPANY_NAME])
    return Message(order, order.customer.email, subject, text)


def named(order: Order) -> str:
    """The order as its customer knows it."""
    if not order.po_number:
        return order.number
    return gettext("%(order)s (your order number %(po)s)") % {
        "order": order,
        "po": order.po_number,
    }


def item(line: OrderLine) -> str:
    """An item by name and number."""
    return f"{line.name} ({line.sku})"


def money(order: Order, value: Decimal) -> str:
    """An amount of the order, as the customer reads it."""
    return reading.money(value, order.currency_id)


def total(order: Order, before: Decimal, after: Decimal) -> str:
    """What it comes to now, and what it came to before."""
    if before == after:
        words = gettext("The total stays at %(after)s.")
    else:
        words = gettext("The new total is %(after)s instead of %(before)s.")
    return words % {"before": money(order, before), "after": money(order, after)}
