"""What sales promised and the warehouse has to do: allocations, promises and where from.

An allocation ties a line to a stock level; it is the contract between sales and the warehouse.
"""

from __future__ import annotations

from typing import ClassVar, Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from inventory.models import StockLevel, Supply, Warehouse
from orders.models.lines import OrderLine
from orders.models.orders import Order


class AllocationState(models.TextChoices):
    """How far allocated units have come."""

    HELD = "held", _("Held for a while")
    ACTIVE = "active", _("Allocated")
    PICKING = "picking", _("Being picked")
    PICKED = "picked", _("Picked")
    SHIPPED = "shipped", _("Shipped")
    RELEASED = "released", _("Released")
    EXPIRED = "expired", _("Expired")


OPEN_ALLOCATIONS = (
    AllocationState.HELD,
    AllocationState.ACTIVE,
    AllocationState.PICKING,
    AllocationState.PICKED,
)


class AllocationQuerySet(models.QuerySet["Allocation"]):
    """Allocations as steps and screens ask for them."""

    def open(self) -> Self:
        return self.filter(state__in=OPEN_ALLOCATIONS)


class Allocation(models.Model):
    """Units of one stock level that belong to one line.

    ``picked`` and ``shipped`` are cumulative; what is still open is ``quantity − shipped``, and
    over all open allocations of a level that is the level's ``reserved``.
    """

    line = models.ForeignKey(OrderLine, on_delete=models.PROTECT, related_name="allocations")
    stock_level = models.ForeignKey(
        StockLevel, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    quantity = models.IntegerField()
    picked = models.IntegerField(default=0)
    shipped = models.IntegerField(default=0)
    state = models.CharField(max_length=8, choices=AllocationState, default=AllocationState.ACTIVE)
    priority_at = models.DateTimeField()
    created_at = models.DateTimeField()

    objects: ClassVar = AllocationQuerySet.as_manager()

    class Meta:
        verbose_name = _("allocation")
        verbose_name_plural = _("allocations")
        indexes: ClassVar = [
            models.Index(
                fields=["stock_level"],
                condition=Q(state__in=["held", "active", "picking", "picked"]),
                name="allocation_open_by_level",
            ),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(quantity__gt=0, shipped__gte=0)
                & Q(shipped__lte=F("picked"), picked__lte=F("quantity")),
                name="allocation_ships_what_was_picked",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["held", "active", "released", "expired"], picked=0)
                | Q(state="picking", picked__lt=F("quantity"))
                | Q(state="picked", picked=F("quantity"), shipped__lt=F("quantity"))
                | Q(state="shipped", shipped=F("quantity")),
                name="allocation_state_follows_its_counters",
            ),
        ]

    def __str__(self) -> str:
        words = gettext("%(units)s of line %(line)s")
        return words % {"units": self.quantity, "line": self.line_id}

    @property
    def is_open(self) -> bool:
        """Whether units of it are still in the house."""
        return self.state in OPEN_ALLOCATIONS

    @property
    def unpicked(self) -> int:
        """Units still to be picked."""
        return self.quantity - self.picked if self.is_open else 0

    def free(self, quantity: int) -> None:
        """Give unpicked units back; an allocation of which nothing is left is released."""
        if quantity == self.quantity:
            self.state = AllocationState.RELEASED
        elif quantity:
            self.quantity -= quantity
            self.follow()

    def follow(self) -> None:
        """Let the state say what the counters say."""
        if self.shipped == self.quantity:
            self.state = AllocationState.SHIPPED
        elif self.picked == self.quantity:
            self.state = AllocationState.PICKED
        elif self.picked:
            self.state = AllocationState.PICKING
        else:
            self.state = AllocationState.ACTIVE


class PromiseBasis(models.TextChoices):
    """What a promised date rests on."""

    STOCK = "stock", _("Stock on hand")
    SUPPLY = "supply", _("Expected supply")
    LEAD_TIME = "lead_time", _("Lead time")


class Promise(models.Model):
    """A date promised for a line; never edited, a later one names why it differs."""

    line = models.ForeignKey(OrderLine, on_delete=models.PROTECT, related_name="promises")
    seq = models.PositiveIntegerField()
    promised_on = models.DateField()
    basis = models.CharField(max_length=10, choices=PromiseBasis)
    supply = models.ForeignKey(Supply, on_delete=models.PROTECT, null=True, related_name="+")
    cause = models.CharField(max_length=200, null=True)  # noqa: DJ001 - null for the first one
    made_at = models.DateTimeField()

    class Meta:
        verbose_name = _("promise")
        verbose_name_plural = _("promises")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["line", "seq"], name="promise_numbered_once_per_line"),
            models.CheckConstraint(
                condition=Q(seq=1, cause=None) | Q(seq__gt=1, cause__isnull=False) & ~Q(cause=""),
                name="promise_that_changes_says_why",
            ),
            models.CheckConstraint(
                condition=Q(basis="supply", supply__isnull=False)
                | ~Q(basis="supply") & Q(supply=None),
                name="promise_from_supply_names_it",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.promised_on:%d %b %Y}"


class SourcingDecision(models.Model):
    """Why an order is served from where it is: one decision, with every warehouse considered."""

    class Method(models.TextChoices):
        AUTOMATIC = "automatic", _("By the rules")
        MANUAL = "manual", _("By staff")

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="sourcing_decisions")
    method = models.CharField(max_length=10, choices=Method, default=Method.AUTOMATIC)
    decided_at = models.DateTimeField()

    class Meta:
        verbose_name = _("sourcing decision")
        verbose_name_plural = _("sourcing decisions")

    def __str__(self) -> str:
        return gettext("Sourcing of %(order)s") % {"order": self.order_id}


class SourcingCandidate(models.Model):
    """One warehouse of a decision: its score, or the reason it was rejected."""

    decision = models.ForeignKey(
        SourcingDecision, on_delete=models.PROTECT, related_name="candidates"
    )
    warehouse = models.ForeignKey(
        Warehouse, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    score = models.DecimalField(max_digits=12, decimal_places=4, null=True)
    rejected_reason = models.CharField(max_length=200, null=True)  # noqa: DJ001
    is_chosen = models.BooleanField(default=False)
    covered = models.IntegerField(default=0)
    distance_km = models.IntegerField(null=True)

    class Meta:
        verbose_name = _("sourcing candidate")
        verbose_name_plural = _("sourcing candidates")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(score__isnull=False, rejected_reason=None)
                | Q(score=None, rejected_reason__isnull=False, is_chosen=False),
                name="sourcing_candidate_has_score_or_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.warehouse_id}: {self.score or self.rejected_reason}"
