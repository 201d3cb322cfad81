"""Processing to completion: stock is taken where it is best, moved, billed and closed."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from config.kernel.actors import WORKER
from finance.models import CreditAccount, Invoice, JournalEntry, JournalLine, ProductCost
from finance.services.payments import Received
from fulfillment.models import PickTask, Shipment
from inventory.models import Bin, BinStock, Product, StockLevel, Supply
from orders.lifecycle import (
    allocation,
    completion,
    delivery,
    dispatch,
    holds,
    packing,
    payment,
    picking,
    processing,
)
from orders.lifecycle.allocation import Receipt
from orders.models import (
    Allocation,
    Order,
    OrderEvent,
    OrderLine,
    Promise,
    SourcingCandidate,
)
from tests import builders as b

pytestmark = pytest.mark.django_db


def line(pk: int) -> OrderLine:
    return OrderLine.objects.get(order=pk)


def test_the_warehouse_that_covers_most_serves_and_the_reasons_are_kept() -> None:
    near, far = b.warehouse("NEA", priority=5), b.warehouse("FAR", "US", latitude=38, longitude=-97)
    thing = b.product()
    b.stocked(3, near, thing)
    b.stocked(10, far, thing)

    [pk] = b.processed((thing, 8))

    chosen = Allocation.objects.get(line__order=pk)
    scores = {c.warehouse.code: c for c in SourcingCandidate.objects.select_related("warehouse")}
    assert chosen.stock_level.warehouse == far
    assert scores["FAR"].is_chosen
    assert scores["FAR"].covered == 8
    assert scores["NEA"].covered == 3
    assert scores["FAR"].score > scores["NEA"].score  # type: ignore[operator]
    promise, today = Promise.objects.get(), timezone.now().date()  # it leaves today, across the sea
    assert (promise.basis, promise.promised_on) == ("stock", today + timedelta(days=8))


def test_among_equals_priority_decides_then_the_country_then_the_way() -> None:
    thing = b.product()
    for code, country, priority in (("AA", "NL", 1), ("DE", "DE", 0), ("DE2", "DE", 1)):
        b.stocked(10, b.warehouse(code, country, priority=priority), thing)

    [pk] = b.processed((thing, 8))

    assert Allocation.objects.get(line__order=pk).stock_level.warehouse.code == "DE2"


def test_an_order_that_no_warehouse_covers_is_split() -> None:
    first, second = b.warehouse("ONE", priority=1), b.warehouse("TWO")
    thing = b.product()
    b.stocked(5, first, thing)
    b.stocked(5, second, thing)

    [pk] = b.processed((thing, 8))

    quantities = Allocation.objects.filter(line__order=pk).order_by("pk")
    assert [row.quantity for row in quantities] == [5, 3]
    assert line(pk).backordered == 0


def test_what_is_short_waits_and_is_promised_from_supply() -> None:
    thing = b.product()
    level = b.stocked(3, of=thing)
    due = timezone.now().date() + timedelta(days=6)
    supply = Supply.objects.create(
        product=thing, warehouse=level.warehouse, quantity=50, expected_on=due
    )

    [pk] = b.processed((thing, 8))

    promise = Promise.objects.get(line__order=pk)
    assert (line(pk).allocated, line(pk).backordered) == (3, 5)
    assert (promise.basis, promise.supply) == ("supply", supply)
    assert promise.promised_on > due


def test_without_stock_or_supply_the_lead_time_is_promised() -> None:
    thing = b.product(lead_time_days=21)
    b.warehouse()

    [pk] = b.processed((thing, 1))

    promise = Promise.objects.get(line__order=pk)
    assert promise.basis == "lead_time"
    assert promise.promised_on >= timezone.now().date() + timedelta(days=21)


def test_safety_stock_is_never_promised() -> None:
    thing = b.product()
    level = b.stocked(10, of=thing)
    StockLevel.objects.filter(pk=level.pk).update(safety_stock=8)

    [pk] = b.processed((thing, 5))

    assert (line(pk).allocated, line(pk).backordered) == (2, 3)


def test_goods_that_arrive_go_to_who_waits_by_priority_then_by_turn() -> None:
    thing = b.product()
    b.warehouse()
    early = b.processed((thing, 4))[0]
    late = b.processed((thing, 4))[0]
    urgent = b.processed((thing, 4), priority=5)[0]

    b.stocked(6, of=thing)

    assert [line(pk).allocated for pk in (urgent, early, late)] == [4, 2, 0]
    assert PickTask.objects.open().count() == 2


def test_an_order_that_ships_complete_waits_for_its_last_unit() -> None:
    thing = b.product()
    b.stocked(3, of=thing)
    [pk] = b.processed((thing, 5), fill_policy="ship_complete")

    refused = picking.pick([pk], by=WORKER).refused

    assert "2 units still wait for stock" in refused[pk]
    assert not PickTask.objects.exists()
    b.stocked(2, of=thing)
    assert picking.pick([pk], by=WORKER).done == [pk]


def test_a_whole_line_waits_while_others_go() -> None:
    there, short = b.product(), b.product()
    b.stocked(5, of=there)
    b.stocked(1, of=short)

    [pk] = b.processed((there, 5), (short, 2), fill_policy="line_complete")

    skus = PickTask.objects.values_list("allocation__line__sku", flat=True)
    assert list(skus) == [there.sku]
    assert b.done(picking.pick([pk], by=WORKER)) == [pk]


def test_a_pick_moves_units_to_staging_and_starts_fulfillment() -> None:
    thing = b.product()
    level = b.stocked(10, of=thing)

    [pk] = b.picked((thing, 4))

    places = dict(BinStock.objects.filter(stock_level=level).values_list("bin__kind", "quantity"))
    level.refresh_from_db()
    assert places == {Bin.Kind.SHELF: 6, Bin.Kind.STAGING: 4}
    assert (level.on_hand, level.reserved, line(pk).picked) == (10, 4, 4)
    assert b.order(pk).status == "fulfilling"


def test_a_scan_counts_once() -> None:
    thing = b.product()
    b.stocked(10, of=thing)
    [pk] = b.processed((thing, 4))
    task = PickTask.objects.get()
    again = {"quantities": {task.pk: 2}, "scan_ids": {task.pk: "gun-7"}, "by": WORKER}

    picking.pick([pk], **again)
    refused = picking.pick([pk], **again).refused

    assert pk in refused
    assert line(pk).picked == 2


def test_more_than_a_task_asks_for_is_refused() -> None:
    thing = b.product()
    b.stocked(10, of=thing)
    [pk] = b.processed((thing, 4))
    task = PickTask.objects.get()

    refused = picking.pick([pk], quantities={task.pk: 5}, by=WORKER).refused

    assert "Only 4 units are to be picked" in refused[pk]
    assert line(pk).picked == 0


def test_a_recall_takes_goods_back_to_their_bins() -> None:
    thing = b.product()
    level = b.stocked(10, of=thing)
    [pk] = b.picked((thing, 4))

    picking.recall([pk], by=WORKER)

    shelf = BinStock.objects.get(stock_level=level, bin__kind=Bin.Kind.SHELF)
    assert (shelf.quantity, line(pk).picked, line(pk).allocated) == (10, 0, 4)
    assert picking.pick([pk], by=WORKER).done == [pk]


def test_dispatch_consumes_stock_books_its_cost_and_bills_it() -> None:
    thing, buyer = b.product(price="10.00"), b.customer()
    level = b.stocked(10, of=thing, cost="6.00")

    [pk] = b.dispatched((thing, 4), buyer=buyer)

    level.refresh_from_db()
    invoice = Invoice.objects.get(order=pk)
    account = CreditAccount.objects.get(customer=buyer)
    assert (level.on_hand, level.reserved) == (6, 0)
    assert invoice.total == Decimal(40)
    assert invoice.due_on - invoice.issued_on == timedelta(days=30)
    assert (account.committed, account.receivable) == (0, 40)
    assert ProductCost.objects.get(stock_level=level).value == Decimal(36)
    cost = JournalLine.objects.get(entry__kind="cost_of_goods", account__role="inventory")
    assert cost.credit == Decimal(24)
    assert b.order(pk).status == "shipped"


def test_the_moving_average_leaves_nothing_behind() -> None:
    thing = b.product()
    level = b.stocked(3, of=thing, cost="1.00")
    b.stocked(4, of=thing, cost="1.01")

    for quantity in (2, 2, 3):
        b.dispatched((thing, quantity))

    assert ProductCost.objects.get(stock_level=level).value == 0


def test_partial_shipments_and_invoices_lose_no_cent() -> None:
    thing = b.product(price="3.33")
    b.stocked(2, of=thing)
    [pk] = b.dispatched((thing, 3), shipping=Decimal("1.00"))
    assert (b.order(pk).status, b.order(pk).fulfillment_status) == ("fulfilling", "partial")

    b.stocked(1, of=thing)
    for step in (picking.pick, packing.pack, dispatch.dispatch):
        b.done(step([pk], by=WORKER))

    totals = Invoice.objects.filter(order=pk).values_list("total", flat=True)
    assert (len(totals), sum(totals)) == (2, b.order(pk).grand_total)
    assert (b.order(pk).status, b.order(pk).fulfillment_status) == ("shipped", "full")


def test_invoice_numbers_have_no_gap_even_after_a_dispatch_that_was_undone() -> None:
    thing = b.product()
    b.stocked(50, of=thing)
    ids = b.packed((thing, 1), times=3)
    b.done(dispatch.dispatch(ids[:1], by=WORKER))
    with transaction.atomic():
        dispatch.dispatch(ids[1:2], by=WORKER)
        transaction.set_rollback(True)

    b.done(dispatch.dispatch(ids[1:], by=WORKER))

    numbers = Invoice.objects.order_by("series_no").values_list("series_no", flat=True)
    assert list(numbers) == [1, 2, 3]


def test_a_service_is_shipped_and_billed_without_stock() -> None:
    b.warehouse()
    service = b.product(is_stocked=False)
    [pk] = b.processed((service, 2))

    for step in (packing.pack, dispatch.dispatch, delivery.deliver):
        b.done(step([pk], by=WORKER))

    assert b.order(pk).status == "delivered"
    assert not Allocation.objects.exists()


def test_an_order_is_delivered_with_its_last_shipment() -> None:
    one, two = b.warehouse("ONE", priority=1), b.warehouse("TWO")
    first, second = b.product(), b.product()
    b.stocked(5, one, first)
    b.stocked(5, two, second)
    [pk] = b.dispatched((first, 1), (second, 1))
    parcels = list(Shipment.objects.order_by("pk"))

    delivery.deliver([pk], shipments=[parcels[0].pk], by=WORKER)
    assert b.order(pk).status == "shipped"
    delivery.deliver([pk], shipments=[parcels[1].pk], by=WORKER)

    assert b.order(pk).status == "delivered"
    assert all(row.actual_on for row in OrderLine.objects.all())


def test_an_order_within_its_terms_is_completed_and_an_overdue_one_is_not() -> None:
    thing, buyer = b.product(), b.customer()
    b.stocked(10, of=thing)
    within, overdue = b.delivered((thing, 1), buyer=buyer, times=2)
    late = timezone.now() + timedelta(days=40)

    b.done(completion.complete([within], by=WORKER))
    refused = completion.complete([overdue], by=WORKER, at=late).refused
    assert "Record the payment" in refused[overdue]
    money = Received(buyer.pk, "EUR", Decimal(10), "bank-9", overdue)
    payment.receive([money], by=WORKER, at=late)
    b.done(completion.complete([overdue], by=WORKER, at=late))

    assert b.order(overdue).payment_status == "paid"


def test_nothing_is_billed_or_sent_while_a_hold_is_in_force() -> None:
    thing = b.product()
    b.stocked(10, of=thing)
    [pk] = b.packed((thing, 1))
    holds.place([pk], reason="Address in doubt", by=WORKER)

    refused = dispatch.dispatch([pk], by=WORKER).refused

    assert "Address in doubt" in refused[pk]
    assert not Invoice.objects.exists()


def test_every_step_is_in_the_history_with_who_and_when() -> None:
    thing = b.product()
    b.stocked(10, of=thing)
    [pk] = b.delivered((thing, 1))

    events = OrderEvent.objects.filter(order=pk).order_by("seq")

    assert [event.type for event in events] == [
        "order.created",
        "order.submitted",
        "order.validated",
        "order.processed",
        "goods.picked",
        "goods.packed",
        "shipment.dispatched",
        "order.shipped",
        "shipment.delivered",
        "order.delivered",
    ]
    assert {event.actor for event in events} == {"system"}


def test_the_database_refuses_what_code_might_forget() -> None:
    thing = b.product()
    level = b.stocked(10, of=thing)
    [pk] = b.processed((thing, 1))
    attempts = (
        lambda: Order.objects.filter(pk=pk).update(status="shipped"),
        lambda: StockLevel.objects.filter(pk=level.pk).update(reserved=11),
        lambda: OrderEvent.objects.filter(order=pk).update(type="nothing"),
        lambda: OrderEvent.objects.filter(order=pk).delete(),
        lambda: JournalLine.objects.update(debit=1),
        lambda: JournalEntry.objects.filter(order=pk).delete(),
        lambda: OrderLine.objects.filter(order=pk).update(shipped=5),
        lambda: Product.objects.filter(pk=thing.pk).update(name=""),
    )

    for attempt in attempts:
        with pytest.raises(IntegrityError), transaction.atomic():
            attempt()


def test_receiving_nothing_is_refused() -> None:
    level = b.stocked(1)
    shelf = Bin.objects.get(kind=Bin.Kind.SHELF)
    receipt = Receipt(level.product_id, level.warehouse_id, 0, Decimal(1), shelf.pk)

    with pytest.raises(allocation.ReceiptRefused):
        allocation.receive([receipt], reference="empty", by=WORKER)


def test_a_held_order_is_not_processed() -> None:
    [pk] = b.validated((b.product(), 1))
    holds.place([pk], reason="wait", by=WORKER)

    assert pk in processing.process([pk], by=WORKER).refused
    holds.release([pk], reason="Done", by=WORKER)
    assert processing.process([pk], by=WORKER).done == [pk]
