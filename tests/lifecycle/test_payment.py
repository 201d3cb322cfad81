"""Payments settle what they are meant for, once; the rest waits as a deposit."""

from __future__ import annotations

from decimal import Decimal

import pytest

from config.kernel.actors import WORKER
from finance.models import CreditAccount, Payment
from finance.services.payments import Received
from orders.lifecycle import dispatch, payment
from tests import builders as b

pytestmark = pytest.mark.django_db


def test_a_payment_settles_the_oldest_invoice_and_the_rest_waits() -> None:
    thing, buyer = b.product(), b.customer()
    b.stocked(10, of=thing)
    first, second = b.dispatched((thing, 1), buyer=buyer, times=2)

    payment.receive([Received(buyer.pk, "EUR", Decimal(25), "bank-1")], by=WORKER)

    account = CreditAccount.objects.get(customer=buyer)
    assert [b.order(pk).payment_status for pk in (first, second)] == ["paid", "paid"]
    assert (account.receivable, account.unapplied) == (0, 5)


def test_a_reference_is_booked_once() -> None:
    buyer = b.customer()
    money = Received(buyer.pk, "EUR", Decimal(25), "bank-1")

    payment.receive([money], by=WORKER)
    again = payment.receive([money], by=WORKER)

    assert again.created == []
    assert CreditAccount.objects.get(customer=buyer).unapplied == 25


def test_a_deposit_settles_the_invoice_when_the_goods_leave() -> None:
    thing, buyer = b.product(), b.customer("0")
    b.stocked(10, of=thing)
    [pk] = b.submitted((thing, 2), buyer=buyer)
    payment.receive([Received(buyer.pk, "EUR", Decimal(20), "card-1", pk)], by=WORKER)

    for step in b.SENDING:
        b.done(step([pk], by=WORKER))

    account = CreditAccount.objects.get(customer=buyer)
    assert (account.committed, account.receivable, account.unapplied) == (0, 0, 0)
    assert b.order(pk).payment_status == "paid"


def test_money_for_no_order_in_particular_settles_what_is_billed_later() -> None:
    thing, buyer = b.product(), b.customer()
    b.stocked(10, of=thing)
    [pk] = b.packed((thing, 2), buyer=buyer)
    for amount, order in ((15, None), (8, pk)):
        money = Received(buyer.pk, "EUR", Decimal(amount), f"bank-{amount}", order)
        payment.receive([money], by=WORKER)

    b.done(dispatch.dispatch([pk], by=WORKER))

    account = CreditAccount.objects.get(customer=buyer)
    used = Payment.objects.order_by("pk").values_list("applied", flat=True)
    assert (list(used), account.receivable, account.unapplied) == ([12, 8], 0, 3)
    assert b.order(pk).payment_status == "paid"


def test_money_of_nothing_is_refused() -> None:
    buyer = b.customer()

    with pytest.raises(payment.PaymentRefused):
        payment.receive([Received(buyer.pk, "EUR", Decimal(0), "bank-1")], by=WORKER)
