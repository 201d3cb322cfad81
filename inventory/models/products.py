"""Products: what can be ordered, and how it is counted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Self

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import Q
from django.db.models.functions import Collate, Now, Upper
from django.utils.translation import gettext_lazy as _

from config.kernel import lookup

GTIN, SHORTEST_GTIN = 14, 8  # digits


class Tracking(models.TextChoices):
    """How closely single units are followed."""

    NONE = "none", _("Not tracked")
    LOT = "lot", _("By lot")


class ProductQuerySet(models.QuerySet["Product"]):
    """Each question that a screen or a step asks of products."""

    def active(self) -> Self:
        return self.filter(is_active=True)


class Product(models.Model):
    """Something that is sold: goods with stock, or a service, fee or kit header without."""

    sku = models.CharField(_("SKU"), max_length=64, unique=True)
    sku_since = models.DateTimeField(
        _("SKU in effect since"),
        db_default=Now(),
        help_text=_("When the present SKU took effect; older orders keep theirs."),
    )
    name = models.CharField(_("name"), max_length=200)
    gtin = models.CharField(_("GTIN"), max_length=14, blank=True, db_index=True)
    unit = models.CharField(_("unit"), max_length=20, default="piece")
    tracking = models.CharField(
        _("tracking"), max_length=10, choices=Tracking, default=Tracking.NONE
    )
    is_stocked = models.BooleanField(
        _("stocked"),
        default=True,
        help_text=_("Off for a service or fee: it is never allocated or picked."),
    )
    is_active = models.BooleanField(_("active"), default=True)
    can_backorder = models.BooleanField(
        _("may be backordered"),
        default=True,
        help_text=_("Off for what is not bought again: an order for more is reviewed."),
    )
    lead_time_days = models.PositiveSmallIntegerField(
        _("lead time in days"),
        default=14,
        help_text=_("Days until it can be had when neither stock nor supply covers it."),
    )
    order_multiple = models.PositiveIntegerField(
        _("sold in multiples of"),
        default=1,
        help_text=_("It is sold in multiples of this: a box, a layer, a pallet."),
    )
    weight_g = models.PositiveIntegerField(_("weight in grams"), default=0)
    tax_category = models.CharField(_("tax category"), max_length=20, default="standard")

    objects: ClassVar = ProductQuerySet.as_manager()

    class Meta:
        verbose_name = _("product")
        verbose_name_plural = _("products")
        ordering: ClassVar = ["sku"]
        indexes: ClassVar = [
            models.Index(Collate(Upper("sku"), "C"), name="product_by_start_of_sku"),
            models.Index(Collate(Upper("gtin"), "C"), name="product_by_start_of_gtin"),
            models.Index(Collate(Upper("name"), "C"), name="product_by_start_of_name"),
            GinIndex(OpClass(Upper("name"), "gin_trgm_ops"), name="product_by_words_of_name"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=~Q(sku="") & ~Q(name="") & ~Q(unit=""),
                name="product_is_named",
                violation_error_message=_("A product needs a SKU, a name and a unit."),
            ),
            models.CheckConstraint(
                condition=Q(order_multiple__gte=1),
                name="product_is_sold_in_multiples_of_one_or_more",
                violation_error_message=_("A product is sold in multiples of 1 or more."),
            ),
        ]

    def __str__(self) -> str:
        return self.sku

    @classmethod
    def matching(cls, text: str, *, limit: int, active: bool = True) -> list[Product]:
        """Products by the beginning of SKU, GTIN or name, or by words within the name.

        A scanner reads as many digits as the code has, a GTIN-14 fills it up with zeros in front:
        whichever of both is on file is found.
        """
        ways: dict[str, Sequence[str]] = {"starts": ("sku", "gtin", "name"), "within": ("name",)}
        spelled = [text]
        if text.isdecimal() and SHORTEST_GTIN <= len(text) <= GTIN:
            spelled += {text.zfill(GTIN), text.lstrip("0")} - {text, ""}
        for each in spelled:
            if found := lookup.meant(cls, each, **ways, limit=limit, active=active):
                return found
        return []
