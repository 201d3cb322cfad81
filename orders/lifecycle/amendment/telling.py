"""Telling: what an amendment changes for the customer, in the words of a mail."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext

from config.kernel import reading
from orders.lifecycle import messages, schedules
from orders.lifecycle.amendment.change import Change, Entry
from orders.lifecycle.amendment.operations import Kind
from orders.lifecycle.messages import Message, item, money
from orders.models import FillPolicy, Order, OrderLine


def message_of(
    change: Change, restaged: Sequence[schedules.Restaged], total: Decimal
) -> Message | None:
    """What an amendment changes for the customer; None when that is nothing."""
    order = change.order
    with translation.override(settings.LANGUAGE_CODE):
        told = [words for each in change.entries if (words := _told(each, order))]
        told += messages.of_parts(restaged)
        if not told:
            return None
        first = gettext("We have changed your order %(order)s.") % {"order": messages.named(order)}
        money = messages.total(order, change.total, total)
        day = _expected(change.promised_on, order.promised_on)
        subject = gettext("Your order %(order)s has changed") % {"order": order}
        return messages.message(order, subject, [first, "\n".join(told), f"{money} {day}".strip()])


def _expected(before: date | None, after: date | None) -> str:
    if after is None:
        return ""
    if before is None or before == after:
        words = gettext("We expect to deliver all of it by %(after)s.")
        return words % {"after": reading.whole_date(after)}
    words = gettext("We expect to deliver all of it by %(after)s instead of %(before)s.")
    return words % {"before": reading.whole_date(before), "after": reading.whole_date(after)}


def _told(entry: Entry, order: Order) -> str:
    """One change as the customer reads it; '' when it is none of theirs."""
    words = _WORDS.get(Kind(entry.kind))
    return f"- {words(entry, order)}" if words else ""


def _line(entry: Entry) -> OrderLine:
    assert entry.line  # noqa: S101 - these operations are about a line
    return entry.line


def _quantity(entry: Entry, order: Order) -> str:
    return gettext("%(item)s: %(after)s instead of %(before)s") % {
        "item": item(_line(entry)),
        "after": entry.after["wanted"],
        "before": entry.before["wanted"],
    }


def _added(entry: Entry, order: Order) -> str:
    return gettext("%(item)s: %(units)s more, at %(price)s each") % {
        "item": item(_line(entry)),
        "units": entry.after["wanted"],
        "price": money(order, _line(entry).unit_price),
    }


def _removed(entry: Entry, order: Order) -> str:
    return gettext("%(item)s: taken off the order") % {"item": item(_line(entry))}


def _price(entry: Entry, order: Order) -> str:
    return gettext("%(item)s: %(after)s each instead of %(before)s") % {
        "item": item(_line(entry)),
        "after": money(order, Decimal(entry.after["unit_price"])),
        "before": money(order, Decimal(entry.before["unit_price"])),
    }


def _discount(entry: Entry, order: Order) -> str:
    return gettext("%(item)s: %(after)s discount instead of %(before)s") % {
        "item": item(_line(entry)),
        "after": reading.percent(Decimal(entry.after["discount_percent"])),
        "before": reading.percent(Decimal(entry.before["discount_percent"])),
    }


def _ship_to(entry: Entry, order: Order) -> str:
    parts = [entry.after[part] for part in ("name", "line1", "line2")]
    city = f"{entry.after['postal_code']} {entry.after['city']}".strip()
    parts += [city, entry.after["region"], entry.after["country"]]
    return gettext("What has not left yet goes to: %(address)s") % {
        "address": ", ".join(part for part in parts if part)
    }


def _requested_on(entry: Entry, order: Order) -> str:
    if order.requested_on is None:
        return gettext("You no longer want it by a certain day")
    return gettext("You want it by %(day)s") % {"day": reading.whole_date(order.requested_on)}


def _terms(entry: Entry, order: Order) -> str:
    if order.terms_prepaid:
        return gettext("You pay in advance")
    return gettext("You pay within %(days)s days of the invoice") % {"days": order.terms_days}


def _fill_policy(entry: Entry, order: Order) -> str:
    words = {
        FillPolicy.PARTIAL: gettext("We send what is there, the rest later"),
        FillPolicy.LINE_COMPLETE: gettext("We send each item once all of it is there"),
        FillPolicy.SHIP_COMPLETE: gettext("We send everything at once"),
    }
    return words[FillPolicy(order.fill_policy)]


def _po_number(entry: Entry, order: Order) -> str:
    if not order.po_number:
        return gettext("Your PO number is taken off it")
    return gettext("Your PO number on it is %(number)s") % {"number": order.po_number}


def _carrier(entry: Entry, order: Order) -> str:
    if not order.shipping_method:
        return gettext("We choose who delivers it")
    return gettext("It is delivered by %(carrier)s") % {"carrier": entry.names[1]}


def _shipping(entry: Entry, order: Order) -> str:
    return gettext("Delivery: %(after)s instead of %(before)s") % _amounts(entry, order)


def _order_discount(entry: Entry, order: Order) -> str:
    words = gettext("Discount on the order: %(after)s instead of %(before)s")
    return words % _amounts(entry, order)


def _amounts(entry: Entry, order: Order) -> dict[str, str]:
    [before], [after] = entry.before.values(), entry.after.values()
    return {"before": money(order, Decimal(before)), "after": money(order, Decimal(after))}


def _line_day(entry: Entry, order: Order) -> str:
    line = _line(entry)
    if line.requested_on is None:
        return gettext("%(item)s: no longer wanted by a day of its own") % {"item": item(line)}
    values = {"item": item(line), "day": reading.whole_date(line.requested_on)}
    return gettext("%(item)s: wanted by %(day)s") % values


def _parts(entry: Entry, order: Order) -> str:
    return messages.in_parts(_line(entry), entry.after["parts"])


_WORDS: dict[Kind, Callable[[Entry, Order], str]] = {
    Kind.SET_QUANTITY: _quantity,
    Kind.ADD_LINE: _added,
    Kind.REMOVE_LINE: _removed,
    Kind.SET_PRICE: _price,
    Kind.SET_DISCOUNT: _discount,
    Kind.SET_SHIP_TO: _ship_to,
    Kind.SET_REQUESTED_ON: _requested_on,
    Kind.SET_TERMS: _terms,
    Kind.SET_FILL_POLICY: _fill_policy,
    Kind.SET_PO_NUMBER: _po_number,
    Kind.SET_CARRIER: _carrier,
    Kind.SET_SHIPPING: _shipping,
    Kind.SET_ORDER_DISCOUNT: _order_discount,
    Kind.SET_LINE_DAY: _line_day,
    Kind.SET_PARTS: _parts,
}
