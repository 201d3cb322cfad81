"""Deliveries in parts: they add up to what is wanted, whatever is cancelled or added."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.db import connection

from orders.lifecycle import writing
from orders.models import LineSchedule

# Parts beyond what is wanted shrink, the latest first; what is wanted on top comes with the last.
SETTLE = """
UPDATE orders_lineschedule t SET quantity = v.wanted FROM (
 SELECT s.id, CASE
  WHEN row_number() OVER (PARTITION BY s.line_id ORDER BY s.due_on DESC) = 1
  THEN greatest(l.ordered - l.cancelled - earlier.quantity, 0)
  ELSE least(s.quantity, greatest(l.ordered - l.cancelled - earlier.quantity, 0)) END AS wanted
 FROM orders_orderline l JOIN orders_lineschedule s ON s.line_id = l.id
 CROSS JOIN LATERAL (SELECT coalesce(sum(e.quantity), 0) AS quantity FROM orders_lineschedule e
                     WHERE e.line_id = s.line_id AND e.due_on < s.due_on) earlier
 WHERE l.order_id = ANY(%s)
) v WHERE t.id = v.id AND t.quantity <> v.wanted
"""


def replace(parts: Mapping[int, writing.Parts]) -> None:
    """Have these lines, whose orders are locked, wanted in these parts and no others."""
    if parts:
        LineSchedule.objects.filter(line__in=list(parts)).delete()
        writing.add_parts(parts.items())


def settle(orders: Sequence[int]) -> None:
    """Bring the parts of the lines of these locked orders in line with what is wanted."""
    if orders:
        with connection.cursor() as cursor:
            cursor.execute(SETTLE, [list(orders)])
