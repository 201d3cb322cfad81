"""Findings close by themselves when their cause goes away, and waivers last as long as facts."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from config.kernel.actors import WORKER, Actor
from finance.models import CreditAccount, Price
from finance.services.payments import Received
from inventory.models import Warehouse
from orders.lifecycle import (
    cancellation,
    dispatch,
    holds,
    ownership,
    payment,
    reexamination,
    validation,
)
from orders.models import Customer, Order, OrderEvent, OrderException
from orders.tasks import work
from tests import builders as b

pytestmark = pytest.mark.django_db


def in_review(*lines: tuple[object, int], **more: object) -> int:
    """An order that did not pass."""
    [pk] = b.submitted(*lines, **more)  # type: ignore[arg-type]
    validation.validate([pk], by=WORKER)
    assert b.order(pk).status == "in_review"
    return pk


def sweep() -> int:
    """What the worker does by itself."""
    moved = work("recheck")
    work("validation")
    return moved


def manager(name: str = "boss") -> Actor:
    return Actor.of(User.objects.create(username=name))


def closed(pk: int) -> list[tuple[str, str]]:
    rows = OrderException.objects.filter(order=pk).exclude(status="open")
    return list(rows.order_by("pk").values_list("rule", "status"))


def test_money_that_arrives_lets_an_order_go_on() -> None:
    buyer = b.customer("20")
    pk = in_review((b.product(), 5), buyer=buyer)

    payment.receive([Received(buyer.pk, "EUR", Decimal("29.99"), "bank-1", pk)], by=WORKER)
    sweep()
    assert b.order(pk).status == "in_review"
    payment.receive([Received(buyer.pk, "EUR", Decimal("0.01"), "bank-2", pk)], by=WORKER)
    sweep()

    assert b.order(pk).status == "validated"
    assert closed(pk) == [("credit", "auto_resolved")]


def test_a_raised_limit_lets_an_order_go_on() -> None:
    buyer = b.customer("49.99")
    pk = in_review((b.product(), 5), buyer=buyer)

    CreditAccount.objects.filter(customer=buyer).update(credit_limit=50)
    sweep()

    assert b.order(pk).status == "validated"
    kinds = list(OrderEvent.objects.filter(order=pk).order_by("seq").values_list("type", flat=True))
    assert kinds[-2:] == ["order.rechecked", "order.validated"]
    assert set(OrderEvent.objects.filter(order=pk, seq__gt=2).values_list("actor", flat=True)) == {
        "system"
    }


def test_stock_that_arrives_lets_an_order_go_on() -> None:
    thing = b.product(can_backorder=False)
    b.stocked(3, of=thing)
    pk = in_review((thing, 2), (thing, 3))

    b.stocked(1, of=thing)
    assert sweep() == 0
    b.stocked(1, of=thing)
    sweep()

    assert b.order(pk).status == "validated"
    assert closed(pk) == [("stock_final", "auto_resolved")]


def test_an_order_that_ships_at_once_goes_on_when_it_can_be_whole() -> None:
    thing = b.product(can_backorder=False)
    pk = in_review((thing, 4), fill_policy="ship_complete")

    b.stocked(4, of=thing)
    sweep()

    assert b.order(pk).status == "validated"
    assert sorted(closed(pk)) == [
        ("deliverable", "auto_resolved"),
        ("stock_final", "auto_resolved"),
    ]


def test_a_customer_who_is_opened_again_lets_an_order_go_on() -> None:
    buyer = b.customer()
    [pk] = b.submitted((b.product(), 1), buyer=buyer)
    Customer.objects.filter(pk=buyer.pk).update(is_active=False)
    validation.validate([pk], by=WORKER)
    assert b.order(pk).status == "in_review"

    Customer.objects.filter(pk=buyer.pk).update(is_active=True)
    sweep()

    assert b.order(pk).status == "validated"


def test_a_cancelled_twin_lets_its_repeat_go_on() -> None:
    thing, buyer = b.product(), b.customer()
    first, second = b.submitted((thing, 2), buyer=buyer, times=2)
    Order.objects.filter(pk__in=[first, second]).update(po_number="")
    validation.validate([first, second], by=WORKER)
    assert b.order(second).status == "in_review"

    cancellation.cancel([first], reason="error", by=WORKER)
    sweep()

    assert b.order(second).status == "validated"


def test_units_that_are_cancelled_let_the_rest_go_on() -> None:
    buyer = b.customer("30")
    pk = in_review((b.product(), 5), buyer=buyer)

    line = b.order(pk).lines.get()
    cancellation.cancel([pk], reason="credit", quantities={line.pk: 2}, by=WORKER)
    sweep()

    assert b.order(pk).status == "validated"
    assert CreditAccount.objects.get(customer=buyer).committed == 30


def test_an_address_that_is_put_right_lets_an_order_go_on() -> None:
    buyer = b.customer()
    buyer.addresses.update(postal_code="ABC")
    pk = in_review((b.product(), 1), buyer=buyer)

    holds.place([pk], reason="Asking", by=WORKER)
    Order.objects.filter(pk=pk).update(ship_to_postal_code="04103")
    assert sweep() == 0
    holds.release([pk], reason="Asked", by=WORKER)
    sweep()

    assert b.order(pk).status == "validated"


def test_a_price_list_that_changed_is_seen_within_the_hour() -> None:
    thing = b.product(price="10.00")
    Price.objects.update(floor=11)
    pk = in_review((thing, 1))

    Price.objects.update(floor=9)
    assert sweep() == 0
    an_hour_ago = timezone.now() - reexamination.AT_LATEST
    OrderException.objects.update(checked_at=an_hour_ago)
    sweep()

    assert b.order(pk).status == "validated"


def test_a_dispatch_that_credit_stopped_may_be_tried_again_after_the_payment() -> None:
    thing, buyer = b.product(), b.customer("100")
    b.stocked(10, of=thing)
    [pk] = b.packed((thing, 5), buyer=buyer)
    CreditAccount.objects.filter(customer=buyer).update(credit_limit=40)
    dispatch.dispatch([pk], by=WORKER)
    assert OrderException.objects.blocking().get().rule == "credit"

    payment.receive([Received(buyer.pk, "EUR", Decimal(10), "bank-1", pk)], by=WORKER)
    sweep()

    assert b.done(dispatch.dispatch([pk], by=WORKER)) == [pk]
    assert b.order(pk).status == "shipped"


def test_what_is_no_longer_the_case_closes_while_the_rest_stays() -> None:
    buyer = b.customer("20")
    buyer.addresses.update(postal_code="ABC")
    pk = in_review((b.product(), 5), buyer=buyer)

    CreditAccount.objects.filter(customer=buyer).update(credit_limit=1000)
    sweep()

    assert b.order(pk).status == "in_review"
    assert closed(pk) == [("credit", "auto_resolved")]
    assert OrderEvent.objects.filter(order=pk).latest("seq").type == "order.reexamined"


def test_no_more_orders_go_on_than_the_credit_holds() -> None:
    buyer, thing = b.customer("0"), b.product(price="100.00")
    ids = b.submitted((thing, 1), buyer=buyer, times=5)
    validation.validate(ids, by=WORKER)

    CreditAccount.objects.filter(customer=buyer).update(credit_limit=250)
    sweep()

    assert [b.order(pk).status for pk in ids] == ["validated"] * 2 + ["in_review"] * 3
    submitted = OrderEvent.objects.filter(order__in=ids[2:], type="order.rechecked")
    assert not submitted.exists()


def test_an_order_that_was_looked_at_in_vain_is_left_alone() -> None:
    pk = in_review((b.product(), 5), buyer=b.customer("20"))
    ownership.own([pk], owner=None, by=WORKER)
    before = b.order(pk).last_seq
    assert [order.pk for order in reexamination.due()] == [pk]

    sweep()

    assert b.order(pk).last_seq == before
    assert list(reexamination.due()) == []


def test_rules_that_forbid_the_way_back_keep_an_order_in_review() -> None:
    b.edge("in_review", "submitted", is_enabled=False)
    buyer = b.customer("20")
    in_review((b.product(), 5), buyer=buyer)

    CreditAccount.objects.filter(customer=buyer).update(credit_limit=1000)

    assert sweep() == 0
    assert OrderException.objects.blocking().get().rule == "credit"


def test_looking_again_takes_as_many_statements_for_many_orders_as_for_one() -> None:
    thing, buyer = b.product(price="100.00"), b.customer("0")
    ids = b.submitted((thing, 1), buyer=buyer, times=30)
    validation.validate(ids, by=WORKER)

    def counted(some: list[int]) -> int:
        with CaptureQueriesContext(connection) as queries:
            reexamination.reexamine(some, by=WORKER)
        return len(queries)

    assert counted(ids[:1]) == counted(ids)
    CreditAccount.objects.filter(customer=buyer).update(credit_limit=100_000)
    assert counted(ids[:1]) == counted(ids[1:])
    sweep()


def test_goods_where_nothing_is_sold_from_wake_nobody() -> None:
    thing = b.product(can_backorder=False)
    b.warehouse()
    quarantine = b.warehouse("QUA", is_sellable=False)
    pk = in_review((thing, 4))

    b.stocked(4, at=quarantine, of=thing)
    assert sweep() == 0
    Warehouse.objects.filter(pk=quarantine.pk).update(is_sellable=True)
    sweep()

    assert b.order(pk).status == "validated"
