"""Who buys, in which currency, where to and through which channel."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Self

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import Q
from django.db.models.functions import Collate, Upper
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from config.kernel import lookup


class FillPolicy(models.TextChoices):
    """What may leave when not everything is there."""

    PARTIAL = "partial", _("Ship what is there")
    LINE_COMPLETE = "line_complete", _("Ship whole lines")
    SHIP_COMPLETE = "ship_complete", _("Ship everything at once")


class Currency(models.Model):
    """A currency that orders are taken in, with its number of decimals (EUR 2, JPY 0)."""

    code = models.CharField(_("code"), max_length=3, primary_key=True, help_text="ISO 4217")
    name = models.CharField(_("name"), max_length=40)
    minor_units = models.PositiveSmallIntegerField(_("decimals"), default=2)

    class Meta:
        verbose_name = _("currency")
        verbose_name_plural = _("currencies")
        ordering: ClassVar = ["code"]

    def __str__(self) -> str:
        return self.code


class Channel(models.Model):
    """A door through which orders come: typed by staff, a file, the API, a shop."""

    code = models.CharField(_("code"), max_length=20, unique=True)
    name = models.CharField(_("name"), max_length=60)
    is_active = models.BooleanField(_("active"), default=True)
    is_historic = models.BooleanField(
        _("historic"),
        default=False,
        help_text=_("Its orders happened elsewhere: their prices and addresses are facts."),
    )

    class Meta:
        verbose_name = _("channel")
        verbose_name_plural = _("channels")
        ordering: ClassVar = ["code"]

    def __str__(self) -> str:
        return self.name


class CustomerQuerySet(models.QuerySet["Customer"]):
    """Each question that a screen or a step asks of customers."""

    def active(self) -> Self:
        return self.filter(is_active=True)


class Customer(models.Model):
    """A business or person that buys; a closed one keeps its orders and takes no new ones."""

    code = models.CharField(_("customer code"), max_length=20, unique=True)
    name = models.CharField(_("name"), max_length=200)
    email = models.EmailField(_("e-mail"), blank=True)
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    group = models.CharField(
        _("group"), max_length=20, blank=True, help_text=_("Narrows which rules apply.")
    )
    currency = models.ForeignKey(
        Currency, verbose_name=_("currency"), on_delete=models.PROTECT, related_name="+"
    )
    fill_policy = models.CharField(
        _("fill policy"), max_length=14, choices=FillPolicy, default=FillPolicy.PARTIAL
    )
    needs_po_number = models.BooleanField(
        default=False,
        verbose_name=_("PO number required"),
        help_text=_("An order without the customer’s PO number is not placed."),
    )
    is_active = models.BooleanField(_("active"), default=True)
    sales_rep = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("sales rep"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="customers",
        help_text=_("Who looks after the customer."),
    )
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    objects: ClassVar = CustomerQuerySet.as_manager()

    class Meta:
        verbose_name = _("customer")
        verbose_name_plural = _("customers")
        ordering: ClassVar = ["code"]
        indexes: ClassVar = [
            models.Index(Collate(Upper("code"), "C"), name="customer_by_start_of_code"),
            models.Index(Collate(Upper("name"), "C"), name="customer_by_start_of_name"),
            GinIndex(OpClass(Upper("name"), "gin_trgm_ops"), name="customer_by_words_of_name"),
            GinIndex(OpClass(Upper("email"), "gin_trgm_ops"), name="customer_by_words_of_email"),
            GinIndex(OpClass(Upper("phone"), "gin_trgm_ops"), name="customer_by_words_of_phone"),
            models.Index(fields=["group", "code"], name="customer_by_group"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=~Q(code="") & ~Q(name=""),
                name="customer_is_named",
                violation_error_message=_("A customer needs a code and a name."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("orders:customer", args=[self.pk])

    @classmethod
    def matching(cls, text: str, *, limit: int, active: bool = True) -> list[Customer]:
        """Customers by the beginning of code or name, or by words in name, e-mail or phone."""
        return lookup.meant(
            cls,
            text,
            starts=("code", "name"),
            within=("name", "email", "phone"),
            limit=limit,
            active=active,
        )


class PostalAddress(models.Model):
    """The lines of an address; the country is its ISO 3166-1 alpha-2 code."""

    name = models.CharField(_("name"), max_length=200, blank=True)
    line1 = models.CharField(_("street"), max_length=200, blank=True)
    line2 = models.CharField(_("address line 2"), max_length=200, blank=True)
    city = models.CharField(_("city"), max_length=100, blank=True)
    region = models.CharField(_("region"), max_length=100, blank=True)
    postal_code = models.CharField(_("postal code"), max_length=20, blank=True)
    country = models.CharField(_("country"), max_length=2, blank=True)

    class Meta:
        abstract = True


class Address(PostalAddress):
    """An address of a customer; orders copy it and keep their copy."""

    customer = models.ForeignKey(
        Customer, verbose_name=_("customer"), on_delete=models.CASCADE, related_name="addresses"
    )
    is_default = models.BooleanField(_("default"), default=False)

    class Meta:
        verbose_name = _("address")
        verbose_name_plural = _("addresses")
        ordering: ClassVar = ["-is_default", "pk"]
        indexes: ClassVar = [
            models.Index(Collate(Upper("postal_code"), "C"), name="address_by_start_of_postcode"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["customer"],
                condition=Q(is_default=True),
                name="customer_has_one_default_address",
                violation_error_message=_("This customer has a default address already."),
            ),
        ]

    def __str__(self) -> str:
        return ", ".join(part for part in (self.name, self.line1, self.city, self.country) if part)

    @classmethod
    def starting(cls, text: str, *, limit: int) -> list[Address]:
        """Addresses by the beginning of their postal code."""
        ways: dict[str, Sequence[str]] = {"starts": ("postal_code",), "within": ()}
        return lookup.meant(cls, text, **ways, limit=limit, active=False)
