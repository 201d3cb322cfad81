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
from typing import Any

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
SHIP_TO = tuple(f"ship_to_{part}" for part in ADDRESS)
Said = dict[str, tuple[object, str]]  # what rows say of an order: by column, as read and as text


def parse(rows: Sequence[tuple[int, Row]]) -> Parsed:
    """Make a draft of all rows that carry the same order number."""
    if not rows:
        raise UnreadableFile(gettext("The file has no rows below its column names."))
    columns = _columns(list(rows[0][1]))
    parsed, index = Parsed(columns=columns), {}
    heads: list[Said] = []
    for number, raw in rows:
        key = _value(raw, columns, "order")
        if key not in index:
            index[key] = len(parsed.drafts)
            parsed.drafts.append(OrderDraft(_value(raw, columns, "customer"), channel="import"))
            heads.append({})
        row = SourceRow(number, raw, index[key])
        parsed.rows.append(row)
        _head(row, parsed.drafts[row.draft], columns, key)
        _agree(row, heads[row.draft], columns, key)
        _line(row, parsed.drafts[row.draft], columns)
    for draft, said in zip(parsed.drafts, heads, strict=True):
        _take(draft, said)
    _name_streets(parsed, heads)
    return parsed


def _columns(given: list[str]) -> dict[str, str]:
    """Which column of the file holds what; a missing required one is named.

    Where a file has several names of one column, the first that is listed counts.
    """
    folded = {name.lower().replace(" ", "_").replace("-", "_"): name for name in given}
    known = NAMES | {name: (name,) for name in SHIP_TO}
    found = {
        meaning: next(folded[name] for name in names if name in folded)
        for meaning, names in known.items()
        if not folded.keys().isdisjoint(names)
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
    """Whose order it is, which every row says; notes of several rows are all kept."""
    if not key:
        row.reject("no_order", gettext("The row has no order number."), columns["order"])
    customer = _value(row.raw, columns, "customer")
    if customer != draft.customer:
        words = gettext("Order %(order)s is of %(above)s above and of %(here)s here.")
        words %= {"order": key, "above": draft.customer, "here": customer}
        row.reject("two_customers", words, columns["customer"])
    draft.external_id = key
    note = _value(row.raw, columns, "note")
    if note and note not in draft.note.split("\n"):
        draft.note = f"{draft.note}\n{note}".strip()


def _agree(row: SourceRow, said: Said, columns: dict[str, str], key: str) -> None:
    """What else a row says of the whole order: all rows agree, and an empty cell says nothing."""
    here: dict[str, object] = {
        "currency": _value(row.raw, columns, "currency"),
        "po_number": _value(row.raw, columns, "po_number"),
        "requested_on": _date(row, columns, "requested_on"),
        "shipping": _decimal(row, columns, "shipping"),
        **{name: _value(row.raw, columns, name) for name in SHIP_TO},
    }
    for name, value in here.items():
        if value is None or value == "":
            continue
        text = _value(row.raw, columns, name)
        above, read = said.setdefault(name, (value, text))
        if above != value:
            words = gettext(
                "Order %(order)s has “%(above)s” in column %(column)s above and “%(here)s” here."
            )
            words %= {"order": key, "above": read, "column": columns[name], "here": text}
            row.reject("two_values", words, columns[name])


def _take(draft: OrderDraft, said: Said) -> None:
    """Give the order what its rows say of it."""
    found: dict[str, Any] = {name: value for name, (value, _) in said.items()}
    draft.currency = found.get("currency")
    draft.po_number = found.get("po_number", "")
    draft.requested_on = found.get("requested_on")
    draft.shipping = found.get("shipping")
    if not found.keys().isdisjoint(SHIP_TO):
        draft.ship_to = {part: found.get(f"ship_to_{part}", "") for part in ADDRESS}


def _name_streets(parsed: Parsed, heads: Sequence[Said]) -> None:
    """An address without a street may be one, or the customer's own: nobody guesses."""
    for row in parsed.rows:
        given = [name for name in SHIP_TO if _value(row.raw, parsed.columns, name)]
        if given and "ship_to_line1" not in heads[row.draft]:
            words = gettext(
                "The delivery address of order %(order)s has no street; fill in ship_to_line1, or "
                "leave every ship_to column empty: it then goes to the customer’s own address."
            )
            words %= {"order": _value(row.raw, parsed.columns, "order")}
            column = parsed.columns.get("ship_to_line1") or parsed.columns[given[0]]
            row.reject("no_street", words, column)


def _date(row: SourceRow, columns: dict[str, str], name: str) -> date | None:
    """A day, or None where the cell is empty; anything else rejects the row."""
    text = _value(row.raw, columns, name)
    if not text:
        return None
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        words = gettext("“%(text)s” is not a date; write it as 2026-11-30.")
        row.reject("bad_date", words % {"text": text}, columns[name])
        return None


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
