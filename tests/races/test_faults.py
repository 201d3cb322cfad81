"""Faults: a worker that is killed, a broker that forgets; every order is processed exactly once."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from io import StringIO
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest
import redis
from celery import Celery
from django.core.management import call_command
from django.db import OperationalError, connection, transaction

from config.celery import app
from config.env import broker_url
from config.kernel.actors import WORKER
from config.kernel.steps import Step, chunked
from orders.lifecycle import submission
from orders.models import Order, OrderEvent, StageInterval
from orders.tasks import work
from tests import builders as b
from tests.races.conftest import impatiently, until

pytestmark = pytest.mark.race
ROOT = Path(__file__).resolve().parent.parent.parent


def database() -> str:
    """The address of the test database."""
    address = urlsplit(os.environ["DATABASE_URL"])
    return address._replace(path=f"/{connection.settings_dict['NAME']}").geturl()


def worker(broker: str) -> subprocess.Popen[bytes]:
    """A real worker on the test database."""
    environment = {
        **os.environ,
        "DATABASE_URL": database(),
        "REDIS_URL": broker,
        "C_FORCE_ROOT": "1",
    }
    command = [sys.executable, "-m", "celery", "-A", "config", "worker", "-c", "2"]
    return subprocess.Popen(
        [*command, "--without-gossip", "--without-mingle", "-l", "error"],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def call(broker: str, stage: str) -> None:
    """Send the wake-up that a commit would have sent."""
    with Celery(broker=broker_url(broker)).connection_for_write() as link:
        Celery(broker=broker_url(broker)).send_task(f"stage.{stage}", connection=link)


def processed() -> int:
    return Order.objects.filter(status="processing").count()


def killed_and_flushed(broker: str, orders: int) -> tuple[int, int, int]:
    """Kill a worker in the middle, flush the broker, sweep; answer orders, stages, events."""
    thing, buyer = b.product(), b.customer("10000000")
    b.stocked(orders * 2, of=thing)
    ids = b.validated((thing, 1), buyer=buyer, times=orders)
    first = worker(broker)
    try:
        call(broker, "processing")
        until(lambda: processed() > 0)
    finally:
        os.killpg(first.pid, signal.SIGKILL)
        first.wait()
    assert 0 < processed() < orders  # it was in the middle of them
    redis.Redis.from_url(broker).flushall()

    def swept() -> bool:
        work("processing")  # what the scheduler does every few seconds
        return processed() == orders

    until(swept)  # the server may take a moment to let go of what the dead worker had locked
    entered = StageInterval.objects.filter(order__in=ids, stage="processing").count()
    events = OrderEvent.objects.filter(order__in=ids, type="order.processed").count()
    return processed(), entered, events


def test_a_worker_killed_in_the_middle_loses_and_doubles_nothing(broker: str) -> None:
    assert killed_and_flushed(broker, 200) == (200, 200, 200)


@pytest.mark.slow
@pytest.mark.parametrize("time_of_five", range(5))
def test_two_thousand_orders_survive_it_five_times(broker: str, time_of_five: int) -> None:
    assert killed_and_flushed(broker, 2000) == (2000, 2000, 2000)


def lost(step: Step, ids: Sequence[int], after: int) -> bool:
    """Take the step, while the server ends its connection after so many statements of it."""
    sent = 0

    def count(execute: Callable[..., Any], *statement: Any) -> Any:
        nonlocal sent
        sent += 1
        if sent == after:
            pid = connection.connection.info.backend_pid
            with psycopg.connect(database()) as other:
                other.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
        return execute(*statement)

    try:
        with connection.execute_wrapper(count):
            for outcomes in chunked(step, ids, by=WORKER):
                assert len(b.done(outcomes)) == len(ids)
    except OperationalError:
        return True
    finally:
        connection.close()
    return False


def test_a_connection_lost_in_the_middle_of_a_step_leaves_nothing_half_done() -> None:
    thing = b.product()
    b.stocked(100, of=thing)
    ids = b.submitted((thing, 1), times=3)
    for step in b.SENDING:
        before = set(Order.objects.values_list("status", "version", "last_seq"))
        after = 1
        while lost(step, ids, after):
            assert set(Order.objects.values_list("status", "version", "last_seq")) == before
            after += 3
        assert after > 10  # of its statements, every third with the connection lost before it

    kinds = OrderEvent.objects.filter(order=ids[0]).values_list("type", flat=True)
    assert list(kinds.order_by("seq"))[2:] == [
        "order.validated", "order.processed", "goods.picked", "goods.packed",
        "shipment.dispatched", "order.shipped",
    ]  # fmt: skip


def test_a_submitted_order_is_validated_and_processed_by_itself(broker: str) -> None:
    thing = b.product()
    b.stocked(10, of=thing)
    [pk] = b.submitted((thing, 1))
    running = worker(broker)
    try:
        call(broker, "validation")
        until(lambda: b.order(pk).status == "processing")
    finally:
        os.killpg(running.pid, signal.SIGTERM)
        running.wait()
    kinds = OrderEvent.objects.filter(order=pk).values_list("type", flat=True)
    assert [kinds.filter(type=kind).count() for kind in ("order.validated", "order.processed")] == [
        1,
        1,
    ]


def test_placing_an_order_tells_the_workers_once_and_needs_no_broker(
    broker: str, caplog: pytest.LogCaptureFixture
) -> None:
    thing, queue = b.product(), redis.Redis.from_url(broker)
    queue.flushall()
    ids = b.drafted((thing, 1), times=3)
    told = Celery(broker=broker_url(broker))  # the scheduler is not there

    told.set_current()
    try:
        with transaction.atomic():
            for pk in ids[:2]:
                b.done(submission.submit([pk], by=WORKER))
            before = queue.llen("celery")
    finally:
        app.set_current()
    messages = [json.loads(each) for each in queue.lrange("celery", 0, -1)]
    queue.flushall()
    b.done(submission.submit(ids[2:], by=WORKER))  # and now the broker is away

    assert before == 0
    assert [each["headers"]["task"] for each in messages] == ["stage.validation"]
    assert app.conf.task_default_queue == "celery"  # where workers look
    assert "The broker is away" in caplog.text
    assert (work("validation"), work("processing")) == (3, 3)  # found by whoever looks


def test_settling_does_what_is_due_and_seals_it(tmp_path: Path, settings: object) -> None:
    settings.HISTORY_ANCHORS = str(tmp_path / "anchors.jsonl")  # type: ignore[attr-defined]
    thing = b.product()
    b.stocked(10, of=thing)
    [pk] = b.submitted((thing, 1))

    call_command("settle", timeout=20)

    assert b.order(pk).status == "processing"
    assert not OrderEvent.objects.filter(seal=None).exists()
    assert (tmp_path / "anchors.jsonl").read_text().count("\n") >= 1


def test_settling_says_what_the_database_stopped_and_goes_on_with_it(
    tmp_path: Path, settings: object
) -> None:
    settings.HISTORY_ANCHORS = str(tmp_path / "anchors.jsonl")  # type: ignore[attr-defined]
    b.processed((b.product(), 1))
    said = StringIO()

    def settle() -> object:
        return call_command("settle", timeout=0.3, stdout=said, stderr=said)

    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("LOCK TABLE orders_historyseal IN ACCESS EXCLUSIVE MODE")
        with pytest.raises(SystemExit):
            impatiently(settle)
    first = said.getvalue()
    settle()

    assert "Stage sealing stopped for now" in first
    assert first.endswith("Time ran out; still due: sealing.\n")
    assert said.getvalue().endswith("events sealed\nNothing is due.\n")
