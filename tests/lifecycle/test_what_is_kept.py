"""A hold stops an order wherever it stands; the rules that it began with go with it to its end."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from config.kernel.actors import WORKER
from finance.models import Price
from inventory.models import StockLevel
from orders.lifecycle import (
    amendment,
    cancellation,
    delivery,
    dispatch,
    holds,
    packing,
    picking,
    processing,
    validation,
)
from orders.lifecycle.amendment import Operation
from orders.models import Hold, OrderLine
from orders.policies import versions
from orders.tasks import work
from tests import builders as b

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("sound")]
STAGES: dict[str, tuple[Callable[..., list[int]], Callable[..., Any]]] = {
    "submitted": (b.submitted, validation.validate),
    "validated": (b.validated, processing.process),
    "processing": (b.processed, picking.pick),
    "picked": (b.picked, packing.pack),
    "packed": (b.packed, dispatch.dispatch),
}


def sweep() -> None:
    """Every worker that moves orders on looks once."""
    for stage in ("validation", "recheck", "processing", "completion", "expiry"):
        work(stage)


@pytest.mark.parametrize("stage", STAGES)
def test_a_hold_stops_the_order_where_it_stands_for_people_and_workers(stage: str) -> None:
    reach, step = STAGES[stage]
    thing = b.product()
    b.stocked(9, of=thing)
    [pk] = reach((thing, 3))
    b.done(holds.place([pk], reason="No gate", by=WORKER))
    order, level = b.order(pk), StockLevel.objects.values().get()

    refused = step([pk], by=WORKER).refused
    sweep()

    assert refused == {pk: "On hold: No gate. Release the hold."}
    after = b.order(pk)
    assert (after.status, after.version) == (order.status, order.version)
    assert StockLevel.objects.values().get() == level

    b.done(holds.release([pk], reason="Gate 5", by=WORKER))
    b.done(step([pk], by=WORKER))


@pytest.mark.parametrize("stage", ["submitted", "validated", "processing"])
def test_what_is_held_can_be_cancelled_wherever_it_stands(stage: str) -> None:
    thing = b.product()
    level = b.stocked(9, of=thing)
    [pk] = STAGES[stage][0]((thing, 3))
    b.done(holds.place([pk], reason="No gate", by=WORKER))

    b.done(cancellation.cancel([pk], reason="customer_request", by=WORKER))

    level.refresh_from_db()
    assert (b.order(pk).status, level.reserved) == ("cancelled", 0)
    assert not Hold.objects.in_force().exists()


def test_goods_on_their_way_arrive_though_the_order_is_held() -> None:
    thing = b.product()
    b.stocked(9, of=thing)
    [pk] = b.dispatched((thing, 3))
    b.done(holds.place([pk], reason="No gate", by=WORKER))

    b.done(delivery.deliver([pk], by=WORKER))

    assert OrderLine.objects.get().delivered == 3


def test_amendments_of_an_order_go_by_the_version_that_it_keeps() -> None:
    thing = b.product()
    [old] = b.submitted((thing, 3))
    of_lines = {"status": "submitted", "field_group": "quantity"}
    b.rules(lambda draft: draft.amendments.filter(**of_lines).update(is_allowed=False))
    [new] = b.submitted((thing, 3))

    def amended(pk: int) -> amendment.Amended:
        line = OrderLine.objects.get(order=pk)
        fewer = [Operation("set_quantity", line=line.pk, quantity=2)]
        found = amendment.amend([pk], operations={pk: fewer}, reason="error", by=WORKER)
        assert isinstance(found, amendment.Amended)
        return found

    assert amended(old).done == [old]
    assert list(amended(new).refused) == [new]
    assert OrderLine.objects.get(order=new).ordered == 3
    sweep()


def test_checks_of_an_order_are_those_of_the_version_that_it_keeps() -> None:
    thing = b.product()
    b.stocked(9, of=thing)
    Price.objects.update(floor=11)
    [old] = b.submitted((thing, 3))
    b.rules(lambda draft: draft.validations.filter(code="price").update(severity="warn"))
    [new] = b.submitted((thing, 3))

    sweep()

    assert [b.order(pk).rules_version for pk in (old, new)] == [1, 2]
    assert [b.order(pk).status for pk in (old, new)] == ["in_review", "processing"]


def test_a_version_cannot_let_orders_past_their_credit() -> None:
    draft = versions.start(by=WORKER)

    for weaker in ({"severity": "warn"}, {"is_active": False}):
        with pytest.raises(IntegrityError, match="without_a_credit_check"), transaction.atomic():
            draft.validations.filter(code="credit").update(**weaker)
