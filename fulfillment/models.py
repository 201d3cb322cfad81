"""The floor: pick lists and their tasks, shipments and what is in them."""

from __future__ import annotations

from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from config.kernel.money import MoneyField
from inventory.models import Bin, Warehouse
from orders.models import Allocation, Currency, Order, OrderLine


class PickList(models.Model):
    """A walk through one warehouse: tasks in the order in which a picker passes the bins."""

    class Status(models.TextChoices):
        OPEN = "open", _("Open")
        RELEASED = "released", _("Released")
        IN_PROGRESS = "in_progress", _("In progress")
        DONE = "done", _("Done")
        CANCELLED = "cancelled", _("Cancelled")

    number = models.CharField(max_length=20, unique=True)
    warehouse = models.ForeignKey(Warehouse, on_delete=models.PROTECT, related_name="pick_lists")
    status = models.CharField(max_length=12, choices=Status, default=Status.OPEN)
    created_at = models.DateTimeField()

    class Meta:
        verbose_name = _("pick list")
        verbose_name_plural = _("pick lists")
        ordering: ClassVar = ["-pk"]
        indexes: ClassVar = [
            models.Index(
                fields=["warehouse", "id"],
                condition=Q(status__in=["open", "released", "in_progress"]),
                name="pick_list_open_by_warehouse",
            ),
        ]

    def __str__(self) -> str:
        return self.number


class TaskStatus(models.TextChoices):
    """How far a pick task has come."""

    READY = "ready", _("Ready")
    ASSIGNED = "assigned", _("Assigned")
    PICKING = "picking", _("Being picked")
    PICKED = "picked", _("Picked")
    SHORT = "short", _("Short")
    CANCELLED = "cancelled", _("Cancelled")


OPEN_TASKS = (TaskStatus.READY, TaskStatus.ASSIGNED, TaskStatus.PICKING)


class PickTaskQuerySet(models.QuerySet["PickTask"]):
    """Tasks as the floor asks for them."""

    def open(self) -> Self:
        return self.filter(status__in=OPEN_TASKS)


class PickTask(models.Model):
    """Take so many units of one allocation out of one bin.

    A task without a list waits for one. It dies with its allocation: an allocation that is
    released leaves nothing to pick.
    """

    pick_list = models.ForeignKey(
        PickList, on_delete=models.PROTECT, null=True, related_name="tasks"
    )
    allocation = models.ForeignKey(Allocation, on_delete=models.PROTECT, related_name="tasks")
    bin = models.ForeignKey(Bin, on_delete=models.PROTECT, related_name="+", db_index=False)
    lot = models.CharField(max_length=40, null=True)  # noqa: DJ001 - null is "no lot"
    quantity = models.IntegerField()
    picked = models.IntegerField(default=0)
    status = models.CharField(max_length=10, choices=TaskStatus, default=TaskStatus.READY)
    assigned_to = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="pick_tasks"
    )
    created_at = models.DateTimeField()

    objects: ClassVar = PickTaskQuerySet.as_manager()

    class Meta:
        verbose_name = _("pick task")
        verbose_name_plural = _("pick tasks")
        indexes: ClassVar = [
            models.Index(
                fields=["bin"],
                condition=Q(status__in=["ready", "assigned", "picking"]),
                name="pick_task_open_by_bin",
            ),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(quantity__gt=0, picked__gte=0, picked__lte=F("quantity")),
                name="pick_task_picks_no_more_than_asked",
                violation_error_message=_("More was picked than the task asks for."),
            ),
            models.CheckConstraint(
                condition=Q(status="ready", picked=0, assigned_to=None)
                | Q(status="assigned", picked=0, assigned_to__isnull=False)
                | Q(status="picking", assigned_to__isnull=False)
                | Q(status="picked", picked=F("quantity"))
                | Q(status__in=["short", "cancelled"], picked__lt=F("quantity")),
                name="pick_task_status_follows_its_counters",
            ),
        ]

    def __str__(self) -> str:
        return gettext("%(units)s from %(bin)s") % {"units": self.quantity, "bin": self.bin}

    @property
    def left(self) -> int:
        """Units still to be picked."""
        return self.quantity - self.picked if self.status in OPEN_TASKS else 0


class PickScan(models.Model):
    """One confirmed pick; a recall is a negative one. The scan id makes a repeat harmless."""

    task = models.ForeignKey(PickTask, on_delete=models.PROTECT, related_name="scans")
    scan_id = models.CharField(max_length=60, unique=True)
    quantity = models.IntegerField()
    scanned_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    scanned_at = models.DateTimeField()

    class Meta:
        verbose_name = _("pick scan")
        verbose_name_plural = _("pick scans")
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(quantity=0), name="pick_scan_moves_something"),
        ]

    def __str__(self) -> str:
        return self.scan_id


class Carrier(models.Model):
    """Who carries parcels, and where their tracking page is."""

    code = models.CharField(_("code"), max_length=20, unique=True)
    name = models.CharField(_("name"), max_length=60)
    tracking_url = models.CharField(
        _("tracking address"),
        max_length=200,
        blank=True,
        help_text=_("With {number} where the tracking number goes."),
    )
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("carrier")
        verbose_name_plural = _("carriers")
        ordering: ClassVar = ["name"]

    def __str__(self) -> str:
        return self.name


