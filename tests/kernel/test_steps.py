"""One path for one and for ten thousand: previews undo themselves, culprits stand alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from itertools import count
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError, connection
from django.test.utils import CaptureQueriesContext

from config.kernel.actors import WORKER, Actor
from config.kernel.errors import StepRefused
from config.kernel.steps import Outcomes, Step, chunked, preview, single
from finance.services.payments import Received
from orders.lifecycle import (
    allocation,
    cancellation,
    capture,
    completion,
    delivery,
    holds,
    payment,
    processing,
    review,
    submission,
    validation,
)
from orders.lifecycle.allocation import Receipt
from orders.lifecycle.drafts import LineDraft, OrderDraft
from orders.models import Allocation, Order
from tests import builders as b

pytestmark = pytest.mark.django_db

WAY: tuple[Step, ...] = (
    submission.submit,
    *b.SENDING,
    delivery.deliver,
    completion.complete,
)


def counted(step: Step, ids: Sequence[int], **arguments: Any) -> int:
    with CaptureQueriesContext(connection) as queries:
        outcomes = step(ids, by=WORKER, **arguments)
    assert outcomes.done == list(ids), outcomes.refused
    return len(queries)


def test_every_step_takes_as_many_statements_for_a_hundred_orders_as_for_one() -> None:
    things = [b.product() for _ in range(3)]
    for thing in things:
        b.stocked(10_000, of=thing)
    buyer = b.customer("10000000")
    lines = [(thing, 2) for thing in things]
    first = b.drafted(*lines, buyer=buyer)
    for step in WAY:
        step(first, by=WORKER)  # what is made once, like a staging bin, is there from now on

    one = b.drafted(*lines, buyer=buyer)
    many = b.drafted(*lines, buyer=buyer, times=100)

    for step in WAY:
        assert counted(step, one) == counted(step, many), step.__name__


@pytest.mark.parametrize("reach", [b.submitted, b.validated, b.processed])
def test_cancelling_and_holding_take_as_many_statements_for_many(reach: Any) -> None:
    thing = b.product()
    b.stocked(1000, of=thing)
    buyer = b.customer()
    one, many = reach((thing, 1), buyer=buyer), reach((thing, 1), buyer=buyer, times=40)

    assert counted(holds.place, one, reason="wait") == counted(holds.place, many, reason="wait")
    assert counted(cancellation.cancel, one, reason="error") == counted(
        cancellation.cancel, many, reason="error"
    )


def statements(run: Callable[..., object], *given: Any, **arguments: Any) -> int:
    with CaptureQueriesContext(connection) as queries:
        run(*given, by=WORKER, **arguments)
    return len(queries)


def test_a_file_of_a_hundred_orders_is_captured_with_as_many_statements_as_one() -> None:
    thing, buyer, numbers = b.product(), b.customer(), count(1)

    def drafts(times: int) -> list[OrderDraft]:
        line = LineDraft(thing.sku, 1)
        keys = [f"key-{next(numbers)}" for _ in range(times)]
        return [
            OrderDraft(buyer.code, [line], channel="import", external_id=key, entry_key=key)
            for key in keys
        ]

    capture.create(drafts(1), by=WORKER)

    assert statements(capture.create, drafts(1)) == statements(capture.create, drafts(100))
    assert Order.objects.count() == 102


def test_a_hundred_payments_take_as_many_statements_as_one() -> None:
    thing, buyer = b.product(), b.customer("10000000")
    b.stocked(200, of=thing)
    ids = b.dispatched((thing, 1), buyer=buyer, times=102)
    money = [Received(buyer.pk, "EUR", Decimal(10), f"bank-{pk}", pk) for pk in ids]
    payment.receive(money[:1], by=WORKER)

    assert statements(payment.receive, money[1:2]) == statements(payment.receive, money[2:])
    assert set(Order.objects.values_list("payment_status", flat=True)) == {"paid"}


def test_goods_for_a_hundred_orders_take_as_many_statements_as_for_one() -> None:
    things, place, buyer = [b.product() for _ in range(12)], b.warehouse(), b.customer("10000000")
    for thing in things:
        b.stocked(1, of=thing)
    for thing in things:
        b.processed((thing, 2), buyer=buyer, times=10 if thing != things[1] else 1)
    shelf = place.bins.get(kind="shelf")
    goods = [Receipt(thing.pk, place.pk, 30, Decimal(6), shelf.pk) for thing in things]
    allocation.receive(goods[:1], reference="R-0", by=WORKER)

    one = statements(allocation.receive, goods[1:2], reference="R-1")

    assert one == statements(allocation.receive, goods[2:], reference="R-2")
    assert not Order.objects.filter(lines__backordered__gt=0).exists()


def test_a_hundred_waivers_take_as_many_statements_as_one() -> None:
    thing, boss = b.product(), Actor.of(User.objects.create_superuser("boss"))
    b.stocked(1000, of=thing)
    ids = b.submitted((thing, 1), buyer=b.customer("0"), times=102)
    validation.validate(ids, by=WORKER)
    review.waive(ids[:1], reason="Agreed", by=boss)

    def waived(pks: list[int]) -> int:
        with CaptureQueriesContext(connection) as queries:
            b.done(review.waive(pks, reason="Agreed", by=boss))
        return len(queries)

    assert waived(ids[1:2]) == waived(ids[2:])


def test_a_preview_says_what_will_happen_and_changes_nothing() -> None:
    thing = b.product()
    level = b.stocked(10, of=thing)
    [pk] = b.validated((thing, 4))

    foreseen = preview(processing.process, [pk], by=WORKER)

    level.refresh_from_db()
    assert (level.reserved, b.order(pk).status) == (0, "validated")
    assert not Allocation.objects.exists()
    assert foreseen.effects == processing.process([pk], by=WORKER).effects


def test_a_refusal_of_a_single_order_is_raised_in_words() -> None:
    [pk] = b.drafted()

    with pytest.raises(StepRefused, match="Still missing: a line"):
        single(submission.submit, pk, by=WORKER)

    assert b.order(pk).status == "draft"


@pytest.mark.django_db(transaction=True)
def test_culprits_stand_alone_and_the_others_get_through() -> None:
    thing = b.product()
    ids = b.drafted((thing, 1), times=60)
    culprits = {ids[7], ids[41]}

    def fragile(chunk: Sequence[int], **arguments: Any) -> Outcomes:
        outcomes = submission.submit(chunk, **arguments)
        if culprits & set(chunk):
            raise IntegrityError("planted")
        return outcomes

    results = list(chunked(fragile, ids, size=20, by=WORKER))

    assert {pk for outcomes in results for pk in outcomes.failed} == culprits
    placed = Order.objects.filter(status="submitted").values_list("pk", flat=True)
    assert set(placed) == set(ids) - culprits
