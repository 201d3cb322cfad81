"""Cost of goods: moving average per stock level, kept as the value of what is on hand.

A receipt adds its cost; goods that leave take their share, and the last unit takes the rest, so
that the values of all levels always add up to the inventory account.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal

from django.conf import settings

from config.kernel import sets
from config.kernel.money import rounded
from finance.models import ProductCost


def currency() -> str:
    """The currency in which the company keeps its books."""
    return str(settings.COMPANY_CURRENCY)


class Costs:
    """The values of some stock levels, which the caller has locked."""

    def __init__(self, levels: Iterable[int]) -> None:
        wanted = set(levels)
        self.values: Mapping[int, ProductCost] = sets.by_key(ProductCost, wanted)
        missing = wanted - set(self.values)
        if missing:
            ProductCost.objects.bulk_create(
                [ProductCost(stock_level_id=level) for level in sorted(missing)],
                ignore_conflicts=True,
            )
            self.values = sets.by_key(ProductCost, wanted)

    def add(self, level: int, amount: Decimal) -> None:
        """Goods came in for this amount."""
        self.values[level].value += amount

    def take(self, level: int, quantity: int, on_hand: int) -> Decimal:
        """What so many units of those on hand cost; their value leaves the level."""
        row = self.values[level]
        share = row.value * quantity / max(on_hand, quantity)
        amount = row.value if quantity >= on_hand else rounded(share, 2)
        row.value -= amount
        return amount

    def save(self) -> None:
        """Write the values."""
        sets.update(ProductCost, ["value"], self.values.values())