class ShippingRate(models.Model):
    """What one carrier charges the customer for an order, in one currency."""

    carrier = models.ForeignKey(
        Carrier, verbose_name=_("carrier"), on_delete=models.CASCADE, related_name="rates"
    )
    currency = models.ForeignKey(
        Currency,
        verbose_name=_("currency"),
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )
    amount = MoneyField(_("amount"))

    class Meta:
        verbose_name = _("shipping rate")
        verbose_name_plural = _("shipping rates")
        ordering: ClassVar = ["carrier", "currency"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["carrier", "currency"],
                name="shipping_rate_once_per_carrier_and_currency",
                violation_error_message=_("This carrier has a rate in the currency already."),
            ),
            models.CheckConstraint(
                condition=Q(amount__gte=0),
                name="shipping_rate_never_negative",
                violation_error_message=_("A rate cannot be negative."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.carrier} {self.amount} {self.currency_id}"


class ShipmentStatus(models.TextChoices):
    """How far a shipment has come."""

    PLANNED = "planned", _("Planned")
    PICKING = "picking", _("Picking")
    PACKED = "packed", _("Packed")
    DISPATCHED = "dispatched", _("Dispatched")
    IN_TRANSIT = "in_transit", _("In transit")
    OUT_FOR_DELIVERY = "out_for_delivery", _("Out for delivery")
    DELIVERED = "delivered", _("Delivered")
    RETURNED_TO_SENDER = "returned_to_sender", _("Returned to sender")
    CANCELLED = "cancelled", _("Cancelled")


IN_HOUSE = (ShipmentStatus.PLANNED, ShipmentStatus.PICKING, ShipmentStatus.PACKED)
ON_THE_WAY = (
    ShipmentStatus.DISPATCHED,
    ShipmentStatus.IN_TRANSIT,
    ShipmentStatus.OUT_FOR_DELIVERY,
)
HAS_LEFT = (*ON_THE_WAY, ShipmentStatus.DELIVERED, ShipmentStatus.RETURNED_TO_SENDER)


class ShipmentQuerySet(models.QuerySet["Shipment"]):
    """Shipments as steps and screens ask for them."""

    def in_house(self) -> Self:
        return self.filter(status__in=IN_HOUSE)

    def on_the_way(self) -> Self:
        return self.filter(status__in=ON_THE_WAY)


class Shipment(models.Model):
    """What leaves one warehouse for one order at one time."""

    number = models.CharField(max_length=20, unique=True)
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="shipments")
    warehouse = models.ForeignKey(
        Warehouse, on_delete=models.PROTECT, related_name="shipments", db_index=False
    )
    carrier = models.ForeignKey(
        Carrier, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    status = models.CharField(max_length=18, choices=ShipmentStatus, default=ShipmentStatus.PLANNED)
    has_exception = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    dispatched_at = models.DateTimeField(null=True)
    delivered_at = models.DateTimeField(null=True)

    objects: ClassVar = ShipmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("shipment")
        verbose_name_plural = _("shipments")
        ordering: ClassVar = ["pk"]
        indexes: ClassVar = [
            models.Index(
                fields=["warehouse", "status", "id"],
                condition=~Q(status__in=["delivered", "returned_to_sender", "cancelled"]),
                name="shipment_open_by_warehouse",
            ),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["order", "warehouse"],
                condition=Q(status__in=["planned", "picking"]),
                name="shipment_one_being_filled_per_warehouse",
            ),
            models.CheckConstraint(
                condition=Q(
                    status__in=["planned", "picking", "packed", "cancelled"], dispatched_at=None
                )
                | Q(
                    status__in=[
                        "dispatched",
                        "in_transit",
                        "out_for_delivery",
                        "delivered",
                        "returned_to_sender",
                    ],
                    dispatched_at__isnull=False,
                ),
                name="shipment_dispatched_at_is_set_when_it_left",
            ),
            models.CheckConstraint(
                condition=Q(status="delivered", delivered_at__isnull=False)
                & Q(delivered_at__gte=F("dispatched_at"))
                | ~Q(status="delivered") & Q(delivered_at=None),
                name="shipment_delivered_at_is_set_when_it_arrived",
            ),
        ]

    def __str__(self) -> str:
        return self.number


class Package(models.Model):
    """One parcel of a shipment, with the number that its carrier knows it by."""

    shipment = models.ForeignKey(Shipment, on_delete=models.PROTECT, related_name="packages")
    tracking_number = models.CharField(  # noqa: DJ001 - null before the label is printed
        max_length=60, null=True
    )

    class Meta:
        verbose_name = _("package")
        verbose_name_plural = _("packages")
        indexes: ClassVar = [
            models.Index(
                fields=["tracking_number"],
                opclasses=["varchar_pattern_ops"],
                name="package_by_tracking_number",
            ),
        ]

    def __str__(self) -> str:
        return self.tracking_number or gettext("Parcel %(number)s") % {"number": self.pk}


class ShipmentLine(models.Model):
    """Units of one allocation in one shipment; a line that is not stocked has no allocation.

    ``cost_amount`` is the cost of goods as booked on dispatch, in the company's currency.
    """

    shipment = models.ForeignKey(Shipment, on_delete=models.PROTECT, related_name="lines")
    package = models.ForeignKey(Package, on_delete=models.PROTECT, null=True, related_name="lines")
    order_line = models.ForeignKey(
        OrderLine, on_delete=models.PROTECT, related_name="shipment_lines"
    )
    allocation = models.ForeignKey(
        Allocation, on_delete=models.PROTECT, null=True, related_name="shipment_lines"
    )
    sku = models.CharField(max_length=64)
    quantity = models.IntegerField()
    cost_amount = models.DecimalField(max_digits=18, decimal_places=4, default=0)
    cost_currency = models.ForeignKey(
        Currency, on_delete=models.PROTECT, related_name="+", db_index=False
    )

    class Meta:
        verbose_name = _("shipment line")
        verbose_name_plural = _("shipment lines")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(quantity__gt=0, cost_amount__gte=0),
                name="shipment_line_holds_at_least_one_unit",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.sku} × {self.quantity}"
