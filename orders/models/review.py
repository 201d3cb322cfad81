"""What stops an order: exceptions that rules found, and holds that somebody placed."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import ClassVar, Self

from django.conf import settings
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from config.kernel.reading import near_day
from config.kernel.words import Words, said
from orders.models.orders import Order
from orders.models.rules import BLOCKING, LABELS, Severity

LOOKING = timedelta(seconds=60)  # how long somebody who opened a finding counts as looking at it


class OrderExceptionQuerySet(models.QuerySet["OrderException"]):
    """Findings as the review queue and the steps ask for them."""

    def open(self) -> Self:
        return self.filter(status=OrderException.Status.OPEN)

    def blocking(self) -> Self:
        return self.open().filter(severity__in=BLOCKING)

    def overdue(self) -> Self:
        """Findings that wait longer than their rule wants."""
        return self.filter(due_at__lt=timezone.now())


class OrderException(models.Model):
    """Something is wrong with an order: which rule says so, how badly, and who has to act.

    The fingerprint names the problem and the facts that make it one: found again, it is the same
    row; a waiver counts for these facts and better ones, and what is worse is asked about anew.
    """

    class Status(models.TextChoices):
        OPEN = "open", _("Open")
        WAIVED = "waived", _("Waived")
        RESOLVED = "resolved", _("Resolved")
        AUTO_RESOLVED = "auto_resolved", _("No longer the case")

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
    permission = models.CharField(
        max_length=100, blank=True, help_text=_("Taken besides the one to waive; empty: none.")
    )
    waived_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    waive_reason = models.CharField(max_length=400, null=True)  # noqa: DJ001 - null unless waived
    opened_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True, help_text=_("By when somebody should have decided."))
    checked_at = models.DateTimeField(db_default=Now(), help_text=_("When it was last found so."))
    closed_at = models.DateTimeField(null=True)
    looked_at_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
        db_index=False,
    )
    looked_at = models.DateTimeField(null=True)

    objects: ClassVar = OrderExceptionQuerySet.as_manager()

    class Meta:
        verbose_name = _("order exception")
        verbose_name_plural = _("order exceptions")
        ordering: ClassVar = ["opened_at", "pk"]
        indexes: ClassVar = [
            models.Index(
                fields=["opened_at", "id"],
                condition=Q(status="open", severity__in=["block", "review"]),
                name="order_exception_open",
            ),
            models.Index(
                fields=["rule", "order"],
                condition=Q(status="open"),
                name="order_exception_open_by_rule",
            ),
            BrinIndex(fields=["opened_at"], name="order_exception_by_time"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["order", "fingerprint"],
                condition=Q(status="open"),
                name="order_exception_open_once_per_problem",
            ),
            models.CheckConstraint(
                condition=Q(status="open", closed_at=None)
                | ~Q(status="open") & Q(closed_at__isnull=False, closed_at__gte=F("opened_at")),
                name="order_exception_closes_after_it_opens",
            ),
            models.CheckConstraint(
                condition=(
                    Q(status="waived", waived_by__isnull=False, waive_reason__isnull=False)
                    & ~Q(waive_reason="")
                )
                | ~Q(status="waived") & Q(waived_by=None, waive_reason=None),
                name="order_exception_waiver_names_who_and_why",
                violation_error_message=_("A waiver needs a reason."),
            ),
        ]

    def __str__(self) -> str:
        return self.message

    @property
    def said(self) -> str:
        """What is wrong, for whoever reads it now; ``message`` is how it is kept."""
        return said(self.words)

    @property
    def words(self) -> str:
        """The same as sentences that tell of it keep it."""
        return Words.read(self.data) if "pattern" in self.data else self.message

    @property
    def label(self) -> str:
        """The kind of problem, in a word or two."""
        return gettext(self.kept_label)

    @property
    def kept_label(self) -> str:
        """The same as sentences that are kept say it."""
        return LABELS.get(self.rule) or self.rule.replace("_", " ").capitalize()

    @property
    def is_blocking(self) -> bool:
        """Whether the order stops until this is closed."""
        return self.status == self.Status.OPEN and self.severity in BLOCKING

    @property
    def is_overdue(self) -> bool:
        """Whether it waits longer than its rule wants."""
        return bool(self.due_at and self.due_at < timezone.now())

    def is_looked_at_by_others(self, user: int | None) -> bool:
        """Whether somebody else has it on the screen right now."""
        fresh = self.looked_at is not None and self.looked_at > timezone.now() - LOOKING
        return fresh and self.looked_at_by_id not in {None, user}


class HoldQuerySet(models.QuerySet["Hold"]):
    """Holds as guards ask for them."""

    def in_force(self) -> Self:
        return self.filter(released_at=None)

    def expired(self, at: datetime) -> Self:
        """Holds whose time is over and that nobody released."""
        return self.in_force().filter(expires_at__lte=at)


class Hold(models.Model):
    """A decision to stop an order where it stands; several may be in force at once."""

    class Kind(models.TextChoices):
        MANUAL = "manual", _("Stopped by staff")
        CREDIT = "credit", _("Credit in question")
        PAYMENT = "payment", _("Payment problem")
        ADDRESS = "address", _("Address to be confirmed")
        FRAUD = "fraud", _("Suspected fraud")
        CUSTOMER = "customer_request", _("The customer asked to wait")
        SYSTEM = "system", _("Stopped by the system after a failure")

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="holds")
    kind = models.CharField(max_length=16, choices=Kind, default=Kind.MANUAL)
    reason = models.CharField(max_length=200)
    team = models.CharField(max_length=30, blank=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="owned_holds",
    )
    placed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    placed_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True, blank=True)
    released_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    released_at = models.DateTimeField(null=True)

    objects: ClassVar = HoldQuerySet.as_manager()

    class Meta:
        verbose_name = _("hold")
        verbose_name_plural = _("holds of orders")
        indexes: ClassVar = [
            models.Index(fields=["order"], condition=Q(released_at=None), name="hold_in_force"),
            models.Index(
                fields=["expires_at"],
                condition=Q(released_at=None, expires_at__isnull=False),
                name="hold_that_expires",
            ),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=~Q(reason=""),
                name="hold_says_why",
                violation_error_message=_("A hold needs a reason."),
            ),
            models.CheckConstraint(
                condition=Q(released_at=None, released_by=None)
                | Q(released_at__isnull=False, released_at__gte=F("placed_at")),
                name="hold_is_released_after_it_was_placed",
            ),
            models.CheckConstraint(
                condition=Q(expires_at=None) | Q(expires_at__gt=F("placed_at")),
                name="hold_expires_after_it_was_placed",
                violation_error_message=_("A hold ends after it begins."),
            ),
        ]

    def __str__(self) -> str:
        return self.reason

    @property
    def words(self) -> str:
        """Why it was placed and until when, in one sentence part."""
        if self.expires_at is None:
            return self.reason
        end = timezone.localtime(self.expires_at)
        words = gettext("%(reason)s, until %(end)s")
        return words % {"reason": self.reason, "end": f"{near_day(end)} {end:%H:%M}"}
