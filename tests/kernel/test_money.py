"""Amounts are exact: parts add up to the whole, shares go to the largest remainders."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from config.kernel.money import part, rounded, spread
from orders.pricing import PricedLine, lowest_price, price

cents = st.integers(0, 10_000_000).map(lambda n: Decimal(n) / 100)


@given(amount=cents, cuts=st.lists(st.integers(1, 9), min_size=1, max_size=8))
def test_parts_of_an_amount_add_up_to_it(amount: Decimal, cuts: list[int]) -> None:
    whole, done, total = sum(cuts), 0, Decimal(0)

    for more in cuts:
        total += part(amount, whole, done, more, 2)
        done += more

    assert total == amount


@given(total=cents, weights=st.lists(cents, min_size=1, max_size=12))
def test_a_spread_amount_is_given_away_to_the_cent(total: Decimal, weights: list[Decimal]) -> None:
    shares = spread(total, weights, 2)

    assert sum(shares) == (total if any(weights) else 0)
    for share, weight in zip(shares, weights, strict=True):
        if any(weights):
            assert abs(share - total * weight / sum(weights)) < Decimal("0.01")


def test_the_unit_left_over_goes_to_the_largest_remainder() -> None:
    assert spread(Decimal("1.00"), [Decimal(1), Decimal(1), Decimal(1)], 2) == [
        Decimal("0.34"),
        Decimal("0.33"),
        Decimal("0.33"),
    ]


def test_half_a_cent_is_rounded_up_and_yen_have_no_cents() -> None:
    assert rounded(Decimal("2.675"), 2) == Decimal("2.68")
    assert rounded(Decimal("1234.5"), 0) == Decimal(1235)


@given(
    net=st.integers(1, 1_000_000).map(lambda n: Decimal(n) / 1000),
    percent=st.integers(0, 99).map(Decimal),
    quantity=st.integers(1, 300),
    others=st.lists(st.integers(0, 90_000).map(lambda n: Decimal(n) / 100), max_size=3),
    off=st.integers(0, 20_000).map(lambda n: Decimal(n) / 100),
)
def test_the_lowest_price_comes_to_what_is_asked_after_every_discount(
    net: Decimal, percent: Decimal, quantity: int, others: list[Decimal], off: Decimal
) -> None:
    lowest = lowest_price(
        net, percent, 2, quantity=quantity, order_discount=off, others=sum(others, Decimal(0))
    )

    assert lowest is not None
    line = PricedLine(quantity, lowest, percent)
    lines = [line, *(PricedLine(1, each) for each in others)]
    price(lines, order_discount=off, shipping=Decimal(0), minor_units=2)
    assert line.net_price >= net
