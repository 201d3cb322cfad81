"""``settle``: everything that waits is done, whatever kind it is, and said."""

from __future__ import annotations

from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.mail import EmailMessage
from django.core.management import call_command
from django.utils import timezone

from config.kernel.actors import WORKER
from orders.bulk import jobs
from orders.bulk.actions import BY_NAME
from orders.bulk.selection import Selection
from orders.channels import runs
from orders.lifecycle import cancellation
from orders.models import BulkJob, CustomerMessage, Hold, Order, OrderEvent, OrderImport
from tests import builders as b

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _sealed(settings: Any, tmp_path: Path, sound: None) -> Iterator[None]:
    settings.HISTORY_ANCHORS = str(tmp_path / "anchors.jsonl")
    yield
    assert not OrderEvent.objects.filter(seal=None).exists()


@pytest.fixture
def boss() -> User:
    return User.objects.create_superuser("boss")


def settled(**options: Any) -> list[str]:
    """What the command says when it comes to its end."""
    said = StringIO()
    call_command("settle", stdout=said, **options)
    return said.getvalue().splitlines()


def queued(boss: User, ids: list[int]) -> BulkJob:
    """A job on these orders that waits for a worker."""
    dry = jobs.look(BY_NAME["hold"], Selection.of_ids(ids, boss), boss)
    return jobs.start(dry, boss, arguments={"reason": "Audit"}, detail="Audit")


def uploaded(boss: User, count: int) -> OrderImport:
    """A file of orders that waits for a worker; they are placed at once."""
    buyer, thing = b.customer(), b.product()
    b.stocked(count, of=thing)
    rows = [f"R-{n},{buyer.code},{thing.sku},1" for n in range(count)]
    content = "\n".join(["order,customer,sku,quantity", *rows]).encode()
    return runs.start(runs.look("o.csv", content, "plain", user=boss, submits=True), boss)


def test_a_job_a_file_and_a_mail_are_worked_through_with_what_follows_from_them(
    boss: User, mailoutbox: list[EmailMessage]
) -> None:
    held = b.validated((b.product(), 1), times=2)
    [gone] = b.validated((b.product(), 1), buyer=b.customer(email="buyer@nordhavn.example"))
    job, run = queued(boss, held), uploaded(boss, 3)
    cancellation.cancel([gone], reason="error", tell=True, by=WORKER)

    *done, last = settled()

    job.refresh_from_db()
    run.refresh_from_db()
    assert last == "Nothing is due."
    assert {
        "1 files imported",
        "1 bulk jobs ended",
        "3 orders checked",
        "3 orders processed",
        "1 mails sent to customers",
    } <= set(done)
    assert (job.status, job.succeeded, Hold.objects.count()) == ("done", 2, 2)
    assert (run.status, run.taken) == ("done", 3)
    assert Order.objects.filter(status="processing").count() == 3
    assert [mail.to for mail in mailoutbox] == [["buyer@nordhavn.example"]]
    assert CustomerMessage.objects.get().sent_at is not None
    assert settled() == ["Nothing is due."]


def test_what_another_worker_holds_is_waited_for_and_named(
    boss: User, capsys: pytest.CaptureFixture[str]
) -> None:
    job = queued(boss, b.validated((b.product(), 1)))
    taken = BulkJob.objects.claimed()  # by a worker that is alive
    settled_before = timezone.now()

    with pytest.raises(SystemExit):
        settled(timeout=0.3)

    assert taken == job
    assert "Time ran out; still due: bulk." in capsys.readouterr().err
    BulkJob.objects.update(heartbeat_at=settled_before.replace(year=2000))  # it is gone
    assert "1 bulk jobs ended" in settled()
