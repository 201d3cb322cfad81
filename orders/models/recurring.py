"""Recurring orders: what a customer gets again and again, by a calendar, and each time it did."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import date
from typing import Any, ClassVar, Self

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from config.kernel import queues, sets
from inventory.models import Product
from orders.calendar import ORDINALS, WEEKDAYS, Calendar
from orders.models.customers import Customer, FillPolicy
from orders.models.orders import Order


class Pattern(models.TextChoices):
    """How the days of a calendar follow each other."""

    WEEKS = "weeks", _("Weeks, on a weekday")
    DAYS = "days", _("Days")
    MONTH_WEEKDAY = "month_weekday", _("Months, on a certain weekday")
    MONTH_DAY = "month_day", _("Months, on a day")
    MONTH_END = "month_end", _("Months, on the last day")


class Weekend(models.TextChoices):
    """What becomes of a day that falls on a weekend."""

    KEEP = "keep", _("Keep the day")
    NEXT = "next", _("Take the Monday after")
    PREVIOUS = "previous", _("Take the Friday before")


class RecurringOrderQuerySet(models.QuerySet["RecurringOrder"]):
    """What the worker and the screens ask of recurring orders."""

    def due(self, day: date) -> Self:
        return self.filter(is_active=True, next_on__lte=day)

    def claimed(self, size: int) -> list[int]:
        """Lock the next templates that are due and that nobody else is working on."""
        return queues.claimed(self.order_by("pk").values_list("pk", flat=True), size)


class RecurringOrder(models.Model):
    """An order that comes again: its customer, its lines and its calendar.

    Prices are taken on the day. ``next_on`` is the next day it is due, worked out anew whenever
    the calendar changes or a day has been served; null when the calendar has ended.
    """

    name = models.CharField(max_length=120)
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="recurring")
    po_number = models.CharField(_("customer's PO number"), max_length=60, blank=True)
    fill_policy = models.CharField(_("when short"), max_length=14, choices=FillPolicy, blank=True)
    note = models.TextField(blank=True)
    pattern = models.CharField(max_length=14, choices=Pattern, default=Pattern.WEEKS)
    every = models.PositiveSmallIntegerField(
        default=1, validators=[MinValueValidator(1), MaxValueValidator(366)]
    )
    weekday = models.PositiveSmallIntegerField(choices=list(enumerate(WEEKDAYS)), default=0)
    nth = models.SmallIntegerField(
        _("which one"), choices=[(nth, capfirst(word)) for nth, word in ORDINALS.items()], default=1
    )
    month_day = models.PositiveSmallIntegerField(
        _("day of the month"), default=1, validators=[MinValueValidator(1), MaxValueValidator(31)]
    )
    weekend = models.CharField(
        _("on a weekend"), max_length=8, choices=Weekend, default=Weekend.KEEP
    )
    starts_on = models.DateField()
    ends_on = models.DateField(_("until"), null=True, blank=True)
    is_active = models.BooleanField(default=True)
    next_on = models.DateField(null=True, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar = RecurringOrderQuerySet.as_manager()

    class Meta:
        verbose_name = _("recurring order")
        verbose_name_plural = _("recurring orders")
        ordering: ClassVar = ["name", "pk"]
        indexes: ClassVar = [
            models.Index(fields=["next_on"], condition=Q(is_active=True), name="recurring_due"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(every__gte=1, every__lte=366),
                name="recurring_order_comes_again_within_a_span",
                violation_error_message=_("It comes again after 1 to 366 days, weeks or months."),
            ),
            models.CheckConstraint(
                condition=Q(weekday__lte=6, month_day__gte=1, month_day__lte=31)
                & Q(nth__in=list(ORDINALS)),
                name="recurring_order_names_a_day",
            ),
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on")),
                name="recurring_order_ends_after_it_starts",
                violation_error_message=_("It cannot end before it starts."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("orders:recurring_order", args=[self.pk])

    @classmethod
    def locked(cls, ids: Iterable[int]) -> list[RecurringOrder]:
        """Lock these templates in id order, before any order."""
        return sets.read(cls, sets.LOCKED, list(set(ids)))

    @property
    def state(self) -> str:
        """Names what people have set of it: who wrote it anew meanwhile has left another one."""
        own = {"id", "next_on", "created_by_id", "created_at"}
        told = [
            str(getattr(self, each.attname))
            for each in self._meta.concrete_fields
            if each.attname not in own
        ]
        lines = self.lines.order_by("pk").values_list("product", "quantity", "every")
        return hashlib.sha256(repr((told, list(lines))).encode()).hexdigest()

    @property
    def number(self) -> str:
        """What people call it by."""
        return f"RT-{self.pk:03}"

    @property
    def calendar(self) -> Calendar:
        """Its days."""
        names = ("pattern", "starts_on", "every", "weekday", "nth", "month_day", "ends_on")
        values: dict[str, Any] = {name: getattr(self, name) for name in (*names, "weekend")}
        return Calendar(**values)


class RecurringLine(models.Model):
    """An item of a recurring order; ``every`` second or third time only, if need be."""

    recurring = models.ForeignKey(RecurringOrder, on_delete=models.CASCADE, related_name="lines")
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="+", db_index=False)
    quantity = models.PositiveIntegerField(default=1)
    every = models.PositiveSmallIntegerField(default=1)

    class Meta:
        verbose_name = _("recurring line")
        verbose_name_plural = _("recurring lines")
        ordering: ClassVar = ["recurring", "pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["recurring", "product"],
                name="recurring_line_once_per_product",
                violation_error_message=_("This item is on the recurring order already."),
            ),
            models.CheckConstraint(
                condition=Q(quantity__gte=1, every__gte=1),
                name="recurring_line_wants_at_least_one",
                violation_error_message=_("A quantity is at least 1."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} × {self.product_id}"


class RecurringRun(models.Model):
    """One day of one recurring order: the order that was made of it, or why none was."""

    class Outcome(models.TextChoices):
        PLACED = "placed", _("Placed")
        DRAFT = "draft", _("Kept as a draft")
        REFUSED = "refused", _("No order")
        SKIPPED = "skipped", _("Left out")

    recurring = models.ForeignKey(RecurringOrder, on_delete=models.CASCADE, related_name="runs")
    due_on = models.DateField(db_index=True)
    outcome = models.CharField(max_length=8, choices=Outcome)
    order = models.ForeignKey(Order, on_delete=models.PROTECT, null=True, related_name="+")
    message = models.TextField(blank=True)
    ran_at = models.DateTimeField()

    class Meta:
        verbose_name = _("recurring run")
        verbose_name_plural = _("recurring runs")
        ordering: ClassVar = ["-due_on", "pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["recurring", "due_on"], name="recurring_order_runs_once_a_day"
            ),
            models.CheckConstraint(
                condition=Q(outcome__in=["placed", "draft"], order__isnull=False)
                | Q(outcome__in=["refused", "skipped"], order=None),
                name="recurring_run_names_its_order",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.recurring_id} on {self.due_on}"

    @property
    def said(self) -> str:
        """Why, as the reader says it; what was told of one order stays as it is kept."""
        return gettext(self.message) if self.message else ""
