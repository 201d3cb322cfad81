"""The engine of bulk jobs: start, run in chunks, resume after a crash, stop, retry.

A chunk's results commit with its work, and only orders whose turn it still is are taken up; so a
killed worker neither loses nor doubles one. Which job is due is a query on state: a wake-up only
says "look now".
"""

from __future__ import annotations

import logging
import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser, User
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone, translation
from django.utils.translation import gettext, gettext_noop, pgettext
from django.utils.translation import gettext_lazy as _

from config.kernel import queues, sets
from config.kernel.actors import SYSTEM, Actor
from config.kernel.steps import Outcomes, chunked, preview
from config.kernel.wake import wake
from config.kernel.words import Label, Words
from orders import notices
from orders.bulk import already, totals, warnings
from orders.bulk.actions import BY_NAME, BulkAction
from orders.models import ALREADY, COUNTED, BulkItem, BulkJob, Order, Staff

log = logging.getLogger(__name__)

CHUNK = 50  # orders a transaction: a desk that wants the same stock waits no longer than that
WINDOW = 1_000  # orders read ahead: memory does not grow with the job
INLINE = 500  # a dry run of no more orders is done while one waits, as one batch
MOST_ATTEMPTS = 5
GAVE_UP = _(
    "The work was broken off %(count)s times before this order; it was not changed. Retry it when "
    "the cause is gone."
)
NO_RIGHT = _("Whoever asked for it may no longer do this; nothing was changed.")
OUT_OF_SCOPE = _("It is outside the scope of whoever asked for it.")
FIGURES = re.compile(r"\d+(?:[.,:]\d+)*")


def work() -> int:
    """Take up the jobs that are due, for a slice of time; answer how many came to their end."""
    return queues.drain(BulkJob.objects.claimed, lambda job, time: Run(job, time=time).go())


def run_now(job: BulkJob) -> None:
    """Run a small job while somebody waits; one that is stopped goes on in the background."""
    claimed = BulkJob.objects.filter(pk=job.pk).claimed()
    if claimed is None:
        return
    try:
        Run(claimed, size=INLINE, is_watched=True).go()
    except queues.STOPPED:
        log.warning("%s stopped for now; it goes on in the background.", job)


@dataclass(slots=True)
class Run:
    """One worker's turn at a job."""

    job: BulkJob
    size: int = CHUNK
    is_watched: bool = False  # somebody waits for its end
    time: queues.Slice = field(default_factory=queues.Slice)
    by: Actor = field(init=False)

    def __post_init__(self) -> None:
        self.by = actor(self.job)  # what one may do is read once for the job

    @property
    def action(self) -> BulkAction:
        """What the job does."""
        return BY_NAME[self.job.action]

    def go(self) -> bool:
        """Work through what is pending until nothing is, the job is stopped, or time is up.

        Answers whether the job is done.

        What is answered is in the language of whoever asked.
        """
        with translation.override(language(self.job.bearer)):
            if why := self._objection():
                self._refuse_pending(*why)
            elif not self._chunks():
                return False
        return finish(self.job, is_watched=self.is_watched)

    def _objection(self) -> tuple[str, str] | None:
        """Why the job may not go on at all, with its code."""
        if self.job.attempts > MOST_ATTEMPTS:
            return "gave_up", GAVE_UP % {"count": MOST_ATTEMPTS}
        user = self.job.bearer
        if user and not (user.is_active and user.has_perm(self.action.permission)):
            return "no_permission", str(NO_RIGHT)
        return None

    def _refuse_pending(self, code: str, why: str) -> None:
        with transaction.atomic():
            job = BulkJob.locked(self.job.pk)
            job.failed += job.items.pending().update(
                status=BulkItem.Status.FAILED, error_code=code, message=why, reason=why
            )
            job.save(update_fields=["failed"])

    def _chunks(self) -> bool:
        """Run window after window; answer whether the end was reached."""
        last = 0
        while rows := self._window(last):
            last = rows[-1][0]
            foreseen = self.action.trial if self.job.is_dry_run else {}
            arguments = self.job.arguments or foreseen
            orders = [order for _, order in rows]
            for _outcomes in chunked(
                self._step, orders, size=self.size, save=self._keep, **arguments
            ):
                if self.job.is_finished:
                    return False
                if self.time.is_over:
                    _give_back(self.job)
                    return False
        return True

    def _window(self, last: int) -> list[tuple[int, int]]:
        rows = self.job.items.pending().filter(pk__gt=last).order_by("pk")
        return list(rows.values_list("pk", "order_id")[:WINDOW])

    def _step(self, ids: Sequence[int], **arguments: Any) -> Outcomes:
        """The action on those of the orders whose turn it still is and that one may touch."""
        ids = [item.order_id for item in self._claimed(ids) if item.order_id]
        if not ids:
            return Outcomes()
        allowed = set(_allowed(self.job, ids))
        mine = [pk for pk in ids if pk in allowed]
        step = warnings.watched(self.action)
        if self.job.is_dry_run:
            step = partial(preview, step)
        outcomes = step(mine, by=self.by, **arguments) if mine else Outcomes()
        outcomes.refused |= {pk: str(OUT_OF_SCOPE) for pk in ids if pk not in allowed}
        return outcomes

    def _claimed(self, ids: Collection[int]) -> list[BulkItem]:
        return BulkItem.objects.filter(job=self.job).claimed(ids)

    def _keep(self, outcomes: Outcomes) -> None:
        """Write each order's result and the job's figures, in the chunk's transaction."""
        ids = {*outcomes.done, *outcomes.refused, *outcomes.failed}
        items = self._claimed(ids)
        had = already.among(self.job, outcomes.refused)
        warned = warnings.of(outcomes) if self.job.is_dry_run else {}
        for item in items:
            _answer(item, outcomes, had, warned)
        sets.update(BulkItem, ["status", "error_code", "message", "reason"], items)
        job = BulkJob.locked(self.job.pk)
        became = Counter(item.status for item in items)
        job.succeeded += became[BulkItem.Status.SUCCEEDED]
        job.failed += became[BulkItem.Status.FAILED]
        job.already += sum(item.error_code == ALREADY for item in items)
        job.effects = totals.added(job.effects, outcomes.effects)
        job.load = totals.loaded(job.load, outcomes.effects)
        job.heartbeat_at, job.attempts = timezone.now(), 0
        job.save(update_fields=[*COUNTED, "effects", "load", "heartbeat_at", "attempts"])
        self.job = job


