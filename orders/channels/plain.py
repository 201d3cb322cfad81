"""The plain profile: one row per order line, orders told apart by their number.

Columns: ``order``, ``customer``, ``sku``, ``quantity``; where they are there also ``price``,
``discount`` (percent), ``currency``, ``po_number``, ``requested_on``, ``shipping``, ``note`` and
the parts of the address as ``ship_to_…``. Common other names of these columns are understood.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal, InvalidOperation

from orders.channels.parsed import Parsed, SourceRow
from orders.channels.reading import Row, UnreadableFile
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
REQUIRED = ("order", "customer", "sku", "quantity")


def parse(rows: Sequence[tuple[int, Row]]) -> Parsed:
    """Make a draft of all rows that carry the same order number."""
    columns = _columns(list(rows[0][1]) if rows else [])
    parsed, index = Parsed(), {}
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
        raise UnreadableFile(f"The file has no column {' and no column '.join(missing)}.")
    return found


def _value(raw: Row, columns: dict[str, str], name: str) -> str:
    return raw.get(columns.get(name, ""), "")


def _head(row: SourceRow, draft: OrderDraft, columns: dict[str, str], key: str) -> None:
    """What the order as a whole says; every row of it has to agree on the customer."""
    if not key:
        row.reject("no_order", "The row has no order number.")
    customer = _value(row.raw, columns, "customer")
    if customer != draft.customer:
        row.reject(
            "two_customers", f"Order {key} is of {draft.customer} above and of {customer} here."
        )
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
            row.reject("bad_date", f"“{text}” is not a date; write it as 2026-11-30.")
    parts = {part: _value(row.raw, columns, f"ship_to_{part}") for part in ADDRESS}
    if parts["line1"]:
        draft.ship_to = parts


def _line(row: SourceRow, draft: OrderDraft, columns: dict[str, str]) -> None:
    quantity = _decimal(row, columns, "quantity")
    if quantity is None or quantity != quantity.to_integral_value():
        text = _value(row.raw, columns, "quantity")
        row.reject("bad_quantity", f"“{text}” is not a number of units.")
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


def _decimal(row: SourceRow, columns: dict[str, str], name: str) -> Decimal | None:
    """A number, or None where the cell is empty; anything else rejects the row."""
    text = _value(row.raw, columns, name)
    if not text:
        return None
    try:
        value = Decimal(text.replace(",", "") if "." in text else text.replace(",", "."))
    except InvalidOperation:
        row.reject(f"bad_{name}", f"“{text}” in column {columns[name]} is not a number.")
        return None
    if not value.is_finite():
        row.reject(f"bad_{name}", f"“{text}” in column {columns[name]} is not a number.")
        return None
    return value
