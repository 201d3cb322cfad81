"""Capture: a draft is taken whole, with its own copy of everything, or turned down in words."""

from __future__ import annotations

from decimal import Decimal

import pytest

from config.kernel.actors import WORKER
from finance.models import Price, TaxRate
from orders.lifecycle import capture
from orders.lifecycle.drafts import LineDraft, OrderDraft
from orders.models import Order, OrderLine
from tests import builders as b

pytestmark = pytest.mark.django_db


def problems(draft: OrderDraft) -> list[tuple[str, str]]:
    before = Order.objects.count()
    captured = capture.create([draft], by=WORKER)
    assert Order.objects.count() == before
    return [(problem.field, problem.code) for problem in captured.problems]


def test_lines_discount_shipping_and_tax_add_up_to_the_order() -> None:
    TaxRate.objects.create(country="DE", rate=Decimal("0.19"))
    first, second = b.product(price="19.99"), b.product(price="0.05")

    [pk] = b.drafted(
        (first, 3), (second, 7), shipping=Decimal("9.95"), order_discount=Decimal("5.00")
    )

    order = b.order(pk)
    assert order.subtotal == Decimal("60.32")
    assert order.discount_total == Decimal("5.00")
    assert order.shipping_total == Decimal("9.95")
    assert order.tax_total == Decimal("12.40")
    assert order.grand_total == Decimal("77.67")
    assert sum(line.line_total for line in order.lines.all()) == order.grand_total


def test_a_percentage_is_taken_off_the_line_and_net_is_rounded_half_up() -> None:
    thing, buyer = b.product(price="10.05"), b.customer()
    line = LineDraft(thing.sku, 1, discount_percent=Decimal(50))

    capture.create([OrderDraft(buyer.code, [line])], by=WORKER)

    row = OrderLine.objects.get()
    assert (row.gross_amount, row.discount_amount, row.net_amount) == (
        Decimal("10.05"),
        Decimal("5.02"),
        Decimal("5.03"),
    )


def test_a_later_change_of_the_price_list_does_not_touch_an_order() -> None:
    thing = b.product(price="10.00")
    [pk] = b.drafted((thing, 2))

    Price.objects.update(unit_price=99)

    assert b.order(pk).lines.get().unit_price == Decimal(10)


@pytest.mark.parametrize(
    ("quantity", "price", "expected"),
    [
        (0, None, ("lines.0.quantity", "bad_quantity")),
        (-3, None, ("lines.0.quantity", "bad_quantity")),
        (10**9, None, ("lines.0.quantity", "bad_quantity")),
        (1, Decimal(-1), ("lines.0.unit_price", "bad_price")),
    ],
)
def test_an_impossible_line_is_turned_down(
    quantity: int, price: Decimal | None, expected: tuple[str, str]
) -> None:
    thing, buyer = b.product(), b.customer()

    assert problems(OrderDraft(buyer.code, [LineDraft(thing.sku, quantity, price)])) == [expected]


def test_what_is_unknown_is_named_by_field() -> None:
    buyer = b.customer()
    draft = OrderDraft(buyer.code, [LineDraft("NO-SUCH", 1)], currency="XXX", channel="nowhere")

    assert problems(draft) == [
        ("channel", "unknown_channel"),
        ("currency", "unknown_currency"),
        ("lines.0.sku", "unknown_sku"),
    ]


def test_a_closed_customer_takes_no_orders() -> None:
    buyer = b.customer(is_active=False)

    assert problems(OrderDraft(buyer.code)) == [("customer", "closed_customer")]


def test_an_external_id_is_taken_once_even_within_one_file() -> None:
    thing, buyer = b.product(), b.customer()
    draft = OrderDraft(buyer.code, [LineDraft(thing.sku, 1)], channel="api", external_id="shop-1")

    captured = capture.create([draft, draft], by=WORKER)

    assert list(captured.orders) == [0]
    assert [problem.code for problem in captured.problems] == ["repeated_external_id"]
    assert problems(draft) == [("external_id", "repeated_external_id")]


def test_one_bad_draft_does_not_keep_the_others_back() -> None:
    thing, buyer = b.product(), b.customer()
    good = OrderDraft(buyer.code, [LineDraft(thing.sku, 1)])
    bad = OrderDraft(buyer.code, [LineDraft("NO-SUCH", 1)])

    captured = capture.create([good, bad, good], by=WORKER)

    assert sorted(captured.orders) == [0, 2]
    assert [problem.draft for problem in captured.problems] == [1]
