"""What stops an order: exceptions that rules found, and holds that somebody placed."""

from __future__ import annotations

from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from orders.models.orders import Order
from orders.models.rules import BLOCKING, Severity


class OrderExceptionQuerySet(models.QuerySet["OrderException"]):
    """Findings as the review queue and the steps ask for them."""

    def open(self) -> Self:
        return self.filter(status=OrderException.Status.OPEN)

    def blocking(self) -> Self:
        return self.open().filter(severity__in=BLOCKING)


class OrderException(models.Model):
    """Something is wrong with an order: which rule says so, how badly, and who has to act.

    The fingerprint names the problem and the facts that make it one: found again, it is the same
    row; a waiver counts only for the fingerprint it was given for.
    """

    class Status(models.TextChoices):
        OPEN = "open", "Open"
        WAIVED = "waived", "Waived"
        RESOLVED = "resolved", "Resolved"
        AUTO_RESOLVED = "auto_resolved", "No longer the case"

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="exceptions")
    rule = models.CharField(max_length=30)
    severity = models.CharField(max_length=6, choices=Severity)
    fingerprint = models.CharField(max_length=120)
    message = models.CharField(max_length=400)
    data = models.JSONField(default=dict)
    status = models.CharField(max_length=14, choices=Status, default=Status.OPEN)
    team = models.CharField(max_length=30, blank=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="owned_exceptions",
    )
    four_eyes = models.BooleanField(default=False)
    waived_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    waive_reason = models.CharField(max_length=400, null=True)  # noqa: DJ001 - null unless waived
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    objects: ClassVar = OrderExceptionQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["opened_at", "pk"]
        indexes: ClassVar = [
            models.Index(
                fields=["severity", "opened_at"],
                condition=Q(status="open"),
                name="order_exception_open",
            ),
            models.Index(
                fields=["rule", "order"],
                condition=Q(status="open"),
                name="order_exception_open_by_rule",
            ),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["order", "fingerprint"],
                condition=Q(status="open"),
                name="order_exception_open_once_per_problem",
            ),
            models.CheckConstraint(
                condition=Q(status="open", closed_at=None)
                | ~Q(status="open") & Q(closed_at__gte=F("opened_at")),
                name="order_exception_closes_after_it_opens",
            ),
            models.CheckConstraint(
                condition=(
                    Q(status="waived", waived_by__isnull=False, waive_reason__isnull=False)
                    & ~Q(waive_reason="")
                )
                | ~Q(status="waived") & Q(waived_by=None, waive_reason=None),
                name="order_exception_waiver_names_who_and_why",
                violation_error_message="A waiver needs a reason.",
            ),
        ]

    def __str__(self) -> str:
        return self.message

    @property
    def is_blocking(self) -> bool:
        """Whether the order stops until this is closed."""
        return self.status == self.Status.OPEN and self.severity in BLOCKING


class HoldQuerySet(models.QuerySet["Hold"]):
    """Holds as guards ask for them."""

    def in_force(self) -> Self:
        return self.filter(released_at=None)


class Hold(models.Model):
    """A decision to stop an order where it stands; several may be in force at once."""

    class Kind(models.TextChoices):
        MANUAL = "manual", "Stopped by staff"
        SYSTEM = "system", "Stopped by the system after a failure"

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="holds")
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.MANUAL)
    reason = models.CharField(max_length=200)
    placed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    placed_at = models.DateTimeField()
    released_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    released_at = models.DateTimeField(null=True)

    objects: ClassVar = HoldQuerySet.as_manager()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["order"], condition=Q(released_at=None), name="hold_in_force"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=~Q(reason=""),
                name="hold_says_why",
                violation_error_message="A hold needs a reason.",
            ),
            models.CheckConstraint(
                condition=Q(released_at=None, released_by=None)
                | Q(released_at__gte=F("placed_at")),
                name="hold_is_released_after_it_was_placed",
            ),
        ]

    def __str__(self) -> str:
        return self.reason
