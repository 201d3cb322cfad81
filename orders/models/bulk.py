"""Bulk jobs: one action on many orders, frozen when it was asked for, with a result for each."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import timedelta
from typing import ClassVar, Self

from django.conf import settings
from django.contrib.auth.models import AnonymousUser, User
from django.db import models, transaction
from django.db.models import Count, F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from config.kernel import queues
from orders.models.orders import Order
from orders.models.staff import Staff

# Codes of orders that did not fail: what was ticked named none, they had it before, they were left.
MISSING, ALREADY, LEFT = "missing", "already", "left"
# What an order of a job may come to, by its name in addresses; and what a job counts.
OUTCOMES = {
    "pending": Q(status="pending"),
    "succeeded": Q(status="succeeded"),
    "failed": Q(status="failed") & ~Q(error_code__in=[ALREADY, LEFT]),
    "already": Q(error_code=ALREADY),
    "left": Q(error_code=LEFT),
}
COUNTED = {
    "succeeded": Q(status="succeeded"),
    "failed": Q(status="failed"),
    "already": Q(error_code=ALREADY),
    "left": Q(error_code=LEFT),
}
STALE = timedelta(seconds=60)  # a job that has not been heard of for so long has lost its worker


class BulkJobQuerySet(models.QuerySet["BulkJob"]):
    """Jobs as workers claim them and people look for them."""

    def unfinished(self) -> Self:
        return self.filter(status__in=[BulkJob.Status.QUEUED, BulkJob.Status.RUNNING])

    def due(self) -> Self:
        """Jobs that wait for a worker, and those whose worker is gone."""
        lost = Q(status=BulkJob.Status.RUNNING, heartbeat_at__lt=timezone.now() - STALE)
        return self.filter(Q(status=BulkJob.Status.QUEUED) | lost)

    def visible_to(self, user: User | AnonymousUser) -> Self:
        """One's own jobs; all of them for those who answer for the desk and see all of it."""
        if user.has_perm("orders.view_bulkjob") and not Staff.of(user).is_scoped:
            return self
        return self.filter(requested_by=user.pk)

    @transaction.atomic
    def claimed(self) -> BulkJob | None:
        """Take the next job that is due and that nobody else is taking; each in its turn."""
        turn = F("heartbeat_at").asc(nulls_first=True)
        job = next(iter(queues.claimed(self.due().order_by(turn, "pk"), 1)), None)
        if job is None:
            return None
        now = timezone.now()
        job.status, job.attempts = BulkJob.Status.RUNNING, job.attempts + 1
        job.started_at, job.heartbeat_at = job.started_at or now, now
        job.turn_at, job.turn_from = now, job.handled
        job.save()
        return job


