"""Waivers last as long as the facts they were given for; findings have owners and an age."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.contrib.auth.models import Group, User
from django.utils import timezone

from config.kernel.actors import WORKER, Actor
from finance.models import CreditAccount, CreditCheck, Price
from finance.services.payments import Received
from orders.lifecycle import (
    dispatch,
    ownership,
    packing,
    payment,
    picking,
    processing,
    reexamination,
    review,
    validation,
)
from orders.lifecycle.amendment import Operation
from orders.models import Order, OrderEvent, OrderException
from orders.tasks import work
from tests import builders as b
from tests.lifecycle.test_amendment import amend, quantity

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
    return Actor.of(User.objects.create_superuser(name))


def member(role: str) -> Actor:
    user = User.objects.create(username=role.replace(" ", "."))
    user.groups.add(Group.objects.get(name=role))
    return Actor.of(user)


def closed(pk: int) -> list[tuple[str, str]]:
    rows = OrderException.objects.filter(order=pk).exclude(status="open")
    return list(rows.order_by("pk").values_list("rule", "status"))


def test_a_waiver_ends_with_the_price_that_it_was_given_for() -> None:
    thing, boss = b.product(price="10.00"), manager()
    Price.objects.update(floor=11)
    pk = in_review((thing, 5), buyer=b.customer("15"))
    price = OrderException.objects.get(order=pk, rule="price")
    b.done(review.waive([pk], reason="A promise", exceptions=[price.pk], by=boss))
    sweep()
    assert OrderException.objects.filter(order=pk, rule="price").get().status == "waived"

    b.order(pk).lines.update(unit_price=4, gross_amount=20, line_total=20)
    Order.objects.filter(pk=pk).update(subtotal=20, grand_total=20)
    reexamination.reexamine([pk], by=WORKER)

    rows = OrderException.objects.filter(order=pk, rule="price").order_by("pk")
    assert [row.status for row in rows] == ["waived", "open"]
    assert "4.00 is below the floor of 11.00" in rows[1].message


def test_a_waiver_of_a_price_counts_for_the_units_and_the_floor_that_were_shown() -> None:
    thing, boss = b.product(price="10.00"), manager()
    Price.objects.update(floor=11)
    pk = in_review((thing, 1))
    b.done(review.waive([pk], reason="A sample", by=boss))
    line = b.order(pk).lines.get()

    more = amend(pk, quantity(line, 1000)).refused
    b.done(amend(pk, Operation("set_note", text="Ring first")))
    Price.objects.update(floor=15)
    dearer = amend(pk, Operation("set_requested_on", day=timezone.localdate())).refused

    assert "10.00 is below the floor of 11.00" in more[pk]
    assert "10.00 is below the floor of 15.00" in dearer[pk]
    line.refresh_from_db()
    assert line.ordered == 1


def test_a_waiver_of_credit_ends_when_the_limit_is_lowered() -> None:
    thing, buyer, boss = b.product(), b.customer("20"), manager()
    b.stocked(10, of=thing)
    pk = in_review((thing, 5), buyer=buyer)
    b.done(review.waive([pk], reason="Agreed", by=boss))
    CreditAccount.objects.filter(customer=buyer).update(credit_limit=10)

    processing.process([pk], by=WORKER)

    assert b.order(pk).status == "in_review"
    rows = OrderException.objects.filter(order=pk, rule="credit").order_by("pk")
    assert [row.status for row in rows] == ["waived", "open"]
    assert "limit of 10.00" in rows[1].message


def test_a_waiver_of_credit_lasts_while_nothing_changes() -> None:
    thing, buyer = b.product(), b.customer("20")
    b.stocked(10, of=thing)
    pk = in_review((thing, 5), buyer=buyer)
    b.done(review.waive([pk], reason="Agreed", by=manager()))

    b.done(processing.process([pk], by=WORKER))

    assert b.order(pk).status == "processing"
    assert CreditCheck.objects.filter(order=pk, decision="waived").count() == 2


def test_a_waiver_of_credit_ends_when_more_is_owed_than_was_let_pass() -> None:
    thing, buyer, boss = b.product(), b.customer("20"), manager()
    b.stocked(10, of=thing)
    first, second = in_review((thing, 3), buyer=buyer), in_review((thing, 5), buyer=buyer)
    b.done(review.waive([first], reason="Agreed", by=boss))
    b.done(review.waive([second], reason="Agreed, too", by=boss))

    processing.process([first, second], by=WORKER)
    assert [b.order(pk).status for pk in (first, second)] == ["in_review", "processing"]
    row = OrderException.objects.blocking().get()
    assert "80.00 EUR with this order, 60.00 above the credit limit of 20.00" in row.message

    b.done(review.waive([first], reason="Still agreed", by=boss))
    payment.receive([Received(buyer.pk, "EUR", Decimal(40), "bank-1", second)], by=WORKER)
    b.done(processing.process([first], by=WORKER))
    assert not OrderException.objects.blocking().exists()


def test_what_was_let_pass_does_not_leave_the_house_under_a_lower_limit() -> None:
    thing, buyer = b.product(), b.customer("20")
    b.stocked(10, of=thing)
    pk = in_review((thing, 5), buyer=buyer)
    b.done(review.waive([pk], reason="Agreed", by=manager()))
    b.done(processing.process([pk], by=WORKER))
    b.done(picking.pick([pk], by=WORKER))
    b.done(packing.pack([pk], by=WORKER))
    CreditAccount.objects.filter(customer=buyer).update(credit_limit=10)

    refused = dispatch.dispatch([pk], by=WORKER).refused

    assert "40.00 above the credit limit of 10.00" in refused[pk]
    assert b.order(pk).status == "fulfilling"


def test_a_waiver_is_given_for_what_is_the_case_when_it_is_given() -> None:
    thing, buyer = b.product(), b.customer("20")
    b.stocked(10, of=thing)
    waiting, other = in_review((thing, 3), buyer=buyer), in_review((thing, 5), buyer=buyer)
    b.done(review.waive([other], reason="Agreed", by=manager()))

    b.done(review.waive([waiting], reason="Seen", by=manager("other")))
    b.done(processing.process([waiting], by=WORKER))

    row = OrderException.objects.get(order=waiting)
    assert (row.status, "80.00 EUR with this order" in row.message) == ("waived", True)


def test_a_waiver_of_stock_ends_when_more_is_missing() -> None:
    thing = b.product(can_backorder=False)
    level = b.stocked(5, of=thing)
    pk = in_review((thing, 6))
    b.done(review.waive([pk], reason="They take five", by=manager()))
    type(level).objects.filter(pk=level.pk).update(safety_stock=2)

    processing.process([pk], by=WORKER)

    assert b.order(pk).status == "in_review"
    rows = OrderException.objects.filter(order=pk, rule="stock_final").order_by("pk")
    assert [row.status for row in rows] == ["waived", "open"]


def test_an_open_finding_says_what_is_the_case_now() -> None:
    buyer, thing = b.customer("100"), b.product(price="80.00")
    first, second = b.submitted((thing, 1), buyer=buyer, times=2)
    validation.validate([first, second], by=WORKER)
    assert "60.00 above" in OrderException.objects.blocking().get().message
    payment.receive([Received(buyer.pk, "EUR", Decimal(10), "bank-1", second)], by=WORKER)

    sweep()

    row = OrderException.objects.blocking().get()
    assert "50.00 above" in row.message
    assert Decimal(row.data["exposure"]) == 70


def test_each_finding_is_let_pass_by_those_who_answer_for_it() -> None:
    thing = b.product(price="10.00")
    Price.objects.update(floor=11)
    pk = in_review((thing, 5), buyer=b.customer("20"))
    sales, money = member("Sales manager"), member("Finance")
    rows = {row.rule: row.pk for row in OrderException.objects.blocking()}

    not_sales = review.waive([pk], reason="Fine", by=sales).refused[pk]
    not_money = review.waive([pk], reason="Fine", exceptions=[rows["price"]], by=money).refused[pk]
    b.done(review.waive([pk], reason="A promise", exceptions=[rows["price"]], by=sales))
    b.done(review.waive([pk], reason="Paid tomorrow", by=money))

    assert not_sales == (
        "“Credit limit” is for Finance: it takes the permission to decide on credit and terms, "
        "which your role does not include."
    )
    assert "“Price” is for Sales manager: it takes the permission to place orders" in not_money
    assert b.order(pk).status == "validated"


def test_without_four_eyes_whoever_entered_an_order_may_let_it_pass() -> None:
    b.rules(lambda draft: draft.validations.filter(code="credit").update(four_eyes=False))
    pk, boss = in_review((b.product(), 5), buyer=b.customer("20")), manager()
    Order.objects.filter(pk=pk).update(created_by=boss.user_id)

    b.done(review.waive([pk], reason="Agreed", by=boss))

    assert b.order(pk).status == "validated"


def test_what_must_be_fixed_is_never_waived() -> None:
    buyer = b.customer()
    buyer.addresses.update(postal_code="ABC")
    pk = in_review((b.product(), 1), buyer=buyer)

    refused = review.waive([pk], reason="It is fine", by=manager()).refused

    assert "must be fixed; it cannot be waived" in refused[pk]
    assert OrderException.objects.blocking().get().status == "open"


def test_a_finding_has_an_age_to_be_held_against() -> None:
    in_review((b.product(), 5), buyer=b.customer("20"))

    row = OrderException.objects.blocking().get()

    assert row.due_at is not None
    assert (row.due_at - row.opened_at).total_seconds() == 4 * 3600
    assert not row.is_overdue
    OrderException.objects.update(due_at=row.opened_at)
    assert OrderException.objects.blocking().overdue().get().is_overdue


def test_a_finding_is_taken_given_away_and_given_back() -> None:
    pk = in_review((b.product(), 5), buyer=b.customer("20"))
    row = OrderException.objects.blocking().get()
    me, other = manager("me"), manager("other")

    b.done(ownership.own([pk], owner=me.user_id, exceptions=[row.pk], by=me))
    b.done(ownership.own([pk], owner=other.user_id, exceptions=[row.pk], by=me))
    row.refresh_from_db()
    assert row.owner_id == other.user_id
    b.done(ownership.own([pk], owner=None, exceptions=[row.pk], by=me))

    row.refresh_from_db()
    assert row.owner_id is None
    event = OrderEvent.objects.filter(order=pk).latest("seq")
    assert event.data == {row.fingerprint: [other.user_id, None]}


def test_nobody_gets_a_finding_that_is_closed_or_who_is_not_there() -> None:
    buyer = b.customer("20")
    pk = in_review((b.product(), 5), buyer=buyer)
    row, me = OrderException.objects.blocking().get(), manager("me")
    before = b.order(pk).version

    nobody = ownership.own([pk], owner=me.user_id + 100, by=me).refused
    CreditAccount.objects.filter(customer=buyer).update(credit_limit=1000)
    review.recheck([pk], by=WORKER)
    validation.validate([pk], by=WORKER)
    late = ownership.own([pk], owner=me.user_id, exceptions=[row.pk], by=me).refused

    assert "Nobody of that name" in nobody[pk]
    assert "The finding is closed" in late[pk]
    assert b.order(pk).version == before + 2
    assert OrderException.objects.get(pk=row.pk).owner_id is None


def test_who_looks_first_is_seen_by_the_others_for_a_minute() -> None:
    in_review((b.product(), 5), buyer=b.customer("20"))
    row, first, second = OrderException.objects.blocking().get(), manager("a"), manager("b")

    ownership.look_at(row.pk, by=first)
    ownership.look_at(row.pk, by=second)
    row.refresh_from_db()
    assert row.is_looked_at_by_others(second.user_id)
    assert not row.is_looked_at_by_others(first.user_id)
    OrderException.objects.update(looked_at=timezone.now() - reexamination.AT_LATEST)
    ownership.look_at(row.pk, by=second)

    row.refresh_from_db()
    assert row.looked_at_by_id == second.user_id
