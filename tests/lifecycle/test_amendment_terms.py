"""Discounts and fill policies of placed orders: what they change, and when they no longer can."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.utils import translation

from config.kernel.actors import WORKER
from fulfillment.models import PickTask
from orders.lifecycle import amendment, dispatch, packing, picking
from orders.lifecycle.amendment import Operation
from orders.lifecycle.loading import attach
from orders.models import Amendment, Order, OrderEvent, OrderLine
from orders.versions import Trail, compare
from tests import builders as b

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("sound")]


def amend(pk: int, operation: Operation, **more: Any) -> amendment.Amended:
    outcomes = amendment.amend(
        [pk], operations={pk: [operation]}, reason="price_agreed", by=WORKER, **more
    )
    assert isinstance(outcomes, amendment.Amended)
    return outcomes


def discount(share: str) -> Operation:
    return Operation(
        "set_discount", line=OrderLine.objects.earliest("pk").pk, discount_percent=Decimal(share)
    )


def filling(policy: str) -> Operation:
    return Operation("set_fill_policy", fill_policy=policy)


def short_of_stock() -> Order:
    """An order that ships complete and waits for three of its five units."""
    thing = b.product()
    b.stocked(2, of=thing)
    return b.order(b.processed((thing, 5), fill_policy="ship_complete")[0])


@pytest.mark.parametrize("reach", [b.validated, b.processed])
def test_a_discount_lowers_the_line_and_taking_it_off_restores_it(reach: Any) -> None:
    [pk] = reach((b.product(price="10.00"), 4))

    b.done(amend(pk, discount("12.5")))
    assert (OrderLine.objects.get().discount_amount, b.order(pk).grand_total) == (5, 35)
    b.done(amend(pk, discount("0")))

    assert (OrderLine.objects.get().discount_percent, b.order(pk).grand_total) == (0, 40)


def test_a_discount_is_foreseen_in_the_words_of_the_reader() -> None:
    [pk] = b.validated((b.product("CUT", price="10.00"), 4))

    effects = amendment.plan(pk, [discount("12.5")], by=WORKER).effects

    assert "CUT, discount: 0 % → 12.5 %" in [str(effect.what) for effect in effects]
    with translation.override("de"):
        assert "CUT, Rabatt: 0 % → 12,5 %" in [str(effect.what) for effect in effects]
    assert OrderLine.objects.get().discount_percent == 0


@pytest.mark.parametrize("share", ["-1", "100.5"])
def test_a_discount_is_a_share_of_the_price(share: str) -> None:
    [pk] = b.validated((b.product(), 4))

    assert "between 0 and 100 percent" in amend(pk, discount(share)).refused[pk]


def test_the_discount_of_what_is_billed_stays() -> None:
    thing = b.product()
    b.stocked(2, of=thing)
    [pk] = b.dispatched((thing, 4))

    assert "invoiced, so the price" in amend(pk, discount("5")).refused[pk]


def test_what_is_there_becomes_work_once_it_may_leave_apart() -> None:
    order = short_of_stock()
    assert not PickTask.objects.exists()

    b.done(amend(order.pk, filling("partial")))

    assert [task.quantity for task in PickTask.objects.all()] == [2]
    b.done(picking.pick([order.pk], by=WORKER))
    b.done(packing.pack([order.pk], by=WORKER))
    b.done(dispatch.dispatch([order.pk], by=WORKER))
    assert OrderLine.objects.get().shipped == 2


def test_an_order_whose_work_has_begun_is_not_made_to_wait_for_more() -> None:
    [processed] = b.processed((b.product(), 4))
    [validated] = b.validated((b.product(), 4))

    refused = amend(processed, filling("ship_complete")).refused[processed]
    b.done(amend(validated, filling("ship_complete")))

    assert "it cannot be made to wait for more now" in refused
    assert (b.order(processed).fill_policy, b.order(validated).fill_policy) == (
        "partial",
        "ship_complete",
    )


def test_a_policy_that_is_none_is_refused() -> None:
    [pk] = b.validated((b.product(), 4))

    assert "“whenever” is no way" in amend(pk, filling("whenever")).refused[pk]


def test_a_rule_locks_partial_deliveries() -> None:
    b.rules(lambda draft: draft.amendments.filter(field_group="filling").update(is_allowed=False))
    [pk] = b.validated((b.product(), 4))

    assert "Partial deliveries are not changed" in amend(pk, filling("ship_complete")).refused[pk]


def test_versions_tell_the_discount_and_the_policy_as_they_were() -> None:
    [pk] = b.validated((b.product("CUT"), 4))
    b.done(amend(pk, discount("12.5")))
    b.done(amend(pk, filling("ship_complete")))

    order = b.order(pk)
    attach([order])
    trail = Trail.of(order)
    told = {
        row.label: (row.before, row.after)
        for row in compare(trail.at_version(1), trail.at_version(3), trail.known)
    }

    assert told["CUT, line 1, discount"] == (None, "12.5 %")
    assert told["If stock is short"] == ("Ship what is there", "Ship everything at once")
    assert Amendment.objects.count() == 2
    kept = OrderEvent.objects.filter(order=pk, type="amendment.applied").latest("seq").data
    assert kept["fill_policy"] == ["partial", "ship_complete"]
