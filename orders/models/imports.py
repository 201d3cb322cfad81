"""Files of orders: what was read, what became of each row, and why one was turned down."""

from __future__ import annotations

from typing import Any, ClassVar, Self

from django.conf import settings
from django.contrib.auth.models import AnonymousUser, User
from django.db import models, transaction
from django.db.models import Count, Exists, F, OuterRef, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from config.kernel import queues
from orders.models.bulk import STALE
from orders.models.orders import Order
from orders.models.staff import Staff

# Codes of rows whose order had been taken before: there is nothing in them to mend.
KNOWN = ("repeated_external_id", "taken_before")
# What may become of a row: which rows those are.
OUTCOMES = {
    "refused": Q(status="rejected") & ~Q(error_code__in=KNOWN),  # something is to be mended
    "known": Q(error_code__in=KNOWN),
    "unplaced": Q(status="accepted") & ~Q(message=""),  # of an order that stays a draft
    "taken": Q(status="accepted"),
    "all": Q(),
}


class OrderImportQuerySet(models.QuerySet["OrderImport"]):
    """Files as workers claim them and people look for them."""

    def unfinished(self) -> Self:
        """Those that are a worker's; what the command reads it takes by itself."""
        sent = Exists(ImportFile.objects.filter(order_import=OuterRef("pk")))
        return self.filter(Q(preview__isnull=False) | sent, status=OrderImport.Status.RUNNING)

    def due(self) -> Self:
        """Those that wait for a worker, and those whose worker is gone."""
        lost = Q(heartbeat_at=None) | Q(heartbeat_at__lt=timezone.now() - STALE)
        return self.unfinished().filter(lost)

    def visible_to(self, user: User | AnonymousUser) -> Self:
        """One's own files; all of them for those who answer for the desk and see all of it."""
        if user.has_perm("orders.view_bulkjob") and not Staff.of(user).is_scoped:
            return self
        return self.filter(requested_by=user.pk)

    @transaction.atomic
    def claimed(self) -> OrderImport | None:
        """Take the next file that is due and that nobody else is taking; each in its turn."""
        turn = F("heartbeat_at").asc(nulls_first=True)
        found = next(iter(queues.claimed(self.due().order_by(turn, "pk"), 1)), None)
        if found is None:
            return None
        found.heartbeat_at, found.attempts = timezone.now(), found.attempts + 1
        found.save(update_fields=["heartbeat_at", "attempts"])
        return found


class OrderImport(models.Model):
    """One file that was read, whole or as a dry run; its rows keep what they said.

    A file that was sent by a page is looked at first: that is a dry run of its own, which keeps the
    file until it is imported. Attempts count how often a worker took it up and got no further.
    """

    class Status(models.TextChoices):
        UPLOADED = "uploaded", _("Uploaded")
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        FAILED = "failed", _("Could not be read")

    profile = models.CharField(max_length=30)
    file_name = models.CharField(max_length=200)
    file_sha256 = models.CharField(max_length=64, db_index=True)
    columns = models.JSONField(default=list, help_text=_("The names of the first row, in order."))
    is_dry_run = models.BooleanField(default=False)
    submits = models.BooleanField(default=False, help_text=_("The orders are placed at once."))
    preview = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="runs")
    status = models.CharField(max_length=8, choices=Status, default=Status.UPLOADED)
    error = models.CharField(max_length=400, blank=True)
    total_rows = models.PositiveIntegerField(default=0)
    accepted_rows = models.PositiveIntegerField(default=0)
    rejected_rows = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0, help_text=_("Orders in the file."))
    taken = models.PositiveIntegerField(default=0, help_text=_("Orders made, or that can be."))
    known = models.PositiveIntegerField(default=0, help_text=_("Orders that were there already."))
    refused = models.PositiveIntegerField(default=0, help_text=_("Orders that cannot be taken."))
    unplaced = models.PositiveIntegerField(default=0, help_text=_("Of those taken: drafts."))
    customers = models.PositiveIntegerField(default=0, help_text=_("Customers of those taken."))
    sums = models.JSONField(default=dict, help_text=_("What those taken come to, by currency."))
    attempts = models.PositiveSmallIntegerField(default=0)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    heartbeat_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    objects: ClassVar = OrderImportQuerySet.as_manager()

    class Meta:
        verbose_name = _("order import")
        verbose_name_plural = _("order imports")
        ordering: ClassVar = ["-pk"]
        indexes: ClassVar = [
            models.Index(
                fields=["id"], condition=Q(status="running"), name="order_import_unfinished"
            ),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["preview"],
                condition=Q(preview__isnull=False),
                name="import_is_started_once",
                violation_error_message=_("This file is being imported already."),
            ),
            models.CheckConstraint(
                condition=Q(total__gte=F("taken") + F("known") + F("refused")),
                name="import_counts_no_order_twice",
            ),
        ]

    def __str__(self) -> str:
        return self.file_name

    def get_absolute_url(self) -> str:
        return reverse("orders:import", args=[self.pk])

    @classmethod
    def locked(cls, pk: int) -> OrderImport:
        """Lock an import while a chunk of it is taken, so that two workers never take the same."""
        return cls.objects.select_for_update(no_key=True).get(pk=pk)

    @property
    def is_finished(self) -> bool:
        """Whether nothing more will happen by itself."""
        return self.status != self.Status.RUNNING

    @property
    def handled(self) -> int:
        """Orders of which it is known what becomes of them."""
        return self.taken + self.known + self.refused

    @property
    def pending(self) -> int:
        """Orders whose turn has not come."""
        return self.total - self.handled

    def finish(self, status: str, error: str = "") -> None:
        """End the import, in memory; ``error`` says why it could not go on."""
        self.status, self.error, self.finished_at = status, error[:400], timezone.now()


