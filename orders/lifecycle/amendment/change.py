"""Changes: what an amendment makes of one order, and its amounts worked out anew.

A line of which units are billed or cancelled keeps its amounts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from config.kernel.money import ZERO
from orders.lifecycle.amendment.operations import Kind, is_frozen
from orders.lifecycle.writing import Parts
from orders.models import Order, OrderLine
from orders.pricing import PricedLine, price


@dataclass(slots=True)
class Entry:
    """One operation as it will be kept: what it changed, old → new."""

    kind: str
    what: str
    line: OrderLine | None = None
    quantity_before: int | None = None
    quantity_after: int | None = None
    before: dict[str, Any] = field(default_factory=dict)
    after: dict[str, Any] = field(default_factory=dict)
    names: tuple[str, str] = ("", "")  # what is called before and after that is kept by code

    @property
    def values(self) -> tuple[int | None, int | None, dict[str, Any], dict[str, Any]]:
        """Units and facts, before and after."""
        return self.quantity_before, self.quantity_after, self.before, self.after


@dataclass(slots=True)
class Change:
    """What an amendment makes of one order, and what the order was before it."""

    order: Order
    at: datetime
    total: Decimal
    outstanding: Decimal
    country: str
    promised_on: date | None
    entries: list[Entry] = field(default_factory=list)
    added: list[OrderLine] = field(default_factory=list)
    moving: dict[int, int] = field(default_factory=dict)  # lines that change their warehouse
    parts: dict[int, Parts] = field(default_factory=dict)  # what lines are wanted in from now on
    why: str = ""  # what does not fit once everything is changed

    @property
    def delta(self) -> Decimal:
        """By how much the open value grew."""
        return self.order.outstanding - self.outstanding

    @property
    def changes_country(self) -> bool:
        """Whether the goods go to another country now."""
        return self.order.ship_to_country != self.country

    @property
    def changes_words(self) -> bool:
        """Whether the order is found by other words now."""
        return bool(self.added) or any(e.kind == Kind.SET_PO_NUMBER for e in self.entries)


def begin(order: Order, at: datetime) -> Change:
    """The order as it stands, before anything is changed."""
    return Change(
        order,
        at,
        total=order.grand_total - sum((line.cancelled_amount for line in order.facts.lines), ZERO),
        outstanding=order.outstanding,
        country=order.ship_to_country,
        promised_on=order.promised_on,
    )


def reprice(order: Order) -> None:
    """Work out the lines that may change their amounts; discount and shipping of the others stay.

    What the other lines do not hold of the order's discount and shipping is spread anew.
    """
    kept = [line for line in order.facts.lines if is_frozen(line)]
    free = [line for line in order.facts.lines if not is_frozen(line)]
    priced = [
        PricedLine(line.ordered, line.unit_price, line.discount_percent, line.tax_rate)
        for line in free
    ]
    price(
        priced,
        order_discount=order.order_discount - _sum(kept, "order_discount_share"),
        shipping=order.shipping_total - _sum(kept, "shipping_amount"),
        minor_units=order.minor_units,
    )
    for line, amounts in zip(free, priced, strict=True):
        line.gross_amount, line.discount_amount = amounts.gross, amounts.discount
        line.order_discount_share = amounts.order_discount_share
        line.shipping_amount, line.tax_amount = amounts.shipping, amounts.tax
        line.line_total = amounts.total
    lines = order.facts.lines
    order.subtotal = _sum(lines, "gross_amount")
    order.order_discount = _sum(lines, "order_discount_share")
    order.discount_total = _sum(lines, "discount_amount")
    order.shipping_total = _sum(lines, "shipping_amount")
    order.tax_total = _sum(lines, "tax_amount")
    order.grand_total = _sum(lines, "line_total")


def _sum(lines: Sequence[OrderLine], name: str) -> Decimal:
    return sum((getattr(line, name) for line in lines), ZERO)
