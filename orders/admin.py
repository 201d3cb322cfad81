"""Master data of orders: customers, channels, currencies, rules; orders to look up and act on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict

from orders.bulk.actions import ACTIONS, BulkAction
from orders.bulk.selection import Selection
from orders.filters import narrowed
from orders.lifecycle import searching
from orders.models import (
    Address,
    Channel,
    Currency,
    Customer,
    Order,
    OrderQuerySet,
    RuleSet,
    Staff,
    ValidationRule,
)
from orders.views.bulk import begin


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


AdminAction = tuple[Callable[..., Any], str, str]


def _handed_over(action: BulkAction) -> AdminAction:
    """An action of the admin's list that leads to the same preview as the one of the desk."""

    def hand_over(_: Any, request: HttpRequest, orders: QuerySet[Order]) -> HttpResponse:
        chosen = Selection.of_ids(orders.order_by().values_list("pk", flat=True), request.user)
        return begin(request, action, chosen)

    kind = f" as {action.suffix.upper()}" if action.suffix else ""
    return hand_over, f"bulk-{action.name}", f"{action.verb} selected orders{kind}"


@admin.register(Order)
class OrderAdmin(admin.ModelAdmin[Order]):
    """Orders to look up; what changes them goes through the lifecycle, many at once as a job."""

    list_display = ["number", "customer", "status", "payment_status", "promised_on", "grand_total"]
    list_display_links = None
    list_filter = ["status", "payment_status"]
    list_select_related = ["customer"]
    list_per_page = 100
    search_fields = ["number"]
    search_help_text = "Number, PO, customer or SKU"
    show_full_result_count = False
    ordering = ["-pk"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Order]:
        """Those that the person may see."""
        return Order.objects.visible_to(request.user)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Order], search_term: str
    ) -> tuple[QuerySet[Order], bool]:
        """Search as the desk does."""
        query = QueryDict(mutable=True)
        query["q"] = search_term
        return narrowed(query, cast("OrderQuerySet", queryset)), False

    def get_actions(self, request: HttpRequest) -> dict[str, AdminAction]:  # type: ignore[override]
        """The bulk actions that the person may take."""
        return {
            f"bulk-{action.name}": _handed_over(action)
            for action in ACTIONS
            if request.user.has_perm(action.permission)
        }

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Orders are entered on the desk."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Order | None = None) -> bool:
        """Orders are changed by the steps of their lifecycle."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Order | None = None) -> bool:
        """Orders are never deleted."""
        return False