class ImportFile(models.Model):
    """A file as it was sent, kept from the look at it until it has been imported."""

    order_import = models.OneToOneField(
        OrderImport, on_delete=models.CASCADE, primary_key=True, related_name="file"
    )
    content = models.BinaryField()

    class Meta:
        verbose_name = _("import file")
        verbose_name_plural = _("import files")

    def __str__(self) -> str:
        return str(self.order_import)


class OrderImportRowQuerySet(models.QuerySet["OrderImportRow"]):
    """The rows of a file by what became of them."""

    def that_are(self, outcome: str) -> Self:
        return self.filter(OUTCOMES[outcome])

    def counted(self) -> dict[str, int]:
        """How many rows have each outcome."""
        return self.aggregate(**{name: Count("pk", filter=q) for name, q in OUTCOMES.items()})


class OrderImportRow(models.Model):
    """One row of a file: what it said, and the order it went into or why it was rejected."""

    class Status(models.TextChoices):
        PENDING = "pending", _("Not looked at yet")
        ACCEPTED = "accepted", _("Accepted")
        REJECTED = "rejected", _("Rejected")

    order_import = models.ForeignKey(OrderImport, on_delete=models.CASCADE, related_name="rows")
    row_no = models.PositiveIntegerField()
    raw = models.JSONField(default=dict)
    status = models.CharField(max_length=8, choices=Status, default=Status.PENDING)
    order = models.ForeignKey(
        Order, on_delete=models.PROTECT, null=True, related_name="import_rows"
    )
    reference = models.CharField(
        max_length=80, blank=True, help_text=_("The number of its order in the file.")
    )
    column = models.CharField(
        max_length=80, blank=True, help_text=_("The column in which something is wrong.")
    )
    error_code = models.CharField(max_length=40, null=True)  # noqa: DJ001 - null unless rejected
    message = models.CharField(max_length=400, blank=True)

    objects: ClassVar = OrderImportRowQuerySet.as_manager()

    class Meta:
        verbose_name = _("order import row")
        verbose_name_plural = _("order import rows")
        ordering: ClassVar = ["order_import", "row_no"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["order_import", "row_no"], name="import_row_numbered_once"
            ),
            models.CheckConstraint(
                condition=(Q(status="rejected", error_code__isnull=False) & ~Q(error_code=""))
                | ~Q(status="rejected") & Q(error_code=None),
                name="import_row_rejected_says_why",
            ),
        ]

    def __str__(self) -> str:
        return gettext("Row %(number)s") % {"number": self.row_no}

    def cells(self, columns: list[str]) -> list[Any]:
        """What the row said, in the order of the file's columns."""
        return [self.raw.get(name, "") for name in columns]
