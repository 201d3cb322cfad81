"""Search words: what an order is found by, written anew from the facts whenever one changes.

Whatever adds a tracking number, changes lines or renames a customer calls this for its orders.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.db import connection, transaction

from orders.models import Order

# Numbers, customer, items and tracking numbers; a space at either end, so that a whole word can
# be asked for. The telephone number stands there as typed and as digits alone.
WORDS = """
INSERT INTO orders_ordersearch (order_id, words, likeness)
SELECT o.id, lower(concat_ws(' ', '', o.number, o.external_id, nullif(o.po_number, ''), c.code,
  c.name, nullif(c.email, ''), nullif(c.phone, ''),
  nullif(regexp_replace(c.phone, '[^0-9]', '', 'g'), ''), l.skus, p.tracking, '')),
  order_likeness(o.customer_id, o.currency_id, o.grand_total, o.po_number)
FROM orders_order o
JOIN orders_customer c ON c.id = o.customer_id
LEFT JOIN LATERAL (SELECT string_agg(DISTINCT sku, ' ') AS skus FROM orders_orderline
  WHERE order_id = o.id) l ON true
LEFT JOIN LATERAL (SELECT string_agg(DISTINCT tracking_number, ' ') AS tracking
  FROM fulfillment_package WHERE shipment_id IN
    (SELECT id FROM fulfillment_shipment WHERE order_id = o.id)) p ON true
WHERE o.id = ANY(%s) ORDER BY o.id
ON CONFLICT (order_id) DO UPDATE SET words = excluded.words
  WHERE orders_ordersearch.words <> excluded.words
"""
AT_ONCE = 500


def write_words(ids: Iterable[int]) -> None:
    """Write what these orders are found by; the caller made or locked them.

    One statement for any number of orders; words that have not changed are not written.
    """
    keys = list(ids)
    if keys:
        with connection.cursor() as cursor:
            cursor.execute(WORDS, [keys])


def follow_customer(customer: int) -> None:
    """A customer is called otherwise now, and the orders are found by the new words."""
    last = 0
    while keys := _orders_of(customer, last):
        with transaction.atomic():
            Order.locked(keys)
            write_words(keys)
        last = keys[-1]


def _orders_of(customer: int, last: int) -> list[int]:
    """The next orders of a customer, by id."""
    rows = Order.objects.filter(customer=customer, pk__gt=last).order_by("pk")
    return list(rows.values_list("pk", flat=True)[:AT_ONCE])
