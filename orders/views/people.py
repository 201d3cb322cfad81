"""Users and roles: who works here, what each may do, and who granted it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.mfa.models import Authenticator
from django import forms
from django.contrib import messages
from django.contrib.auth.models import Permission, User
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.text import capfirst
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST
from django_stubs_ext import StrOrPromise

from config.accounts import invitation
from config.kernel.errors import DomainError
from config.kernel.lists import Sort, page
from orders import people as staff
from orders.forms.people import FactorForm, InviteForm, ReasonedForm, RolesForm, ScopeForm
from orders.models import RoleGrant, Staff
from orders.permissions import CONFLICTS, MASTER, READ, ROLES, right
from orders.views.steps import actor

SORTS = {"name": Sort(_("By user name"), field="username", descending=False)}
AREAS = (
    (_("Orders"), "orders."),
    (_("Floor"), "fulfillment."),
    (_("Stock"), "inventory."),
    (_("Money"), "finance."),
    (_("Returns"), "returns."),
)


@dataclass(frozen=True, slots=True)
class Right:
    """One row of the matrix: a permission, and which roles hold it."""

    label: str
    held: list[bool]


def people(request: HttpRequest) -> HttpResponse:
    """Everybody with roles, scope, second factor and last sign-in, under what each role may do."""
    words, role = request.GET.get("q", "").strip(), request.GET.get("role", "")
    found = _users()
    for word in words.split()[:5]:
        named = Q(username__icontains=word) | Q(email__icontains=word)
        found = found.filter(named | Q(first_name__icontains=word) | Q(last_name__icontains=word))
    if role in ROLES:
        found = found.filter(groups__name=role)
    context = {
        "page": page(found, request.GET, SORTS),
        "roles": _holders(),
        "role": role,
        "total": User.objects.filter(is_active=True).count(),
        "matrix": _matrix(),
        "conflicts": CONFLICTS,
    }
    return render(request, "settings/people.html", context)


def _users() -> QuerySet[User]:
    app = Authenticator.objects.filter(user=OuterRef("pk"), type=Authenticator.Type.TOTP)
    return (
        User.objects.select_related("staff")
        .prefetch_related("groups")
        .annotate(second_factor=Exists(app))
    )


def _holders() -> list[tuple[str, int]]:
    """Each role with how many people hold it."""
    held = User.objects.filter(is_active=True, groups__name__in=ROLES).order_by()
    counts = dict(held.values_list("groups__name").annotate(people=Count("pk")))
    return [(role, counts.get(role, 0)) for role in ROLES]


def _matrix() -> list[tuple[StrOrPromise, list[Right]]]:
    """What each role may do, from the table that the code asks."""
    names = {
        f"{app}.{codename}": name
        for app, codename, name in Permission.objects.values_list(
            "content_type__app_label", "codename", "name"
        )
    }
    held = dict.fromkeys(name for granted in ROLES.values() for name in granted)
    every = [name for name in held if name in READ or name not in MASTER]
    master = [set(MASTER) <= set(granted) for granted in ROLES.values()]
    areas = []
    for area, prefix in AREAS:
        rights = [
            Right(
                capfirst(right(names.get(name, name))),
                [name in granted for granted in ROLES.values()],
            )
            for name in every
            if name.startswith(prefix)
        ]
        if rights:
            areas.append((area, rights))
    return [
        *areas,
        (
            gettext("Master data"),
            [Right(gettext("Look after customers, products and prices"), master)],
        ),
    ]


def invite(request: HttpRequest) -> HttpResponse:
    """Open an account; its owner sets the password by a link that is shown once."""
    form = InviteForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        data = form.cleaned_data
        try:
            made = staff.invite(
                data["username"],
                first_name=data["first_name"],
                last_name=data["last_name"],
                email=data["email"],
                roles=data["roles"],
                by=actor(request),
                reason=data["reason"],
            )
        except DomainError as refusal:
            form.add_error("roles", str(refusal))
        else:
            messages.success(
                request, gettext("%(name)s has an account.") % {"name": made.get_full_name()}
            )
            return _person(request, made, link=invitation(request, made))
    status = 422 if form.errors else 200
    return render(request, "settings/invite.html", {"form": form}, status=status)


def person(request: HttpRequest, pk: int) -> HttpResponse:
    """One person: roles, scope, sessions, and what was changed in their rights."""
    return _person(request, get_object_or_404(User, pk=pk))


def _person(request: HttpRequest, whom: User, *, status: int = 200, **more: Any) -> HttpResponse:
    known = Staff.of(whom)
    scope = {
        "countries": ", ".join(known.countries),
        "channels": known.channels,
        "warehouses": known.warehouses,
    }
    held = list(whom.groups.values_list("name", flat=True))
    changes = RoleGrant.objects.filter(user=whom).select_related("by")
    context = {
        "whom": whom,
        "held": held,
        "staff": known,
        "roles_form": RolesForm(initial={"roles": held}),
        "scope_form": ScopeForm(initial=scope, prefix="scope"),
        "close_form": ReasonedForm(prefix="close"),
        "factor_form": FactorForm(prefix="factor"),
        "second_factor": Authenticator.objects.filter(user=whom, type="totp").exists(),
        "sessions": staff.sessions(whom),
        "changes": changes[:50],
        "self": whom.pk == request.user.pk,
        **more,
    }
    return render(request, "settings/person.html", context, status=status)


def _change(
    request: HttpRequest,
    whom: User,
    form: forms.Form,
    change: Callable[[], None],
    *,
    done: StrOrPromise,
) -> HttpResponse:
    """Make a change of somebody's rights, or show the page again with what stands in the way."""
    name = FORMS[type(form)]
    if form.is_valid():
        try:
            change()
        except DomainError as refusal:
            form.add_error(None, str(refusal))
        else:
            name = whom.get_full_name() or whom.username
            messages.success(request, str(done) % {"name": name})
            return redirect("orders:person", whom.pk)
    return _person(request, whom, status=422, **{name: form})


