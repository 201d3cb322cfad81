"""Amendments against everything else: pairs that start at once, and never a lost update."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from django.utils import timezone

from config.kernel.actors import WORKER
from config.kernel.errors import StaleVersion
from config.kernel.steps import Outcomes
from finance.models import Invoice
from inventory.models import StockLevel
from orders.lifecycle import amendment, cancellation, dispatch, picking
from orders.lifecycle.amendment import Operation
from orders.models import Amendment, Order, OrderLine
from tests import builders as b
from tests.races.conftest import at_once

pytestmark = pytest.mark.race
PAIRS = [30, pytest.param(500, marks=pytest.mark.slow)]


def set_quantity(line: OrderLine, units: int, version: int | None = None) -> bool:
    """Whether an amendment that was decided on this version of the order went through."""
    return change(line, [Operation("set_quantity", line=line.pk, quantity=units)], version)


def change(line: OrderLine, asked: list[Operation], version: int | None = None) -> bool:
    try:
        outcomes = amendment.amend(
            [line.order_id],
            operations={line.order_id: asked},
            reason="error",
            version=version,
            by=WORKER,
        )
    except StaleVersion:
        return False
    assert not outcomes.failed
    return bool(outcomes.done)


def details(line: OrderLine) -> list[Operation]:
    """Another number, charge and discount, and the line in parts."""
    soon = timezone.localdate() + timedelta(days=20)
    return [
        Operation("set_po_number", text=f"NEW-{line.order_id}"),
        Operation("set_shipping", amount=Decimal("4.20")),
        Operation("set_order_discount", amount=Decimal("1.10")),
        Operation("set_parts", line=line.pk, parts=((soon, 2),)),
    ]


def step(run: Callable[..., Outcomes], pk: int, **more: Any) -> bool:
    outcomes = run([pk], by=WORKER, **more)
    assert not outcomes.failed
    return bool(outcomes.done)


def lines_of(ids: list[int]) -> list[OrderLine]:
    return list(OrderLine.objects.filter(order__in=ids).order_by("pk"))


@pytest.mark.parametrize("pairs", PAIRS)
def test_of_two_amendments_of_one_version_exactly_one_is_made(pairs: int) -> None:
    thing = b.product()
    level = b.stocked(pairs * 10, of=thing)
    buyer = b.customer("10000000")
    ids = b.processed((thing, 5), buyer=buyer, times=pairs)

    for line in lines_of(ids):
        version = b.order(line.order_id).version
        both = [partial(set_quantity, line, units, version) for units in (3, 8)]
        assert sorted(at_once(both)) == [False, True]

    wanted = [line.ordered for line in lines_of(ids)]
    level.refresh_from_db()
    assert set(wanted) <= {3, 8}
    assert (level.reserved, Amendment.objects.count()) == (sum(wanted), pairs)


@pytest.mark.parametrize("pairs", PAIRS)
def test_an_amendment_and_a_dispatch_never_lose_a_unit(pairs: int) -> None:
    thing = b.product()
    level = b.stocked(pairs * 10, of=thing)
    ids = b.packed((thing, 5), buyer=b.customer("10000000"), times=pairs)

    for line in lines_of(ids):
        jobs = [partial(set_quantity, line, 7), partial(step, dispatch.dispatch, line.order_id)]
        amended, sent = at_once(jobs)
        wanted = sum(x.ordered - x.cancelled for x in OrderLine.objects.filter(order=line.order_id))
        assert sent
        assert wanted == (7 if amended else 5)
        assert b.order(line.order_id).status == ("fulfilling" if amended else "shipped")

    level.refresh_from_db()
    assert level.on_hand == pairs * 5
    assert level.reserved == 2 * Order.objects.filter(status="fulfilling").count()


@pytest.mark.parametrize("pairs", PAIRS)
def test_of_a_quantity_and_details_of_one_version_exactly_one_is_changed(pairs: int) -> None:
    thing = b.product(price="10.00")
    b.stocked(pairs * 10, of=thing)
    ids = b.processed((thing, 5), buyer=b.customer("10000000"), times=pairs)

    for line in lines_of(ids):
        version = b.order(line.order_id).version
        both = [
            partial(set_quantity, line, 8, version),
            partial(change, line, details(line), version),
        ]
        more, told = at_once(both)
        order = b.order(line.order_id)
        assert more != told
        assert order.grand_total == (80 if more else Decimal("53.10"))
        assert order.po_number.startswith("NEW") == told
        assert sum(line.schedule.values_list("quantity", flat=True)) == (0 if more else 5)


@pytest.mark.parametrize("pairs", PAIRS)
def test_charges_and_a_dispatch_are_billed_together_or_the_charges_stay(pairs: int) -> None:
    thing = b.product(price="10.00")
    b.stocked(pairs * 5, of=thing)
    ids = b.packed((thing, 5), buyer=b.customer("10000000"), times=pairs)

    for line in lines_of(ids):
        jobs = [
            partial(change, line, details(line)),
            partial(step, dispatch.dispatch, line.order_id),
        ]
        changed, sent = at_once(jobs)
        [invoice] = Invoice.objects.filter(order=line.order_id)
        assert sent
        assert invoice.total == (Decimal("53.10") if changed else 50)
        assert b.order(line.order_id).grand_total == invoice.total


@pytest.mark.parametrize("pairs", PAIRS)
def test_a_cancellation_that_recalls_and_a_pick_never_lose_a_unit(pairs: int) -> None:
    thing = b.product()
    level = b.stocked(pairs * 5, of=thing)
    ids = b.processed((thing, 5), buyer=b.customer("10000000"), times=pairs)

    for pk in ids:
        cancelled, _ = at_once(
            [
                partial(step, cancellation.cancel, pk, reason="error", recall=True),
                partial(step, picking.pick, pk),
            ]
        )
        assert cancelled
        assert b.order(pk).status == "cancelled"

    level.refresh_from_db()
    assert (level.on_hand, level.reserved) == (pairs * 5, 0)


@pytest.mark.parametrize("pairs", PAIRS)
def test_an_amendment_and_a_pick_agree_on_what_is_locked(pairs: int) -> None:
    thing = b.product()
    b.stocked(pairs * 5, of=thing)
    ids = b.processed((thing, 5), buyer=b.customer("10000000"), times=pairs)

    for line in lines_of(ids):
        jobs = [partial(set_quantity, line, 2), partial(step, picking.pick, line.order_id)]
        amended, picked = at_once(jobs)
        line.refresh_from_db()
        assert picked
        assert (line.ordered, line.picked) == ((2, 2) if amended else (5, 5))

    reserved = StockLevel.objects.get(product=thing).reserved
    assert reserved == sum(line.ordered for line in lines_of(ids))
