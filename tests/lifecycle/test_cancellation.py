"""Cancellation: everything that hung on what is cancelled is given back, to the unit and cent."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from config.kernel.actors import WORKER
from config.kernel.steps import preview
from finance.models import CreditAccount, Refund
from finance.services.payments import Received
from fulfillment.models import PickTask
from orders.lifecycle import allocation, cancellation, dispatch, packing, payment, picking
from orders.models import Allocation, Order, OrderLine
from tests import builders as b

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("reach", [b.drafted, b.submitted, b.validated, b.processed])
def test_a_whole_order_gives_back_stock_work_and_credit(reach: Any) -> None:
    thing, buyer = b.product(), b.customer()
    level = b.stocked(10, of=thing)
    [pk] = reach((thing, 4), buyer=buyer)

    b.done(cancellation.cancel([pk], reason="customer_request", words="By phone", by=WORKER))

    level.refresh_from_db()
    order = b.order(pk)
    assert (order.status, order.cancel_reason) == ("cancelled", "customer_request")
    assert (level.on_hand, level.reserved) == (10, 0)
    assert CreditAccount.objects.get(customer=buyer).committed == 0
    assert not PickTask.objects.open().exists()
    assert not Allocation.objects.open().exists()


def test_some_units_are_cancelled_and_the_rest_goes_on() -> None:
    thing, buyer = b.product(price="3.33"), b.customer()
    level = b.stocked(10, of=thing)
    [pk] = b.processed((thing, 5), buyer=buyer, shipping=Decimal("1.00"))
    line = OrderLine.objects.get()

    cancellation.cancel([pk], reason="error", quantities={line.pk: 2}, by=WORKER)

    line.refresh_from_db()
    level.refresh_from_db()
    assert (line.cancelled, line.allocated, level.reserved) == (2, 3, 3)
    assert PickTask.objects.open().get().quantity == 3
    for step in (picking.pick, packing.pack, dispatch.dispatch):
        b.done(step([pk], by=WORKER))
    assert b.order(pk).status == "shipped"


def test_backordered_units_go_first() -> None:
    thing = b.product()
    level = b.stocked(3, of=thing)
    [pk] = b.processed((thing, 5))
    line = OrderLine.objects.get()

    cancellation.cancel([pk], reason="error", quantities={line.pk: 2}, by=WORKER)

    line.refresh_from_db()
    level.refresh_from_db()
    assert (line.backordered, line.allocated, level.reserved) == (0, 3, 3)


@pytest.mark.parametrize("policy", ["ship_complete", "line_complete"])
def test_what_need_not_wait_for_the_cancelled_units_any_more_is_picked(policy: str) -> None:
    thing = b.product()
    b.stocked(3, of=thing)
    [pk] = b.processed((thing, 5), fill_policy=policy)
    asked: dict[str, Any] = {"quantities": {OrderLine.objects.get().pk: 2}, "reason": "error"}
    assert not PickTask.objects.exists()

    foreseen = preview(cancellation.cancel, [pk], by=WORKER, **asked)
    done = cancellation.cancel([pk], by=WORKER, **asked)

    assert foreseen.effects == done.effects
    assert [effect.quantity for effect in done.effects if effect.kind == "let_go"] == [3]
    assert PickTask.objects.get().quantity == 3


def test_cancelling_every_unit_ends_the_order() -> None:
    thing = b.product()
    b.stocked(5, of=thing)
    [pk] = b.processed((thing, 5))
    line = OrderLine.objects.get()

    cancellation.cancel([pk], reason="error", quantities={line.pk: 5}, by=WORKER)

    assert b.order(pk).status == "cancelled"


def test_the_rest_of_a_part_shipped_order_is_cancelled_and_it_counts_as_shipped() -> None:
    thing = b.product()
    b.stocked(2, of=thing)
    [pk] = b.dispatched((thing, 5))

    b.done(cancellation.cancel([pk], reason="out_of_stock", by=WORKER))

    line = OrderLine.objects.get()
    assert (b.order(pk).status, line.cancelled, line.shipped) == ("shipped", 3, 2)


def test_what_has_shipped_is_offered_a_return() -> None:
    thing = b.product()
    b.stocked(5, of=thing)
    [pk] = b.dispatched((thing, 5))

    refused = cancellation.cancel([pk], reason="error", by=WORKER).refused

    assert refused[pk] == "5 units have already shipped; raise a return instead."
    assert b.order(pk).status == "shipped"


def test_picked_goods_are_recalled_first() -> None:
    thing = b.product()
    b.stocked(5, of=thing)
    [pk] = b.picked((thing, 5))

    assert "recall them" in cancellation.cancel([pk], reason="error", by=WORKER).refused[pk]
    picking.recall([pk], by=WORKER)
    b.done(cancellation.cancel([pk], reason="error", by=WORKER))

    assert b.order(pk).status == "cancelled"


def test_a_deposit_is_queued_to_be_given_back() -> None:
    thing, buyer = b.product(), b.customer("0")
    b.stocked(5, of=thing)
    [pk] = b.submitted((thing, 1), buyer=buyer)
    payment.receive([Received(buyer.pk, "EUR", Decimal(10), "card-1", pk)], by=WORKER)

    cancellation.cancel([pk], reason="error", by=WORKER)

    refund = Refund.objects.get()
    assert (refund.amount, refund.status, refund.source) == (10, "pending", "deposit")


def test_a_reason_has_to_be_one_of_the_list() -> None:
    [pk] = b.drafted((b.product(), 1))

    assert pk in cancellation.cancel([pk], reason="", by=WORKER).refused
    assert b.order(pk).status == "draft"


def test_too_many_units_are_refused_with_the_figures() -> None:
    thing = b.product()
    [pk] = b.validated((thing, 3))
    line = OrderLine.objects.get()

    refused = cancellation.cancel([pk], reason="error", quantities={line.pk: 4}, by=WORKER).refused

    assert "3 of 3 can still be cancelled, not 4" in refused[pk]


def test_the_preview_is_what_happens() -> None:
    thing = b.product()
    b.stocked(5, of=thing)
    [pk] = b.processed((thing, 5))

    foreseen = preview(cancellation.cancel, [pk], reason="error", by=WORKER)

    assert Order.objects.get().status == "processing"
    assert foreseen.effects == cancellation.cancel([pk], reason="error", by=WORKER).effects


def test_what_was_left_is_cancelled_after_the_rest_has_arrived() -> None:
    thing = b.product()
    b.stocked(3, of=thing)
    [pk] = b.delivered((thing, 5))
    assert b.order(pk).status == "fulfilling"

    b.done(cancellation.cancel([pk], reason="out_of_stock", by=WORKER))

    assert b.order(pk).status == "delivered"
    stages = b.order(pk).stages.order_by("pk").values_list("stage", flat=True)
    assert list(stages)[-2:] == ["shipped", "delivered"]


def test_what_one_order_gives_back_goes_to_the_one_that_waits() -> None:
    thing = b.product()
    b.stocked(5, of=thing)
    [first] = b.processed((thing, 5))
    [second] = b.processed((thing, 4))
    late = b.order(second).promised_on

    b.done(cancellation.cancel([first], reason="customer_request", by=WORKER))
    shared = allocation.share_out(by=WORKER)

    line = b.order(second).lines.get()
    assert shared.done == [second]
    assert (line.allocated, line.backordered) == (4, 0)
    assert line.promised_on < late
    assert line.promises.order_by("-seq").values_list("cause", flat=True)[0] == "Goods came in"
    assert allocation.share_out(by=WORKER).done == []
