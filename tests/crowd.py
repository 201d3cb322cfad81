"""A crowd of orders for measuring lists: put in by hand, since no step is measured by it.

One of the oldest orders differs from all others in everything that the list is narrowed by.
"""

from __future__ import annotations

from django.contrib.auth.models import User
from django.db import connection

from config.kernel import sets
from orders.models import Customer
from tests import builders as b

FIRST = 1_000_000  # ids of the crowd come after it
ODD = FIRST + 7
FILL = """
SET session_replication_role = replica;
INSERT INTO orders_order SELECT (jsonb_populate_record(o, jsonb_build_object(
  'id', 1000000 + n, 'number', 'BN-' || n, 'external_id', NULL, 'po_number', 'PO-' || n,
  'customer_id', CASE WHEN n = 7 THEN %(old_customer)s
    ELSE (%(customers)s::bigint[])[1 + mod(n, %(buyers)s)] END,
  'channel_id', (SELECT id FROM orders_channel WHERE code = CASE
    WHEN n = 7 THEN 'api' WHEN mod(n, 3) = 0 THEN 'import' ELSE 'manual' END),
  'ship_to_country', CASE WHEN mod(n, 19) = 3 THEN 'AT' ELSE 'DE' END,
  'status', CASE WHEN n = 7 THEN 'submitted' WHEN mod(n, 50) < 38 THEN 'completed'
    WHEN mod(n, 50) < 42 THEN 'cancelled' ELSE (ARRAY['delivered', 'shipped', 'shipped',
      'fulfilling', 'fulfilling', 'processing', 'validated', 'in_review'])[mod(n, 50) - 41] END,
  'sub_status', CASE WHEN n = 7 THEN 'odd' END,
  'rules_version', CASE WHEN n = 7 THEN 7 ELSE 1 END,
  'payment_status', CASE WHEN n = 7 THEN 'refunded' WHEN mod(n, 4) = 0 THEN 'none' ELSE 'paid' END,
  'created_at', now() - interval '3 years' * (1 - n::float / %(orders)s),
  'submitted_at', now() - interval '3 years' * (1 - n::float / %(orders)s),
  'promised_on', CASE WHEN n = 7 THEN date '1999-01-01' ELSE current_date - 1 + mod(n, 40) END,
  'completed_at', CASE WHEN n <> 7 AND mod(n, 50) < 38 THEN now() END,
  'cancelled_at', CASE WHEN mod(n, 50) BETWEEN 38 AND 41 THEN now() END,
  'cancel_reason', CASE WHEN mod(n, 50) BETWEEN 38 AND 41 THEN 'error' END))).*
FROM orders_order o, generate_series(1, %(orders)s) n WHERE o.id = %(template)s;
UPDATE orders_order SET created_at = '1999-01-01' WHERE id = %(template)s;
UPDATE orders_stageinterval SET entered_at = '1999-01-01' WHERE order_id = %(template)s;
INSERT INTO orders_stageinterval (order_id, stage, entered_at)
  SELECT id, 'draft', created_at FROM orders_order WHERE id > 1000000;
INSERT INTO orders_orderline SELECT (jsonb_populate_record(l, jsonb_build_object(
  'id', 1000000 + n, 'order_id', 1000000 + n,
  'sku', CASE WHEN n = 7 THEN 'SKU-ODD' ELSE 'SKU-A' || mod(n, 977) END))).*
FROM orders_orderline l, generate_series(1, %(orders)s) n WHERE l.order_id = %(template)s;
INSERT INTO orders_ordersearch (order_id, words, likeness)
  SELECT o.id, lower(concat_ws(' ', '', o.number, o.po_number, c.code, 'nordhavn byg', l.sku,
    '1z' || (o.id * 7919), CASE WHEN o.id = 1000007 THEN '493415550199' END, '')),
    order_likeness(o.customer_id, o.currency_id, o.grand_total, o.po_number)
  FROM orders_order o JOIN orders_customer c ON c.id = o.customer_id
  JOIN orders_orderline l ON l.order_id = o.id WHERE o.id > 1000000 ORDER BY o.id;
INSERT INTO orders_hold (order_id, kind, reason, team, placed_at)
  SELECT id, CASE WHEN id = 1000007 THEN 'system' ELSE 'manual' END, 'wait', '', now()
  FROM orders_order WHERE id = 1000007 OR id > 1000000 AND mod(id, 500) = 45;
INSERT INTO orders_orderexception (order_id, rule, severity, fingerprint, message, data, status,
    team, four_eyes, permission, opened_at)
  SELECT id, CASE WHEN id = 1000007 THEN 'duplicate' ELSE 'price' END, 'review', 'x', 'x', '{}',
    'open', '', false, '', now()
  FROM orders_order WHERE id > 1000000 AND status IN ('in_review', 'submitted');
INSERT INTO fulfillment_shipment (number, order_id, warehouse_id, status, has_exception,
    created_at, dispatched_at)
  SELECT 'BN-' || o.id, o.id, (SELECT w.id FROM inventory_warehouse w WHERE w.code = CASE
      WHEN o.id = 1000007 THEN 'ODD' WHEN mod(o.id, 4) = 0 THEN 'ROT' ELSE 'LEI' END),
    'in_transit', false, now(), now()
  FROM orders_order o WHERE o.id = 1000007
    OR o.id > 1000000 AND o.status IN ('shipped', 'delivered', 'completed');
INSERT INTO orders_allocation (line_id, stock_level_id, quantity, picked, shipped, state,
    priority_at, created_at)
  SELECT id, %(level)s, 1, 0, 0, 'active', now(), now()
  FROM orders_order WHERE id > 1000000 AND status IN ('processing', 'fulfilling');
SET session_replication_role = DEFAULT;
SELECT gin_clean_pending_list('order_search_by_trigram');
"""
# axis → value that many have, value that the odd order alone has, value that nobody has
VALUES: dict[str, tuple[str, str, str]] = {
    "q": ("nordhavn", "0049 341 5550199", "zzzzzz"),
    "status": ("completed", "submitted", "draft"),
    "sub_status": ("odd", "odd", "none such"),
    "hold": ("manual", "system", "system"),
    "exception": ("price", "duplicate", "terms"),
    "channel": ("manual", "api", "none such"),
    "warehouse": ("LEI", "ODD", "MUC"),
    "rep": ("many", "odd", "nobody"),
    "customer": ("C-CROWD-7", "C-ODD", "C-NONE"),
    "sku": ("SKU-A7", "SKU-ODD", "SKU-ZZZ"),
    "entered_from": ("2026-01-01", "2020-01-01", "2999-01-01"),
    "entered_to": ("2999-01-01", "2020-01-01", "1990-01-01"),
    "promised_from": ("2020-01-01", "1999-01-01", "2999-01-01"),
    "promised_to": ("2999-01-01", "1999-12-31", "1990-01-01"),
    "at_risk": ("true", "true", "true"),
    "late": ("true", "true", "true"),
    "rules_version": ("1", "7", "99"),
    "payment": ("paid", "refunded", "overpaid"),
}


def gather(orders: int, buyers: int = 300) -> None:
    """Fill the tables with so many orders of so many customers."""
    many, odd, _nobody = (User.objects.create(username=name) for name in ("many", "odd", "nobody"))
    customers = [b.customer(code=f"C-CROWD-{n}", sales_rep=many).pk for n in range(buyers)]
    old = b.customer(code="C-ODD", sales_rep=odd)
    for code in ("LEI", "ROT", "ODD", "MUC"):
        b.warehouse(code)
    thing = b.product()
    level = b.stocked(1_000_000, of=thing)
    [template] = b.drafted((thing, 3), buyer=Customer.objects.get(pk=customers[0]))
    values = {
        "orders": orders,
        "buyers": buyers,
        "customers": customers,
        "old_customer": old.pk,
        "template": template,
        "level": level.pk,
    }
    with connection.cursor() as cursor:
        for statement in FILL.split(";\n"):
            if statement.strip():
                named = {key: value for key, value in values.items() if f"%({key})s" in statement}
                cursor.execute(statement, named or None)
    sets.survey()
