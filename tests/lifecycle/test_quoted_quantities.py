"""A quote whose quantities the customer may change: at its prices, told by the order's event."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from config.kernel.actors import WORKER, Actor
from config.kernel.errors import StepRefused
from config.kernel.steps import single
from finance.models import Price, TaxRate
from orders import tasks
from orders.lifecycle import capture, quotes
from orders.lifecycle.drafts import LineDraft, OrderDraft
from orders.lifecycle.quotes import Acceptance
from orders.models import OrderLine, Quote
from tests import builders as b

pytestmark = pytest.mark.django_db
CUSTOMER = Actor("customer", "ui")


@pytest.fixture(autouse=True)
def _moved_on(sound: None) -> Iterator[None]:
    """The workers take what was placed, before the rules are held against it."""
    yield
    tasks.work("validation")
    tasks.work("processing")


def quoted(*lines: LineDraft, may_change: bool = True, **more: object) -> Quote:
    """A quote of these lines, sent with or without leave to change quantities."""
    draft = OrderDraft(b.customer().code, list(lines), **more)  # type: ignore[arg-type]
    [pk] = capture.create([draft], by=WORKER).orders.values()
    today = timezone.localdate()
    b.done(quotes.send([pk], expires_on=today, may_change=may_change, by=WORKER))
    return Quote.objects.get(order=pk)


def accept(quote: Quote, *units: int) -> None:
    lines = OrderLine.objects.filter(order=quote.order).order_by("line_no")
    wanted = dict(zip(lines.values_list("pk", flat=True), units, strict=True))
    said = {quote.order_id: Acceptance(quote.pk, "", "Marian", wanted)}
    single(quotes.accept, quote.order_id, acceptances=said, by=CUSTOMER)


def test_other_quantities_are_placed_at_the_quoted_prices_and_the_event_tells_them() -> None:
    TaxRate.objects.create(country="DE", rate=Decimal("0.19"))
    more, fewer, none = b.product("MORE"), b.product("FEWER"), b.product("NONE")
    quote = quoted(
        LineDraft(more.sku, 3, discount_percent=Decimal(10)),
        LineDraft(fewer.sku, 4),
        LineDraft(none.sku, 5),
        shipping=Decimal("9.50"),
    )
    Price.objects.update(unit_price=99)
    TaxRate.objects.update(rate=Decimal("0.25"))

    accept(quote, 6, 1, 0)

    order = b.order(quote.order_id)
    lines = list(order.lines.values_list("line_no", "sku", "ordered", "unit_price"))
    assert lines == [(1, "MORE", 6, 10), (2, "FEWER", 1, 10)]
    assert (order.status, order.subtotal, order.discount_total) == ("submitted", 70, 6)
    assert (order.shipping_total, order.tax_total) == (Decimal("9.50"), Decimal("13.97"))
    assert order.grand_total == Decimal("87.47")
    event = order.events.get(type="quote.accepted")
    assert event.actor == "customer"
    assert event.data["lines"] == {
        "1": {"ordered": [3, 6]},
        "2": {"ordered": [4, 1]},
        "3": {"ordered": [5, 0]},
    }
    totals = [Decimal(total) for total in event.data["grand_total"]]
    assert totals == [Decimal("150.54"), Decimal("87.47")]
    assert [what for _, what, *_ in event.data["effects"]] == [
        "MORE: 6 instead of 3",
        "FEWER: 1 instead of 4",
        "NONE: 0 instead of 5",
    ]


def test_an_amount_off_the_order_keeps_its_share_of_the_goods() -> None:
    quote = quoted(LineDraft(b.product().sku, 10), order_discount=Decimal(20))

    accept(quote, 3)

    order = b.order(quote.order_id)
    assert (order.order_discount, order.grand_total) == (6, 24)


def test_parts_go_along_with_the_quantity() -> None:
    days = [(date(2030, 1, 1), 6), (date(2030, 2, 1), 4)]
    quote = quoted(LineDraft(b.product().sku, 10, parts=days), LineDraft(b.product().sku, 1))

    accept(quote, 7, 1)

    line = OrderLine.objects.get(line_no=1)
    assert list(line.schedule.order_by("due_on").values_list("quantity", flat=True)) == [6, 1]


def test_what_is_taken_as_offered_changes_no_line() -> None:
    quote = quoted(LineDraft(b.product().sku, 3))

    accept(quote, 3)

    assert "lines" not in b.order(quote.order_id).events.get(type="quote.accepted").data


@pytest.mark.parametrize(
    ("units", "allowed", "words"),
    [
        ((2, 1), {"may_change": False}, "are fixed; ask for another quote"),
        ((0, 0), {}, "Keep at least one item"),
        ((15, 1), {}, "multiples of 10. Use 10 or 20"),
        ((-10, 1), {}, "between 1 and 1,000,000, not -10"),
    ],
)
def test_quantities_that_cannot_be_had_are_refused_and_change_nothing(
    units: tuple[int, int], allowed: dict[str, bool], words: str
) -> None:
    packed = b.product(order_multiple=10)
    lines = LineDraft(packed.sku, 20), LineDraft(b.product().sku, 3)
    quote = quoted(*lines, **allowed)

    with pytest.raises(StepRefused, match=words):
        accept(quote, *units)

    order = b.order(quote.order_id)
    assert (order.status, order.grand_total) == ("draft", 230)
    assert list(order.lines.values_list("ordered", flat=True)) == [20, 3]
    assert Quote.objects.get().accepted_at is None


def test_a_line_of_another_order_is_no_item_of_the_quote() -> None:
    [other] = b.drafted((b.product(), 3))
    quote = quoted(LineDraft(b.product().sku, 3))
    stranger = OrderLine.objects.get(order=other)
    said = {quote.order_id: Acceptance(quote.pk, "", "Marian", {stranger.pk: 1})}

    with pytest.raises(StepRefused, match="has other items by now"):
        single(quotes.accept, quote.order_id, acceptances=said, by=CUSTOMER)

    assert OrderLine.objects.get(pk=stranger.pk).ordered == 3


def test_many_changed_quotes_take_as_many_statements_as_one() -> None:
    def taken(count: int) -> int:
        found = [
            quoted(LineDraft(b.product().sku, 3), LineDraft(b.product().sku, 3))
            for _ in range(count)
        ]
        said = {}
        for quote in found:
            first, second = OrderLine.objects.filter(order=quote.order).order_by("line_no")
            said[quote.order_id] = Acceptance(quote.pk, "", "", {first.pk: 2, second.pk: 0})
        with CaptureQueriesContext(connection) as queries:
            b.done(quotes.accept(list(said), acceptances=said, by=CUSTOMER))
        return len(queries)

    taken(1)
    assert taken(1) == taken(20)
