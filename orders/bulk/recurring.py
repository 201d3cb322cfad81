"""The recurring orders that are due, made and placed as one bulk job with a result for each.

A chunk of templates is claimed, served and written down as results of the job in one transaction:
whatever stops the worker, no day is served twice and no result is lost. The next run goes on.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import partial
from uuid import uuid4

from django.contrib.auth.models import AnonymousUser, User
from django.db import transaction
from django.utils import timezone

from config.kernel import days, sets
from config.kernel.actors import Actor
from config.kernel.steps import Outcomes, chunked
from orders.bulk import engine
from orders.lifecycle import recurring
from orders.models import BulkItem, BulkJob, RecurringOrder, RecurringRun
from orders.scope import visible

CHUNK = 100
ACTION = "recurring"
_COLUMNS = ["job", "order", "reference", "status", "error_code", "message", "reason"]


def run_due(day: date, *, by: Actor, user: User | None = None) -> BulkJob | None:
    """Make and place the orders of every template that is due on this day or was before.

    Days that were missed are made up for, each with an order of its own. Safe to run twice, at
    the same time too. Whoever asks for it places those of their scope alone. Answers the job with
    what became of each, None if nothing was due.
    """
    job: BulkJob | None = None
    among = visible(RecurringOrder.objects.all(), user or AnonymousUser())
    while True:
        with transaction.atomic():
            ids = among.due(day).claimed(CHUNK)
            if not ids:
                break
            job = job or _begun(day, user)
            keep = partial(_keep, job.pk)
            for _ in chunked(recurring.serve, ids, size=CHUNK, save=keep, by=by, day=day):
                pass
    if job is not None:
        engine.finish(job)
        job.refresh_from_db()
    return job


def _begun(day: date, user: User | None) -> BulkJob:
    now = timezone.now()
    return BulkJob.objects.create(
        action=ACTION,
        detail=days.written(day),
        fingerprint=f"{ACTION} {uuid4()}",
        status=BulkJob.Status.RUNNING,
        requested_by=user,
        started_at=now,
        heartbeat_at=now,
        turn_at=now,
    )


def _keep(pk: int, outcomes: Outcomes) -> None:
    """Write what became of each template of a chunk down as results of the job."""
    recurring.keep_failed(outcomes)
    served = {*outcomes.done, *outcomes.refused, *outcomes.failed}
    latest = RecurringRun.objects.filter(recurring__in=served).order_by("recurring_id", "-pk")
    runs = list(latest.distinct("recurring_id").select_related("recurring", "order"))
    sets.insert(BulkItem, _COLUMNS, [_result(pk, run) for run in runs])
    placed = sum(run.outcome == RecurringRun.Outcome.PLACED for run in runs)
    job = BulkJob.locked(pk)
    job.total, job.succeeded = job.total + len(runs), job.succeeded + placed
    job.failed, job.heartbeat_at = job.failed + len(runs) - placed, timezone.now()
    job.save(update_fields=["total", "succeeded", "failed", "heartbeat_at"])


def _result(job: int, run: RecurringRun) -> Sequence[object]:
    """A row of the job: the order that was made, else the template and its day."""
    order, template = run.order, run.recurring
    name = order.number if order else f"{template.name[:18]} #{template.pk} {run.due_on}"
    if run.outcome == RecurringRun.Outcome.PLACED:
        return job, run.order_id, name, BulkItem.Status.SUCCEEDED, None, "", ""
    why = run.message[:400]
    reason = engine.without_figures(why, name)
    return job, run.order_id, name[:40], BulkItem.Status.FAILED, run.outcome, why, reason
