"""Drafts: taken up again and changed, kept incomplete, never lost, never doubled."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from config.kernel.actors import WORKER
from config.kernel.errors import StaleVersion
from finance.models import Price
from fulfillment.models import Carrier, ShippingRate
from orders import tasks
from orders.lifecycle import cancellation, capture, submission
from orders.lifecycle.drafts import Captured, Edit, LineDraft, OrderDraft
from orders.models import LineSchedule, Order, OrderLine, OrderSearch
from tests import builders as b

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _moved_on(sound: None) -> Iterator[None]:
    """The workers take what was placed, before the rules are held against it."""
    yield
    tasks.work("validation")
    tasks.work("processing")


def revised(pk: int, draft: OrderDraft, version: int | None = None) -> Captured:
    edit = Edit(pk, b.order(pk).version if version is None else version, draft)
    return capture.revise([edit], by=WORKER)


def lines(pk: int) -> list[tuple[int, str, int, Decimal]]:
    rows = OrderLine.objects.filter(order=pk).order_by("line_no")
    return [(row.line_no, row.sku, row.ordered, row.unit_price) for row in rows]


def test_a_draft_is_changed_and_its_history_tells_old_and_new() -> None:
    first, second, third = b.product(price="10.00"), b.product(price="4.00"), b.product()
    buyer = b.customer()
    [pk] = b.drafted((first, 3), (second, 1), buyer=buyer)

    draft = OrderDraft(
        buyer.code, [LineDraft(first.sku, 5), LineDraft(third.sku, 2)], po_number="PO-NEW"
    )
    captured = revised(pk, draft)

    order = b.order(pk)
    assert (captured.orders, captured.problems) == ({0: pk}, [])
    assert lines(pk) == [(1, first.sku, 5, Decimal(10)), (2, third.sku, 2, Decimal(10))]
    assert (order.status, order.version, order.grand_total) == ("draft", 2, Decimal(70))
    event = order.events.get(seq=2)
    assert event.type == "order.revised"
    assert event.data["grand_total"] == ["34.0000", "70.00"]
    assert event.data["lines"]["1"] == {"ordered": [3, 5]}
    assert event.data["lines"]["2"]["sku"] == [second.sku, third.sku]
    assert "PO-NEW" not in event.canonical
    assert "PO-NEW" in event.note.text
    assert third.sku.lower() in OrderSearch.objects.get(pk=pk).words


def test_an_edit_that_changes_nothing_writes_nothing() -> None:
    thing, buyer = b.product(), b.customer()
    [pk] = b.drafted((thing, 3), buyer=buyer)
    po = b.order(pk).po_number

    captured = revised(pk, OrderDraft(buyer.code, [LineDraft(thing.sku, 3)], po_number=po), 77)

    assert captured.orders == {0: pk}
    assert (b.order(pk).version, b.order(pk).events.count()) == (1, 1)


def test_an_edit_from_an_older_version_is_refused_and_changes_nothing() -> None:
    thing, buyer = b.product(), b.customer()
    [pk] = b.drafted((thing, 3), buyer=buyer)
    revised(pk, OrderDraft(buyer.code, [LineDraft(thing.sku, 4)]))

    mine = OrderDraft(buyer.code, [LineDraft(thing.sku, 9)])
    captured = revised(pk, mine, version=1)

    assert [problem.code for problem in captured.problems] == ["stale_version"]
    assert lines(pk)[0][2] == 4
    with pytest.raises(StaleVersion, match="stands at version 2; you started from version 1"):
        capture.revise_one(Edit(pk, 1, mine), by=WORKER)


def test_what_is_placed_is_no_draft_any_more() -> None:
    thing, buyer = b.product(), b.customer()
    [pk] = b.submitted((thing, 3), buyer=buyer)

    captured = revised(pk, OrderDraft(buyer.code, [LineDraft(thing.sku, 4)]))

    assert [problem.code for problem in captured.problems] == ["not_a_draft"]
    assert lines(pk)[0][2] == 3


def test_rows_that_are_no_line_yet_wait_and_are_named_as_missing() -> None:
    thing, buyer = b.product(), b.customer()
    rows = [LineDraft(thing.sku, 2), LineDraft("NO-SUCH", 7), LineDraft(thing.sku, 0)]

    captured = capture.create([OrderDraft(buyer.code, rows, is_tentative=True)], by=WORKER)

    order = b.order(captured.orders[0])
    assert [(row["sku"], row["quantity"]) for row in order.unread_rows] == [
        ("NO-SUCH", "7"),
        (thing.sku, "0"),
    ]
    assert order.grand_total == Decimal(20)
    refused = submission.submit([order.pk], by=WORKER).refused[order.pk]
    assert refused == "Still missing: 2 rows that are no line yet."
    draft = OrderDraft(buyer.code, rows[:2], is_tentative=True)
    one = capture.create([draft], by=WORKER).orders[0]
    refused = submission.submit([one], by=WORKER).refused[one]
    assert refused == "Still missing: a row that is no line yet."


def test_a_form_sent_twice_makes_one_order() -> None:
    thing, buyer = b.product(), b.customer()
    draft = OrderDraft(buyer.code, [LineDraft(thing.sku, 2)], entry_key="form-1")

    first = capture.create([draft], by=WORKER)
    second = capture.create([draft], by=WORKER)

    assert first.orders == second.orders
    assert (first.repeated, second.repeated) == (set(), {0})
    assert Order.objects.count() == 1


def test_another_customer_brings_its_own_prices_terms_and_address() -> None:
    thing, first, second = b.product(), b.customer(), b.customer()
    [pk] = b.drafted((thing, 1), buyer=first)
    Price.objects.update(unit_price=12)

    revised(pk, OrderDraft(second.code, [LineDraft(thing.sku, 1)]))

    order = b.order(pk)
    assert (order.customer_id, order.grand_total) == (second.pk, Decimal(12))


def test_shipping_costs_what_the_carrier_charges_unless_it_was_typed() -> None:
    thing, buyer = b.product(), b.customer()
    carrier = Carrier.objects.create(code="ROAD", name="Road")
    ShippingRate.objects.create(carrier=carrier, currency_id="EUR", amount=Decimal("9.50"))
    [pk] = b.drafted((thing, 1), buyer=buyer, shipping_method="ROAD")
    [other] = b.drafted((thing, 1), buyer=buyer, shipping_method="ROAD", shipping=Decimal(3))

    assert (b.order(pk).shipping_method, b.order(pk).shipping_total) == ("ROAD", Decimal("9.50"))
    assert b.order(other).shipping_total == 3


def test_a_quantity_that_is_no_whole_pack_says_which_would_be() -> None:
    thing, buyer = b.product(order_multiple=10), b.customer()

    captured = capture.create([OrderDraft(buyer.code, [LineDraft(thing.sku, 84)])], by=WORKER)

    words = [problem.message for problem in captured.problems]
    assert words == [f"{thing.sku}: it is sold in multiples of 10. Use 80 or 90."]


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ([(date(2027, 1, 4), 4), (date(2027, 2, 1), 6)], [4, 6]),
        ([(date(2027, 2, 1), 3), (date(2027, 1, 4), 4)], [4, 6]),
        ([], []),
    ],
)
def test_parts_of_a_line_add_up_to_it(parts: Any, expected: list[int]) -> None:
    thing, buyer = b.product(), b.customer()
    draft = OrderDraft(buyer.code, [LineDraft(thing.sku, 10, parts=parts)])

    capture.create([draft], by=WORKER)

    assert list(LineSchedule.objects.values_list("quantity", flat=True)) == expected


def test_more_parts_than_units_are_turned_down() -> None:
    thing, buyer = b.product(), b.customer()
    draft = OrderDraft(buyer.code, [LineDraft(thing.sku, 10, parts=[(date(2027, 1, 4), 11)])])

    captured = capture.create([draft], by=WORKER)

    assert [problem.code for problem in captured.problems] == ["bad_parts"]


def test_cancelled_units_leave_the_latest_part_first() -> None:
    thing, buyer = b.product(), b.customer()
    parts = [(date(2027, 1, 4), 4), (date(2027, 2, 1), 4), (date(2027, 3, 1), 2)]
    draft = OrderDraft(buyer.code, [LineDraft(thing.sku, 10, parts=parts)])
    pk = capture.create([draft], by=WORKER).orders[0]
    b.done(submission.submit([pk], by=WORKER))
    line = OrderLine.objects.get()

    b.done(cancellation.cancel([pk], reason="price", quantities={line.pk: 5}, by=WORKER))

    assert list(LineSchedule.objects.values_list("quantity", flat=True)) == [4, 1, 0]


def test_revising_takes_as_many_statements_for_fifty_drafts_as_for_one() -> None:
    thing, other, buyer = b.product(), b.product(), b.customer()
    rows = [LineDraft(thing.sku, 9), LineDraft(other.sku, 1)]

    def statements(ids: list[int]) -> int:
        edits = [Edit(pk, 1, OrderDraft(buyer.code, rows)) for pk in ids]
        with CaptureQueriesContext(connection) as queries:
            captured = capture.revise(edits, by=WORKER)
        assert (len(captured.orders), captured.problems) == (len(ids), [])
        return len(queries)

    one = statements(b.drafted((thing, 3), buyer=buyer))
    assert statements(b.drafted((thing, 3), buyer=buyer, times=50)) == one
