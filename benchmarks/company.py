"""A file of orders that becomes drafts, and the demo company from nothing: seconds."""

from __future__ import annotations

import csv
import tempfile
import time
from pathlib import Path

from django.core.management import call_command

from benchmarks import figures
from config.kernel import sets
from orders.models import Order, OrderLine
from tests import builders as b

ORDERS, LINES, DEMO = 10_000, 3, 5_000
IMPORT_SECONDS, DEMO_SECONDS = 10, 90


def take_in(orders: int = ORDERS) -> None:
    """Import a CSV file of three rows an order and print the seconds."""
    things, buyers = [b.product() for _ in range(500)], [b.customer() for _ in range(200)]
    sets.survey()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "orders.csv"
        with file.open("w", newline="") as target:
            writer = csv.writer(target)
            writer.writerow(["order", "customer", "sku", "quantity"])
            for n in range(orders):
                buyer = buyers[n % len(buyers)].code
                for line in range(LINES):
                    writer.writerow([f"B-{n}", buyer, things[(n + line * 7) % 500].sku, 1 + line])
        started = time.perf_counter()
        call_command("import_orders", file)
        took = time.perf_counter() - started
    made = Order.objects.filter(status="draft").count(), OrderLine.objects.count()
    assert made == (orders, orders * LINES), made  # noqa: S101
    words = f"import of {orders:,} orders, {orders * LINES:,} rows {took:6.1f} s"
    figures.show(words, took, most=IMPORT_SECONDS)


def seed(orders: int = DEMO) -> None:
    """Make the demo company with so many orders and print the seconds."""
    started = time.perf_counter()
    call_command("seed_demo", orders=orders)
    took = time.perf_counter() - started
    figures.show(f"demo company of {orders:,} orders {took:6.1f} s", took, most=DEMO_SECONDS)
