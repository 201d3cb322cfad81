"""Files of orders: what was read, what became of each row, and why one was turned down."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from orders.models.orders import Order


class OrderImport(models.Model):
    """One file that was read, whole or as a dry run; its rows keep what they said."""

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
    status = models.CharField(max_length=8, choices=Status, default=Status.UPLOADED)
    error = models.CharField(max_length=400, blank=True)
    total_rows = models.PositiveIntegerField(default=0)
    accepted_rows = models.PositiveIntegerField(default=0)
    rejected_rows = models.PositiveIntegerField(default=0)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["-pk"]

    def __str__(self) -> str:
        return self.file_name


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
    error_code = models.CharField(max_length=40, null=True)  # noqa: DJ001 - null unless rejected
    message = models.CharField(max_length=400, blank=True)

    class Meta:
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
