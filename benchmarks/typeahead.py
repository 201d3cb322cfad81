"""Typing at 100,000 products, 100,000 customers and 200,000 orders: whole answers in process, warm.

Products lie in four warehouses, with prices, and more of some of them is coming.
"""

from __future__ import annotations

import statistics
import time

from django.contrib.auth.models import User
from django.db import connection
from django.test import Client

from benchmarks import figures
from inventory.models import Product, StockLevel, Supply
from orders.models import Customer, Order
from tests import builders as b
from tests.crowd import gather

ROWS, ORDERS, TURNS = 100_000, 200_000, 60
WORST = 20  # milliseconds that an answer may take
WORDS = (
    "ARRAY['nitrile','safety','winter','cotton','steel','copper','folding','marine','heavy',"
    "'compact','arctic','garden','office','welding','rubber','canvas','oak','birch','amber',"
    "'cobalt']"
)
THINGS = (
    "ARRAY['glove','boot','jacket','helmet','ladder','valve','hose','lamp','drill','saw',"
    "'rope','bucket','crate','trolley','mask','apron','cable','switch','filter','pump']"
)
FILL = f"""
INSERT INTO inventory_product (sku, name, gtin, unit, tracking, is_stocked, is_active,
  can_backorder, lead_time_days, order_multiple, weight_g, tax_category)
SELECT 'BP-' || lpad(n::text, 6, '0'), initcap(({WORDS})[1 + mod(n, 20)]) || ' ' ||
  ({THINGS})[1 + mod(n / 20, 20)] || ' no ' || n, lpad((4000000000000 + n)::text, 14, '0'),
  'piece', 'none', true, true, true, 14, 1, 0, 'standard' FROM generate_series(1, %s) n;
INSERT INTO orders_customer (code, name, email, phone, "group", currency_id, fill_policy,
  needs_po_number, is_active, created_at)
SELECT 'BC-' || lpad(n::text, 6, '0'), initcap(({WORDS})[1 + mod(n, 20)]) || ' ' ||
  initcap(({THINGS})[1 + mod(n / 20, 20)]) || ' Company ' || n,
  'buyer' || n || '@' || ({WORDS})[1 + mod(n / 7, 20)] || '.example', '', '', 'EUR', 'partial',
  false, true, now() FROM generate_series(1, %s) n;
INSERT INTO inventory_stocklevel (product_id, warehouse_id, on_hand, reserved, safety_stock)
SELECT p.id, w.id, mod(p.id * w.id, 90), mod(p.id, mod(p.id * w.id, 90) + 1), mod(p.id, 5)
FROM inventory_product p, inventory_warehouse w WHERE p.sku LIKE 'BP-%%';
INSERT INTO inventory_supply (product_id, warehouse_id, kind, status, reference, quantity,
  received, expected_on)
SELECT p.id, w.id, 'purchase', CASE WHEN mod(p.id, 2) = 0 THEN 'planned' ELSE 'part_received' END,
  'PO-' || p.id, 200, mod(p.id, 2) * 50, current_date + 1 + mod(p.id + w.id, 60)::int
FROM inventory_product p, inventory_warehouse w
WHERE p.sku LIKE 'BP-%%' AND mod(p.id + w.id, 3) = 0;
INSERT INTO finance_price (price_list_id, product_id, unit_price)
SELECT l.id, p.id, 5 + mod(p.id, 400) FROM inventory_product p, finance_pricelist l
WHERE p.sku LIKE 'BP-%%' AND l.is_default;
"""
TYPED = {
    "items": ["BP", "BP-0", "BP-01234", "bp-099999", "04000000012345", "safety", "boot 4321",
              "glo", "no 77777", "zzzzzz", "winter jacket no"],
    "customers": ["BC", "BC-0", "BC-01234", "amber", "amber pump", "buyer4321@", "example",
                  "company 99999", "zzzzzz", "co", "nordhavn", "C-CROWD-17", "PO-12345", "PO-1999",
                  "po-199999", "PO-777777"],
}  # fmt: skip


def run(rows: int = ROWS, orders: int = ORDERS) -> None:
    """Fill the tables and print the 95th percentile of each text."""
    gather(orders)
    b.customer(code="C-TYPING")
    with connection.cursor() as cursor:
        for statement in FILL.split(";\n"):
            if statement.strip():
                cursor.execute(statement, [rows] if "%s" in statement else None)
        cursor.execute("VACUUM ANALYZE")  # as the server does by itself, some time after
    client = Client()
    client.force_login(
        User.objects.create_superuser("typist"),
        backend="config.accounts.Accounts",
    )
    for kind in (Product, StockLevel, Supply, Customer, Order):
        print(f"{kind.objects.count():,} {kind._meta.verbose_name_plural}")
    everything: list[float] = []
    for field, texts in TYPED.items():
        for text in texts:
            measured = _measured(client, field, text)
            everything += measured
            p95 = statistics.quantiles(measured, n=20)[-1]
            figures.show(f"{field:<10} {text:<18} p95 {p95:6.1f} ms", p95, most=WORST)
    p95 = statistics.quantiles(everything, n=20)[-1]
    figures.show(f"all together                  p95 {p95:6.1f} ms", p95, most=WORST)


def _measured(client: Client, field: str, text: str) -> list[float]:
    """Milliseconds of each of some answers."""
    query = {"q": text, "customer": "C-TYPING"}
    client.get(f"/orders/new/{field}/", query)  # warm
    measured = []
    for _ in range(TURNS):
        started = time.perf_counter()
        answer = client.get(f"/orders/new/{field}/", query)
        measured.append((time.perf_counter() - started) * 1000)
        assert answer.status_code == 200, answer.status_code  # noqa: S101
    return measured
