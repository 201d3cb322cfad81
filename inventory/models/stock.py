"""Stock: what each warehouse holds, in which bins, and every movement that led there."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from config.kernel import sets
from inventory.models.products import Product


class Warehouse(models.Model):
    """A place that holds goods; quarantine is one that may not sell."""

    code = models.CharField(_("code"), max_length=10, unique=True)
    name = models.CharField(_("name"), max_length=100)
    city = models.CharField(_("city"), max_length=100, blank=True)
    country = models.CharField(_("country"), max_length=2, help_text=_("ISO 3166-1 alpha-2"))
    latitude = models.DecimalField(_("latitude"), max_digits=8, decimal_places=5)
    longitude = models.DecimalField(_("longitude"), max_digits=8, decimal_places=5)
    priority = models.SmallIntegerField(
        _("priority"),
        default=0,
        help_text=_("Among warehouses that cover an order equally, the higher serves it."),
    )
    is_sellable = models.BooleanField(_("may sell"), default=True)
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("warehouse")
        verbose_name_plural = _("warehouses")
        ordering: ClassVar = ["code"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(country__regex=r"^[A-Z]{2}$"),
                name="warehouse_stands_in_a_country",
                violation_error_message=_("The country is its two-letter ISO code."),
            ),
        ]

    def __str__(self) -> str:
        return self.code


class Bin(models.Model):
    """One place inside a warehouse; pickers pass the bins in walk sequence."""

    class Kind(models.TextChoices):
        SHELF = "shelf", _("Shelf")
        STAGING = "staging", _("Staging: picked and not yet shipped")

    warehouse = models.ForeignKey(
        Warehouse, verbose_name=_("warehouse"), on_delete=models.PROTECT, related_name="bins"
    )
    code = models.CharField(_("code"), max_length=20)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind, default=Kind.SHELF)
    walk_sequence = models.PositiveIntegerField(_("walk sequence"), default=0)

    class Meta:
        verbose_name = _("bin")
        verbose_name_plural = _("bins")
        ordering: ClassVar = ["warehouse", "walk_sequence", "code"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["warehouse", "code"],
                name="bin_code_once_per_warehouse",
                violation_error_message=_("This warehouse has a bin of that code already."),
            ),
            models.UniqueConstraint(
                fields=["warehouse"],
                condition=Q(kind="staging"),
                name="warehouse_has_one_staging_bin",
                violation_error_message=_("This warehouse has its staging bin already."),
            ),
        ]

    def __str__(self) -> str:
        return self.code


class StockLevel(models.Model):
    """What one warehouse holds of one product.

    ``reserved`` is promised to orders but still in the building. What is left, less the safety
    stock, is available to promise, and PostgreSQL itself refuses to oversell it.
    """

    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="stock_levels")
    warehouse = models.ForeignKey(Warehouse, on_delete=models.PROTECT, related_name="stock_levels")
    on_hand = models.IntegerField(default=0)
    reserved = models.IntegerField(default=0)
    safety_stock = models.IntegerField(default=0)

    class Meta:
        verbose_name = _("stock level")
        verbose_name_plural = _("stock levels")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["product", "warehouse"],
                name="stock_level_once_per_product_and_warehouse",
                violation_error_message=_("This product has a stock level there already."),
            ),
            models.CheckConstraint(
                condition=Q(on_hand__gte=0, reserved__gte=0, safety_stock__gte=0),
                name="stock_level_never_negative",
                violation_error_message=_("Stock cannot be negative."),
            ),
            models.CheckConstraint(
                condition=Q(reserved__lte=F("on_hand")),
                name="stock_level_never_oversold",
                violation_error_message=_("More is reserved than is on hand."),
            ),
        ]

    def __str__(self) -> str:
        words = {"product": self.product, "warehouse": self.warehouse}
        return gettext("%(product)s at %(warehouse)s") % words

    @classmethod
    def locked(cls, ids: Iterable[int]) -> list[StockLevel]:
        """Lock these levels in id order, so that no two steps deadlock."""
        return sets.read(cls, sets.LOCKED, list(set(ids)))

    @property
    def available(self) -> int:
        """Units that can still be promised; below zero when safety stock is being used."""
        return self.on_hand - self.reserved - self.safety_stock


class BinStock(models.Model):
    """How much of a stock level lies in one bin; together the bins hold what is on hand."""

    stock_level = models.ForeignKey(StockLevel, on_delete=models.PROTECT, related_name="bin_stock")
    bin = models.ForeignKey(Bin, on_delete=models.PROTECT, related_name="contents")
    lot = models.CharField(max_length=40, null=True, blank=True)  # noqa: DJ001 - null is "no lot"
    quantity = models.IntegerField(default=0)

    class Meta:
        verbose_name = _("bin stock")
        verbose_name_plural = _("bin stock")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["stock_level", "bin", "lot"],
                nulls_distinct=False,
                name="bin_stock_once_per_level_bin_and_lot",
            ),
            models.CheckConstraint(
                condition=Q(quantity__gte=0),
                name="bin_stock_never_negative",
                violation_error_message=_("A bin cannot hold less than nothing."),
            ),
        ]

    def __str__(self) -> str:
        return gettext("%(units)s in %(bin)s") % {"units": self.quantity, "bin": self.bin}

    @classmethod
    def locked(
        cls, keys: Iterable[tuple[int, int, str | None]]
    ) -> dict[tuple[int, int, str | None], BinStock]:
        """Lock the contents of these (level, bin, lot) in id order, after their stock levels."""
        wanted = set(keys)
        found = sets.read(
            cls,
            "WHERE stock_level_id = ANY(%s) AND bin_id = ANY(%s) ORDER BY id FOR NO KEY UPDATE",
            list({level for level, _, _ in wanted}),
            list({place for _, place, _ in wanted}),
        )
        return {
            key: row
            for row in found
            if (key := (row.stock_level_id, row.bin_id, row.lot)) in wanted
        }


class MoveKind(models.TextChoices):
    """Why goods moved."""

    RECEIPT = "receipt", _("Received")
    SHIP = "ship", _("Shipped")
    RESTOCK = "restock", _("Put back after a return")
    ADJUST = "adjust", _("Adjusted")
    COUNT = "count", _("Counted")
    TRANSFER_OUT = "transfer_out", _("Sent to another warehouse")
    TRANSFER_IN = "transfer_in", _("Arrived from another warehouse")
    BIN_MOVE = "bin_move", _("Moved between bins")


class StockMove(models.Model):
    """One movement of goods; never edited, corrected only by another one.

    ``on_hand_after`` continues the balance of the move before it, so a lost update shows.
    ``dedupe_key`` names the cause, so that a cause is booked once.
    """

    stock_level = models.ForeignKey(StockLevel, on_delete=models.PROTECT, related_name="moves")
    kind = models.CharField(max_length=12, choices=MoveKind)
    quantity = models.IntegerField()
    delta = models.IntegerField()
    from_bin = models.ForeignKey(
        Bin, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    to_bin = models.ForeignKey(
        Bin, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    lot = models.CharField(max_length=40, null=True)  # noqa: DJ001 - null is "no lot"
    on_hand_after = models.IntegerField()
    ref_type = models.CharField(max_length=20)
    ref_id = models.BigIntegerField()
    dedupe_key = models.CharField(max_length=80, unique=True)
    reason = models.CharField(max_length=200, blank=True)
    moved_at = models.DateTimeField()

    class Meta:
        verbose_name = _("stock move")
        verbose_name_plural = _("stock moves")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(quantity__gt=0), name="stock_move_moves_at_least_one_unit"
            ),
            models.CheckConstraint(
                condition=Q(
                    kind__in=["receipt", "restock", "transfer_in"],
                    delta=F("quantity"),
                    from_bin=None,
                    to_bin__isnull=False,
                )
                | Q(
                    kind__in=["ship", "transfer_out"],
                    delta=-F("quantity"),
                    to_bin=None,
                    from_bin__isnull=False,
                )
                | Q(
                    kind__in=["adjust", "count"],
                    delta=F("quantity"),
                    from_bin=None,
                    to_bin__isnull=False,
                )
                | Q(
                    kind__in=["adjust", "count"],
                    delta=-F("quantity"),
                    to_bin=None,
                    from_bin__isnull=False,
                )
                | Q(kind="bin_move", delta=0, from_bin__isnull=False, to_bin__isnull=False),
                name="stock_move_kind_and_direction_agree",
            ),
            models.CheckConstraint(
                condition=~Q(kind="adjust") | ~Q(reason=""),
                name="stock_adjustment_says_why",
                violation_error_message=_("An adjustment needs a reason."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.quantity}"
