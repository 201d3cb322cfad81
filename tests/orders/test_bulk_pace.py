"""How fast a bulk job is and how long the rest takes, on its page while it runs."""

from __future__ import annotations

from datetime import timedelta
from itertools import count

import pytest
from django.contrib.auth.models import User
from django.db.models import F
from django.test import Client

from config.kernel import queues
from orders.bulk import engine
from orders.models import BulkJob, Staff
from tests import builders as b
from tests.architecture.test_permissions import BACKEND
from tests.orders.test_bulk import manager, started

__all__ = ["manager"]
pytestmark = pytest.mark.django_db


@pytest.fixture
def job(manager: User, monkeypatch: pytest.MonkeyPatch) -> BulkJob:
    """A job of 120 orders, of which the worker has held 50 so far."""
    made = started("hold", b.submitted((b.product(), 1), times=120), manager, reason="Audit")
    moments = count()
    monkeypatch.setattr(queues, "monotonic", lambda: 15 * next(moments))
    engine.work()
    made.refresh_from_db()
    assert (made.handled, made.pending, made.is_finished) == (50, 70, False)
    return made


def shown(job: BulkJob, seconds: int, **headers: str) -> str:
    """What its page says when those orders have taken so many seconds."""
    jobs = BulkJob.objects.filter(pk=job.pk)
    jobs.update(turn_at=F("heartbeat_at") - timedelta(seconds=seconds))
    client = Client()
    client.force_login(User.objects.get(username="manager"), backend=BACKEND)
    return client.get(job.get_absolute_url(), headers=headers).content.decode()


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (25, "About 35 seconds left · 2 a second"),
        (20, "About 28 seconds left · 2.5 a second"),
        (250, "About 6 minutes left · 0.2 a second"),
        (0, "Has just begun"),
    ],
)
def test_the_page_and_the_part_that_it_asks_for_say_how_fast_it_is_and_what_is_left(
    job: BulkJob, seconds: int, words: str
) -> None:
    assert words in shown(job, seconds)
    part = shown(job, seconds, **{"HX-Request": "true"})
    assert words in part
    assert 'hx-trigger="every 2s"' in part
    assert 'aria-valuenow="50"' in part


def test_its_pace_is_told_in_german(job: BulkJob, manager: User) -> None:
    Staff.objects.update_or_create(user=manager, defaults={"language": "de"})

    assert "Noch etwa 28 Sekunden · 2,5 je Sekunde" in shown(job, 20)


def test_only_what_the_present_worker_did_counts_for_its_pace(job: BulkJob) -> None:
    BulkJob.objects.filter(pk=job.pk).update(turn_from=40)

    assert "About 2 minutes left · 0.5 a second" in shown(job, 20)


def test_a_job_that_waits_or_is_over_promises_no_time(
    job: BulkJob, manager: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting = started("hold", b.submitted((b.product(), 1)), manager, reason="Flood")
    assert "Waits for a worker" in shown(waiting, 20)
    monkeypatch.undo()
    engine.work()

    page = shown(job, 20)

    assert "120</span>" in page
    assert "Finished" in page
    assert "a second" not in page
