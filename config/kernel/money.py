"""Exact amounts in a currency's minor unit: rounding, spreading and cumulative shares.

No float ever holds money. Amounts are rounded half up (commercial rounding), remainders are
spread by the largest-remainder method (Hamilton), and parts of an amount are differences of
cumulative shares, so that the parts of a whole always add up to it.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal
from functools import cache
from typing import Any

from babel.numbers import format_currency
from django.db import models

ZERO = Decimal(0)
FINEST = Decimal("0.0001")  # of a price by the unit


@cache
def unit(minor_units: int) -> Decimal:
    """The smallest amount of a currency with this many decimals: 0.01 for two."""
    return Decimal(1).scaleb(-minor_units)


def rounded(amount: Decimal, minor_units: int) -> Decimal:
    """The amount in whole minor units, half up."""
    return amount.quantize(unit(minor_units), ROUND_HALF_UP)


def net_price(price: Decimal, percent: Decimal, share: Decimal, quantity: int) -> Decimal:
    """What a unit comes to after every discount: the line's, and its share of the order's."""
    net = price * (1 - percent / 100) if percent else price
    return net - (share / quantity).quantize(FINEST) if share else net


def spread(total: Decimal, weights: Sequence[Decimal], minor_units: int) -> list[Decimal]:
    """Share ``total`` out in proportion to the weights, to the last minor unit.

    Everybody gets the exact share rounded down; the units left over go to the largest
    remainders, the earlier line first among equals. Without any weight nobody gets anything.
    """
    whole = sum(weights, ZERO)
    if not whole or not total:
        return [ZERO for _ in weights]
    step = unit(minor_units)
    exact = [total * weight / whole for weight in weights]
    shares = [share.quantize(step, ROUND_FLOOR) for share in exact]
    missing = int((total - sum(shares, ZERO)) / step)
    by_remainder = sorted(range(len(weights)), key=lambda i: (shares[i] - exact[i], i))
    for i in by_remainder[:missing]:
        shares[i] += step
    return shares


def part(amount: Decimal, whole: int, done: int, more: int, minor_units: int) -> Decimal:
    """What units ``done + 1 … done + more`` of ``whole`` are worth, when all are ``amount``."""
    up_to = rounded(amount * (done + more) / whole, minor_units)
    return up_to - rounded(amount * done / whole, minor_units) if done else up_to


def text(amount: Decimal, minor_units: int = 2) -> str:
    """An amount for a sentence: 1,234.50."""
    return f"{rounded(amount, minor_units):,}"


@cache
def _shape(currency: str) -> tuple[str, int]:
    """What stands before an amount of a currency, and how many decimals it shows."""
    one = format_currency(Decimal(1), currency, locale="en_GB")
    before, _, decimals = one.partition("1")
    return before, max(len(decimals) - 1, 0)


def shown(amount: Decimal, currency: str) -> str:
    """An amount as the British write it: £1,234.50."""
    before, decimals = _shape(currency)
    sign = "-" if amount < 0 else ""
    return f"{sign}{before}{abs(Decimal(amount)):,.{decimals}f}"


class MoneyField(models.DecimalField[Decimal, Decimal]):
    """An amount in major units; four decimals serve every currency and unit prices too."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("max_digits", 18)
        kwargs.setdefault("decimal_places", 4)
        super().__init__(*args, **kwargs)
