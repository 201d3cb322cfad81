"""No page is reached but through the permission table: what it does not name is refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from django.conf import settings
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.contrib.auth.models import Permission, User
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect, render, resolve_url
from django.urls import ResolverMatch
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from config.borrowed import Scripts
from orders.lifecycle.actions import BY_NAME
from orders.models import Order, Staff
from orders.permissions import (
    BY_STEP,
    CLOSED,
    MASTER_DATA,
    PAGES,
    PUBLIC,
    SIGNED_IN,
    WHOLE_COMPANY,
    WRITES,
    opens_master_data,
    right,
    roles_with,
)

WHOLE = "whole company"  # what a scope takes away
WORDS = {
    MASTER_DATA: _("open the master data"),
    CLOSED: _("open this address"),
    WHOLE: _("see the whole company"),
}
MOST_NAMES = 3


class AddressMiddleware:
    """Drops NULs from addresses: no text of the database can hold one, and nobody means one."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.META["QUERY_STRING"] = request.META.get("QUERY_STRING", "").replace("%00", "")
        request.path = request.path.replace("\0", "")
        request.path_info = request.path_info.replace("\0", "")
        return self.get_response(request)


class MasterData(AdminSite):
    """The master data, for those whose permissions are about what it keeps."""

    def has_permission(self, request: HttpRequest) -> bool:
        """Whether somebody may open it at all; each page then asks for itself."""
        return opens_master_data(request.user)

    def i18n_javascript(
        self,
        request: HttpRequest,
        extra_context: dict[str, Any] | None = None,  # noqa: ARG002
    ) -> HttpResponse:
        """The words of its scripts."""
        return cast("HttpResponse", Scripts.as_view()(request))


class GuardMiddleware:
    """Asks the permission table before any view runs."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if isinstance(response, HttpResponseNotAllowed) and request.method == "GET":
            return _only_for_forms(request, response)
        return response

    def process_view(
        self, request: HttpRequest, _view: object, _args: object, _kwargs: object
    ) -> HttpResponse | None:
        """Let the request pass, send it to sign in, or refuse it by the name of what is missing."""
        match = request.resolver_match
        asked = asked_by(match, request.method) if match else CLOSED
        if asked == PUBLIC:
            return None
        user = request.user
        if not user.is_authenticated:
            return _to_sign_in(request)
        if missing := lacks(user, asked, match):
            raise PermissionDenied(missing)
        if asked != SIGNED_IN and needs_second_factor(user):
            messages.warning(
                request, gettext("Your role takes a second factor. Set one up to go on.")
            )
            return redirect("mfa_activate_totp")
        return None


def asked_by(match: ResolverMatch, method: str | None = "GET") -> str:
    """What the table asks for an address, to read it or to send something there."""
    if match.namespaces[:1] == ["admin"]:
        return MASTER_DATA
    asked = PAGES.get(match.view_name, CLOSED)
    if method == "POST":
        asked = WRITES.get(match.view_name, asked)
    if asked != BY_STEP:
        return asked
    action = BY_NAME.get(str(match.kwargs.get("name")))
    return action.permission if action else PAGES["orders:order"]


def lacks(user: Any, asked: str, match: ResolverMatch | None) -> str:
    """What the user lacks for an address: a permission, a marker, or nothing at all."""
    if not _holds(user, asked):
        return asked
    whole = asked == MASTER_DATA or (match is not None and match.view_name in WHOLE_COMPANY)
    return WHOLE if whole and Staff.of(user).is_scoped else ""


def _holds(user: Any, asked: str) -> bool:
    if asked in {MASTER_DATA, CLOSED}:
        return asked == MASTER_DATA and opens_master_data(user)
    return asked == SIGNED_IN or bool(user.has_perm(asked))


def needs_second_factor(user: Any) -> bool:
    """Whether one of the user's roles does not work without a second factor, and there is none."""
    roles = settings.MFA_REQUIRED_ROLES
    if not roles:
        return False
    concerned = Q(groups__name__in=roles)
    if "Admin" in roles:
        concerned |= Q(is_superuser=True)
    without = User.objects.filter(concerned, pk=user.pk).exclude(authenticator__type="totp")
    return without.exists()


def _only_for_forms(request: HttpRequest, answer: HttpResponseNotAllowed) -> HttpResponse:
    """Say that the address takes what a form sends, and lead back to what it is about."""
    match = request.resolver_match
    number = match.kwargs.get("number") if match and match.namespace == "orders" else None
    known = Order.objects.visible_to(request.user).filter(number=number)
    about = {"number": number if number and known.exists() else None}
    page = render(request, "405.html", about, status=answer.status_code)
    page["Allow"] = answer["Allow"]
    return page


def _to_sign_in(request: HttpRequest) -> HttpResponse:
    """Ask a stranger to sign in; a part of a page sends the whole page there."""
    if request.headers.get("HX-Request"):
        return HttpResponse(status=401, headers={"HX-Redirect": resolve_url(settings.LOGIN_URL)})
    return redirect_to_login(request.get_full_path(), resolve_url(settings.LOGIN_URL))


def refused(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Say what is missing, which roles have it, and who can give it."""
    missing = str(exception)
    app, _, codename = missing.partition(".")
    named = Permission.objects.filter(content_type__app_label=app, codename=codename)
    name = named.values_list("name", flat=True).first() if codename else None
    context = {
        "missing": right(name) if name else str(WORDS.get(missing, "")),
        "holders": roles_with(missing),
        "scope": Staff.of(request.user).scope if missing == WHOLE else "",
        "grantors": grantors(),
    }
    return render(request, "403.html", context, status=403)


def grantors() -> list[str]:
    """The names of some who may grant roles."""
    able = User.objects.with_perm("orders.manage_staff", backend="config.accounts.Accounts")
    return [user.get_full_name() or user.username for user in able.order_by("pk")[:MOST_NAMES]]
