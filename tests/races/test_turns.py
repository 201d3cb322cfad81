"""Brought twice at once a thing is taken once; who falls in a deadlock goes again."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from django.db import connection, transaction

from config.kernel import turns
from config.kernel.actors import WORKER
from finance.models import CreditAccount, Payment
from finance.services.payments import Received
from inventory.models import StockLevel
from orders.lifecycle import allocation, capture, dispatch, payment
from orders.lifecycle.allocation import Receipt
from orders.lifecycle.drafts import Captured, LineDraft, OrderDraft
from orders.models import Customer, Order
from tests import builders as b
from tests.races.conftest import at_once, deadlocks, somebody_waits, until

pytestmark = pytest.mark.race
Job = Callable[[], Any]


def test_an_order_of_a_channel_sent_eight_times_at_once_is_taken_once_and_said_so() -> None:
    thing, buyer = b.product(), b.customer()
    draft = OrderDraft(
        buyer.code, [LineDraft(thing.sku, 2)], channel="import", external_id="shop-1"
    )

    answers: list[Captured] = at_once([partial(capture.create, [draft], by=WORKER)] * 8)

    codes = [problem.code for captured in answers for problem in captured.problems]
    assert Order.objects.count() == 1
    assert codes == ["repeated_external_id"] * 7


def test_a_payment_reported_eight_times_at_once_is_booked_once() -> None:
    buyer = b.customer()
    money = Received(buyer.pk, "EUR", Decimal(25), "bank-1")

    answers = at_once([partial(payment.receive, [money], by=WORKER)] * 8)

    assert sorted(len(outcomes.created) for outcomes in answers) == [0] * 7 + [1]
    assert CreditAccount.objects.get(customer=buyer).unapplied == 25


def test_a_payment_settles_the_invoice_that_is_written_while_it_waits() -> None:
    thing, buyer = b.product(), b.customer()
    b.stocked(1, of=thing)
    [pk] = b.packed((thing, 1), buyer=buyer)
    money = Received(buyer.pk, "EUR", Decimal(25), "bank-1")

    def paid() -> list[int]:
        try:
            return payment.receive([money], by=WORKER).done
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as threads:
        with transaction.atomic():
            b.done(dispatch.dispatch([pk], by=WORKER))
            paying = threads.submit(paid)
            until(somebody_waits)
        assert paying.result() == [pk]

    account = CreditAccount.objects.get(customer=buyer)
    assert (account.receivable, account.unapplied) == (0, 15)


def capturing() -> tuple[Job, Job, Job]:
    """A capture, a lock that it comes to want, and one that it holds by then."""
    thing, buyer = b.product(), b.customer()
    draft = OrderDraft(buyer.code, [LineDraft(thing.sku, 1)], channel="import", external_id="S-1")
    return (
        partial(capture.create, [draft], by=WORKER),
        lambda: Customer.objects.select_for_update().get(pk=buyer.pk),
        lambda: turns.take("order", ["import S-1"]),
    )


def paying() -> tuple[Job, Job, Job]:
    buyer = b.customer()
    money = Received(buyer.pk, "EUR", Decimal(25), "bank-1")
    return (
        partial(payment.receive, [money], by=WORKER),
        lambda: CreditAccount.locked([(buyer.pk, "EUR")]),
        lambda: turns.take("payment", ["bank-1"]),
    )


def receiving() -> tuple[Job, Job, Job]:
    thing = b.product()
    level = b.stocked(1, of=thing)
    [pk] = b.processed((thing, 3))
    shelf = level.bin_stock.get().bin_id
    goods = Receipt(thing.pk, level.warehouse_id, 5, Decimal(6), shelf)
    return (
        partial(allocation.receive, [goods], reference="R-1", by=WORKER),
        lambda: StockLevel.locked([level.pk]),
        lambda: Order.locked([pk]),
    )


@pytest.mark.parametrize("case", [capturing, paying, receiving])
def test_who_is_sacrificed_in_a_deadlock_goes_again(case: Callable[[], Any]) -> None:
    work, wanted, held = case()
    before = deadlocks()

    def sacrificed() -> None:
        try:
            patience(1.5)
            work()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as threads:
        with transaction.atomic():
            patience(60)
            wanted()
            going = threads.submit(sacrificed)
            until(somebody_waits)
            held()
        going.result()
    patience(1)

    assert deadlocks() == before + 1
    assert Order.objects.exists() or Payment.objects.exists()
    assert not Order.objects.filter(lines__backordered__gt=0).exists()


def patience(seconds: float) -> None:
    """How long this connection waits before it looks for a deadlock; the first to look falls."""
    with connection.cursor() as cursor:
        cursor.execute(f"SET deadlock_timeout = '{int(seconds * 1000)}ms'")
