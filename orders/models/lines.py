"""The lines of an order: what is wanted of what, at which price, and what became of every unit."""

from __future__ import annotations

from decimal import Decimal
from functools import partial
from typing import ClassVar, NamedTuple

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Upper
from django.utils.translation import gettext_lazy as _

from config.kernel import money
from config.kernel.money import ZERO, MoneyField
from inventory.models import Product, Warehouse
from orders.models.orders import Order


class Amounts(NamedTuple):
    """What some units of a line are worth."""

    net: Decimal
    shipping: Decimal
    tax: Decimal

    @property
    def total(self) -> Decimal:
        """Net, shipping and tax together."""
        return self.net + self.shipping + self.tax


class OrderLine(models.Model):
    """One product on an order: its price as agreed, and integer counters of what became of it.

    ``allocated`` and ``picked`` are what stands now; ``shipped``, ``delivered``, ``invoiced`` and
    ``credited`` only grow. Amounts are for the ordered quantity; parts of them are cumulative, so
    that the last unit invoiced or cancelled lands on the cent.
    """

    order = models.ForeignKey(
        Order, on_delete=models.PROTECT, related_name="lines", db_index=False
    )  # found by order_line_numbered_once
    line_no = models.PositiveIntegerField()
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="+", db_index=False)
    parent_line = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, related_name="components", db_index=False
    )
    per_parent = models.PositiveIntegerField(null=True)
    sku = models.CharField(max_length=64)
    name = models.CharField(max_length=200)
    unit = models.CharField(max_length=20)
    snapshot_at = models.DateTimeField()
    is_stocked = models.BooleanField(default=True)
    requested_on = models.DateField(null=True, blank=True)
    warehouse = models.ForeignKey(
        Warehouse,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
        help_text=_("Where somebody chose to serve it from; empty: where it is best."),
    )

    unit_price = MoneyField()
    list_price = models.DecimalField(max_digits=18, decimal_places=4, null=True)
    gross_amount = MoneyField()
    discount_percent = models.DecimalField(max_digits=6, decimal_places=3, default=0)
    discount_amount = MoneyField(default=0)
    order_discount_share = MoneyField(default=0)
    shipping_amount = MoneyField(default=0)
    tax_rate = models.DecimalField(max_digits=6, decimal_places=4, default=0)
    tax_amount = MoneyField(default=0)
    line_total = MoneyField()
    cancelled_amount = MoneyField(default=0)

    ordered = models.IntegerField()
    cancelled = models.IntegerField(default=0)
    backordered = models.IntegerField(default=0)
    allocated = models.IntegerField(default=0)
    picked = models.IntegerField(default=0)
    shipped = models.IntegerField(default=0)
    delivered = models.IntegerField(default=0)
    return_requested = models.IntegerField(default=0)
    returned = models.IntegerField(default=0)
    invoiced = models.IntegerField(default=0)
    credited = models.IntegerField(default=0)

    first_promised_on = models.DateField(null=True)
    promised_on = models.DateField(null=True)
    actual_on = models.DateField(null=True)

    class Meta:
        verbose_name = _("order line")
        verbose_name_plural = _("order lines")
        ordering: ClassVar = ["order", "line_no"]
        indexes: ClassVar = [
            models.Index(Upper("sku"), "order", name="order_line_by_sku"),
            models.Index(
                fields=["product"], condition=Q(backordered__gt=0), name="order_line_waiting"
            ),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["order", "line_no"], name="order_line_numbered_once"),
            models.CheckConstraint(
                condition=Q(ordered__gt=0),
                name="order_line_wants_at_least_one",
                violation_error_message=_("A quantity is at least 1."),
            ),
            models.CheckConstraint(
                condition=Q(
                    cancelled__gte=0,
                    backordered__gte=0,
                    allocated__gte=0,
                    picked__gte=0,
                    shipped__gte=0,
                    delivered__gte=0,
                    return_requested__gte=0,
                    returned__gte=0,
                    invoiced__gte=0,
                    credited__gte=0,
                ),
                name="order_line_counters_never_negative",
            ),
            models.CheckConstraint(
                condition=Q(
                    ordered__gte=F("allocated") + F("shipped") + F("cancelled") + F("backordered")
                ),
                name="order_line_never_overserved",
            ),
            models.CheckConstraint(
                condition=Q(
                    picked__lte=F("allocated"),
                    delivered__lte=F("shipped"),
                    return_requested__lte=F("shipped"),
                    returned__lte=F("return_requested"),
                    credited__lte=F("invoiced"),
                    invoiced__lte=F("ordered"),
                ),
                name="order_line_counters_follow_each_other",
            ),
            models.CheckConstraint(
                condition=Q(
                    line_total=F("gross_amount")
                    - F("discount_amount")
                    + F("shipping_amount")
                    + F("tax_amount")
                ),
                name="order_line_total_adds_up",
            ),
            models.CheckConstraint(
                condition=Q(unit_price__gte=0, gross_amount__gte=0, tax_amount__gte=0)
                & Q(discount_amount__gte=F("order_discount_share"))
                & Q(discount_amount__lte=F("gross_amount"), order_discount_share__gte=0)
                & Q(cancelled_amount__gte=0, cancelled_amount__lte=F("line_total")),
                name="order_line_amounts_within_bounds",
            ),
            models.CheckConstraint(
                condition=Q(is_stocked=True) | Q(allocated=0, picked=0, backordered=0),
                name="order_line_without_stock_is_never_allocated",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.sku} × {self.ordered}"

    @property
    def open(self) -> int:
        """Units still wanted that have not shipped."""
        return self.ordered - self.cancelled - self.shipped

    @property
    def short(self) -> int:
        """Units still wanted that no stock is allocated to."""
        return self.open - self.allocated

    @property
    def net_amount(self) -> Decimal:
        """What the goods cost after every discount, without shipping and tax."""
        return self.gross_amount - self.discount_amount

    @property
    def net_price(self) -> Decimal:
        """What a unit comes to after every discount, that on the whole order too."""
        share = self.order_discount_share
        return money.net_price(self.unit_price, self.discount_percent, share, self.ordered)

    def amounts(self, quantity: int, minor_units: int) -> Amounts:
        """What the next units are worth that leave the line by invoice or cancellation."""
        done = self.invoiced + self.cancelled
        share = partial(
            money.part, whole=self.ordered, done=done, more=quantity, minor_units=minor_units
        )
        return Amounts(share(self.net_amount), share(self.shipping_amount), share(self.tax_amount))

    def outstanding(self, minor_units: int) -> Decimal:
        """Value of the units that are neither invoiced nor cancelled."""
        left = self.ordered - self.invoiced - self.cancelled
        if left == self.ordered:
            return self.line_total
        return self.amounts(left, minor_units).total if left > 0 else ZERO
