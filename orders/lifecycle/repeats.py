"""Repeats: earlier orders that look just like others, as somebody sends by mistake twice."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from config.kernel import pipeline
from orders.models import Order

# The facts of the orders come with the question: an amendment asks before it is written.
DUPLICATES = """
SELECT o.id, d.number FROM unnest(%b::bigint[], %b::bigint[], %b::text[], %s::numeric(18, 4)[],
 %b::text[], %b::timestamptz[], %b::text[]) o(id, customer_id, currency_id, grand_total, po_number,
  submitted_at, lines)
CROSS JOIN LATERAL (
 SELECT d.number FROM orders_ordersearch s JOIN orders_order d ON d.id = s.order_id
 WHERE s.order_id < o.id
  AND s.likeness = order_likeness(o.customer_id, o.currency_id, o.grand_total, o.po_number)
  AND (d.customer_id, d.currency_id, d.grand_total, d.po_number)
    = (o.customer_id, o.currency_id, o.grand_total, o.po_number)
  AND d.status NOT IN ('draft', 'cancelled')
  AND d.submitted_at BETWEEN o.submitted_at - make_interval(hours => %s) AND o.submitted_at
  AND o.lines = (SELECT string_agg(l.product_id || '×' || l.ordered, ' '
                                   ORDER BY l.product_id, l.ordered)
                 FROM orders_orderline l WHERE l.order_id = d.id)
 ORDER BY s.order_id LIMIT 1
) d
"""


def twins(orders: Sequence[Order], hours: int) -> dict[int, str]:
    """For each order, as it is in memory, an earlier one of the last hours that looks like it."""
    asked = [order for order in orders if order.submitted_at and not order.external_id]
    if not asked:
        return {}
    facts = zip(*(_looks(order) for order in asked), strict=True)
    with pipeline.cursor() as cursor:
        cursor.execute(DUPLICATES, [*map(list, facts), hours])
        return dict(cursor.fetchall())


def _looks(order: Order) -> tuple[Any, ...]:
    """What makes an order look like another one."""
    lines = sorted((line.product_id, line.ordered) for line in order.facts.lines)
    told = " ".join(f"{product}×{ordered}" for product, ordered in lines)
    agreed = (order.customer_id, order.currency_id, order.grand_total, order.po_number)
    return (order.pk, *agreed, order.submitted_at, told)
