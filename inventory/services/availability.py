"""What can be promised: free stock by warehouse, and supply that is on its way."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date

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
    open_supply = Supply.objects.open().filter(
        product__in=set(products), warehouse__is_sellable=True, warehouse__is_active=True
    )
    for supply in open_supply.order_by("expected_on", "pk"):
        expected[supply.product_id].append((supply.expected_on, supply.outstanding, supply.pk))
    return expected


def home_warehouse() -> int:
    """The warehouse that sends what lies nowhere, such as services: the one that matters most."""
    found = Warehouse.objects.filter(is_active=True, is_sellable=True).order_by("-priority", "pk")
    return found.values_list("pk", flat=True)[0]
