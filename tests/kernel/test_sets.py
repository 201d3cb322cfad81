"""Rows read and made in sets are what Django would have read and made."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.db import OperationalError, connection, models, transaction
from django.test.utils import CaptureQueriesContext
from psycopg import errors
from psycopg.pq import PipelineStatus

from config.kernel import sets
from fulfillment.models import PickTask
from orders.models import Allocation, Customer, Hold, Order, OrderException, OrderLine
from tests import builders as b

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


def fields(row: models.Model) -> dict[str, object]:
    return {f.attname: getattr(row, f.attname) for f in row._meta.concrete_fields}


@pytest.mark.parametrize("model", [Allocation, Hold, OrderException, OrderLine, PickTask])
def test_a_new_row_starts_like_one_that_its_model_makes(model: type[models.Model]) -> None:
    made, usual = sets.new(model), model()

    assert fields(made) == fields(usual)
    assert made._state.adding
    assert made._state.db is None


def test_new_rows_share_nothing_that_one_of_them_may_change() -> None:
    one, other = sets.new(OrderException, rule="price"), sets.new(OrderException)

    one.data["line"] = 1

    assert (one.rule, other.data) == ("price", {})


@pytest.mark.parametrize("model", [Order, OrderLine])
def test_rows_read_in_a_set_are_those_that_a_queryset_reads(model: type[models.Model]) -> None:
    b.submitted((b.product(price="0.3333"), 7), times=2)

    read = sets.read(model, "WHERE id > %s ORDER BY id", 0)

    assert [fields(row) for row in read] == [fields(row) for row in model.objects.order_by("pk")]
    assert len(read) == 2


def test_rows_asked_for_together_come_in_one_exchange_in_the_order_of_the_calls() -> None:
    [pk] = b.submitted((b.product(price="0.3333"), 7))
    sent: list[tuple[str, bool]] = []

    def watch(execute: Any, sql: str, *rest: Any) -> Any:
        answer = execute(sql, *rest)
        waits = connection.connection.pgconn.pipeline_status == PipelineStatus.OFF
        sent.append((sql.partition(" FROM ")[2].split()[0], waits))
        return answer

    with connection.execute_wrapper(watch), sets.together() as ask:
        orders = ask(Order, sets.LOCKED, [pk])
        lines = ask(OrderLine, "WHERE order_id = ANY(%s)", [pk])
        holds = ask(Hold, "WHERE order_id = ANY(%s)", [])
        assert (orders, lines, sent) == ([], [], [])

    assert sent == [('"orders_order"', False), ('"orders_orderline"', False)]
    assert [fields(row) for row in orders] == [fields(Order.objects.get())]
    assert [fields(row) for row in lines] == [fields(OrderLine.objects.get())]
    assert holds == []


def test_one_that_fails_among_those_asked_for_together_fails_as_it_would_alone() -> None:
    def ask_for_long() -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL statement_timeout = 20")
            with sets.together() as ask:
                ask(Order, "WHERE id = 1")
                ask(Order, "WHERE (SELECT pg_sleep(9)) IS NULL")

    with pytest.raises(OperationalError) as failure:
        ask_for_long()

    assert isinstance(failure.value.__cause__, errors.QueryCanceled)
    assert Order.objects.count() == 0


def test_rows_get_what_they_refer_to_one_object_for_each() -> None:
    b.submitted((b.product(), 1), times=2)
    orders = sets.read(Order, "ORDER BY id")

    with CaptureQueriesContext(connection) as queries:
        sets.refer(orders, Order.customer.field)
        one, other = (order.customer for order in orders)

    assert len(queries) == 1
    assert one is other
    assert fields(one) == fields(Customer.objects.get())


def test_amounts_keep_their_digits() -> None:
    [pk] = b.submitted((b.product(price="12.3000"), 1))

    [line] = sets.read(OrderLine, "WHERE order_id = %s", pk)

    assert repr(line.unit_price) == repr(Decimal("12.3000"))
    assert not line._state.adding


def test_json_keeps_what_is_named_by_a_number() -> None:
    [pk] = b.submitted((b.product(), 1))
    columns = ["order", "rule", "severity", "fingerprint", "message", "data", "status", "team"]
    row = (pk, "price", "review", "x", "x", {7: ["Ö", 1, None]}, "open", "", False, "", NOW)

    sets.insert(OrderException, [*columns, "four_eyes", "permission", "opened_at"], [row])

    [found] = sets.read(OrderException, "WHERE order_id = %s", pk)
    assert found.data == {"7": ["Ö", 1, None]} == OrderException.objects.get().data
