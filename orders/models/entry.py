"""What order entry keeps beside the order: the form it came from, and deliveries in parts."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from orders.models.lines import OrderLine
from orders.models.orders import Order


class EntryKey(models.Model):
    """The form in which an order was typed: sent twice, it makes one order."""

    key = models.CharField(max_length=64, primary_key=True)
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="+", db_index=False)

    class Meta:
        verbose_name = _("entry key")
        verbose_name_plural = _("entry keys")

    def __str__(self) -> str:
        return self.key


class LineSchedule(models.Model):
    """A part of a line that is wanted on a day of its own.

    The parts of a line add up to what is still wanted of it; a line without any is wanted at once.
    """

    line = models.ForeignKey(OrderLine, on_delete=models.PROTECT, related_name="schedule")
    due_on = models.DateField()
    quantity = models.IntegerField()

    class Meta:
        verbose_name = _("line schedule")
        verbose_name_plural = _("line schedules")
        ordering: ClassVar = ["line", "due_on"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["line", "due_on"],
                name="line_schedule_once_per_day",
                violation_error_message=_("This line has a part on that day already."),
            ),
            models.CheckConstraint(
                condition=Q(quantity__gte=0),
                name="line_schedule_never_negative",
                violation_error_message=_("A part of a line cannot be negative."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} on {self.due_on}"
