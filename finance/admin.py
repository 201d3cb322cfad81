"""Master data of money: prices, terms, taxes, limits; what is booked is never edited."""

from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest

from config.kernel import typed
from finance.models import (
    Account,
    CreditAccount,
    CustomerTerms,
    PaymentTerms,
    Price,
    PriceList,
    TaxRate,
)


@admin.register(CreditAccount)
class CreditAccountAdmin(admin.ModelAdmin[CreditAccount]):
    """Credit limits; the running figures are written by postings alone.

    The form opens with the limit that its address names, if it names one.
    """

    list_display = ["customer", "currency", "credit_limit", "committed", "receivable"]
    list_select_related = ["customer"]
    search_fields = ["customer__code", "customer__name"]
    readonly_fields = ["customer", "currency", "committed", "receivable", "unapplied"]

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> CreditAccount | None:
        """The account, with the limit that stands in the form until somebody saves it."""
        found = super().get_object(request, object_id, from_field)
        limit = typed.named(request.GET.get("credit_limit", ""))
        if found and limit is not None and request.method == "GET":
            found.credit_limit = limit
        return found

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002
        """An account is opened with a customer's first order."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:  # noqa: ARG002
        """What money hangs on is not deleted."""
        return False


@admin.register(Price)
class PriceAdmin(admin.ModelAdmin[Price]):
    """Prices of products on lists."""

    list_display = ["product", "price_list", "unit_price", "floor"]
    list_filter = ["price_list"]
    list_select_related = ["product", "price_list"]
    search_fields = ["product__sku"]
    autocomplete_fields = ["product"]


@admin.register(CustomerTerms)
class CustomerTermsAdmin(admin.ModelAdmin[CustomerTerms]):
    """What customers were granted."""

    list_display = ["customer", "payment_terms", "price_list", "discount_percent"]
    list_select_related = ["customer", "payment_terms", "price_list"]
    autocomplete_fields = ["customer"]
    search_fields = ["customer__code", "customer__name"]


@admin.register(Account)
class AccountAdmin(admin.ModelAdmin[Account]):
    """The chart of accounts; an account keeps its role."""

    list_display = ["code", "name", "type", "role"]
    readonly_fields = ["role", "type"]


admin.site.register([PaymentTerms, PriceList, TaxRate])
