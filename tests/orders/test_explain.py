"""Where an order is and what it waits for: one sentence for each state and each fact."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from config.kernel.actors import WORKER
from config.kernel.days import written
from finance.models import Invoice
from finance.services.payments import Received
from fulfillment.models import Carrier, PickTask
from fulfillment.services import picking as floor
from inventory.models import Bin, Supply
from orders.lifecycle import (
    allocation,
    cancellation,
    completion,
    dispatch,
    holds,
    packing,
    payment,
    picking,
    processing,
    validation,
)
from orders.lifecycle.allocation import Receipt
from orders.models import Order
from orders.sentences import sentences
from orders.standing import Standing
from tests import builders as b

pytestmark = pytest.mark.django_db


def told(pk: int) -> list[str]:
    """The sentences of an order, in their tones."""
    order = Order.objects.get(pk=pk)
    return [f"{each.tone}: {each.words}" for each in sentences(Standing.of(order))]


def today() -> date:
    return timezone.localdate()


def day(days: int = 0) -> str:
    return written(today() + timedelta(days=days))


def short_order(have: int, want: int, **supply: object) -> int:
    """An order of which stock covers a part; perhaps a supply covers the rest."""
    thing = b.product()
    if have:
        b.stocked(have, of=thing)
    if supply:
        Supply.objects.create(product=thing, warehouse=b.warehouse(), **supply)
    [pk] = b.processed((thing, want))
    return pk


def test_a_draft_says_what_it_lacks() -> None:
    [pk] = b.drafted(buyer=b.customer())

    assert told(pk) == ["amber: Before it can be placed: a line."]


def test_a_complete_draft_waits_to_be_placed() -> None:
    [pk] = b.drafted((b.product(), 1))

    assert told(pk) == ["blue: It is complete and not placed yet."]


def test_a_placed_order_waits_for_its_checks() -> None:
    [pk] = b.submitted((b.product(), 1))

    assert told(pk) == ["blue: Waits for its checks; they run by themselves within seconds."]


def test_where_the_rules_leave_the_checks_to_people_it_says_so() -> None:
    b.edge("submitted", "validated", is_automatic=False)
    [pk] = b.submitted((b.product(), 1))

    assert told(pk) == ["blue: Waits for somebody to run its checks."]


def test_a_finding_names_who_decides_since_when_and_the_figures() -> None:
    [pk] = b.submitted((b.product(price="2000.00"), 1), buyer=b.customer("1000"))
    validation.validate([pk], by=WORKER)

    sentence = told(pk)[0]

    assert sentence.startswith(f"amber: Waits for Finance since {day()}: ")
    assert "1,000.00 above the credit limit of 1,000.00" in sentence


def test_a_hold_says_why_and_since_when() -> None:
    [pk] = b.submitted((b.product(), 1))
    holds.place([pk], reason="Customer moves house", by=WORKER)

    assert told(pk) == [
        f"orange: On hold since {day()}: Customer moves house. It goes on when the hold is "
        "released."
    ]


def test_a_checked_order_waits_for_its_stock() -> None:
    thing = b.product()
    b.stocked(1, of=thing)
    [pk] = b.validated((thing, 1))

    words = "blue: Every check passed; its stock is allocated by itself within seconds."
    assert told(pk) == [words]
    b.edge("validated", "processing", is_automatic=False)
    [pk] = b.validated((thing, 1))
    assert told(pk) == ["blue: Every check passed; it waits for somebody to allocate its stock."]


def test_reserved_units_say_where_and_the_others_which_supply_they_wait_for() -> None:
    due = today() + timedelta(days=8)
    pk = short_order(18, 20, quantity=10, reference="PO-77", expected_on=due)

    assert told(pk)[0] == (
        f"orange: 18 of 20 units are reserved at LEI; 2 wait for supply PO-77 due {written(due)}."
    )


def test_without_a_supply_the_day_promised_from_lead_time_is_told() -> None:
    pk = short_order(0, 5)

    promised = Order.objects.get(pk=pk).promised_on
    assert promised
    assert told(pk) == [
        "orange: None of 5 units is reserved; 5 wait for stock that is not announced yet, "
        f"promised for {written(promised)}."
    ]


def test_units_from_two_warehouses_are_counted_apart() -> None:
    thing, other = b.product(), b.warehouse("ROT", "NL")
    b.stocked(3, of=thing)
    b.stocked(3, other, thing)
    [pk] = b.processed((thing, 5))

    assert told(pk)[0] == "blue: All 5 units are reserved: 3 at LEI, 2 at ROT."


def test_an_order_that_ships_complete_says_that_it_stays() -> None:
    thing = b.product()
    b.stocked(4, of=thing)
    [pk] = b.processed((thing, 5), fill_policy="ship_complete")

    words = "orange: It ships complete: nothing leaves before 1 unit more have stock."
    assert words.replace("have", "has") in told(pk)


def test_a_pick_list_is_named_with_how_far_it_has_come() -> None:
    things = [b.product() for _ in range(3)]
    for thing in things:
        b.stocked(2, of=thing)
    [pk] = b.processed(*[(thing, 2) for thing in things])
    assert "violet: Waiting to be picked at LEI: 3 picks on no list yet." in told(pk)

    tasks = list(PickTask.objects.order_by("pk"))
    made = floor.make_list(b.warehouse().pk, [task.pk for task in tasks], at=timezone.now())
    picking.pick([pk], quantities={tasks[0].pk: 2}, by=WORKER)

    assert f"violet: Waiting to be picked at LEI: list {made}, 1 of 3 picks done." in told(pk)


def test_picked_units_wait_to_be_packed_and_packed_ones_to_leave() -> None:
    thing = b.product()
    b.stocked(4, of=thing)
    [pk] = b.picked((thing, 4))
    assert "violet: 4 units are picked at LEI and waiting to be packed." in told(pk)

    packing.pack([pk], by=WORKER)

    number = Order.objects.get(pk=pk).shipments.get().number
    words = f"violet: {number} is packed at LEI with 4 units and waits to be dispatched."
    assert told(pk) == ["blue: All 4 units are reserved at LEI.", words]


def test_a_shipment_on_its_way_names_carrier_day_and_tracking_number() -> None:
    thing, carrier = b.product(), Carrier.objects.create(code="DHL", name="DHL Express")
    b.stocked(4, of=thing)
    [pk] = b.packed((thing, 4))
    dispatch.dispatch([pk], by=WORKER, carrier=carrier.pk, tracking_number="JD01")

    number = Order.objects.get(pk=pk).shipments.get().number
    assert told(pk) == [
        f"cyan: {number} with 4 units is on its way with DHL Express since {day()} (tracking JD01)."
    ]


def delivered(days_ago: int = 0) -> int:
    thing = b.product(price="40.00")
    b.stocked(3, of=thing)
    [pk] = b.delivered((thing, 3))
    if days_ago:
        due = today() - timedelta(days=days_ago)
        Invoice.objects.filter(order=pk).update(issued_on=due - timedelta(days=30), due_on=due)
    return pk


def test_a_delivered_order_within_terms_completes_by_itself() -> None:
    pk = delivered()

    invoice = Invoice.objects.get(order=pk)
    assert told(pk) == [
        f"green: Delivered; it completes by itself within a minute: {invoice} (€120.00, due "
        f"{written(invoice.due_on)}) is within its terms."
    ]


def test_a_delivered_order_whose_terms_have_run_out_waits_for_its_money() -> None:
    pk = delivered(days_ago=3)

    invoice = Invoice.objects.get(order=pk)
    due = written(invoice.due_on)
    words = f"red: Delivered; it completes when {invoice} (€120.00, due {due}) is paid."
    assert told(pk) == [words]


def test_a_completed_order_says_what_is_still_to_be_paid() -> None:
    pk = delivered()
    completion.complete([pk], by=WORKER)
    invoice = Invoice.objects.get(order=pk)
    due = written(invoice.due_on)
    assert told(pk) == [
        f"blue: Completed {day()}; {invoice} (€120.00, due {due}) is still to be paid."
    ]

    order = Order.objects.get(pk=pk)
    money = Received(order.customer_id, "EUR", Decimal(120), "bank-1", pk)
    payment.receive([money], by=WORKER)

    assert told(pk) == [f"green: Completed {day()}; nothing is owed."]


def test_a_cancelled_order_says_when_and_why() -> None:
    [pk] = b.submitted((b.product(), 1))
    cancellation.cancel([pk], reason="customer_request", by=WORKER)

    words = f"neutral: Cancelled {day()}: customer request. Nothing is reserved for it."
    assert told(pk) == [words]


def test_a_promise_that_has_passed_is_counted_in_days() -> None:
    pk = short_order(2, 2)
    promised = today() - timedelta(days=4)
    Order.objects.filter(pk=pk).update(promised_on=promised)

    assert told(pk)[-1] == f"red: It was promised for {written(promised)}, 4 days ago."


def test_a_supply_that_comes_after_the_promise_is_named() -> None:
    pk = short_order(0, 2, quantity=2, reference="PO-9", expected_on=today() + timedelta(days=5))
    late = today() + timedelta(days=40)
    Supply.objects.update(expected_on=late)

    assert told(pk)[-1].startswith(f"red: Supply PO-9 is due {written(late)}, after the promise of")


def test_goods_that_arrive_change_what_is_told() -> None:
    pk = short_order(1, 2)
    line = Order.objects.get(pk=pk).lines.get()
    shelf = Bin.objects.get(warehouse=b.warehouse(), kind=Bin.Kind.SHELF)
    receipt = Receipt(line.product_id, b.warehouse().pk, 5, Decimal(6), shelf.pk)
    allocation.receive([receipt], reference="GR-1", by=WORKER)

    assert told(pk)[0] == "blue: All 2 units are reserved at LEI."


def test_services_go_with_a_shipment() -> None:
    thing, service = b.product(), b.product(is_stocked=False)
    b.stocked(1, of=thing)
    [pk] = b.processed((thing, 1), (service, 1))

    assert told(pk)[:2] == [
        "blue: The unit is reserved at LEI.",
        "neutral: 1 unit is not stocked and goes with a shipment.",
    ]


def test_a_warning_informs_and_stops_nothing() -> None:
    [pk] = b.submitted((b.product(), 1))
    order = Order.objects.get(pk=pk)
    order.exceptions.create(
        rule="address",
        severity="warn",
        fingerprint="w",
        message="The street has no number.",
        opened_at=timezone.now(),
    )

    assert told(pk)[-1] == "neutral: For information: The street has no number."
    assert processing.process([pk], by=WORKER).refused
