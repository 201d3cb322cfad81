"""What goes back to stock when units are no longer wanted, and the words for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.utils.translation import gettext_lazy as _

from config.kernel.reading import worded
from config.kernel.steps import Effect
from fulfillment.services import shipping
from inventory import services as stock
from inventory.models import StockLevel
from orders.models import Order


def look_into_boxes(orders: Sequence[Order]) -> dict[int, int]:
    """Note on each order what is packed and has not left; answer the units by allocation."""
    by_allocation, by_line = shipping.packed_units(order.pk for order in orders)
    for order in orders:
        boxed = {line.pk: by_line.get(line.pk, 0) for line in order.facts.lines}
        for allocation in order.facts.allocations:
            boxed[allocation.line_id] += by_allocation.get(allocation.pk, 0)
        order.facts.boxed = {line: units for line, units in boxed.items() if units}
    return by_allocation


def standing(order: Order) -> dict[int, int]:
    """Units that each open allocation still holds."""
    return {a.pk: a.quantity - a.shipped for a in order.facts.allocations if a.is_open}


def released(order: Order, before: Mapping[int, int], codes: Mapping[int, str]) -> list[Effect]:
    """What the allocations no longer hold, by item and warehouse."""
    left, skus = standing(order), {line.pk: line.sku for line in order.facts.lines}
    freed: dict[tuple[str, str], int] = {}
    for allocation in order.facts.allocations:
        units = before.get(allocation.pk, 0) - left.get(allocation.pk, 0)
        if units > 0:
            level = order.facts.levels[allocation.stock_level_id]
            key = (skus[allocation.line_id], codes[level.warehouse_id])
            freed[key] = freed.get(key, 0) + units
    at = _("%(sku)s at %(code)s")
    return [
        Effect(order.pk, "release", worded(at, sku=sku, code=code), units)
        for (sku, code), units in freed.items()
    ]


def warehouse_codes() -> dict[int, str]:
    """The codes of the warehouses, for words."""
    return {site.pk: site.code for site in stock.sites()}


def touched_levels(orders: Sequence[Order]) -> list[StockLevel]:
    """The locked levels that the orders' allocations stand on, each once."""
    levels = {
        a.stock_level_id: order.facts.levels[a.stock_level_id]
        for order in orders
        for a in order.facts.allocations
    }
    return list(levels.values())
