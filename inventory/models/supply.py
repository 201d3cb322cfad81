"""Supply: goods that are expected, and when."""

from __future__ import annotations

from typing import ClassVar, Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from inventory.models.products import Product
from inventory.models.stock import Warehouse


class SupplyKind(models.TextChoices):
    """Where expected goods come from."""

    PURCHASE = "purchase", _("Purchase order")
    PRODUCTION = "production", _("Production order")
    TRANSFER = "transfer", _("Transfer")


class SupplyStatus(models.TextChoices):
    """How far an expected delivery has come."""

    PLANNED = "planned", _("Planned")
    IN_TRANSIT = "in_transit", _("In transit")
    PART_RECEIVED = "part_received", _("Partly received")
    RECEIVED = "received", _("Received")
    CANCELLED = "cancelled", _("Cancelled")


class SupplyQuerySet(models.QuerySet["Supply"]):
    """Expected goods as promises and receipts ask for them."""

    def open(self) -> Self:
        return self.exclude(status__in=[SupplyStatus.RECEIVED, SupplyStatus.CANCELLED])


class Supply(models.Model):
    """A number of units of one product, due at one warehouse on one day."""

    product = models.ForeignKey(
        Product, verbose_name=_("product"), on_delete=models.PROTECT, related_name="supplies"
    )
    warehouse = models.ForeignKey(
        Warehouse, verbose_name=_("warehouse"), on_delete=models.PROTECT, related_name="supplies"
    )
    source_warehouse = models.ForeignKey(
        Warehouse,
        verbose_name=_("sending warehouse"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    kind = models.CharField(
        _("kind"), max_length=10, choices=SupplyKind, default=SupplyKind.PURCHASE
    )
    status = models.CharField(
        _("status"), max_length=14, choices=SupplyStatus, default=SupplyStatus.PLANNED
    )
    reference = models.CharField(_("reference"), max_length=40, blank=True)
    quantity = models.IntegerField(_("quantity"))
    received = models.IntegerField(_("received"), default=0)
    expected_on = models.DateField(_("expected on"))

    objects: ClassVar = SupplyQuerySet.as_manager()

    class Meta:
        verbose_name = _("supply")
        verbose_name_plural = _("supplies")
        ordering: ClassVar = ["expected_on", "pk"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(quantity__gt=0, received__gte=0, received__lte=F("quantity")),
                name="supply_receives_no_more_than_announced",
                violation_error_message=_("A supply cannot receive more than was announced."),
            ),
            models.CheckConstraint(
                condition=Q(status="received", received=F("quantity"))
                | ~Q(status="received") & ~Q(received=F("quantity")),
                name="supply_is_received_when_all_of_it_is",
            ),
            models.CheckConstraint(
                condition=Q(kind="transfer", source_warehouse__isnull=False)
                | ~Q(kind="transfer") & Q(source_warehouse=None),
                name="only_a_transfer_has_a_source_warehouse",
                violation_error_message=_(
                    "A transfer, and nothing else, names where it comes from."
                ),
            ),
        ]

    def __str__(self) -> str:
        return self.reference or gettext("Supply %(number)s") % {"number": self.pk}

    @property
    def outstanding(self) -> int:
        """Units still to arrive."""
        return self.quantity - self.received
