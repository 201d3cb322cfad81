"""Limits: how many lines, how long words and how large amounts an order may have to be kept."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from django.utils.translation import gettext

from config.kernel.money import ZERO
from config.kernel.reading import number
from orders.lifecycle.drafts import MOST_LINES, LineDraft, OrderDraft, Problem

LARGEST_AMOUNT = Decimal(10) ** 12  # leaves room for the sums of many orders
COUNTRY = "ship_to_country"
LONGEST = {
    "external_id": 80,
    "po_number": 60,
    "ship_to_name": 200,
    "ship_to_line1": 200,
    "ship_to_line2": 200,
    "ship_to_city": 100,
    "ship_to_region": 100,
    "ship_to_postal_code": 20,
    COUNTRY: 2,
}


def of_texts(index: int, draft: OrderDraft) -> Iterable[Problem]:
    """Words of a draft that are longer than an order keeps."""
    given = {"external_id": draft.external_id or "", "po_number": draft.po_number}
    given |= {f"ship_to_{part}": text for part, text in (draft.ship_to or {}).items()}
    for name, text in given.items():
        most = LONGEST[name]
        if len(text) <= most:
            continue
        words = gettext("%(field)s has %(length)s characters; at most %(most)s are kept.")
        if name == COUNTRY:
            words = gettext("“%(text)s” is not a country code; write its two letters, as in DE.")
        values = {"field": name, "length": len(text), "most": most, "text": text[:60]}
        yield Problem(index, name.replace("ship_to_", "ship_to."), "too_long", words % values)


def of_lines(index: int, draft: OrderDraft) -> Iterable[Problem]:
    """More lines than one order has; rows that are no line yet count too."""
    if words := of_count(len(draft.lines) + len(draft.unread_rows)):
        yield Problem(index, "order", "too_many_lines", words)


def of_count(lines: int) -> str:
    """Why one order cannot have so many lines, or ''."""
    if lines <= MOST_LINES:
        return ""
    words = gettext(
        "An order has at most %(most)s lines; this one has %(lines)s, so split it into several."
    )
    return words % {"most": number(MOST_LINES), "lines": number(lines)}


def of_amounts(index: int, draft: OrderDraft) -> Iterable[Problem]:
    """Amounts of a draft as a whole that are larger than can be booked."""
    for name, amount in (("shipping", draft.shipping), ("order_discount", draft.order_discount)):
        if (amount or ZERO) > LARGEST_AMOUNT:
            yield Problem(index, name, "too_large", of_total(amount or ZERO))


def of_line(line: LineDraft) -> str:
    """Why the price and quantity of a line cannot be booked, or ''."""
    if (line.unit_price or ZERO) * line.quantity <= LARGEST_AMOUNT:
        return ""
    words = gettext("%(sku)s: a line comes to %(most)s at most; check quantity and price.")
    return words % {"sku": line.sku, "most": number(LARGEST_AMOUNT)}


def of_total(total: Decimal) -> str:
    """Why what an order comes to cannot be booked, or ''."""
    if total <= LARGEST_AMOUNT:
        return ""
    words = gettext("An order comes to %(most)s at most; check its quantities and prices.")
    return words % {"most": number(LARGEST_AMOUNT)}
