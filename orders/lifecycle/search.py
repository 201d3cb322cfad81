"""Search words: what an order is found by, written anew when its items or numbers change."""

from __future__ import annotations

from collections.abc import Sequence

from config.kernel import sets
from orders.models import Order, OrderSearch


def words_of(order: Order) -> str:
    """Its numbers, its customer and its items, in lower case; the order's facts are loaded."""
    customer = order.customer
    parts = [order.number, order.external_id or "", order.po_number, customer.code, customer.name]
    parts += [customer.email, customer.phone]
    parts += dict.fromkeys(line.sku for line in order.facts.lines)
    return " ".join(part for part in parts if part).lower()


def rewrite(orders: Sequence[Order]) -> None:
    """Let these locked orders be found by what they hold now."""
    rows = [OrderSearch(order_id=order.pk, words=words_of(order)) for order in orders]
    sets.update(OrderSearch, ["words"], rows)
