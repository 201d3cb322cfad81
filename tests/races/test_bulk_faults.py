"""Faults of bulk jobs: a worker killed in the middle, two at once; each order once all the same."""

from __future__ import annotations

import os
import signal
from datetime import timedelta

import pytest
import redis
from celery import Celery
from django.contrib.auth.models import User
from django.utils import timezone

from config.env import broker_url
from config.kernel.actors import WORKER
from orders.bulk import engine, jobs
from orders.bulk.actions import BY_NAME
from orders.bulk.selection import Selection
from orders.lifecycle import picking, reassignment
from orders.models import Allocation, BulkJob, Hold, OrderEvent
from tests import builders as b
from tests.races.conftest import at_once, until
from tests.races.test_faults import worker

pytestmark = pytest.mark.race


def started(orders: int) -> BulkJob:
    """A job that holds so many orders and waits for a worker."""
    user = User.objects.create_superuser("boss")
    ids = b.submitted((b.product(), 1), buyer=b.customer("10000000"), times=orders)
    dry = jobs.look(BY_NAME["hold"], Selection.of_ids(ids, user), user)
    while not dry.is_finished:
        engine.work()
        dry.refresh_from_db()
    return jobs.start(dry, user, arguments={"reason": "Audit"}, detail="Audit")


def each_once(job: BulkJob, orders: int) -> None:
    """Every order of the job was held once, and the job says so."""
    job.refresh_from_db()
    assert (job.status, job.total, job.succeeded, job.failed) == ("done", orders, orders, 0)
    assert Hold.objects.count() == orders
    assert OrderEvent.objects.filter(type="hold.placed").count() == orders


def lost(job: BulkJob) -> None:
    """Let the time pass after which a silent worker counts as gone."""
    BulkJob.objects.filter(pk=job.pk).update(heartbeat_at=timezone.now() - timedelta(minutes=2))


def killed_in_the_middle(broker: str, orders: int) -> tuple[BulkJob, int]:
    """A job whose worker was killed with -9 and whose broker forgot; how far it had come."""
    job = started(orders)
    first = worker(broker)
    try:
        with Celery(broker=broker_url(broker)).connection_for_write() as link:
            Celery(broker=broker_url(broker)).send_task("stage.bulk", connection=link)
        until(lambda: BulkJob.objects.get(pk=job.pk).succeeded > 0)
    finally:
        os.killpg(first.pid, signal.SIGKILL)
        first.wait()
    redis.Redis.from_url(broker).flushall()
    return job, BulkJob.objects.get(pk=job.pk).succeeded


def test_a_killed_worker_neither_loses_nor_doubles_an_order(broker: str) -> None:
    job, before = killed_in_the_middle(broker, 1500)

    def swept() -> bool:
        lost(job)
        engine.work()  # what the scheduler does every few seconds
        return BulkJob.objects.get(pk=job.pk).is_finished

    until(swept)  # the server may take a moment to let go of what the dead worker had locked
    assert 0 < before < 1500
    each_once(job, 1500)


def test_two_workers_on_one_job_share_it(broker: str) -> None:
    job = started(300)
    for _ in range(2):  # the second takes up what the first seems to have lost
        claimed = BulkJob.objects.claimed()
        assert claimed is not None
        lost(job)

    at_once([lambda: engine.Run(BulkJob.objects.get(pk=job.pk)).go() for _ in range(2)])
    engine.work()

    each_once(job, 300)


def test_the_same_job_asked_for_at_the_same_moment_is_started_once() -> None:
    user = User.objects.create_superuser("boss")
    ids = b.submitted((b.product(), 1), times=5)
    looks = [jobs.look(BY_NAME["hold"], Selection.of_ids(ids, user), user) for _ in range(4)]

    def start(dry: BulkJob) -> str:
        try:
            jobs.start(dry, user, arguments={"reason": "Audit"}, detail="Audit")
        except jobs.AlreadyRunning as running:
            return str(running)
        return ""

    answers = at_once([lambda dry=dry: start(dry) for dry in looks])  # type: ignore[misc]

    job = BulkJob.objects.get(is_dry_run=False)
    named = f"boss started the same already: {job}. Nothing was started twice."
    assert sorted(answers) == ["", named, named, named]
    engine.work()
    each_once(job, 5)


def test_assigning_and_picking_at_the_same_moment_never_part_stock_from_its_order() -> None:
    thing, rotterdam = b.product(), b.warehouse("ROT", "NL")
    b.stocked(100, b.warehouse(), thing)
    ids = b.processed((thing, 2), buyer=b.customer("10000000"), times=12)
    b.stocked(100, rotterdam, thing)

    for pk in ids:
        moved, picked = at_once(
            [
                lambda pk=pk: reassignment.assign([pk], warehouse=rotterdam.pk, by=WORKER),  # type: ignore[misc]
                lambda pk=pk: picking.pick([pk], by=WORKER),  # type: ignore[misc]
            ]
        )
        place = Allocation.objects.open().get(line__order=pk).stock_level.warehouse.code
        assert place == ("ROT" if moved.done else "LEI")
        assert picked.done == [pk]
