"""Returns: goods that come back, and the credit that is given for them."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from finance.models import CreditNote
from orders.models import Order


class Return(models.Model):
    """Goods of one order on their way back; it never lowers what was shipped."""

    class Status(models.TextChoices):
        REQUESTED = "requested", _("Requested")
        AUTHORIZED = "authorized", _("Authorized")
        REJECTED = "rejected", _("Rejected")
        IN_TRANSIT = "in_transit", _("In transit")
        PART_RECEIVED = "part_received", _("Partly received")
        RECEIVED = "received", _("Received")
        INSPECTED = "inspected", _("Inspected")
        RESOLVED = "resolved", _("Resolved")
        CANCELLED = "cancelled", _("Cancelled")
        EXPIRED = "expired", _("Expired")

    number = models.CharField(max_length=20, unique=True)
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="returns")
    status = models.CharField(max_length=14, choices=Status, default=Status.REQUESTED)
    reason = models.CharField(max_length=40)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    requested_at = models.DateTimeField()
    resolved_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(status="resolved", resolved_at__isnull=False)
                | ~Q(status="resolved") & Q(resolved_at=None),
                name="return_resolved_at_is_set_when_resolved",
            ),
        ]

    def __str__(self) -> str:
        return self.number


class ReturnCredit(models.Model):
    """Which return a credit note was given for; goodwill has none."""

    sales_return = models.ForeignKey(Return, on_delete=models.PROTECT, related_name="credits")
    credit_note = models.OneToOneField(
        CreditNote, on_delete=models.PROTECT, primary_key=True, related_name="return_credit"
    )

    def __str__(self) -> str:
        words = {"credit_note": self.credit_note_id, "return": self.sales_return_id}
        return gettext("%(credit_note)s for %(return)s") % words
