"""Master data of orders: customers, channels, currencies, rules; orders to look up and act on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, cast

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django import forms
from django.contrib import admin
from django.contrib.auth import get_permission_codename
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.forms import UserChangeForm
from django.contrib.auth.models import Group, Permission, User
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from config.kernel.actors import Actor
from orders import people
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
    RoleGrant,
    RuleSet,
    Staff,
)
from orders.permissions import ROLES, conflicts, right
from orders.views.bulk import begin

# What anybody may be let do with each kind of record.
VERBS = {
    "add": _("Add %(things)s"),
    "change": _("Change %(things)s"),
    "delete": _("Delete %(things)s"),
    "view": _("View %(things)s"),
}


def role_said(name: str) -> str:
    """A role as the reader calls it; a group of another name is called by that."""
    return gettext(name) if name in ROLES else name


def permission_said(permission: Permission) -> str:
    """A permission as the reader says it, after the part of the company that it is about."""
    kind, words = permission.content_type.model_class(), right(permission.name)
    verb = permission.codename.partition("_")[0]
    if kind is None:
        return words
    if verb in VERBS and permission.codename == get_permission_codename(verb, kind._meta):
        words = VERBS[verb] % {"things": kind._meta.verbose_name_plural}
    return f"{kind._meta.app_config.verbose_name}: {capfirst(words)}"


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


@admin.register(RuleSet)
class RuleSetAdmin(admin.ModelAdmin[RuleSet]):
    """Versions of the rules, to be read only: they are written and published in the settings."""

    list_display = ["version", "note", "based_on", "published_at", "published_by"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        """A version starts as a draft of the newest one, in the settings."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: RuleSet | None = None) -> bool:
        """A published version is never changed, and a draft is changed in the settings."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: RuleSet | None = None) -> bool:
        """Orders go by their versions for good."""
        return False


@admin.register(Staff)
class StaffAdmin(admin.ModelAdmin[Staff]):
    """Scope and preferences of people."""

    list_display = ["user", "scope", "time_zone", "theme", "density"]

    @admin.display(description=_("Sees"))
    def scope(self, staff: Staff) -> str:
        """What the person may see, in words."""
        return staff.scope


AdminAction = tuple[Callable[..., Any], str, str]


def _handed_over(action: BulkAction) -> AdminAction:
    """An action of the admin's list that leads to the same preview as the one of the desk."""

    def hand_over(_admin: Any, request: HttpRequest, orders: QuerySet[Order]) -> HttpResponse:
        keys = orders.order_by().values("pk")
        if action.asks_first:  # the form hands the orders on
            ids = keys.values_list("pk", flat=True)
            return begin(request, action, Selection.of_ids(ids, request.user))
        chosen = replace(Selection.of_orders(keys, request.user), sort="newest")
        return begin(request, action, chosen)

    words = gettext("%(verb)s selected orders")
    if action.is_export:
        words = gettext("%(verb)s selected orders as %(kind)s")
    words %= {"verb": action.verb, "kind": action.suffix.upper()}
    return hand_over, f"bulk-{action.name}", words


@admin.register(Order)
class OrderAdmin(admin.ModelAdmin[Order]):
    """Orders to look up; what changes them goes through the lifecycle, many at once as a job."""

    list_display = ["number", "customer", "status", "payment_status", "promised_on", "grand_total"]
    list_display_links = None
    list_filter = ["status", "payment_status"]
    list_select_related = ["customer"]
    list_per_page = 100
    search_fields = ["number"]
    search_help_text = _("Number, PO, customer or SKU")
    show_full_result_count = False
    ordering = ["-pk"]
    fields = [
        ("number", "status", "payment_status"),
        ("customer", "po_number", "priority"),
        ("currency", "grand_total"),
        ("requested_on", "promised_on"),
        ("created_at", "submitted_at"),
    ]

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


class RoleNameFilter(admin.AllValuesFieldListFilter):
    """Grants by their role, as the reader calls it."""

    def choices(self, changelist: Any) -> Iterator[Any]:
        """Every role that was ever granted."""
        for choice in super().choices(changelist):
            yield choice | {"display": role_said(str(choice["display"]))}


class HeldRoleFilter(admin.RelatedFieldListFilter):
    """Accounts by the roles that they hold, as the reader calls them."""

    def field_choices(self, *args: Any) -> list[tuple[str, StrOrPromise]]:
        """Every role."""
        return [(pk, role_said(str(name))) for pk, name in super().field_choices(*args)]


@admin.register(RoleGrant)
class RoleGrantAdmin(admin.ModelAdmin[RoleGrant]):
    """Who was granted what by whom; to be read only."""

    list_display = ["at", "user", "action", "role_granted", "by", "reason"]
    list_filter = ["action", ("role", RoleNameFilter)]
    fields = ["at", "user", "action", "role_granted", "by", "reason"]
    readonly_fields = ["role_granted"]

    @admin.display(description=_("role"), ordering="role")
    def role_granted(self, grant: RoleGrant) -> str:
        """The role as the reader calls it."""
        return role_said(grant.role)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Grants are made where roles are granted."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nothing that was granted is rewritten."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nothing that was granted is forgotten."""
        return False


class RolesField(forms.ModelMultipleChoiceField[Group]):
    """Roles to choose from."""

    def label_from_instance(self, obj: Group) -> str:
        """The role as the reader calls it."""
        return role_said(obj.name)


class PermissionsField(forms.ModelMultipleChoiceField[Permission]):
    """Permissions to choose from."""

    def label_from_instance(self, obj: Permission) -> str:
        """The permission as the reader says it."""
        return permission_said(obj)


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
    list_display = ("username", "email", "first_name", "last_name", "is_active")
    list_filter = ("is_superuser", "is_active", ("groups", HeldRoleFilter))
    # Who reaches the master data follows from permissions.
    fieldsets = tuple(
        (title, {**shown, "fields": tuple(n for n in shown["fields"] if n != "is_staff")})
        for title, shown in UserAdmin.fieldsets or ()
    )

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Roles and permissions as the reader calls them."""
        kwargs["form_class"] = {"groups": RolesField, "user_permissions": PermissionsField}[
            db_field.name
        ]
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: Any) -> None:
        """Save the roles, and record which were granted and which taken away."""
        user = form.instance
        held = set(user.groups.values_list("name", flat=True))
        super().save_related(request, form, formsets, change)
        wanted = set(user.groups.values_list("name", flat=True))
        people.note_roles(user, held, wanted, by=Actor.of(request.user), reason="Master data")


for model in (Authenticator, UserSession, EmailAddress):
    admin.site.unregister(model)  # people look after their own; administrators end sessions
admin.site.unregister(User)
admin.site.unregister(Group)  # what a role may do stands in the permission table
admin.site.register(User, StaffUserAdmin)
