"""The plain profile: one row per order line, orders told apart by their number.

Columns: ``order``, ``customer``, ``sku``, ``quantity``; where they are there also ``price``,
``discount`` (percent), ``currency``, ``po_number``, ``requested_on``, ``shipping``, ``note`` and
the parts of the address as ``ship_to_…``. Common other names of these columns are understood.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from decimal import Decimal, InvalidOperation

from django.utils.translation import gettext, pgettext
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from orders.channels.archives import UnreadableFile
from orders.channels.parsed import Parsed, SourceRow
from orders.channels.reading import Row
from orders.lifecycle.drafts import ADDRESS, LineDraft, OrderDraft

NAMES = {
    "order": ("order", "order_id", "order_number", "external_id", "number"),
    "customer": ("customer", "customer_code", "customer_id", "account"),
    "sku": ("sku", "item", "product", "product_code", "item_code"),
    "quantity": ("quantity", "qty", "units"),
    "price": ("price", "unit_price"),
    "discount": ("discount", "discount_percent"),
    "currency": ("currency",),
    "po_number": ("po_number", "po", "reference"),
    "requested_on": ("requested_on", "wanted_on", "delivery_date"),
    "shipping": ("shipping", "freight"),
    "note": ("note", "notes", "comment"),
}
# What stands in each column, as it is explained to whoever fills in the template.
EXPLAINED: dict[str, StrOrPromise] = {
    "order": _("The order's number where it comes from; rows with the same number are one order."),
    "customer": _("The customer's code."),
    "sku": _("The item's SKU."),
    "quantity": _("Whole units."),
    "price": _("The price of a unit without tax; empty: the agreed one."),
    "discount": _("Percent off this line; empty: the customer's discount."),
    "currency": _("The code of the currency; empty: the customer's."),
    "po_number": _("The number of the customer's purchase order."),
    "requested_on": _("The day on which it is wanted, as 2026-11-30."),
    "shipping": _("What shipping costs on the whole order."),
    "note": _("A note that stays with the order."),
    "ship_to_name": _("Who receives it."),
    "ship_to_line1": _("Street and number; empty: the order goes to the customer's own address."),
    "ship_to_line2": _("A second line of the address."),
    "ship_to_city": _("The city."),
    "ship_to_region": _("The region, where addresses have one."),
    "ship_to_postal_code": _("The postal code."),
    "ship_to_country": _("The two letters of the country, as DE."),
}
MOST_DIGITS = 20
REQUIRED = ("order", "customer", "sku", "quantity")


def parse(rows: Sequence[tuple[int, Row]]) -> Parsed:
    """Make a draft of all rows that carry the same order number."""
    if not rows:
        raise UnreadableFile(gettext("The file has no rows below its column names."))
    columns = _columns(list(rows[0][1]))
    parsed, index = Parsed(columns=columns), {}
    for number, raw in rows:
        key = _value(raw, columns, "order")
        if key not in index:
            index[key] = len(parsed.drafts)
            parsed.drafts.append(OrderDraft(_value(raw, columns, "customer"), channel="import"))
        row = SourceRow(number, raw, index[key])
        parsed.rows.append(row)
        draft = parsed.drafts[row.draft]
        _head(row, draft, columns, key)
        _line(row, draft, columns)
    return parsed


def _columns(given: list[str]) -> dict[str, str]:
    """Which column of the file holds what; a missing required one is named."""
    folded = {name.lower().replace(" ", "_").replace("-", "_"): name for name in given}
    found = {
        meaning: folded[name]
        for meaning, names in NAMES.items()
        for name in names
        if name in folded
    }
    found |= {
        f"ship_to_{part}": folded[f"ship_to_{part}"]
        for part in ADDRESS
        if f"ship_to_{part}" in folded
    }
    missing = [name for name in REQUIRED if name not in found]
    if missing:
        no = pgettext("between columns that are missing", " and no column ")
        words = gettext("The file has no column %(columns)s.")
        raise UnreadableFile(words % {"columns": no.join(missing)})
    return found


def _value(raw: Row, columns: dict[str, str], name: str) -> str:
    return raw.get(columns.get(name, ""), "")


def _head(row: SourceRow, draft: OrderDraft, columns: dict[str, str], key: str) -> None:
    """What the order as a whole says; every row of it has to agree on the customer."""
    if not key:
        row.reject("no_order", gettext("The row has no order number."), columns["order"])
    customer = _value(row.raw, columns, "customer")
    if customer != draft.customer:
        words = gettext("Order %(order)s is of %(above)s above and of %(here)s here.")
        words %= {"order": key, "above": draft.customer, "here": customer}
        row.reject("two_customers", words, columns["customer"])
    draft.external_id = key
    draft.currency = _value(row.raw, columns, "currency") or draft.currency
    draft.po_number = _value(row.raw, columns, "po_number") or draft.po_number
    draft.note = _value(row.raw, columns, "note") or draft.note
    if shipping := _decimal(row, columns, "shipping"):
        draft.shipping = shipping
    if text := _value(row.raw, columns, "requested_on"):
        try:
            draft.requested_on = date.fromisoformat(text[:10])
        except ValueError:
            words = gettext("“%(text)s” is not a date; write it as 2026-11-30.")
            row.reject("bad_date", words % {"text": text}, columns["requested_on"])
    parts = {part: _value(row.raw, columns, f"ship_to_{part}") for part in ADDRESS}
    if parts["line1"]:
        draft.ship_to = parts


def _line(row: SourceRow, draft: OrderDraft, columns: dict[str, str]) -> None:
    quantity = _decimal(row, columns, "quantity")
    if quantity is None or quantity != quantity.to_integral_value():
        text = _value(row.raw, columns, "quantity")
        words = gettext("“%(text)s” is not a number of units.") % {"text": text}
        if not text:
            words = gettext("The row has no quantity.")
        row.reject("bad_quantity", words, columns["quantity"])
        quantity = Decimal(1)
    row.line = len(draft.lines)
    draft.lines.append(
        LineDraft(
            _value(row.raw, columns, "sku"),
            int(quantity),
            _decimal(row, columns, "price"),
            _decimal(row, columns, "discount"),
        )
    )


# 1,200 is either; 1,200.50 and 1,200,000 have points before decimals; 1.200,50 and 9,5 commas.
EITHER = re.compile(r"-?[1-9]\d{0,2},\d{3}")
POINTED = re.compile(r"-?\d{1,3}(?:,\d{3})+\.\d+|-?\d{1,3}(?:,\d{3}){2,}")
COMMAED = re.compile(r"-?(?:\d{1,3}(?:\.\d{3})+|\d+),\d+")


def _decimal(row: SourceRow, columns: dict[str, str], name: str) -> Decimal | None:
    """A number, or None where the cell is empty; anything else rejects the row.

    A comma may stand before decimals or between thousands; where it may be either, nobody guesses.
    """
    text = _value(row.raw, columns, name)
    if not text:
        return None
    if EITHER.fullmatch(text):
        words = gettext(
            "“%(text)s” in column %(column)s may be read in two ways; write it like 1200 or 1.20."
        )
        row.reject(f"bad_{name}", words % {"text": text, "column": columns[name]}, columns[name])
        return None
    plain = text
    if POINTED.fullmatch(text):
        plain = text.replace(",", "")
    elif COMMAED.fullmatch(text):
        plain = text.replace(".", "").replace(",", ".")
    try:
        value = Decimal(plain)
    except InvalidOperation:
        value = Decimal("NaN")
    if value.is_finite() and abs(value.adjusted()) < MOST_DIGITS:
        return value
    words = gettext("“%(text)s” in column %(column)s is not a number.")
    row.reject(f"bad_{name}", words % {"text": text, "column": columns[name]}, columns[name])
    return None