class BulkJob(models.Model):
    """One action on a frozen set of orders; a dry run does it too, and undoes it.

    The fingerprint names action, arguments and set: at most one unfinished job has it. Attempts
    count how often a worker took the job up without getting any further.

    ``is_partial`` while its figures, in memory, are those of a part of its orders alone.
    """

    is_partial = False

    class Status(models.TextChoices):
        QUEUED = "queued", _("Waiting")
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        CANCELLED = "cancelled", _("Stopped")

    action = models.CharField(max_length=20)
    arguments = models.JSONField(default=dict)
    detail = models.CharField(max_length=400, blank=True, help_text=_("What was asked, in words."))
    query = models.TextField(blank=True, help_text=_("“?” and the list's query; empty: ticked."))
    preview = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="runs")
    fingerprint = models.CharField(max_length=64)
    is_dry_run = models.BooleanField(default=False)
    status = models.CharField(max_length=9, choices=Status, default=Status.QUEUED)
    total = models.PositiveIntegerField(default=0)
    succeeded = models.PositiveIntegerField(default=0)
    failed = models.PositiveIntegerField(default=0, help_text=_("Orders that are not changed."))
    already = models.PositiveIntegerField(
        default=0, help_text=_("Of these: orders that had it before.")
    )
    left = models.PositiveIntegerField(
        default=0, help_text=_("Of these: orders of a stopped job that a retry does not take up.")
    )
    effects = models.JSONField(default=list, help_text="[kind, currency, units, amount] summed up")
    load = models.JSONField(default=dict, help_text="Units that warehouses get to pick, by code")
    attempts = models.PositiveSmallIntegerField(default=0)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="bulk_jobs"
    )
    stopped_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
    )
    retried_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
    )
    retried_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True)
    heartbeat_at = models.DateTimeField(null=True)
    turn_at = models.DateTimeField(null=True, help_text=_("When the present worker took it up."))
    turn_from = models.PositiveIntegerField(default=0, help_text=_("Orders handled by then."))
    finished_at = models.DateTimeField(null=True)

    objects: ClassVar = BulkJobQuerySet.as_manager()

    class Meta:
        verbose_name = _("bulk job")
        verbose_name_plural = _("bulk jobs")
        ordering: ClassVar = ["-pk"]
        indexes: ClassVar = [
            models.Index(
                fields=["id"],
                condition=Q(status__in=["queued", "running"]),
                name="bulk_job_unfinished",
            ),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["fingerprint"],
                condition=Q(status__in=["queued", "running"]),
                name="bulk_job_runs_once_at_a_time",
                violation_error_message=_("The same job is running already."),
            ),
            models.CheckConstraint(
                condition=Q(status__in=["done", "cancelled"], finished_at__isnull=False)
                | Q(status__in=["queued", "running"], finished_at=None),
                name="bulk_job_finished_at_is_set_when_finished",
            ),
            models.CheckConstraint(
                condition=Q(total__gte=F("succeeded") + F("failed"))
                & Q(failed__gte=F("already") + F("left")),
                name="bulk_job_counts_no_order_twice",
            ),
        ]

    def __str__(self) -> str:
        return gettext("Job %(number)s") % {"number": self.pk}

    def get_absolute_url(self) -> str:
        return reverse("orders:job", args=[self.pk])

    @classmethod
    def locked(cls, pk: int) -> BulkJob:
        """Lock a job while its figures change; held for the end of a chunk only."""
        return cls.objects.select_for_update(no_key=True).get(pk=pk)

    @property
    def is_finished(self) -> bool:
        """Whether nothing more will happen by itself."""
        return self.status in {BulkJob.Status.DONE, BulkJob.Status.CANCELLED}

    @property
    def handled(self) -> int:
        """Orders that have their result."""
        return self.succeeded + self.failed

    @property
    def pending(self) -> int:
        """Orders whose turn has not come."""
        return self.total - self.handled

    @property
    def blocked(self) -> int:
        """Orders that something kept from it."""
        return self.failed - self.already - self.left

    @property
    def left_alone(self) -> int:
        """Orders of a job that was stopped which it did not come to."""
        return self.left + (self.pending if self.is_finished else 0)

    @property
    def bearer(self) -> User | None:
        """Whose name its work bears: whoever tried it again last, else whoever asked for it."""
        return self.retried_by or self.requested_by

    @property
    def rate(self) -> float:
        """Orders a second, by the worker that has it."""
        if not self.turn_at or not self.heartbeat_at:
            return 0.0
        seconds = (self.heartbeat_at - self.turn_at).total_seconds()
        return (self.handled - self.turn_from) / seconds if seconds > 0 else 0.0

    @property
    def seconds_taken(self) -> int | None:
        """How long it took from the first worker to its end."""
        if not self.started_at or not self.finished_at:
            return None
        return round((self.finished_at - self.started_at).total_seconds())

    @property
    def seconds_left(self) -> int | None:
        """How long the rest takes at this rate; None while that is unknown."""
        return round(self.pending / self.rate) if self.rate else None

    def finish(self, status: str) -> None:
        """End the job, in memory."""
        self.status, self.finished_at = status, timezone.now()

    def tell_of(self, part: Mapping[str, int]) -> None:
        """Let the figures be those of a part of the orders, in memory; never saved like this."""
        whole = self.handled
        for name, orders in part.items():
            setattr(self, name, orders)
        self.turn_from = self.turn_from * self.handled // max(whole, 1)
        self.effects, self.load, self.is_partial = [], {}, True


