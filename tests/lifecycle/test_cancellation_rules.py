"""Cancelling what is in somebody's hands, by the rules of the order's version, to the cent."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from config.kernel.actors import WORKER, Actor
from config.kernel.steps import preview
from finance.models import CreditAccount, Invoice, Refund
from finance.services.payments import Received
from fulfillment.models import PickTask, Shipment, ShipmentLine
from inventory.models import BinStock
from orders.lifecycle import (
    amendment,
    cancellation,
    dispatch,
    packing,
    payment,
    picking,
    processing,
)
from orders.lifecycle.amendment import Operation
from orders.models import Order, OrderEvent, OrderLine, RuleSet
from tests import builders as b

pytestmark = pytest.mark.django_db


def cancel(pk: int, **more: Any) -> Any:
    return cancellation.cancel([pk], **{"reason": "error", "by": WORKER, **more})


def on_the_shelf() -> int:
    return BinStock.objects.get(bin__kind="shelf").quantity


def test_picked_goods_go_back_to_their_bins_with_the_cancellation() -> None:
    thing = b.product()
    level = b.stocked(5, of=thing)
    [pk] = b.picked((thing, 4))
    assert on_the_shelf() == 1

    outcomes = cancel(pk, recall=True)

    level.refresh_from_db()
    assert (b.order(pk).status, level.reserved, on_the_shelf()) == ("cancelled", 0, 5)
    assert [(e.kind, e.quantity) for e in outcomes.effects if e.kind == "recall"] == [("recall", 4)]
    assert not PickTask.objects.open().exists()


def test_only_as_many_picked_units_come_back_as_it_takes() -> None:
    thing = b.product()
    level = b.stocked(5, of=thing)
    [pk] = b.processed((thing, 5))
    task = PickTask.objects.get()
    picking.pick([pk], quantities={task.pk: 3}, by=WORKER)
    line = OrderLine.objects.get()

    b.done(cancel(pk, quantities={line.pk: 4}, recall=True))

    line.refresh_from_db()
    level.refresh_from_db()
    assert (line.cancelled, line.allocated, line.picked) == (4, 1, 1)
    assert (level.reserved, on_the_shelf()) == (1, 4)


def test_a_packed_box_is_opened_for_it() -> None:
    thing = b.product()
    b.stocked(5, of=thing)
    [pk] = b.packed((thing, 4))

    assert "are picked" in cancel(pk).refused[pk]
    outcomes = cancel(pk, recall=True)

    assert b.order(pk).status == "cancelled"
    assert {"unpack", "recall"} <= {effect.kind for effect in outcomes.effects}
    assert (on_the_shelf(), ShipmentLine.objects.count()) == (5, 0)
    assert Shipment.objects.get().status == "cancelled"


def test_part_of_a_packed_box_is_cancelled_and_the_rest_is_packed_again() -> None:
    thing = b.product()
    b.stocked(5, of=thing)
    [pk] = b.packed((thing, 4))

    b.done(cancel(pk, quantities={OrderLine.objects.get().pk: 1}, recall=True))
    for step in (packing.pack, dispatch.dispatch):
        b.done(step([pk], by=WORKER))

    line = OrderLine.objects.get()
    assert (b.order(pk).status, line.shipped, line.cancelled) == ("shipped", 3, 1)


def test_the_rest_of_a_part_shipped_order_is_closed_short_with_what_was_picked() -> None:
    thing = b.product()
    level = b.stocked(2, of=thing)
    [pk] = b.dispatched((thing, 5))
    b.stocked(2, of=thing)
    picking.pick([pk], by=WORKER)

    b.done(cancel(pk, recall=True))

    level.refresh_from_db()
    line = OrderLine.objects.get()
    assert (b.order(pk).status, line.cancelled, line.picked) == ("shipped", 3, 0)
    assert (level.on_hand, level.reserved, on_the_shelf()) == (2, 0, 2)


def test_a_refused_recall_moves_nothing() -> None:
    thing = b.product()
    b.stocked(5, of=thing)
    [pk] = b.picked((thing, 4))

    refused = cancel(pk, quantities={OrderLine.objects.get().pk: 9}, recall=True).refused

    assert "not 9" in refused[pk]
    assert (on_the_shelf(), OrderLine.objects.get().picked) == (1, 4)


def test_the_refund_of_a_deposit_is_foreseen_and_queued() -> None:
    thing, buyer = b.product(), b.customer("0")
    b.stocked(5, of=thing)
    [pk] = b.submitted((thing, 1), buyer=buyer)
    payment.receive([Received(buyer.pk, "EUR", Decimal(10), "card-1", pk)], by=WORKER)

    foreseen = preview(cancellation.cancel, [pk], reason="error", by=WORKER)
    assert not Refund.objects.exists()
    assert cancel(pk).effects == foreseen.effects

    refunds = [effect for effect in foreseen.effects if effect.kind == "refund"]
    assert [effect.amount for effect in refunds] == [10]
    assert Refund.objects.get().status == "pending"


def test_what_was_paid_for_cancelled_units_goes_back_once_and_the_rest_stays() -> None:
    thing, buyer = b.product(), b.customer()
    b.stocked(4, of=thing)
    [pk] = b.packed((thing, 10), buyer=buyer)
    paid = [Received(buyer.pk, "EUR", Decimal(n), f"card-{n}", pk) for n in (70, 30)]
    payment.receive(paid, by=WORKER)
    b.done(dispatch.dispatch([pk], by=WORKER))

    some = cancel(pk, quantities={OrderLine.objects.get().pk: 1})
    foreseen = preview(cancellation.cancel, [pk], reason="error", by=WORKER)
    rest = cancel(pk)

    queued = Refund.objects.order_by("pk").values_list("payment__external_id", "amount")
    told = [e.amount for e in [*some.effects, *rest.effects] if e.kind == "refund"]
    assert foreseen.effects == rest.effects
    assert list(queued) == [("card-30", 10), ("card-30", 20), ("card-70", 30)]
    assert told == [10, 20, 30]


def test_money_on_its_way_back_pays_no_invoice() -> None:
    thing, buyer = b.product(), b.customer()
    b.stocked(10, of=thing)
    [pk] = b.processed((thing, 10), buyer=buyer)
    payment.receive([Received(buyer.pk, "EUR", Decimal(100), "card-1", pk)], by=WORKER)
    line = OrderLine.objects.get()

    b.done(cancel(pk, quantities={line.pk: 4}))
    more = Operation("set_quantity", line=line.pk, quantity=10)
    b.done(amendment.amend([pk], operations={pk: [more]}, reason="error", by=WORKER))
    for move in (picking.pick, packing.pack, dispatch.dispatch):
        b.done(move([pk], by=WORKER))

    account = CreditAccount.objects.get(customer=buyer)
    assert Refund.objects.get().amount == 40
    assert (Invoice.objects.get().status, account.receivable, account.unapplied) == ("open", 40, 40)


def test_every_unit_cancelled_apart_ends_the_order_and_what_hung_on_it() -> None:
    thing, buyer = b.product(), b.customer()
    b.stocked(5, of=thing)
    [pk] = b.picked((thing, 5), buyer=buyer)
    payment.receive([Received(buyer.pk, "EUR", Decimal(7), "card-2", pk)], by=WORKER)

    b.done(cancel(pk, quantities={OrderLine.objects.get().pk: 5}, recall=True))

    assert b.order(pk).status == "cancelled"
    assert Refund.objects.get().amount == 7


def test_rules_narrow_what_may_be_cancelled_and_by_whom() -> None:
    thing = b.product()
    b.stocked(5, of=thing)

    def change(draft: RuleSet) -> None:
        rules = draft.cancellations.filter(status="processing")
        rules.filter(scope="whole").update(is_allowed=False)
        rules.filter(scope="units").update(permission="orders.waive_exception")

    b.rules(change)
    [pk] = b.processed((thing, 5))
    line = OrderLine.objects.get()
    clerk = Actor.of(User.objects.create_user("clerk"))
    boss = Actor.of(User.objects.create_superuser("boss"))

    closed = cancel(pk).refused[pk]
    last = cancel(pk, quantities={line.pk: 5}, by=boss).refused[pk]
    personal = cancel(pk, quantities={line.pk: 1}, by=clerk).refused[pk]
    assert OrderLine.objects.get().cancelled == 0
    b.done(cancel(pk, quantities={line.pk: 1}, by=boss))

    assert closed == last == "The whole order: not cancelled at “Processing” (rules version 2)."
    assert personal == "Lines and units: your role does not include cancelling this here."
    assert OrderLine.objects.get().cancelled == 1


def test_an_order_keeps_the_rules_it_started_with() -> None:
    [pk] = b.validated((b.product(), 2))
    b.rules(lambda draft: draft.cancellations.update(is_allowed=False))

    b.done(cancel(pk))

    assert b.order(pk).status == "cancelled"


def test_a_hundred_orders_take_as_many_statements_as_one() -> None:
    thing, buyer = b.product(), b.customer("10000000")
    b.stocked(1000, of=thing)

    def statements(times: int) -> int:
        ids = b.packed((thing, 3), buyer=buyer, times=times)
        with CaptureQueriesContext(connection) as captured:
            b.done(cancellation.cancel(ids, reason="error", recall=True, by=WORKER))
        assert Order.objects.filter(pk__in=ids, status="cancelled").count() == times
        return len(captured)

    assert statements(1) == statements(100)


UNITS = st.integers(0, 12)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("quantity"), st.integers(0, 3), UNITS),
        st.tuples(st.just("price"), st.integers(0, 3), st.integers(0, 2999)),
        st.tuples(st.just("add"), st.integers(0, 1), st.integers(1, 6)),
        st.tuples(st.just("remove"), st.integers(0, 3), UNITS),
        st.tuples(st.just("cancel"), st.integers(0, 3), st.integers(1, 5)),
        st.tuples(st.just("pick"), st.integers(1, 9), UNITS),
        st.tuples(st.just("send"), UNITS, UNITS),
    ),
    min_size=3,
    max_size=12,
)


def take(pk: int, things: list[Any], step: tuple[str, int, int]) -> None:
    """One step of a person; what is refused changes nothing."""
    kind, first, second = step
    lines = list(OrderLine.objects.filter(order=pk).order_by("line_no"))
    line = lines[first % len(lines)]
    asked = {
        "quantity": Operation("set_quantity", line=line.pk, quantity=second),
        "price": Operation("set_price", line=line.pk, unit_price=Decimal(second) / 100),
        "add": Operation("add_line", sku=things[first % 2].sku, quantity=second),
        "remove": Operation("remove_line", line=line.pk),
    }
    if kind in asked:
        amendment.amend([pk], operations={pk: [asked[kind]]}, reason="error", by=WORKER)
    elif kind == "cancel":
        units = {line.pk: second}
        cancellation.cancel([pk], quantities=units, reason="error", recall=True, by=WORKER)
    elif kind == "pick":
        tasks = PickTask.objects.open().filter(allocation__line__order=pk)
        picking.pick([pk], quantities={t.pk: min(first, t.left) for t in tasks}, by=WORKER)
    else:
        for move in (packing.pack, dispatch.dispatch):
            move([pk], by=WORKER)


@given(steps=STEPS, prices=st.tuples(st.integers(1, 2000), st.integers(1, 2000)))
def test_however_it_is_amended_cancelled_and_shipped_the_invoices_sum_to_the_cent(
    steps: list[tuple[str, int, int]], prices: tuple[int, int]
) -> None:
    things = [b.product(price=str(Decimal(cents) / 100)) for cents in prices]
    b.stocked(9, of=things[0])
    b.stocked(50, of=things[1])
    [pk] = b.validated(
        (things[0], 5), (things[1], 3), shipping=Decimal("4.99"), order_discount=Decimal("0.01")
    )
    b.done(processing.process([pk], by=WORKER))

    for step in steps:
        take(pk, things, step)
    cancellation.cancel([pk], reason="error", recall=True, by=WORKER)

    order, lines = b.order(pk), OrderLine.objects.filter(order=pk)
    billed = sum(Invoice.objects.filter(order=pk).values_list("total", flat=True))
    given_up = sum(lines.values_list("cancelled_amount", flat=True))
    assert order.grand_total == billed + given_up
    assert CreditAccount.objects.get(customer=order.customer_id).committed == 0
    assert order.status in {"cancelled", "shipped"}
    changes = OrderEvent.objects.filter(order=pk, type="amendment.applied").count()
    assert order.amendments.applied().count() == changes
