"""What can be promised: free stock by warehouse, and supply that is on its way."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date

from django.db.models import QuerySet

from config.kernel import sets
from inventory.models import StockLevel, Supply, Warehouse
from inventory.services.sourcing import Site

SELLABLE = """
JOIN inventory_warehouse w ON w.id = t.warehouse_id AND w.is_sellable AND w.is_active
WHERE t.product_id = ANY(%s) ORDER BY t.id
"""


def sites() -> list[Site]:
    """Every active warehouse, as sourcing sees it."""
    return [
        Site(
            w.pk,
            w.code,
            w.country,
            float(w.latitude),
            float(w.longitude),
            w.priority,
            w.is_sellable,
        )
        for w in sets.read(Warehouse, "WHERE is_active ORDER BY id")
    ]


def levels(products: Iterable[int]) -> list[StockLevel]:
    """The stock levels of these products where they may be sold from, read without a lock."""
    return sets.read(StockLevel, SELLABLE, list(set(products)))


def incoming(products: Iterable[int]) -> dict[int, list[tuple[date, int, int]]]:
    """Expected goods by product: (day, units, supply), the earliest first."""
    expected: dict[int, list[tuple[date, int, int]]] = defaultdict(list)
    for supply in _expected(products):
        expected[supply.product_id].append((supply.expected_on, supply.outstanding, supply.pk))
    return expected


def next_deliveries(products: Iterable[int]) -> dict[tuple[int, int], tuple[date, int]]:
    """What comes next of each product to each warehouse that sells it: the day and the units."""
    found: dict[tuple[int, int], tuple[date, int]] = {}
    for supply in _expected(products):
        key = (supply.product_id, supply.warehouse_id)
        day, units = found.get(key, (supply.expected_on, 0))
        if day == supply.expected_on:
            found[key] = (day, units + supply.outstanding)
    return found


def _expected(products: Iterable[int]) -> QuerySet[Supply]:
    """Open supplies of these products where they may be sold from, the earliest first."""
    rows: QuerySet[Supply] = Supply.objects.open().filter(
        product__in=set(products), warehouse__is_sellable=True, warehouse__is_active=True
    )
    return rows.order_by("expected_on", "pk")


def home_warehouse() -> int:
    """The warehouse that sends what lies nowhere, such as services: the one that matters most."""
    found = Warehouse.objects.filter(is_active=True, is_sellable=True).order_by("-priority", "pk")
    return found.values_list("pk", flat=True)[0]