class BulkItemQuerySet(models.QuerySet["BulkItem"]):
    """The orders of a job by what became of them."""

    def pending(self) -> Self:
        return self.filter(status=BulkItem.Status.PENDING)

    def succeeded(self) -> Self:
        return self.filter(status=BulkItem.Status.SUCCEEDED)

    def failed(self) -> Self:
        """Those that something kept from it."""
        return self.that_are("failed")

    def that_are(self, outcome: str) -> Self:
        """Those of one outcome, by its name in addresses; all of them for any other word."""
        return self.filter(OUTCOMES.get(outcome, Q()))

    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Those whose orders lie within somebody's scope; a key that named no order tells none."""
        if not Staff.of(user).is_scoped:
            return self
        return self.filter(Q(order__in=Order.objects.visible_to(user)) | Q(error_code=MISSING))

    def counted(self) -> dict[int, dict[str, int]]:
        """How many orders there are of each job, in all and by outcome."""
        outcomes = {name: Count("pk", filter=q) for name, q in COUNTED.items()}
        rows = self.order_by().values("job").annotate(total=Count("pk"), **outcomes)
        figures = rows.values_list("job", "total", *outcomes)
        return {job: dict(zip(("total", *outcomes), each, strict=True)) for job, *each in figures}

    def leave(self) -> int:
        """Leave those alone whose turn had not come; what a worker still holds gets its result."""
        left, free = 0, self.pending().order_by("pk").values_list("pk", flat=True)
        while keys := queues.claimed(free, 1_000):
            rows = BulkItem.objects.filter(pk__in=keys)
            left += rows.update(status=BulkItem.Status.FAILED, error_code=LEFT)
        return left

    def claimed(self, orders: Collection[int]) -> list[BulkItem]:
        """Lock those of the orders whose turn it is, and that no other worker is working on."""
        queue = self.pending().filter(order__in=list(orders)).order_by("pk")
        return queues.claimed(queue, len(orders))


class BulkItem(models.Model):
    """One order of a job: its turn has not come, it was done, or a sentence says why not.

    An order that a dry run finds eligible may carry a sentence too: what one should know of it.
    """

    class Status(models.TextChoices):
        PENDING = "pending", _("Waiting")
        SUCCEEDED = "succeeded", _("Done")
        FAILED = "failed", _("Not changed")

    job = models.ForeignKey(BulkJob, on_delete=models.CASCADE, related_name="items", db_index=False)
    order = models.ForeignKey(
        Order, on_delete=models.PROTECT, null=True, related_name="bulk_items", db_index=False
    )
    reference = models.CharField(max_length=40)
    status = models.CharField(max_length=9, choices=Status, default=Status.PENDING)
    error_code = models.CharField(max_length=20, null=True)  # noqa: DJ001 - null unless failed
    message = models.CharField(max_length=400, blank=True)
    reason = models.CharField(
        max_length=200, blank=True, help_text=_("The message without its figures, to group by.")
    )

    objects: ClassVar = BulkItemQuerySet.as_manager()

    class Meta:
        verbose_name = _("bulk item")
        verbose_name_plural = _("bulk items")
        indexes: ClassVar = [
            models.Index(fields=["job", "status", "id"], name="bulk_item_by_outcome"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["job", "reference"], name="bulk_item_named_once_per_job"
            ),
            models.UniqueConstraint(
                fields=["job", "order"],
                condition=Q(order__isnull=False),
                name="bulk_order_once_per_job",
            ),
            models.CheckConstraint(
                condition=(Q(status="failed", error_code__isnull=False) & ~Q(error_code=""))
                | ~Q(status="failed") & Q(error_code=None),
                name="bulk_item_failed_says_why",
            ),
            models.CheckConstraint(
                condition=Q(order__isnull=False) | Q(status="failed"),
                name="bulk_item_without_order_is_failed",
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def outcome(self) -> str:
        """What became of it, by its name in addresses."""
        return self.error_code if self.error_code in {ALREADY, LEFT} else self.status

    def answer(
        self, status: str, code: str | None = None, message: str = "", reason: str = ""
    ) -> None:
        """What became of the order, in memory."""
        self.status, self.error_code = status, code
        self.message, self.reason = message[:400], reason[:200]