def actor(job: BulkJob) -> Actor:
    """Whoever asked for the job, acting through a worker; events name the job."""
    if job.bearer is None:
        return SYSTEM
    return Actor.of(job.bearer, "worker", f"job:{job.pk}")


def language(user: User | None) -> str:
    """What the person reads who asked for a job; else the language of the company."""
    asked = Staff.of(user).language if user else ""
    return asked if asked in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE


def _allowed(job: BulkJob, ids: Sequence[int]) -> QuerySet[Any, int]:
    user: User | AnonymousUser = job.bearer or AnonymousUser()
    return Order.objects.visible_to(user).filter(pk__in=ids).values_list("pk", flat=True)


def _answer(
    item: BulkItem, outcomes: Outcomes, had: Collection[int], warned: Mapping[int, str]
) -> None:
    pk = item.order_id
    if pk in outcomes.failed:
        reason = gettext("The database refused.")
        item.answer(BulkItem.Status.FAILED, "defect", outcomes.failed[pk], reason)
    elif pk in had:
        item.answer(BulkItem.Status.FAILED, ALREADY)
    elif pk in outcomes.refused:
        why = outcomes.refused[pk]
        item.answer(BulkItem.Status.FAILED, "refused", why, without_figures(why, item.reference))
    else:
        what = warned.get(pk or 0, "")
        reason = without_figures(what, item.reference)
        item.answer(BulkItem.Status.SUCCEEDED, None, what, reason)


def without_figures(why: str, reference: str) -> str:
    """A sentence by which orders that are refused for the same cause can be grouped."""
    general = why.replace(reference, pgettext("instead of its number", "the order"))
    general = FIGURES.sub("…", general)
    return general[:1].upper() + general[1:200]


@transaction.atomic
def finish(job: BulkJob, *, is_watched: bool = False) -> bool:
    """The job is done when no order is pending; what another worker holds still is.

    Whoever asked for it is told, unless they are watching. Answers whether it came to its end.
    """
    job = BulkJob.locked(job.pk)
    if job.status != BulkJob.Status.RUNNING or job.items.pending().exists():
        return False
    job.heartbeat_at = timezone.now()
    job.finish(BulkJob.Status.DONE)
    job.save(update_fields=["status", "finished_at", "heartbeat_at"])
    if not is_watched:
        _tell(job)
    return True


def _tell(job: BulkJob) -> None:
    title = Label.of(lambda: BY_NAME[job.action].title(job, job.total))
    words = gettext_noop("“%(title)s” is done: %(done)s taken, %(failed)s not.")
    if job.is_dry_run:
        words = gettext_noop(
            "The preview of “%(title)s” is ready: %(done)s can go, %(failed)s cannot."
        )
    notices.job_ended(job, Words(words, title=title, done=job.succeeded, failed=job.blocked))


def _give_back(job: BulkJob) -> None:
    """Let another take the job up, so that a long one does not keep shorter ones waiting."""
    mine = BulkJob.objects.filter(pk=job.pk, status=BulkJob.Status.RUNNING)
    mine.update(status=BulkJob.Status.QUEUED)
    wake("bulk")
