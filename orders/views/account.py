"""Settings of one's own: how one likes to read, and where one is signed in."""

from __future__ import annotations

from typing import cast

from allauth.mfa.models import Authenticator
from django.contrib import messages
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_POST

from config.context import GROUPS
from config.kernel import typed
from orders import people
from orders.forms.people import PreferencesForm
from orders.models import Staff


def preferences(request: HttpRequest) -> HttpResponse:
    """Look, place to start, language, time zone and keys."""
    staff = Staff.of(request.user)
    posted = request.POST if request.method == "POST" else None
    form = PreferencesForm(posted, instance=staff, landings=_landings(request))
    if form.is_valid():
        with translation.override(form.save().language):
            messages.success(request, gettext("Your preferences are saved."))
        return redirect("orders:preferences")
    status = 422 if form.errors else 200
    return render(request, "settings/preferences.html", {"form": form}, status=status)


@require_POST
def theme(request: HttpRequest) -> HttpResponse:
    """Keep whether one reads in light or in dark; whoever names neither gets the other one."""
    kept, asked = Staff.of(request.user).theme, request.POST.get("theme")
    if asked not in {Staff.Theme.LIGHT, Staff.Theme.DARK}:
        asked = Staff.Theme.LIGHT if kept == Staff.Theme.DARK else Staff.Theme.DARK
    Staff.objects.update_or_create(user=cast("User", request.user), defaults={"theme": asked})
    if "HX-Request" in request.headers:
        return HttpResponse(status=204)
    return redirect("orders:preferences")


def _landings(request: HttpRequest) -> list[tuple[str, str]]:
    """The places of the navigation where the person may start; Today when nothing is chosen."""
    places = [item for _, items in GROUPS for item in items if item.permission]
    may = request.user.has_perm
    return [
        ("" if item.url_name == "orders:today" else item.url_name, str(item.label))
        for item in places
        if may(item.permission)
    ] or [("", gettext("Today"))]


def security(request: HttpRequest) -> HttpResponse:
    """Password, second factor, and where one is signed in."""
    user = cast("User", request.user)
    factors = {row.type: row.wrap() for row in Authenticator.objects.filter(user=user)}
    codes = factors.get(Authenticator.Type.RECOVERY_CODES)
    context = {
        "sessions": people.sessions(user),
        "session_key": request.session.session_key,
        "app": factors.get(Authenticator.Type.TOTP),
        "codes": codes,
        "codes_left": len(codes.get_unused_codes()) if codes else 0,
    }
    return render(request, "settings/security.html", context)


@require_POST
def end_sessions(request: HttpRequest) -> HttpResponse:
    """Sign out one other session, or all of them; the one that asks stays."""
    only = typed.key(request.POST.get("session", ""))
    user = cast("User", request.user)
    ended = people.end_sessions(user, only=only, but=request.session.session_key)
    if ended:
        words = ngettext("%(n)s session is signed out.", "%(n)s sessions are signed out.", ended)
        messages.success(request, words % {"n": ended})
    else:
        messages.warning(request, gettext("No other session was open any more."))
    return redirect("orders:security")
