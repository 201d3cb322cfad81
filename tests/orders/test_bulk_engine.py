"""The engine of bulk jobs: stopped, repeated, resumed, refused; what is asked twice runs once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.db import IntegrityError, connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from config.kernel import queues
from config.kernel.actors import WORKER
from config.kernel.errors import DomainError
from config.kernel.steps import Outcomes
from inventory.models import StockLevel
from orders.bulk import engine, jobs
from orders.bulk.actions import BY_NAME, BulkAction
from orders.lifecycle import holds
from orders.models import BulkJob, Hold, Order, OrderEvent, Staff, StaffNotice
from tests import builders as b
from tests.orders.test_bulk import figures, looked, manager, messages, started, worked

__all__ = ["manager"]
pytestmark = pytest.mark.django_db


@pytest.fixture
def planted(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Put an action of the test's own into the table."""

    def plant(step: Any, name: str = "hold") -> BulkAction:
        real = BY_NAME[name]
        action = BulkAction(
            name, real.verb, real.icon, step, real.permission, real.form, real.trial
        )
        monkeypatch.setitem(BY_NAME, name, action)
        return action

    return plant


def test_failed_orders_are_tried_again_and_only_those(manager: User) -> None:
    waiting = b.validated((b.product(), 1), times=3)
    blocked = looked("process", waiting, manager)
    job = jobs.start(blocked, manager, arguments={}, detail="")
    holds.place(waiting[:1], reason="Wait", by=WORKER)
    worked(job)
    assert figures(job) == ("done", 3, 2, 1)

    holds.release(waiting[:1], reason="Paid", by=WORKER)
    other = User.objects.create(username="other")
    other.groups.add(Group.objects.get(name="Sales manager"))
    assert jobs.retry(job, other) == 1
    worked(job)

    assert figures(job) == ("done", 3, 3, 0)
    assert (job.requested_by, job.retried_by) == (manager, other)
    events = OrderEvent.objects.filter(order__in=waiting, type="order.processed")
    assert [event.actor for event in events.order_by("order")] == [
        f"user:{user.pk}" for user in (other, manager, manager)
    ]
    told = StaffNotice.objects.filter(kind="job").values_list("user", flat=True)
    assert sorted(told) == sorted([manager.pk, manager.pk, other.pk])


def test_a_job_that_is_stopped_leaves_the_rest_alone(manager: User, planted: Any) -> None:
    ids = b.submitted((b.product(), 1), times=120)
    job = started("hold", ids, manager, reason="Audit")

    other = User.objects.create_superuser("boss")

    def stopping(chunk: Sequence[int], **arguments: Any) -> Outcomes:
        assert jobs.stop(job, other)
        outcomes = holds.place([pk for pk in chunk if pk != ids[3]], **arguments)
        outcomes.refuse(ids[3], "Not this one.")
        return outcomes

    planted(stopping)
    worked(job)

    assert figures(job) == ("cancelled", 120, 49, 1)
    assert (Hold.objects.count(), job.pending, job.stopped_by) == (49, 70, other)
    assert not jobs.stop(job, manager)

    planted(holds.place)
    assert jobs.retry(job, manager) == 1
    assert (job.items.pending().count(), job.items.that_are("left").count()) == (1, 70)
    worked(job)

    assert figures(job) == ("done", 120, 50, 0)
    assert (Hold.objects.count(), job.pending, job.left) == (50, 0, 70)


def test_the_same_job_twice_at_a_time_is_named_and_not_started(manager: User) -> None:
    ids = b.submitted((b.product(), 1), times=2)
    other = User.objects.create_superuser("boss")
    job = started("hold", ids, manager, reason="Audit")
    dry = looked("hold", ids, other)

    with pytest.raises(jobs.AlreadyRunning) as named:
        jobs.start(dry, other, arguments={"reason": "Audit"}, detail="")

    assert named.value.job == job
    assert str(named.value) == (
        f"Priya Raman started the same already: Job {job.pk}. Nothing was started twice."
    )
    worked(job)
    assert Hold.objects.count() == 2


def test_another_reason_or_another_set_is_another_job(manager: User) -> None:
    ids = b.submitted((b.product(), 1), times=2)

    started("hold", ids, manager, reason="Audit")
    started("hold", ids, manager, reason="Flood")
    started("hold", ids[:1], manager, reason="Audit")

    assert BulkJob.objects.filter(is_dry_run=False).count() == 3


def test_a_dry_run_is_started_once(manager: User) -> None:
    ids = b.submitted((b.product(), 1), times=2)
    dry = looked("hold", ids, manager)
    job = worked(jobs.start(dry, manager, arguments={"reason": "Audit"}, detail=""))

    with pytest.raises(jobs.AlreadyRunning, match=f"Job {job.pk}"):
        jobs.start(dry, manager, arguments={"reason": "Audit again"}, detail="")

    assert Hold.objects.count() == 2


