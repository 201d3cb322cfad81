"""What can be promised: free stock by warehouse, and supply that is on its way."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet

from config.kernel import sets
from inventory.models import StockLevel, Supply, Warehouse
from inventory.services.sourcing import Site

SELLABLE = """
JOIN inventory_warehouse w ON w.id = t.warehouse_id AND w.is_sellable AND w.is_active
WHERE t.product_id = ANY(%s) ORDER BY t.id
"""


@dataclass(slots=True)
class Place:
    """What one warehouse has of a product, and what comes there next."""

    code: str
    free: int
    day: date | None = None
    units: int = 0


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


def expected(products: Iterable[int]) -> QuerySet[Supply]:
    """Open supplies of these products where they may be sold from, the earliest first."""
    rows: QuerySet[Supply] = Supply.objects.open().filter(
        product__in=set(products), warehouse__is_sellable=True, warehouse__is_active=True
    )
    return rows.order_by("expected_on", "pk")


def incoming(supplies: Iterable[Supply]) -> dict[int, list[tuple[date, int, int]]]:
    """Expected goods by product: (day, units, supply), the earliest first."""
    found: dict[int, list[tuple[date, int, int]]] = defaultdict(list)
    for supply in supplies:
        found[supply.product_id].append((supply.expected_on, supply.outstanding, supply.pk))
    return found


def places(
    sites: Sequence[Site], free: Mapping[tuple[int, int], int], supplies: Iterable[Supply]
) -> dict[int, list[Place]]:
    """Every warehouse that sells, by product, the fullest first; ``free`` is what it has."""
    supplies = list(supplies)
    products = {product for product, _ in free} | {supply.product_id for supply in supplies}
    found = {
        (product, site.pk): Place(site.code, max(0, free.get((product, site.pk), 0)))
        for product in products
        for site in sites
        if site.is_sellable
    }
    for supply in supplies:
        place = found.get((supply.product_id, supply.warehouse_id))
        if place and place.day in (None, supply.expected_on):
            place.day = supply.expected_on
            place.units += supply.outstanding
    by_product: dict[int, list[Place]] = defaultdict(list)
    for (product, _), place in sorted(found.items(), key=lambda each: -each[1].free):
        by_product[product].append(place)
    return by_product


def home_warehouse() -> int | None:
    """The warehouse that sends what lies nowhere, such as services: the one that matters most.

    None where no warehouse sells.
    """
    found = Warehouse.objects.filter(is_active=True, is_sellable=True).order_by("-priority", "pk")
    return found.values_list("pk", flat=True).first()
