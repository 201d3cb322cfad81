"""An order's prices: from what was agreed, to the last minor unit, line by line.

Net is rounded half up per line. What is meant for the whole order (a discount, shipping, tax) is
spread over the lines by largest remainder, so that lines and order always add up.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal

from config.kernel.money import FINEST, ZERO, net_price, rounded, spread, unit


@dataclass(slots=True)
class PricedLine:
    """The amounts of one line; given are quantity, price, discount and rate."""

    quantity: int
    unit_price: Decimal
    discount_percent: Decimal = ZERO
    tax_rate: Decimal = ZERO
    gross: Decimal = ZERO
    own_discount: Decimal = ZERO
    order_discount_share: Decimal = ZERO
    shipping: Decimal = ZERO
    tax: Decimal = ZERO

    @property
    def discount(self) -> Decimal:
        """The line's own discount and its share of the order's."""
        return self.own_discount + self.order_discount_share

    @property
    def net_price(self) -> Decimal:
        """What a unit comes to after every discount, that on the whole order too."""
        share = self.order_discount_share
        return net_price(self.unit_price, self.discount_percent, share, self.quantity)

    @property
    def taxable(self) -> Decimal:
        """Net goods and shipping: what tax is charged on."""
        return self.gross - self.discount + self.shipping

    @property
    def total(self) -> Decimal:
        """What the line costs, everything included."""
        return self.taxable + self.tax


@dataclass(frozen=True, slots=True)
class Totals:
    """The sums of an order's lines."""

    subtotal: Decimal
    order_discount: Decimal
    discount_total: Decimal
    shipping_total: Decimal
    tax_total: Decimal

    @property
    def grand_total(self) -> Decimal:
        """What the customer pays."""
        return self.subtotal - self.discount_total + self.shipping_total + self.tax_total


def price(
    lines: Sequence[PricedLine], *, order_discount: Decimal, shipping: Decimal, minor_units: int
) -> Totals:
    """Work out every amount of the lines, in place, and answer the order's totals."""
    for line in lines:
        line.gross = rounded(line.unit_price * line.quantity, minor_units)
        kept = 1 - line.discount_percent / 100
        net = rounded(line.unit_price * line.quantity * kept, minor_units)
        line.own_discount = line.gross - net
    weights = [line.gross - line.own_discount for line in lines]
    order_discount = min(order_discount, sum(weights, ZERO))
    for line, share in zip(lines, spread(order_discount, weights, minor_units), strict=True):
        line.order_discount_share = share
    if not sum(weights):
        weights = [Decimal(line.quantity) for line in lines]
    for line, share in zip(lines, spread(shipping, weights, minor_units), strict=True):
        line.shipping = share
    _tax(lines, minor_units)
    return Totals(
        subtotal=sum((line.gross for line in lines), ZERO),
        order_discount=sum((line.order_discount_share for line in lines), ZERO),
        discount_total=sum((line.discount for line in lines), ZERO),
        shipping_total=sum((line.shipping for line in lines), ZERO),
        tax_total=sum((line.tax for line in lines), ZERO),
    )


def lowest_price(
    net: Decimal,
    percent: Decimal,
    minor_units: int,
    *,
    quantity: int = 1,
    order_discount: Decimal = ZERO,
    others: Decimal = ZERO,
) -> Decimal | None:
    """The smallest price at which a unit still comes to so much after every discount.

    A discount on the order is shared by value with the ``others``: a dearer line bears more of it,
    so the price is where  x − order_discount · x / (others + quantity · x) = net,  x being the
    price less the line's own discount. None for a line that is given away.
    """
    if percent == 100:
        return None
    wanted = net
    if order_discount:
        half = (net * quantity + order_discount - others) / 2
        wanted = (half + (half * half + net * quantity * others).sqrt()) / quantity
    if order_discount and others:  # shares are rounded: a line may bear one unit more
        wanted += unit(minor_units) / quantity + FINEST
    return (wanted / (1 - percent / 100)).quantize(unit(minor_units), ROUND_CEILING)


def _tax(lines: Sequence[PricedLine], minor_units: int) -> None:
    """Tax of the whole order, rounded once and spread over the lines that bear it."""
    weights = [line.taxable * line.tax_rate for line in lines]
    total = rounded(sum(weights, ZERO), minor_units)
    for line, share in zip(lines, spread(total, weights, minor_units), strict=True):
        line.tax = share
