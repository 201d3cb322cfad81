"""What was agreed with a customer: prices, payment terms, taxes."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext, gettext_noop
from django.utils.translation import gettext_lazy as _

from config.kernel.money import MoneyField
from inventory.models import Product
from orders.models import Currency, Customer

# Terms that come with the system are called by these names until somebody renames them.
DELIVERED_TERMS = {
    "PREPAID": gettext_noop("Prepaid"),
    "NET14": gettext_noop("14 days"),
    "NET30": gettext_noop("30 days"),
    "NET60": gettext_noop("60 days"),
}


class PaymentTerms(models.Model):
    """When an invoice is due; prepaid customers pay a deposit before anything leaves."""

    code = models.CharField(_("code"), max_length=20, unique=True)
    name = models.CharField(_("name"), max_length=60)
    days = models.PositiveSmallIntegerField(_("days"), default=30)
    is_prepaid = models.BooleanField(_("prepaid"), default=False)

    class Meta:
        verbose_name = _("payment terms")
        verbose_name_plural = _("payment terms")
        ordering: ClassVar = ["days"]

    def __str__(self) -> str:
        return gettext(self.name) if self.name == DELIVERED_TERMS.get(self.code) else self.name


class PriceList(models.Model):
    """A list of prices in one currency; the default one of a currency is the list price."""

    code = models.CharField(_("code"), max_length=20, unique=True)
    name = models.CharField(_("name"), max_length=60)
    currency = models.ForeignKey(
        Currency, verbose_name=_("currency"), on_delete=models.PROTECT, related_name="+"
    )
    is_default = models.BooleanField(_("default"), default=False)

    class Meta:
        verbose_name = _("price list")
        verbose_name_plural = _("price lists")
        ordering: ClassVar = ["code"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["currency"],
                condition=Q(is_default=True),
                name="currency_has_one_default_price_list",
                violation_error_message=_("This currency has its default price list already."),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Price(models.Model):
    """What one unit costs on a list; below the floor a manager decides."""

    price_list = models.ForeignKey(
        PriceList, verbose_name=_("price list"), on_delete=models.CASCADE, related_name="prices"
    )
    product = models.ForeignKey(
        Product, verbose_name=_("product"), on_delete=models.CASCADE, related_name="+"
    )
    unit_price = MoneyField(_("unit price"))
    floor = models.DecimalField(_("floor"), max_digits=18, decimal_places=4, null=True, blank=True)

    class Meta:
        verbose_name = _("price")
        verbose_name_plural = _("prices")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["price_list", "product"],
                name="price_once_per_list_and_product",
                violation_error_message=_("This product has a price on the list already."),
            ),
            models.CheckConstraint(
                condition=Q(unit_price__gte=0),
                name="price_never_negative",
                violation_error_message=_("A price cannot be negative."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.unit_price}"


class TaxRate(models.Model):
    """The share of tax on goods of one category sent to one country: 0.19 is 19 %."""

    country = models.CharField(_("country"), max_length=2)
    category = models.CharField(_("tax category"), max_length=20, default="standard")
    rate = models.DecimalField(_("rate"), max_digits=6, decimal_places=4)

    class Meta:
        verbose_name = _("tax rate")
        verbose_name_plural = _("tax rates")
        ordering: ClassVar = ["country", "category"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["country", "category"], name="tax_rate_once_per_country_and_category"
            ),
            models.CheckConstraint(
                condition=Q(rate__gte=0, rate__lt=1), name="tax_rate_is_a_share"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.country} {self.rate:%}"


class CustomerTerms(models.Model):
    """What one customer was granted: terms of payment and a price list; read, never locked."""

    customer = models.OneToOneField(
        Customer,
        verbose_name=_("customer"),
        on_delete=models.CASCADE,
        primary_key=True,
        related_name="terms",
    )
    payment_terms = models.ForeignKey(
        PaymentTerms, verbose_name=_("payment terms"), on_delete=models.PROTECT, related_name="+"
    )
    price_list = models.ForeignKey(
        PriceList,
        verbose_name=_("price list"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    discount_percent = models.DecimalField(
        _("discount in percent"), max_digits=6, decimal_places=3, default=0
    )
    is_tax_exempt = models.BooleanField(_("tax-exempt"), default=False)

    class Meta:
        verbose_name = _("customer terms")
        verbose_name_plural = _("customer terms")

    def __str__(self) -> str:
        return str(self.payment_terms)
