"""Master data of orders: customers, channels, currencies, rules; orders have their own screens."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.forms import UserChangeForm
from django.contrib.auth.models import Group, User
from django.http import HttpRequest

from config.kernel.actors import Actor
from orders import people
from orders.models import (
    Address,
    Channel,
    Currency,
    Customer,
    RoleGrant,
    RuleSet,
    Staff,
    ValidationRule,
)
from orders.permissions import conflicts


class AddressInline(admin.StackedInline[Address, Customer]):
    """The addresses of a customer."""

    model = Address
    extra = 0


@admin.register(Customer)
class CustomerAdmin(admin.ModelAdmin[Customer]):
    """Customers, found by code, name or e-mail."""

    list_display = ["code", "name", "currency", "fill_policy", "is_active"]
    list_filter = ["is_active", "currency"]
    search_fields = ["code", "name", "email"]
    inlines = [AddressInline]


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
    """Scope and preferences of people."""

    list_display = ["user", "scope", "time_zone", "theme", "density"]


@admin.register(RoleGrant)
class RoleGrantAdmin(admin.ModelAdmin[RoleGrant]):
    """Who was granted what by whom; to be read only."""

    list_display = ["at", "user", "action", "role", "by", "reason"]
    list_filter = ["action", "role"]

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        """Grants are made where roles are granted."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        """Nothing that was granted is rewritten."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        """Nothing that was granted is forgotten."""
        return False


class DutiesForm(UserChangeForm[User]):
    """An account whose rights may meet in one person."""

    def clean(self) -> dict[str, Any]:
        """Refuse roles and permissions that may not meet, by the reason why."""
        data = super().clean() or {}
        roles = [group.name for group in data.get("groups") or ()]
        rows = data.get("user_permissions") or ()
        besides = [f"{row.content_type.app_label}.{row.codename}" for row in rows]
        if found := conflicts(roles, besides):
            self.add_error("groups", forms.ValidationError(" ".join(found)))
        return data


class StaffUserAdmin(UserAdmin[User]):
    """Accounts, for emergencies: what roles change here is recorded as everywhere."""

    form = DutiesForm

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: Any) -> None:
        """Save the roles, and record which were granted and which taken away."""
        user = form.instance
        held = set(user.groups.values_list("name", flat=True))
        super().save_related(request, form, formsets, change)
        wanted = set(user.groups.values_list("name", flat=True))
        people.note_roles(user, held, wanted, by=Actor.of(request.user), reason="Master data")


admin.site.unregister(User)
admin.site.unregister(Group)  # what a role may do stands in the permission table
admin.site.register(User, StaffUserAdmin)
