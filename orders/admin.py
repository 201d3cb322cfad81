"""Master data of orders: customers, channels, currencies, rules; orders have their own screens."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from orders.lifecycle import searching
from orders.models import (
    Address,
    Channel,
    Currency,
    Customer,
    RuleSet,
    Staff,
    ValidationRule,
)


class AddressInline(admin.StackedInline[Address, Customer]):
    """The addresses of a customer."""

    model = Address
    extra = 0


@admin.register(Customer)
class CustomerAdmin(admin.ModelAdmin[Customer]):
    """Customers, found by code, name or e-mail."""

    list_display = ["code", "name", "currency", "fill_policy", "is_active"]
    list_filter = ["is_active", "currency", "sales_rep"]
    search_fields = ["code", "name", "email"]
    inlines = [AddressInline]

    def save_model(self, request: HttpRequest, obj: Customer, form: Any, change: bool) -> None:  # noqa: FBT001
        """Save the customer; the orders are found by what they are called now."""
        super().save_model(request, obj, form, change)
        if change and {"code", "name", "email", "phone"} & set(form.changed_data):
            searching.follow_customer(obj.pk)


@admin.register(Channel)
class ChannelAdmin(admin.ModelAdmin[Channel]):
    """The doors through which orders come."""

    list_display = ["code", "name", "is_active", "is_historic"]


@admin.register(Currency)
class CurrencyAdmin(admin.ModelAdmin[Currency]):
    """The currencies we sell in."""

    list_display = ["code", "name", "minor_units"]


class ValidationRuleInline(admin.TabularInline[ValidationRule, RuleSet]):
    """The checks of a version."""

    model = ValidationRule
    extra = 0


@admin.register(RuleSet)
class RuleSetAdmin(admin.ModelAdmin[RuleSet]):
    """Versions of the rules; new orders get the newest."""

    list_display = ["version", "note", "published_at"]
    inlines = [ValidationRuleInline]


@admin.register(Staff)
class StaffAdmin(admin.ModelAdmin[Staff]):
    """How people like to read."""

    list_display = ["user", "time_zone", "theme", "density"]
