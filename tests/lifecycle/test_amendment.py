"""Amendments: what was agreed changes, and only the difference moves, to the unit and cent."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation

from config.kernel import reading
from config.kernel.actors import WORKER
from finance.models import CreditAccount, Invoice, JournalEntry, PaymentTerms, Refund
from finance.services.payments import Received
from fulfillment.models import PickTask
from orders.lifecycle import amendment, dispatch, packing, payment, picking, validation
from orders.lifecycle.amendment import Operation
from orders.models import (
    Allocation,
    Amendment,
    AmendmentOperation,
    Order,
    OrderEvent,
    OrderLine,
    OrderSearch,
    Promise,
)
from tests import builders as b

pytestmark = pytest.mark.django_db


def amend(pk: int, *operations: Operation, **more: Any) -> amendment.Amended:
    more = {"reason": "customer_request", "by": WORKER, **more}
    outcomes = amendment.amend([pk], operations={pk: operations}, **more)
    assert isinstance(outcomes, amendment.Amended)
    return outcomes


def quantity(line: OrderLine, units: int) -> Operation:
    return Operation("set_quantity", line=line.pk, quantity=units)


def committed(order: Order) -> Decimal:
    return CreditAccount.objects.get(customer=order.customer_id).committed


def test_what_was_paid_for_units_that_are_amended_away_is_asked_back_once() -> None:
    thing, buyer = b.product(price="10.00"), b.customer()
    b.stocked(10, of=thing)
    [pk] = b.processed((thing, 6), buyer=buyer)
    payment.receive([Received(buyer.pk, "EUR", Decimal(60), "card-1", pk)], by=WORKER)
    line = OrderLine.objects.get()

    why = "customer_request"
    foreseen = amendment.plan(pk, [quantity(line, 4)], by=WORKER, reason=why)
    assert not Refund.objects.exists()
    less = amend(pk, quantity(line, 4))
    again, more = amend(pk, quantity(line, 3)), amend(pk, quantity(line, 6))

    told = [asked_back(each) for each in (foreseen, less, again, more)]
    assert told == [[20], [20], [10], []]
    queued = Refund.objects.order_by("pk").values_list("amount", "status", "payment__external_id")
    assert list(queued) == [(20, "pending", "card-1"), (10, "pending", "card-1")]


def asked_back(outcomes: amendment.Amended) -> list[Decimal | None]:
    return [effect.amount for effect in outcomes.effects if effect.kind == "refund"]


@pytest.mark.parametrize("reach", [b.submitted, b.validated, b.processed])
def test_fewer_units_lower_the_total_and_give_back_the_difference(reach: Any) -> None:
    thing = b.product(price="10.00")
    level = b.stocked(10, of=thing)
    [pk] = reach((thing, 6))
    line = OrderLine.objects.get()

    b.done(amend(pk, quantity(line, 4), words="By phone"))

    line.refresh_from_db()
    level.refresh_from_db()
    order = b.order(pk)
    on_stock = 4 if order.status == "processing" else 0
    assert (line.ordered, line.cancelled, line.allocated) == (4, 0, on_stock)
    assert (order.grand_total, level.reserved) == (40, on_stock)
    assert committed(order) == (0 if order.status == "submitted" else 40)
    event = OrderEvent.objects.get(order=order, type="amendment.applied")
    assert (event.reason, event.visible_to_customer) == ("customer_request", True)
    assert event.data["lines"] == {"1": [{"wanted": 6}, {"wanted": 4}]}
    assert event.data["total"] == ["60.0000", "40.0000"]
    validation.validate([pk], by=WORKER)


@pytest.mark.parametrize("way", ["set_quantity", "remove_line"])
@pytest.mark.parametrize("policy", ["ship_complete", "line_complete"])
def test_what_need_not_wait_for_fewer_units_is_picked(policy: str, way: str) -> None:
    there, short = b.product(), b.product()
    b.stocked(3, of=there)
    b.stocked(2, of=short)
    [pk] = b.processed((there, 3), (short, 4), fill_policy=policy)
    line = OrderLine.objects.get(product=short)
    planned = set(PickTask.objects.values_list("quantity", flat=True))

    asked = quantity(line, 2) if way == "set_quantity" else Operation(way, line=line.pk)
    done = b.done(outcomes := amend(pk, asked))

    let_go = [effect.quantity for effect in outcomes.effects if effect.kind == "let_go"]
    whole = {"set_quantity": 5, "remove_line": 3}[way]
    assert (done, planned) == ([pk], set() if policy == "ship_complete" else {3})
    assert sum(let_go) == whole - sum(planned)
    assert sum(PickTask.objects.open().values_list("quantity", flat=True)) == whole


def test_only_the_additional_units_are_allocated_and_picked() -> None:
    thing = b.product()
    level = b.stocked(10, of=thing)
    [pk] = b.processed((thing, 4))
    first = Allocation.objects.get()

    b.done(amend(pk, quantity(OrderLine.objects.get(), 7)))

    level.refresh_from_db()
    units = list(Allocation.objects.order_by("pk").values_list("pk", "quantity"))
    assert units[0] == (first.pk, 4)
    assert (len(units), units[1][1], level.reserved) == (2, 3, 7)
    assert sorted(PickTask.objects.open().values_list("quantity", flat=True)) == [3, 4]


def test_a_price_alone_moves_no_stock_and_no_work() -> None:
    thing = b.product(price="10.00")
    b.stocked(10, of=thing)
    [pk] = b.processed((thing, 4))
    before = list(Allocation.objects.values()), list(PickTask.objects.values())
    line = OrderLine.objects.get()

    outcomes = amend(pk, Operation("set_price", line=line.pk, unit_price=Decimal("9.00")))

    assert (list(Allocation.objects.values()), list(PickTask.objects.values())) == before
    assert {effect.kind for effect in outcomes.effects} == {"price", "uncommit"}
    assert (b.order(pk).grand_total, committed(b.order(pk))) == (36, 36)
    assert JournalEntry.objects.filter(kind="commitment_release").count() == 1


def test_a_new_line_gets_its_price_its_stock_its_promise_and_is_found() -> None:
    one, two = b.product(), b.product(price="3.00")
    b.stocked(10, of=one)
    level = b.stocked(10, of=two)
    [pk] = b.processed((one, 1))

    b.done(amend(pk, Operation("add_line", sku=two.sku, quantity=5)))

    line = OrderLine.objects.get(line_no=2)
    level.refresh_from_db()
    assert (line.ordered, line.allocated, line.unit_price) == (5, 5, 3)
    assert (level.reserved, b.order(pk).grand_total) == (5, 25)
    assert Promise.objects.get(line=line).cause is None
    assert two.sku.lower() in OrderSearch.objects.get(order=pk).words


def test_what_cannot_be_had_waits_and_the_date_is_promised_anew_with_its_cause() -> None:
    thing = b.product(lead_time_days=9)
    b.stocked(3, of=thing)
    [pk] = b.processed((thing, 3))
    line = OrderLine.objects.get()
    first = line.promised_on

    outcomes = amend(pk, quantity(line, 5))

    line.refresh_from_db()
    assert (line.allocated, line.backordered) == (3, 2)
    assert (line.first_promised_on, line.promised_on) == (
        first,
        timezone.now().date() + timedelta(days=10),
    )
    assert Promise.objects.get(line=line, seq=2).cause == "Amended: version 2"
    assert {"backorder", "promise"} <= {effect.kind for effect in outcomes.effects}


def test_what_waits_is_given_up_before_what_is_there() -> None:
    thing = b.product()
    level = b.stocked(3, of=thing)
    [pk] = b.processed((thing, 5))
    line = OrderLine.objects.get()

    b.done(amend(pk, quantity(line, 2)))

    line.refresh_from_db()
    level.refresh_from_db()
    assert (line.allocated, line.backordered, level.reserved) == (2, 0, 2)
    assert PickTask.objects.open().get().quantity == 2


def test_picked_units_are_locked_and_it_says_so() -> None:
    thing = b.product()
    b.stocked(10, of=thing)
    [pk] = b.picked((thing, 4))

    refused = amend(pk, quantity(OrderLine.objects.get(), 3)).refused

    assert refused[pk] == f"{thing.sku}: 4 picked; at least 4 stay, not 3."
    assert OrderLine.objects.get().ordered == 4
    assert not Amendment.objects.exists()


def test_more_of_a_part_invoiced_line_stands_on_a_line_of_its_own() -> None:
    thing = b.product(price="3.33")
    b.stocked(2, of=thing)
    [pk] = b.dispatched((thing, 5), shipping=Decimal("1.00"))
    old = OrderLine.objects.get()

    b.done(amend(pk, quantity(old, 7)))

    old.refresh_from_db()
    new = OrderLine.objects.get(line_no=2)
    assert (old.ordered, old.line_total) == (5, Decimal("17.65"))
    assert (new.ordered, new.unit_price, new.line_total) == (2, Decimal("3.33"), Decimal("6.66"))
    assert AmendmentOperation.objects.get().kind == "add_line"


def test_as_many_of_a_part_invoiced_line_as_there_are_add_no_line_of_nothing() -> None:
    thing = b.product()
    b.stocked(3, of=thing)
    [pk] = b.processed((thing, 6))
    for step in (picking.pick, packing.pack, dispatch.dispatch):
        b.done(step([pk], by=WORKER))
    line = OrderLine.objects.get()
    assert line.invoiced == 3

    b.done(amend(pk, quantity(line, 6)))

    [line] = OrderLine.objects.all()
    assert (line.ordered, line.cancelled) == (6, 0)


def test_fewer_of_a_part_invoiced_line_are_cancelled_to_the_cent() -> None:
    thing = b.product(price="3.33")
    b.stocked(2, of=thing)
    [pk] = b.dispatched((thing, 5), shipping=Decimal("1.00"))
    line = OrderLine.objects.get()

    b.done(amend(pk, quantity(line, 3)))

    line.refresh_from_db()
    operation = AmendmentOperation.objects.get()
    assert (line.ordered, line.cancelled, line.backordered) == (5, 2, 1)
    assert (operation.quantity_before, operation.quantity_after) == (5, 5)
    assert (operation.before, operation.after) == ({"wanted": 5}, {"wanted": 3})


def test_a_removed_line_is_cancelled_and_its_stock_freed() -> None:
    one, two = b.product(), b.product()
    b.stocked(5, of=one)
    level = b.stocked(5, of=two)
    [pk] = b.processed((one, 1), (two, 5))
    line = OrderLine.objects.get(line_no=2)

    b.done(amend(pk, Operation("remove_line", line=line.pk)))

    line.refresh_from_db()
    level.refresh_from_db()
    assert (line.ordered, line.cancelled, line.cancelled_amount) == (5, 5, 50)
    assert (level.reserved, committed(b.order(pk))) == (0, 10)


def test_nothing_left_is_a_cancellation() -> None:
    thing = b.product()
    [pk] = b.validated((thing, 1))

    refused = amend(pk, Operation("remove_line", line=OrderLine.objects.get().pk)).refused

    assert refused[pk] == "Nothing would be left to deliver. Cancel what is open instead."
    assert OrderLine.objects.get().cancelled == 0


def test_order_discount_and_shipping_are_spread_over_the_lines_anew() -> None:
    one, two = b.product(price="10.00"), b.product(price="20.00")
    [pk] = b.validated((one, 1), (two, 1), order_discount=Decimal(3), shipping=Decimal(6))
    line = OrderLine.objects.get(line_no=1)

    b.done(amend(pk, quantity(line, 4)))

    shares = OrderLine.objects.order_by("line_no").values_list(
        "order_discount_share", "shipping_amount"
    )
    assert list(shares) == [(2, 4), (1, 2)]
    assert b.order(pk).grand_total == 63


def test_another_country_taxes_and_promises_anew() -> None:
    from finance.models import TaxRate

    TaxRate.objects.update_or_create(
        country="SE", category="standard", defaults={"rate": Decimal("0.25")}
    )
    thing = b.product(price="10.00")
    b.stocked(5, of=thing)
    [pk] = b.processed((thing, 2))
    before = OrderLine.objects.get().promised_on
    address = {"line1": "Kungsgatan 1", "city": "Stockholm", "postal_code": "111 43"}

    b.done(amend(pk, Operation("set_ship_to", ship_to={**address, "country": "SE"})))

    line, order = OrderLine.objects.get(), b.order(pk)
    assert (order.ship_to_city, line.tax_rate) == ("Stockholm", Decimal("0.25"))
    assert (order.grand_total, committed(order)) == (25, 25)
    assert line.promised_on != before
    event = OrderEvent.objects.get(type="amendment.applied")
    assert "Kungsgatan" not in event.canonical
    assert AmendmentOperation.objects.get().after["line1"] == "Kungsgatan 1"


def test_dates_and_terms_change_without_touching_stock() -> None:
    [pk] = b.validated((b.product(), 1))
    PaymentTerms.objects.get_or_create(code="NET10", defaults={"name": "10 days", "days": 10})
    day = timezone.now().date() + timedelta(days=30)

    b.done(amend(pk, Operation("set_requested_on", day=day), Operation("set_terms", terms="NET10")))

    order = b.order(pk)
    assert (order.requested_on, order.terms_code, order.terms_days) == (day, "NET10", 10)
    assert AmendmentOperation.objects.count() == 2


def test_what_a_german_amendment_does_is_foreseen_alike_and_kept_in_english() -> None:
    thing = b.product()
    b.stocked(10, of=thing)
    [pk] = b.processed((thing, 4))
    day = timezone.localdate() + timedelta(days=9)
    asked = [quantity(OrderLine.objects.get(), 6), Operation("set_requested_on", day=day)]
    english = amendment.plan(pk, asked, by=WORKER, reason="error").plans[pk]

    with translation.override("de"):
        german = amendment.plan(pk, asked, by=WORKER, reason="error").plans[pk]
        b.done(amend(pk, *asked, reason="error", plan_hash=english.hash))

    event = OrderEvent.objects.get(order=pk, type="amendment.applied")
    kept = [what for _, what, *_ in event.data["effects"]]
    assert german.hash == english.hash
    assert kept == [str(effect.what) for effect in english.effects]
    assert f"wanted by: not set → {reading.day(day)}" in kept


def test_an_amended_order_is_picked_shipped_and_billed_as_amended() -> None:
    one, two = b.product(price="3.33"), b.product(price="7.77")
    b.stocked(9, of=one)
    b.stocked(9, of=two)
    [pk] = b.processed((one, 5), order_discount=Decimal("1.00"), shipping=Decimal("4.99"))
    line = OrderLine.objects.get()

    b.done(amend(pk, quantity(line, 7), Operation("add_line", sku=two.sku, quantity=3)))
    for step in (picking.pick, packing.pack, dispatch.dispatch):
        b.done(step([pk], by=WORKER))

    order = b.order(pk)
    assert order.status == "shipped"
    assert sum(Invoice.objects.values_list("total", flat=True)) == order.grand_total
    assert committed(order) == 0


def test_a_hundred_orders_take_as_many_statements_as_one() -> None:
    one, two = b.product(), b.product()
    b.stocked(2000, of=one)
    b.stocked(2000, of=two)
    buyer = b.customer("10000000")

    def statements(times: int) -> int:
        ids = b.processed((one, 4), buyer=buyer, times=times)
        lines = {line.order_id: line for line in OrderLine.objects.filter(order__in=ids)}
        asked = {
            pk: [quantity(lines[pk], 6), Operation("add_line", sku=two.sku, quantity=1)]
            for pk in ids
        }
        with CaptureQueriesContext(connection) as captured:
            outcomes = amendment.amend(ids, operations=asked, reason="error", by=WORKER)
        assert sorted(b.done(outcomes)) == sorted(ids)
        return len(captured)

    assert statements(1) == statements(100)
