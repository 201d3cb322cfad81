"""What runs ahead is answered in order, and what fails of it is never lost."""

from __future__ import annotations

import logging
from time import perf_counter

import pytest
from django.db import IntegrityError, OperationalError, connection, transaction
from psycopg.pq import PipelineStatus

from config.kernel import pipeline, sets
from orders.models import Currency, Order, OrderLine
from tests import builders as b

pytestmark = pytest.mark.django_db
FIELDS = ["code", "name", "minor_units"]


def ask(sql: str, *, ours: bool = True) -> None:
    with pipeline.cursor() if ours else connection.cursor() as cursor:
        cursor.execute(sql)


def add(code: str) -> None:
    sets.insert(Currency, FIELDS, [(code, code, 2)])


def is_open() -> bool:
    return connection.connection.pgconn.pipeline_status != PipelineStatus.OFF


def test_our_own_statements_run_ahead_and_all_others_wait_for_them() -> None:
    with pipeline.ahead():
        began = perf_counter()
        ask("SELECT pg_sleep(0.4)")
        sent = perf_counter() - began
        ask("SELECT 1", ours=False)
        answered = perf_counter() - began

        assert not is_open()

    assert sent < 0.2
    assert answered >= 0.4


def test_all_is_answered_when_the_block_ends() -> None:
    began = perf_counter()

    with pipeline.ahead():
        ask("SELECT pg_sleep(0.4)")

    assert perf_counter() - began >= 0.4
    assert not is_open()


def test_without_a_block_each_statement_is_waited_for() -> None:
    began = perf_counter()

    ask("SELECT pg_sleep(0.4)")

    assert perf_counter() - began >= 0.4


def test_what_is_read_is_what_was_written_before() -> None:
    [pk] = b.submitted((b.product(), 3))

    with pipeline.ahead():
        [line] = sets.read(OrderLine, "WHERE order_id = %s", pk)
        line.name = "Another thing"
        sets.update(OrderLine, ["name"], [line])
        add("XTS")
        [again] = sets.read(OrderLine, "WHERE order_id = %s", pk)

        assert is_open()
        assert again.name == "Another thing"
        assert Currency.objects.filter(code="XTS").exists()


def test_a_write_that_fails_comes_up_when_the_block_ends_at_the_latest() -> None:
    reached = []

    def twice() -> None:
        with transaction.atomic(), pipeline.ahead():
            add("EUR")
            reached.append("the end")

    with pytest.raises(IntegrityError, match="EUR"):
        twice()

    assert reached == ["the end"]
    assert not is_open()
    assert Currency.objects.filter(code="EUR").count() == 1


def test_a_write_that_fails_comes_up_with_the_next_answer() -> None:
    def go_on() -> None:
        with transaction.atomic(), pipeline.ahead():
            add("EUR")
            sets.read(Order, "WHERE id = 1")

    with pytest.raises(IntegrityError, match="EUR"):
        go_on()

    assert not is_open()


def test_a_refusal_is_not_hidden_by_a_write_that_failed_meanwhile(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def refuse() -> None:
        with transaction.atomic(), pipeline.ahead():
            add("EUR")
            raise LookupError

    with caplog.at_level(logging.WARNING), pytest.raises(LookupError):
        refuse()

    assert caplog.messages == []
    assert not is_open()
    assert Currency.objects.filter(code="EUR").count() == 1


def test_what_is_undone_to_a_savepoint_leaves_the_rest_standing() -> None:
    def fail() -> None:
        with transaction.atomic():
            add("XXA")
            add("EUR")
            sets.read(Order, "WHERE id = 1")

    with pipeline.ahead():
        add("XTS")
        with pytest.raises(IntegrityError):
            fail()
        add("XXB")

    found = Currency.objects.filter(code__in=["XTS", "XXA", "XXB"])
    assert set(found.values_list("code", flat=True)) == {"XTS", "XXB"}


@pytest.mark.django_db(transaction=True)
def test_a_connection_that_is_lost_meanwhile_is_an_error_of_the_database() -> None:
    def lose() -> None:
        with transaction.atomic(), pipeline.ahead():
            ask("SELECT pg_terminate_backend(pg_backend_pid())")
            ask("SELECT 1")

    with pytest.raises(OperationalError):
        lose()

    connection.close()
    assert Order.objects.count() == 0