def test_a_defect_stands_alone_and_the_others_get_through(manager: User, planted: Any) -> None:
    ids = b.submitted((b.product(), 1), times=60)
    job = started("hold", ids, manager, reason="Audit")

    def fragile(chunk: Sequence[int], **arguments: Any) -> Outcomes:
        outcomes = holds.place(chunk, **arguments)
        if ids[17] in chunk:
            raise IntegrityError("planted")
        return outcomes

    planted(fragile)
    worked(job)

    assert figures(job) == ("done", 60, 59, 1)
    assert messages(job) == {b.order(ids[17]).number: "planted"}
    assert Hold.objects.count() == 59


def test_a_rule_that_is_raised_for_one_order_refuses_that_order_alone(
    manager: User, planted: Any
) -> None:
    ids = b.submitted((b.product(), 1), times=3)
    job = started("hold", ids, manager, reason="Audit")

    def picky(chunk: Sequence[int], **arguments: Any) -> Outcomes:
        if ids[1] in chunk:
            raise DomainError("This one never.")
        return holds.place(chunk, **arguments)

    planted(picky)
    worked(job)

    assert figures(job) == ("done", 3, 2, 1)
    assert list(messages(job).values()) == ["This one never."]


def test_a_worker_that_never_gets_further_gives_up_in_words(manager: User, planted: Any) -> None:
    ids = b.submitted((b.product(), 1), times=2)
    job = started("hold", ids, manager, reason="Audit")

    def crash(chunk: Sequence[int], **arguments: Any) -> Outcomes:
        raise MemoryError

    planted(crash)
    for _ in range(engine.MOST_ATTEMPTS):
        with pytest.raises(MemoryError):
            engine.work()
        BulkJob.objects.filter(pk=job.pk).update(heartbeat_at=timezone.now() - timedelta(hours=1))
    worked(job)

    assert figures(job) == ("done", 2, 0, 2)
    assert set(messages(job).values()) == {engine.GAVE_UP % {"count": 5}}
    assert not Hold.objects.exists()


def test_a_job_whose_worker_lives_is_left_to_it(manager: User) -> None:
    ids = b.submitted((b.product(), 1), times=2)
    job = started("hold", ids, manager, reason="Audit")
    BulkJob.objects.filter(pk=job.pk).update(status="running", heartbeat_at=timezone.now())

    worked(job)

    assert figures(job) == ("running", 2, 0, 0)
    BulkJob.objects.update(heartbeat_at=timezone.now() - timedelta(seconds=61))
    assert figures(worked(job)) == ("done", 2, 2, 0)


def test_a_long_job_gives_others_a_turn(manager: User, monkeypatch: pytest.MonkeyPatch) -> None:
    ids = b.submitted((b.product(), 1), times=120)
    job = started("hold", ids, manager, reason="Audit")
    other = started("hold", ids[:1], manager, reason="Flood")
    moments = count()
    monkeypatch.setattr(queues, "monotonic", lambda: 15 * next(moments))

    engine.work()

    job.refresh_from_db()
    assert figures(job) == ("queued", 120, 50, 0)
    assert BulkJob.objects.claimed() == other
    monkeypatch.undo()
    assert figures(worked(job)) == ("done", 120, 120, 0)


def test_whoever_lost_the_right_changes_nothing_any_more(manager: User) -> None:
    ids = b.submitted((b.product(), 1), times=2)
    job = started("hold", ids, manager, reason="Audit")
    manager.groups.clear()

    worked(job)

    assert figures(job) == ("done", 2, 0, 2)
    assert set(messages(job).values()) == {engine.NO_RIGHT}
    assert not Hold.objects.exists()


def test_an_order_that_left_ones_scope_is_refused(manager: User) -> None:
    ids = b.submitted((b.product(), 1), times=3)
    job = started("hold", ids, manager, reason="Audit")
    Staff.objects.create(user=manager, countries=["DE"])
    Order.objects.filter(pk=ids[0]).update(ship_to_country="FR")

    worked(job)

    assert figures(job) == ("done", 3, 2, 1)
    assert list(messages(job).values()) == [engine.OUT_OF_SCOPE]


def test_events_name_who_asked_and_the_job(manager: User) -> None:
    ids = b.submitted((b.product(), 1))

    job = worked(started("hold", ids, manager, reason="Audit"))

    event = OrderEvent.objects.get(type="hold.placed")
    assert (event.actor, event.source) == (f"user:{manager.pk}", "worker")
    assert event.request_id == f"job:{job.pk}"


def test_a_large_dry_run_goes_to_the_background_in_chunks_that_are_undone(
    manager: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "INLINE", 10)
    thing = b.product()
    b.stocked(1000, of=thing)
    ids = b.validated((thing, 1), times=60)

    dry = looked("process", ids, manager)

    assert figures(dry) == ("queued", 60, 0, 0)
    assert figures(worked(dry)) == ("done", 60, 60, 0)
    assert dry.effects == [["reserve", "", 60, "0"]]
    assert not StockLevel.objects.filter(reserved__gt=0).exists()


def test_a_chunk_takes_as_many_statements_for_fifty_orders_as_for_one(manager: User) -> None:
    counts = []
    for times in (1, 50):
        ids = b.submitted((b.product(), 1), times=times)
        job = started("hold", ids, manager, reason="Audit")
        with CaptureQueriesContext(connection) as queries:
            worked(job)
        counts.append(len(queries))

    assert counts[0] == counts[1]
