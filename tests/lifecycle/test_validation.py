"""Validation: what passes is committed, what does not goes to a person, with the reason."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from config.kernel.actors import WORKER, Actor
from finance.models import CreditAccount, CreditCheck, JournalEntry, Price
from finance.services.payments import Received
from orders.lifecycle import cancellation, holds, payment, processing, review, validation
from orders.models import Order, OrderException, OrderLine
from tests import builders as b

pytestmark = pytest.mark.django_db


def checked(ids: list[int]) -> list[str]:
    """The rules that found something blocking."""
    validation.validate(ids, by=WORKER)
    found = OrderException.objects.blocking().filter(order__in=ids)
    return sorted(found.values_list("rule", flat=True))


def manager(name: str = "boss") -> Actor:
    return Actor.of(User.objects.create_superuser(name))


def test_a_sound_order_stands_on_its_customers_commitments() -> None:
    buyer = b.customer("1000")

    [pk] = b.validated((b.product(), 5), buyer=buyer)

    account = CreditAccount.objects.get(customer=buyer)
    check = CreditCheck.objects.get(order=pk)
    assert account.committed == Decimal(50)
    assert (check.decision, check.exposure_before, check.amount) == ("passed", 0, 50)
    assert JournalEntry.objects.get(order=pk).kind == "commitment"


def test_a_batch_is_asked_in_turn_and_the_limit_is_never_passed() -> None:
    buyer, thing = b.customer("1000"), b.product(price="100.00")
    ids = b.submitted((thing, 1), buyer=buyer, times=32)

    validation.validate(ids, by=WORKER)

    statuses = [b.order(pk).status for pk in ids]
    assert statuses == ["validated"] * 10 + ["in_review"] * 22
    assert CreditAccount.objects.get(customer=buyer).committed == Decimal(1000)


def test_what_is_over_the_limit_touches_neither_stock_nor_money() -> None:
    [pk] = b.submitted((b.product(price="2000.00"), 1), buyer=b.customer("1000"))

    assert checked([pk]) == ["credit"]
    assert b.order(pk).status == "in_review"
    assert not JournalEntry.objects.filter(order=pk).exists()
    assert (
        "1,000.00 above the credit limit of 1,000.00"
        in OrderException.objects.blocking().get().message
    )


def test_a_deposit_lets_a_prepaying_customer_through() -> None:
    buyer = b.customer("0")
    [pk] = b.submitted((b.product(), 3), buyer=buyer)

    payment.receive([Received(buyer.pk, "EUR", Decimal(30), "bank-1", pk)], by=WORKER)
    validation.validate([pk], by=WORKER)

    assert (b.order(pk).status, b.order(pk).payment_status) == ("validated", "paid")


def test_a_wrong_postal_code_is_named() -> None:
    buyer = b.customer()
    buyer.addresses.update(postal_code="ABC")
    [pk] = b.submitted((b.product(), 1), buyer=buyer)

    assert checked([pk]) == ["address"]
    assert "“ABC” is not a postal code of DE" in OrderException.objects.blocking().get().message


def test_where_we_do_not_send_stops_the_order() -> None:
    excluded = {"excluded_countries": ["DE"]}
    b.rules(lambda d: d.validations.filter(code="deliverable").update(parameters=excluded))

    assert checked(b.submitted((b.product(), 1))) == ["deliverable"]
    found = OrderException.objects.blocking().get()
    assert (found.said, found.severity) == ("We do not send to DE.", "block")


def test_what_a_placed_order_has_come_to_lack_stops_it() -> None:
    buyer = b.customer()
    ids = b.submitted((b.product(), 1), buyer=buyer)
    Order.objects.update(po_number="")
    buyer.needs_po_number = True
    buyer.save()

    assert checked(ids) == ["required_fields"]
    found = OrderException.objects.blocking().get()
    assert found.said == "Still missing: the customer’s PO number."


def test_a_hundred_orders_are_checked_again_in_as_many_statements_as_one() -> None:
    thing, buyer = b.product(price="10.00"), b.customer("0")
    ids = b.submitted((thing, 1), buyer=buyer, times=101)
    validation.validate(ids, by=WORKER)

    def statements(some: list[int]) -> int:
        with CaptureQueriesContext(connection) as captured:
            assert b.done(review.recheck(some, by=WORKER)) == some
        return len(captured)

    assert statements(ids[:1]) == statements(ids[1:])
    validation.validate(ids, by=WORKER)


def test_a_price_below_the_floor_wants_a_decision() -> None:
    thing = b.product(price="10.00")
    Price.objects.update(floor=11)

    assert checked(b.submitted((thing, 1))) == ["price"]


def test_a_discount_on_the_order_does_not_pass_below_the_floor() -> None:
    thing = b.product(price="10.00")
    Price.objects.update(floor=9)

    within = b.submitted((thing, 3), order_discount=Decimal("3.00"))
    assert checked(within) == []
    below = b.submitted((thing, 3), order_discount=Decimal("3.01"))

    assert checked(below) == ["price"]
    found = OrderException.objects.blocking().get()
    assert Decimal(found.data["price"]) == Decimal("8.9967")


def test_the_same_order_twice_is_asked_about() -> None:
    thing, buyer = b.product(), b.customer()
    ids = b.submitted((thing, 2), buyer=buyer, times=2)
    Order.objects.filter(pk__in=ids).update(po_number="")

    validation.validate(ids, by=WORKER)

    assert [b.order(pk).status for pk in ids] == ["validated", "in_review"]
    assert OrderException.objects.blocking().get().rule == "duplicate"


def test_a_repeat_names_the_first_of_its_kind_and_no_cancelled_one() -> None:
    thing, buyer = b.product(), b.customer()
    ids = b.submitted((thing, 2), buyer=buyer, times=4)
    Order.objects.filter(pk__in=ids).update(po_number="")
    b.done(cancellation.cancel(ids[:1], reason="error", by=WORKER))

    validation.validate(ids[1:], by=WORKER)

    named = OrderException.objects.blocking().order_by("order").values_list("data", flat=True)
    assert [data["order"] for data in named] == [b.order(ids[1]).number] * 2


def test_what_will_be_backordered_is_said_and_stops_nothing() -> None:
    [pk] = b.validated((b.product(), 5))

    finding = OrderException.objects.get(order=pk)
    assert (finding.rule, finding.severity, finding.status) == ("stock", "warn", "open")


def test_what_is_not_bought_again_wants_a_decision() -> None:
    assert checked(b.submitted((b.product(can_backorder=False), 5))) == ["stock_final"]


def test_a_hold_keeps_an_order_from_being_checked() -> None:
    [pk] = b.submitted((b.product(), 1))
    holds.place([pk], reason="Customer asked to wait", by=WORKER)

    refused = validation.validate([pk], by=WORKER).refused

    assert "Customer asked to wait" in refused[pk]
    assert b.order(pk).status == "submitted"


def test_checked_again_a_finding_closes_when_its_cause_is_gone() -> None:
    buyer = b.customer("10")
    [pk] = b.submitted((b.product(), 5), buyer=buyer)
    validation.validate([pk], by=WORKER)
    CreditAccount.objects.filter(customer=buyer).update(credit_limit=1000)

    review.recheck([pk], by=WORKER)
    validation.validate([pk], by=WORKER)

    assert b.order(pk).status == "validated"
    assert OrderException.objects.get(rule="credit").status == "auto_resolved"


def test_a_waiver_lets_an_order_go_on_and_names_who_and_why() -> None:
    boss = manager()
    [pk] = b.submitted((b.product(), 5), buyer=b.customer("10"))
    validation.validate([pk], by=WORKER)

    review.waive([pk], reason="Agreed by phone", by=boss)

    found = OrderException.objects.get(rule="credit")
    assert b.order(pk).status == "validated"
    assert (found.status, found.waived_by_id, found.waive_reason) == (
        "waived",
        boss.user_id,
        "Agreed by phone",
    )
    assert CreditCheck.objects.get(order=pk, decision="waived").exception_id == found.pk


def test_nobody_waives_a_finding_on_an_order_of_their_own() -> None:
    boss = manager()
    [pk] = b.submitted((b.product(), 5), buyer=b.customer("10"))
    Order.objects.filter(pk=pk).update(created_by=boss.user_id)
    validation.validate([pk], by=WORKER)

    refused = review.waive([pk], reason="It is fine", by=boss).refused

    assert "somebody else has to waive" in refused[pk]
    assert b.order(pk).status == "in_review"


def test_a_waiver_of_the_price_does_not_waive_credit_that_ran_out_meanwhile() -> None:
    buyer, thing = b.customer("100"), b.product(price="10.00")
    Price.objects.update(floor=11)
    [pk] = b.submitted((thing, 5), buyer=buyer)
    validation.validate([pk], by=WORKER)
    CreditAccount.objects.filter(customer=buyer).update(credit_limit=20)

    review.waive([pk], reason="Agreed", by=manager())

    assert b.order(pk).status == "in_review"
    assert OrderException.objects.blocking().get().rule == "credit"


def test_credit_is_looked_at_again_before_goods_are_tied_up() -> None:
    buyer, thing = b.customer("100"), b.product()
    level = b.stocked(10, of=thing)
    [pk] = b.validated((thing, 5), buyer=buyer)
    CreditAccount.objects.filter(customer=buyer).update(credit_limit=20)

    processing.process([pk], by=WORKER)

    level.refresh_from_db()
    assert (b.order(pk).status, level.reserved) == ("in_review", 0)
    assert CreditAccount.objects.get(customer=buyer).committed == 0


def test_an_order_goes_to_review_with_every_finding_at_once() -> None:
    thing = b.product(price="10.00")
    Price.objects.update(floor=11)
    buyer = b.customer("10")
    buyer.addresses.update(postal_code="ABC")

    assert checked(b.submitted((thing, 5), buyer=buyer)) == ["address", "credit", "price"]
    assert OrderLine.objects.get().allocated == 0
    assert timezone.now() >= OrderException.objects.latest("opened_at").opened_at
