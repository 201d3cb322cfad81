"""What amending does not do: over the limit, over somebody else's change, against the rules."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import User

from config.kernel.actors import WORKER, Actor
from config.kernel.errors import StaleVersion, StepRefused
from config.kernel.steps import single
from finance.models import CreditAccount, CreditCheck
from orders.lifecycle import amendment, validation
from orders.lifecycle.amendment import Operation
from orders.models import Amendment, Order, OrderLine
from tests import builders as b
from tests.lifecycle.test_amendment import amend, committed, quantity

pytestmark = pytest.mark.django_db


def manager() -> Actor:
    return Actor.of(User.objects.create_superuser("boss"))


def test_an_order_does_not_grow_beyond_the_lines_that_one_may_have() -> None:
    thing = b.product("NUT")
    [pk] = b.validated(*[(thing, 1)] * 500)

    refused = amend(pk, Operation("add_line", sku="NUT", quantity=1)).refused[pk]

    assert "at most 500 lines; this one has 501" in refused


def test_more_than_the_limit_is_refused_unless_it_is_waived_with_it() -> None:
    thing, buyer = b.product(price="100.00"), b.customer("250")
    [pk] = b.validated((thing, 2), buyer=buyer)
    line, boss = OrderLine.objects.get(), manager()

    refused = amend(pk, quantity(line, 3)).refused
    foreseen = amendment.plan(pk, [quantity(line, 3)], by=boss).plans[pk]
    assert "50.00 above the credit limit of 250.00" in refused[pk]
    assert committed(b.order(pk)) == 200
    marks = [row.fingerprint for row in foreseen.findings]
    b.done(amend(pk, quantity(line, 3), by=boss, waive=marks, words="Paid tomorrow"))

    check = CreditCheck.objects.get(stage="amendment")
    assert (check.decision, check.amount, check.exposure_before) == ("waived", 100, 200)
    assert check.entry.kind == "commitment"
    assert committed(b.order(pk)) == 300


def test_nobody_waives_with_an_amendment_of_their_own_order() -> None:
    thing, buyer = b.product(price="100.00"), b.customer("250")
    [pk] = b.validated((thing, 2), buyer=buyer)
    boss = manager()
    Order.objects.filter(pk=pk).update(created_by=boss.user_id)
    line = OrderLine.objects.get()
    foreseen = amendment.plan(pk, [quantity(line, 3)], by=boss).plans[pk]

    marks = [row.fingerprint for row in foreseen.findings]
    refused = amend(pk, quantity(line, 3), by=boss, waive=marks, words="It is fine").refused

    assert "somebody else has to waive" in refused[pk]
    assert committed(b.order(pk)) == 200


def test_whoever_owes_less_than_before_is_not_asked_about_the_limit() -> None:
    thing, buyer = b.product(price="100.00"), b.customer("300")
    [pk] = b.validated((thing, 3), buyer=buyer)
    CreditAccount.objects.filter(customer=buyer).update(credit_limit=50)

    b.done(amend(pk, quantity(OrderLine.objects.get(), 1)))

    assert (committed(b.order(pk)), b.order(pk).status) == (100, "validated")


def test_an_order_in_review_is_checked_again() -> None:
    thing, buyer = b.product(price="100.00"), b.customer("150")
    [pk] = b.submitted((thing, 2), buyer=buyer)
    validation.validate([pk], by=WORKER)

    b.done(amend(pk, quantity(OrderLine.objects.get(), 1)))
    assert b.order(pk).status == "submitted"
    b.done(validation.validate([pk], by=WORKER))

    assert (b.order(pk).status, committed(b.order(pk))) == ("validated", 100)


def test_the_preview_is_what_happens_and_changes_nothing() -> None:
    thing = b.product()
    b.stocked(10, of=thing)
    [pk] = b.processed((thing, 4))
    line = OrderLine.objects.get()

    foreseen = amendment.plan(pk, [quantity(line, 6)], by=WORKER, reason="error")
    assert (OrderLine.objects.get().ordered, Amendment.objects.count()) == (4, 0)
    done = amend(pk, quantity(line, 6), reason="error", plan_hash=foreseen.plans[pk].hash)

    assert foreseen.effects == done.effects
    assert done.plans[pk].version == 2
    assert Amendment.objects.get().plan_hash == foreseen.plans[pk].hash


def test_a_plan_that_no_longer_fits_changes_nothing() -> None:
    thing = b.product()
    b.stocked(6, of=thing)
    [pk] = b.processed((thing, 4))
    line = OrderLine.objects.get()
    seen = amendment.plan(pk, [quantity(line, 6)], by=WORKER, reason="error").plans[pk].hash
    b.processed((thing, 2))

    with pytest.raises(StaleVersion, match="not what you looked at"):
        amend(pk, quantity(line, 6), reason="error", plan_hash=seen)

    assert OrderLine.objects.get(pk=line.pk).ordered == 4
    assert not Amendment.objects.exists()


def test_an_order_that_was_changed_meanwhile_is_not_overwritten() -> None:
    thing = b.product()
    [pk] = b.validated((thing, 4))
    line, version = OrderLine.objects.get(), b.order(pk).version
    amend(pk, quantity(line, 5), version=version)

    with pytest.raises(StaleVersion, match="changed after you opened it"):
        amend(pk, quantity(line, 3), version=version)

    assert OrderLine.objects.get().ordered == 5


def test_what_is_sold_in_packs_is_amended_in_whole_packs() -> None:
    tens, other = b.product("SCREW", order_multiple=10), b.product("BOLT", order_multiple=4)
    [pk] = b.validated((tens, 80))
    line = OrderLine.objects.get()

    odd = amend(pk, quantity(line, 84)).refused[pk]
    added = amend(pk, Operation("add_line", sku=other.sku, quantity=6)).refused[pk]
    b.done(amend(pk, quantity(line, 90), Operation("add_line", sku=other.sku, quantity=8)))

    assert odd == "SCREW: it is sold in multiples of 10. Use 80 or 90."
    assert added == "BOLT: it is sold in multiples of 4. Use 4 or 8."
    assert list(OrderLine.objects.order_by("pk").values_list("ordered", flat=True)) == [90, 8]


def test_the_same_key_is_applied_once() -> None:
    one, two = b.product(), b.product()
    [pk] = b.validated((one, 1))
    more = Operation("add_line", sku=two.sku, quantity=1)

    assert amend(pk, more, key="form-1").done == [pk]
    assert amend(pk, more, key="form-1").done == [pk]

    assert OrderLine.objects.count() == 2


def test_rules_narrow_what_may_be_amended_and_by_whom() -> None:
    thing = b.product()
    b.rules(lambda draft: draft.amendments.filter(field_group="quantity").update(is_allowed=False))
    [pk] = b.validated((thing, 2))
    line = OrderLine.objects.get()
    support = Actor.of(User.objects.create_user("sam"))

    closed = amend(pk, quantity(line, 1)).refused[pk]
    price = Operation("set_price", line=line.pk, unit_price=Decimal(9))
    personal = amend(pk, price, by=support).refused[pk]

    assert closed == "Quantities are not changed at “Validated” (rules version 2)."
    why = "your role does not include changing this on a placed order."
    assert personal == f"Prices, discounts and charges: {why}"
    assert b.order(pk).grand_total == 20


def test_what_is_under_way_is_amended_for_a_reason() -> None:
    thing = b.product()
    b.stocked(5, of=thing)
    [pk] = b.processed((thing, 2))

    refused = amend(pk, quantity(OrderLine.objects.get(), 1), reason="").refused

    assert refused[pk] == "Changing this now needs one of the reasons."


@pytest.mark.parametrize(
    ("reach", "why"), [(b.drafted, "not possible to amend"), (b.dispatched, "has left; only")]
)
def test_a_draft_and_what_a_shipped_order_sold_are_not_amended(reach: Any, why: str) -> None:
    thing = b.product()
    b.stocked(5, of=thing)
    [pk] = reach((thing, 2))

    with pytest.raises(StepRefused, match=why):
        single(
            amendment.amend,
            pk,
            operations={pk: [quantity(OrderLine.objects.get(), 1)]},
            by=WORKER,
        )


def test_an_order_that_ships_complete_does_not_come_apart_while_it_is_picked() -> None:
    thing = b.product()
    b.stocked(5, of=thing)
    [pk] = b.picked((thing, 3), fill_policy="ship_complete")
    line = OrderLine.objects.get()

    refused = amend(pk, quantity(line, 6)).refused
    b.done(amend(pk, quantity(line, 5)))

    assert "only 2 more" in refused[pk]
    assert OrderLine.objects.get().allocated == 5
