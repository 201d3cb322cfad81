"""Many at once: the last unit is sold once, the limit holds, nobody waits for ever."""

from __future__ import annotations

import random
from collections.abc import Callable
from functools import partial

import pytest
from django.db import transaction

from config.kernel.actors import WORKER
from config.kernel.steps import Outcomes
from finance.models import CreditAccount
from inventory.models import StockLevel
from orders.lifecycle import (
    cancellation,
    dispatch,
    picking,
    processing,
    submission,
    validation,
)
from orders.models import Order, OrderLine
from orders.tasks import work
from tests import builders as b
from tests.races.conftest import at_once, deadlocks, impatiently

pytestmark = pytest.mark.race


def through(pk: int) -> str:
    """An order from draft to processing; its status at the end."""
    for step in (submission.submit, validation.validate, processing.process):
        outcomes: Outcomes = step([pk], by=WORKER)
        assert not outcomes.failed
    return b.order(pk).status


def test_sixty_four_threads_share_the_last_thousand_units_to_the_unit() -> None:
    thing, buyer = b.product(), b.customer("10000000")
    level = b.stocked(1000, of=thing)
    ids = b.drafted((thing, 25), buyer=buyer, times=64)

    before = deadlocks()

    statuses = at_once([partial(through, pk) for pk in ids])

    assert deadlocks() == before
    level.refresh_from_db()
    allocated = OrderLine.objects.filter(order__in=ids).values_list("allocated", flat=True)
    assert set(statuses) == {"processing"}
    assert (level.reserved, sum(allocated)) == (1000, 1000)


def test_crossed_items_never_deadlock() -> None:
    things = [b.product() for _ in range(6)]
    for thing in things:
        b.stocked(400, of=thing)
    buyer = b.customer("10000000")
    dice = random.Random(7)  # noqa: S311 - repeatable on purpose
    ids = []
    for _ in range(32):
        mixed = dice.sample(things, 4)
        ids += b.validated(*[(thing, 3) for thing in mixed], buyer=buyer)

    def there_and_back(pk: int) -> bool:
        done = processing.process([pk], by=WORKER).done
        return done == cancellation.cancel([pk], reason="error", by=WORKER).done == [pk]

    before = deadlocks()
    assert all(at_once([partial(there_and_back, pk) for pk in ids]))
    assert deadlocks() == before  # a step that went again would hide one
    assert set(StockLevel.objects.values_list("reserved", flat=True)) == {0}


def test_a_limit_of_a_thousand_takes_ten_of_thirty_two_orders_of_a_hundred() -> None:
    thing, buyer = b.product(price="100.00"), b.customer("1000")
    ids = b.submitted((thing, 1), buyer=buyer, times=32)

    at_once([partial(validation.validate, [pk], by=WORKER) for pk in ids])

    statuses = [b.order(pk).status for pk in ids]
    assert (statuses.count("validated"), statuses.count("in_review")) == (10, 22)
    assert CreditAccount.objects.get(customer=buyer).committed == 1000


def test_a_cancellation_and_a_pick_of_the_same_order_exclude_each_other() -> None:
    thing = b.product()
    level = b.stocked(100, of=thing)
    ids = b.processed((thing, 1), times=16)
    jobs: list[Callable[[], Outcomes]] = []
    for pk in ids:
        jobs.append(partial(cancellation.cancel, [pk], reason="error", by=WORKER))
        jobs.append(partial(picking.pick, [pk], by=WORKER))

    at_once(jobs)

    level.refresh_from_db()
    picked = OrderLine.objects.filter(order__status="fulfilling", picked=1).count()
    assert picked + Order.objects.filter(status="cancelled").count() == 16
    assert level.reserved == picked


def test_a_shipment_leaves_once_however_often_it_is_sent() -> None:
    thing = b.product()
    level = b.stocked(10, of=thing)
    [pk] = b.packed((thing, 4))

    results = at_once([partial(dispatch.dispatch, [pk], by=WORKER) for _ in range(6)])

    level.refresh_from_db()
    assert sum(len(outcomes.done) for outcomes in results) == 1
    assert level.on_hand == 6


def test_workers_share_a_queue_and_take_every_order_once() -> None:
    thing = b.product()
    b.stocked(5000, of=thing)
    buyer = b.customer("10000000")
    ids = b.submitted((thing, 1), buyer=buyer, times=160)

    moved = at_once([partial(work, "validation") for _ in range(4)])
    moved += at_once([partial(work, "processing") for _ in range(4)])

    assert sum(moved) == 320
    assert {b.order(pk).status for pk in ids} == {"processing"}


def test_a_queue_passes_by_what_somebody_else_has_locked() -> None:
    thing = b.product()
    b.stocked(10, of=thing)
    ids = b.submitted((thing, 1), buyer=b.customer("10000000"), times=5)
    others = [*ids[:2], *ids[3:]]

    with transaction.atomic():
        Order.locked(ids[2:3])
        due = list(Order.objects.due_for_validation().order_by("pk").values_list("pk", flat=True))
        claim = transaction.atomic(Order.objects.due_for_validation().claimed)
        claimed = impatiently(partial(claim, 10))
        moved = impatiently(partial(work, "validation"))

    assert due == ids
    assert claimed == others
    assert moved == 4
    assert {b.order(pk).status for pk in others} == {"validated"}
    assert b.order(ids[2]).status == "submitted"
    assert work("validation") == 1
    assert work("processing") == 5
