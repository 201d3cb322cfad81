"""The last line of defence: what the database refuses whoever asks, and however."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, connection, models, transaction

from config.kernel.actors import WORKER
from config.kernel.steps import reasons
from finance.models import (
    CreditCheck,
    InvoiceLine,
    JournalEntry,
    JournalLine,
    PaymentApplication,
)
from finance.services.payments import Received
from fulfillment.models import PickScan
from inventory.models import StockMove
from orders import sealing
from orders.lifecycle import payment
from orders.models import HistorySeal, Order, OrderEvent, Promise
from tests import builders as b

pytestmark = pytest.mark.django_db
POSTED = [
    StockMove,
    PickScan,
    Promise,
    InvoiceLine,
    JournalEntry,
    JournalLine,
    PaymentApplication,
    CreditCheck,
    OrderEvent,
    HistorySeal,
]


@pytest.fixture
def order(tmp_path: Path, settings: Any) -> Order:
    """An order that was picked, sent, billed, delivered and paid, and its history sealed."""
    settings.HISTORY_ANCHORS = str(tmp_path / "anchors.jsonl")
    thing = b.product()
    b.stocked(10, of=thing)
    [pk] = b.delivered((thing, 3))
    found = b.order(pk)
    payment.receive([Received(found.customer_id, "EUR", Decimal(30), "p-1", pk)], by=WORKER)
    sealing.seal_all()
    return found


@pytest.mark.parametrize("model", POSTED, ids=lambda model: model.__name__)
@pytest.mark.parametrize("sql", ["UPDATE {} SET id = id + 100000", "DELETE FROM {}"])
def test_what_is_posted_is_neither_edited_nor_deleted(
    order: Order, model: type[models.Model], sql: str
) -> None:
    before = list(model._default_manager.order_by("pk").values())
    assert before

    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        run(sql.format(model._meta.db_table))

    assert list(model._default_manager.order_by("pk").values()) == before


@pytest.mark.unsound("makes a seal by hand")
def test_an_event_gets_its_seal_once_and_nothing_else_with_it(order: Order) -> None:
    [seal] = HistorySeal.objects.all()
    assert set(OrderEvent.objects.values_list("seal", flat=True)) == {seal.pk}
    other = HistorySeal.objects.create(
        sealed_at=seal.sealed_at, event_count=0, previous_hash=seal.hash, hash="0" * 64
    )
    event = OrderEvent.objects.latest("pk")
    [later] = b.drafted((b.product(), 1))
    unsealed = OrderEvent.objects.get(order=later)

    for pk, change in (
        (event.pk, "seal_id = NULL"),
        (event.pk, f"seal_id = {other.pk}"),
        (unsealed.pk, f"seal_id = {other.pk}, reason = 'x'"),
        (unsealed.pk, "reason = 'x'"),
    ):
        with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
            run(f"UPDATE orders_orderevent SET {change} WHERE id = {pk}")  # noqa: S608

    run(f"UPDATE orders_orderevent SET seal_id = {seal.pk} WHERE id = {unsealed.pk}")  # noqa: S608
    assert OrderEvent.objects.get(pk=unsealed.pk).seal == seal


def test_an_entry_that_does_not_balance_is_not_posted(order: Order) -> None:
    line, count = JournalLine.objects.filter(debit__gt=0)[0], JournalLine.objects.count()

    with pytest.raises(IntegrityError, match="does not balance"), transaction.atomic():
        JournalLine.objects.create(entry=line.entry, account=line.account, debit=Decimal(5))

    assert JournalLine.objects.count() == count


def test_an_order_begins_as_a_draft_and_skips_no_step(order: Order) -> None:
    order.pk, order.number, order._state.adding = None, "SO-X", True

    with pytest.raises(IntegrityError, match="starts as a draft"), transaction.atomic():
        order.save()
    with pytest.raises(IntegrityError, match="cannot go from delivered to"), transaction.atomic():
        run("UPDATE orders_order SET status = 'processing'")

    assert list(Order.objects.values_list("status", flat=True)) == ["delivered"]


def run(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)


def test_a_guard_does_not_take_what_was_not_loaded_for_nothing_in_the_way() -> None:
    [pk] = b.submitted((b.product(), 1))
    order = Order.objects.get(pk=pk)

    with pytest.raises(AttributeError, match="rules"):
        reasons(order, Order.validate)
