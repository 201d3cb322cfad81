"""History: what happened to an order, when and by whom; written once, sealed, never edited."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from orders.models.graph import Status
from orders.models.orders import Order


class HistorySeal(models.Model):
    """A hash over the events since the seal before it, which it continues.

    The hash also stands in a file outside the database: whoever rewrites history here is caught
    there.
    """

    sealed_at = models.DateTimeField()
    event_count = models.PositiveIntegerField()
    previous_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    class Meta:
        verbose_name = _("history seal")
        verbose_name_plural = _("history seals")

    def __str__(self) -> str:
        return f"Seal {self.pk}"


class OrderEvent(models.Model):
    """One thing that happened to one order, as the step that did it wrote it down.

    ``data`` holds every changed fact as old → new. ``canonical`` is the text that ``event_hash``
    (SHA-256, hex) covers; personal data stands in an ``EventNote`` beside it, never in either.
    Append-only by trigger; only ``seal`` goes from null to a value, once.
    """

    order = models.ForeignKey(
        Order, on_delete=models.PROTECT, related_name="events", db_index=False
    )
    seq = models.PositiveIntegerField()
    type = models.CharField(max_length=40)
    from_state = models.CharField(  # noqa: DJ001 - null: the status did not change
        max_length=12, choices=Status, null=True
    )
    to_state = models.CharField(max_length=12, choices=Status, null=True)  # noqa: DJ001
    occurred_at = models.DateTimeField()
    actor = models.CharField(max_length=40)
    source = models.CharField(max_length=10)
    request_id = models.CharField(max_length=40, blank=True)
    reason = models.CharField(max_length=40, null=True)  # noqa: DJ001 - null: none was asked for
    data = models.JSONField(default=dict)
    canonical = models.TextField()
    event_hash = models.CharField(max_length=64)
    visible_to_customer = models.BooleanField(default=False)
    seal = models.ForeignKey(HistorySeal, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = _("order event")
        verbose_name_plural = _("order events")
        indexes: ClassVar = [
            models.Index(fields=["id"], condition=Q(seal=None), name="order_event_unsealed"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["order", "seq"], name="order_event_numbered_once"),
        ]

    def __str__(self) -> str:
        return f"{self.type} #{self.seq}"


class EventNote(models.Model):
    """Words that a person typed with an event, and names in it; can be erased, the event cannot."""

    event = models.OneToOneField(
        OrderEvent, on_delete=models.PROTECT, primary_key=True, related_name="note"
    )
    text = models.TextField(blank=True)

    class Meta:
        verbose_name = _("event note")
        verbose_name_plural = _("event notes")

    def __str__(self) -> str:
        return self.text


class StageInterval(models.Model):
    """How long an order stood in a stage; the present one has no end yet."""

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="stages")
    stage = models.CharField(max_length=12, choices=Status)
    entered_at = models.DateTimeField()
    left_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("stage interval")
        verbose_name_plural = _("stage intervals")
        indexes: ClassVar = [
            models.Index(
                fields=["entered_at", "order"],
                condition=Q(stage="draft"),
                name="stage_of_entry_by_time",
            ),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["order"], condition=Q(left_at=None), name="order_stands_in_one_stage"
            ),
            models.CheckConstraint(
                condition=Q(left_at=None) | Q(left_at__gte=F("entered_at")),
                name="stage_is_left_after_it_was_entered",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.stage} since {self.entered_at:%d %b %H:%M}"


class OrderSearch(models.Model):
    """The words by which an order is found; written when they change, searched by trigram.

    ``likeness`` is the same for orders of one customer with the same PO, currency and total: among
    them a repeat is looked for. The database keeps it with the order.
    """

    order = models.OneToOneField(
        Order, on_delete=models.CASCADE, primary_key=True, related_name="search"
    )
    words = models.TextField()
    likeness = models.BigIntegerField()

    class Meta:
        verbose_name = _("order search")
        verbose_name_plural = _("order searches")
        indexes: ClassVar = [
            models.Index(fields=["likeness", "order"], name="order_search_by_likeness"),
            GinIndex(
                fields=["words"],
                opclasses=["gin_trgm_ops"],
                name="order_search_by_trigram",
                gin_pending_list_limit=256,  # KB that every search may have to read through
            ),
        ]

    def __str__(self) -> str:
        return self.words
