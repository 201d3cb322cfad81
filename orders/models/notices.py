"""What a member of staff is told: something that happened wants their attention."""

from __future__ import annotations

from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from config.kernel.words import Words
from orders.models.bulk import BulkJob
from orders.models.imports import OrderImport
from orders.models.orders import Order


class StaffNoticeQuerySet(models.QuerySet["StaffNotice"]):
    """Notices as the bell and the sweep ask for them."""

    def unread(self) -> Self:
        return self.filter(read_at=None)


class StaffNotice(models.Model):
    """One sentence for one member of staff, written in the transaction of what it tells.

    It holds no words that a person typed. ``sentence`` is how it is kept, ``data`` what it takes to
    say it in another language. Read ones are swept after a month.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notices", db_index=False
    )
    kind = models.CharField(max_length=20)
    tone = models.CharField(max_length=8, default="blue")
    order = models.ForeignKey(
        Order, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    job = models.ForeignKey(
        BulkJob, on_delete=models.CASCADE, null=True, related_name="+", db_index=False
    )
    order_import = models.ForeignKey(
        OrderImport, on_delete=models.CASCADE, null=True, related_name="+", db_index=False
    )
    sentence = models.CharField(max_length=300)
    data = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)

    objects: ClassVar = StaffNoticeQuerySet.as_manager()

    class Meta:
        verbose_name = _("staff notice")
        verbose_name_plural = _("staff notices")
        ordering: ClassVar = ["-pk"]
        indexes: ClassVar = [
            models.Index(fields=["user", "id"], name="staff_notice_by_user"),
            models.Index(fields=["user"], condition=Q(read_at=None), name="staff_notice_unread"),
            models.Index(
                fields=["read_at"], condition=Q(read_at__isnull=False), name="staff_notice_read"
            ),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(sentence=""), name="staff_notice_says_something"),
            models.CheckConstraint(
                condition=Q(read_at=None) | Q(read_at__gte=F("created_at")),
                name="staff_notice_is_read_after_it_was_written",
            ),
        ]

    def __str__(self) -> str:
        return self.sentence

    @property
    def said(self) -> str:
        """What happened, for whoever reads it now."""
        return Words.read(self.data).said if self.data else self.sentence
