"""Writing: what was read becomes rows of orders, lines and their parts, one statement each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from config.kernel import pipeline, sets
from config.kernel.money import ZERO
from orders.lifecycle import searching
from orders.lifecycle.catalogue import Catalogue
from orders.lifecycle.drafts import ADDRESS, LineDraft
from orders.lifecycle.reading import Reading, ReadLine
from orders.models import EntryKey, LineSchedule, Order, OrderLine

COUNTERS = (
    "cancelled",
    "backordered",
    "allocated",
    "picked",
    "shipped",
    "delivered",
    "return_requested",
    "returned",
    "invoiced",
    "credited",
)
Parts = list[tuple[date, int]]


def write(
    readings: Sequence[Reading], catalogue: Catalogue, *, created_by: int | None, at: datetime
) -> list[int]:
    """Add the orders with everything that belongs to them; answer their ids in order."""
    numbers = _numbers(len(readings))
    rows = [
        {
            **_first(reading, number, catalogue, at),
            **agreed(reading),
            "created_by": created_by,
            "created_at": at,
        }
        for reading, number in zip(readings, numbers, strict=True)
    ]
    ids = [
        pk for (pk,) in sets.insert(Order, list(rows[0]), [list(r.values()) for r in rows], "id")
    ]
    lines = [
        (pk, number, line, reading)
        for pk, reading in zip(ids, readings, strict=True)
        for number, line in enumerate(reading.lines, 1)
    ]
    add_lines(lines, at=at)
    searching.write_words(ids)
    keys = [(r.draft.entry_key, pk) for pk, r in zip(ids, readings, strict=True)]
    sets.insert(EntryKey, ["key", "order"], [(key, pk) for key, pk in keys if key])
    return ids


def add_lines(lines: Iterable[tuple[int, int, ReadLine, Reading]], *, at: datetime) -> None:
    """Add lines (order, number, line, its reading) and the parts they are wanted in."""
    lines = list(lines)
    rows = [
        {"order": pk, "line_no": number, **line_values(line, at), **dict.fromkeys(COUNTERS, 0)}
        for pk, number, line, _ in lines
    ]
    if not rows:
        return
    ids = sets.insert(OrderLine, list(rows[0]), [list(row.values()) for row in rows], "id")
    add_parts(
        (pk, staged(line.draft, reading))
        for (pk,), (_, _, line, reading) in zip(ids, lines, strict=True)
    )


def add_parts(parts: Iterable[tuple[int, Parts]]) -> None:
    """Add the parts of lines by line id."""
    rows = [(pk, day, quantity) for pk, each in parts for day, quantity in each]
    sets.insert(LineSchedule, ["line", "due_on", "quantity"], rows)


def staged(line: LineDraft, reading: Reading) -> Parts:
    """The parts of a line by day."""
    return by_day(line.parts, line.quantity, line.requested_on or reading.draft.requested_on)


def by_day(parts: Parts, wanted: int, last: date | None) -> Parts:
    """Parts by day; what was given no day comes on the last one, which may be another day."""
    days: dict[date, int] = {}
    for day, quantity in parts:
        days[day] = days.get(day, 0) + quantity
    left = wanted - sum(days.values())
    if days and left:
        last = last or max(days)
        days[last] = days.get(last, 0) + left
    return sorted(days.items())


def _numbers(count: int) -> list[str]:
    """The next order numbers; gaps are allowed, repeats are not."""
    with pipeline.cursor() as cursor:
        cursor.execute("SELECT nextval('order_number') FROM generate_series(1, %s)", [count])
        return [f"SO-{value:06}" for (value,) in cursor.fetchall()]


def _first(reading: Reading, number: str, catalogue: Catalogue, at: datetime) -> dict[str, Any]:
    """What is settled when an order is created and no later edit of the draft touches."""
    draft = reading.draft
    return {
        "number": number,
        "channel": catalogue.channels[draft.channel].pk,
        "external_id": draft.external_id or None,
        "priority": draft.priority,
        "status": "draft",
        "fulfillment_status": "none",
        "payment_status": "none",
        "return_status": "none",
        "invoice_policy": "dispatch",
        "rules_version": catalogue.rules_version,
        "version": 0,
        "last_seq": 0,
        "last_event_at": at,
    }


def agreed(reading: Reading) -> dict[str, Any]:
    """What a draft says of the order as a whole, by field."""
    draft, totals, terms = reading.draft, reading.totals, reading.terms
    return {
        "customer": reading.customer.pk,
        "po_number": draft.po_number,
        "currency": reading.currency.code,
        "fill_policy": draft.fill_policy or reading.customer.fill_policy,
        **{f"ship_to_{part}": reading.ship_to[part] for part in ADDRESS},
        "terms_code": terms.code if terms else "",
        "terms_days": terms.days if terms else 0,
        "terms_prepaid": bool(terms and terms.is_prepaid),
        "requested_on": draft.requested_on,
        "shipping_method": draft.shipping_method,
        "note": draft.note,
        "unread_rows": reading.unread,
        "subtotal": totals.subtotal,
        "order_discount": totals.order_discount,
        "discount_total": totals.discount_total,
        "shipping_total": totals.shipping_total,
        "tax_total": totals.tax_total,
        "grand_total": totals.grand_total,
    }


def line_values(line: ReadLine, at: datetime) -> dict[str, Any]:
    """What a draft says of one line, by field."""
    product, priced = line.product, line.priced
    return {
        "product": product.pk,
        "sku": product.sku,
        "name": product.name,
        "unit": product.unit,
        "snapshot_at": max(at, product.sku_since),
        "is_stocked": product.is_stocked,
        "requested_on": line.draft.requested_on,
        "unit_price": priced.unit_price,
        "list_price": line.listed,
        "gross_amount": priced.gross,
        "discount_percent": priced.discount_percent,
        "discount_amount": priced.discount,
        "order_discount_share": priced.order_discount_share,
        "shipping_amount": priced.shipping,
        "tax_rate": priced.tax_rate,
        "tax_amount": priced.tax,
        "line_total": priced.total,
        "cancelled_amount": ZERO,
        "ordered": priced.quantity,
    }
