"""The list of orders at 200,000 rows: whole pages in process, at the top and in the depth."""

from __future__ import annotations

import statistics
import time

from django.contrib.auth.models import User
from django.db import connection
from django.test import Client

from orders.models import Order
from tests import builders as b

ORDERS, TURNS = 200_000, 30
# Rows are put in by hand here alone: nothing of the lifecycle is measured by it.
FILL = """
SET session_replication_role = replica;
INSERT INTO orders_order SELECT (jsonb_populate_record(o, jsonb_build_object(
  'id', 1000000 + n, 'number', 'BN-' || n, 'external_id', NULL, 'po_number', 'PO-' || n,
  'customer_id', (SELECT array_agg(id ORDER BY id) FROM orders_customer)[1 + mod(n, 300)],
  'status', (ARRAY['completed','completed','completed','completed','cancelled','delivered',
    'shipped','fulfilling','processing','in_review'])[1 + mod(n, 10)],
  'submitted_at', o.created_at, 'promised_on', current_date - 20 + mod(n, 40),
  'completed_at', CASE WHEN mod(n, 10) < 4 THEN o.created_at END,
  'cancelled_at', CASE WHEN mod(n, 10) = 4 THEN o.created_at END,
  'cancel_reason', CASE WHEN mod(n, 10) = 4 THEN 'error' END))).*
FROM orders_order o, generate_series(1, %s) n WHERE o.id = %s;
INSERT INTO orders_ordersearch
  SELECT id, lower(number || ' ' || po_number || ' nordhavn byg sku-' || mod(id, 977))
  FROM orders_order WHERE id > 1000000;
INSERT INTO orders_orderline SELECT (jsonb_populate_record(l, jsonb_build_object(
  'id', 1000000 + n, 'order_id', 1000000 + n))).*
FROM orders_orderline l, generate_series(1, %s) n WHERE l.order_id = %s;
SET session_replication_role = DEFAULT;
ANALYZE;
"""
QUERIES = {
    "newest": "",
    "oldest": "sort=oldest",
    "by promise": "sort=promise",
    "needs review": "status=in_review",
    "completed, oldest": "status=completed&sort=oldest",
    "fulfilling by promise": "status=fulfilling&sort=promise",
    "late": "late=true&sort=promise",
    "one customer": "customer=C-BENCH-17",
    "one customer, in transit": "customer=C-BENCH-17&status=shipped",
    "a PO number": "q=PO-123456",
    "a common word": "q=nordhavn",
    "no match": "q=zzzzzz",
    "status in the depth": "status=completed&after=~1100000",
    "newest in the depth": "after=~1000100",
}


def run() -> None:
    """Fill the table and print the 95th percentile of each list."""
    for number in range(300):
        b.customer(code=f"C-BENCH-{number}")
    [pk] = b.drafted((b.product(), 3))
    with connection.cursor() as cursor:
        cursor.execute("ALTER SEQUENCE orders_order_id_seq RESTART WITH 5000000")
        for statement in FILL.split(";\n"):
            wanted = statement.count("%s")
            if statement.strip():
                cursor.execute(statement, [ORDERS, pk][:wanted] if wanted else None)
    client = Client()
    client.force_login(
        User.objects.create_superuser("bench"),
        backend="django.contrib.auth.backends.ModelBackend",
    )
    print(f"{Order.objects.count():,} orders")
    for name, query in QUERIES.items():
        client.get(f"/orders/?{query}")  # warm
        measured = []
        for _ in range(TURNS):
            started = time.perf_counter()
            answer = client.get(f"/orders/?{query}")
            measured.append((time.perf_counter() - started) * 1000)
        assert answer.status_code == 200, answer.status_code  # noqa: S101
        p95 = statistics.quantiles(measured, n=20)[-1]
        print(f"list {name:<26} p95 {p95:6.1f} ms")