FORMS: dict[type[forms.Form], str] = {
    RolesForm: "roles_form",
    ScopeForm: "scope_form",
    ReasonedForm: "close_form",
    FactorForm: "factor_form",
}


@require_POST
def grant(request: HttpRequest, pk: int) -> HttpResponse:
    """Grant roles and take roles away."""
    whom, form = get_object_or_404(User, pk=pk), RolesForm(request.POST)

    def change() -> None:
        data = form.cleaned_data
        staff.set_roles(whom, data["roles"], by=actor(request), reason=data["reason"])

    return _change(request, whom, form, change, done=_("%(name)s has these roles now."))


@require_POST
def set_scope(request: HttpRequest, pk: int) -> HttpResponse:
    """Narrow somebody to a part of the company, or let them see everything."""
    whom, form = get_object_or_404(User, pk=pk), ScopeForm(request.POST, prefix="scope")

    def change() -> None:
        reason = form.cleaned_data["reason"]
        staff.set_scope(whom, form.scope(), by=actor(request), reason=reason)

    return _change(request, whom, form, change, done=_("%(name)s has this scope now."))


@require_POST
def activate(request: HttpRequest, pk: int) -> HttpResponse:
    """Close an account, which ends its sessions, or open it again."""
    whom = get_object_or_404(User, pk=pk)
    form = ReasonedForm(request.POST, prefix="close")
    step, done = (
        (staff.deactivate, _("%(name)s can no longer sign in."))
        if whom.is_active
        else (staff.activate, _("%(name)s can sign in again."))
    )

    def change() -> None:
        step(whom, by=actor(request), reason=form.cleaned_data["reason"])

    return _change(request, whom, form, change, done=done)


@require_POST
def take_off_second_factor(request: HttpRequest, pk: int) -> HttpResponse:
    """Take off the second factor of somebody who lost it; they hear of it by e-mail."""
    whom = get_object_or_404(User, pk=pk)
    form = FactorForm(request.POST, prefix="factor")

    def change() -> None:
        staff.take_off_second_factor(whom, by=actor(request), reason=form.cleaned_data["reason"])
        if whom.email:
            mail = get_adapter(request).send_notification_mail
            mail("mfa/email/totp_deactivated", whom, email=whom.email)

    return _change(request, whom, form, change, done=_("%(name)s signs in by password alone."))


@require_POST
def invite_link(request: HttpRequest, pk: int) -> HttpResponse:
    """A new link to set the first password with, for an account that nobody has used yet.

    Whoever forgot a password asks for a link by e-mail: no administrator can sign in as another.
    """
    whom = get_object_or_404(User, pk=pk, is_active=True, last_login=None)
    return _person(request, whom, link=invitation(request, whom))


@require_POST
def sign_out(request: HttpRequest, pk: int) -> HttpResponse:
    """Sign somebody out everywhere."""
    whom = get_object_or_404(User, pk=pk)
    ended = staff.end_sessions(whom)
    messages.success(
        request,
        ngettext(
            "%(n)s session of %(name)s is signed out.",
            "%(n)s sessions of %(name)s are signed out.",
            ended,
        )
        % {"n": ended, "name": whom.get_full_name()},
    )
    return redirect("orders:person", whom.pk)
