"""Making, stopping and repeating bulk jobs; what is asked for twice at a time runs once."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext

from config.kernel.errors import DomainError
from config.kernel.wake import wake
from orders.bulk import engine
from orders.bulk.actions import BulkAction
from orders.bulk.selection import OLDEST, Selection, fingerprint
from orders.models import BulkItem, BulkJob


class AlreadyRunning(DomainError):
    """The same action on the same orders is under way; the job that does it is named."""

    def __init__(self, job: BulkJob) -> None:
        who = job.bearer
        name = (who.get_full_name() or who.username) if who else gettext("The system")
        words = gettext("%(name)s started the same already: %(job)s. Nothing was started twice.")
        super().__init__(words % {"name": name, "job": job})
        self.job = job


class NothingToDo(DomainError):
    """No order of the job can be taken."""


def look(
    action: BulkAction,
    selection: Selection,
    user: User,
    *,
    arguments: dict[str, Any] | None = None,
    detail: str = "",
) -> BulkJob:
    """Freeze the orders and make the dry run of them; a small one is finished at once.

    A file of the list is no dry run: nothing changes, so it is made straight away.
    """
    job = BulkJob(
        action=action.name,
        arguments=arguments or {},
        detail=detail,
        query=selection.address,
        is_dry_run=not action.is_export,
        requested_by=user,
    )
    if not action.is_export:
        selection = replace(selection, sort=OLDEST)
    # One's own dry runs alone can be the same: what it shows is nobody else's business.
    job = _make(job, selection, f"{'look' if job.is_dry_run else 'file'} of {user.pk}")
    if job.total <= engine.INLINE:
        engine.run_now(job)
        job.refresh_from_db()
    return job


@transaction.atomic
def start(
    dry: BulkJob,
    user: User,
    *,
    arguments: dict[str, Any],
    detail: str,
    without: Collection[str] = (),
) -> BulkJob:
    """Do it: the orders that the dry run found eligible, each checked again when its turn comes.

    Those of which it said one of the sentences ``without`` stay as they are.
    """
    dry = BulkJob.locked(dry.pk)
    if (run := dry.runs.first()) is not None:
        raise AlreadyRunning(run)
    eligible = dry.items.succeeded().exclude(reason__in=[each for each in without if each])
    if dry.status != BulkJob.Status.DONE or not eligible.visible_to(user).exists():
        raise NothingToDo(gettext("No order can be taken; nothing was started."))
    job = BulkJob(
        action=dry.action,
        arguments=arguments or dry.arguments,
        detail=detail or dry.detail,
        query=dry.query,
        preview=dry,
        requested_by=user,
    )
    return _make(job, Selection.of_orders(eligible.values("order"), user), "run")


def _make(job: BulkJob, selection: Selection, kind: str) -> BulkJob:
    """Write the job and its orders, unless the same is under way."""
    arguments = json.dumps(job.arguments, sort_keys=True)
    job.fingerprint = fingerprint(kind, job.action, arguments, selection.mark())
    with _one_at_a_time(job):
        job.save()
        selection.freeze(job)
        if not (job.is_dry_run and job.total <= engine.INLINE):
            wake("bulk")
    return job


@contextmanager
def _one_at_a_time(job: BulkJob) -> Iterator[None]:
    """A transaction in which an identical unfinished job turns into the sentence that names it."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        twin = BulkJob.objects.unfinished().filter(fingerprint=job.fingerprint).first()
        if twin is None:
            raise
        raise AlreadyRunning(twin) from error


def stop(job: BulkJob, user: User) -> bool:
    """Let the job end after the chunk that is under way; answer whether it was unfinished."""
    with transaction.atomic():
        job = BulkJob.locked(job.pk)
        if job.is_finished:
            return False
        job.finish(BulkJob.Status.CANCELLED)
        job.stopped_by = user
        job.save(update_fields=["status", "finished_at", "stopped_by"])
    return True


def retry(job: BulkJob, user: User) -> int:
    """Take the orders up again that were not changed; answer how many they are.

    What is done from now on bears the name of whoever tries it again, and is measured by their
    rights. Orders whose turn had not come when the job was stopped stay as they are.
    """
    with _one_at_a_time(job):
        job = BulkJob.locked(job.pk)
        if not job.is_finished or job.is_dry_run:
            raise NothingToDo(gettext("%(job)s cannot be repeated now.") % {"job": job})
        left = job.items.leave()
        again = (
            job.items.failed()
            .filter(order__isnull=False)
            .update(status=BulkItem.Status.PENDING, error_code=None, message="", reason="")
        )
        if not again:
            raise NothingToDo(gettext("No order failed that could be tried again."))
        job.failed, job.left = job.failed - again + left, job.left + left
        job.status, job.attempts, job.finished_at = BulkJob.Status.QUEUED, 0, None
        job.started_at = job.heartbeat_at = None
        job.retried_by, job.retried_at = user, timezone.now()
        job.save()
        wake("bulk")
    return again
