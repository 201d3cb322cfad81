"""Each request is answered in the time zone and the language of whoever is signed in."""

from __future__ import annotations

from collections.abc import Callable
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation

from orders.models import Staff


class PreferencesMiddleware:
    """Activates time zone and language; a stranger reads in those of the company."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if settings.SESSION_COOKIE_NAME not in request.COOKIES:
            return self.get_response(request)
        staff = Staff.of(request.user)
        language = staff.language if staff.language in dict(settings.LANGUAGES) else "en-gb"
        with timezone.override(zone(staff.time_zone)), translation.override(language):
            return self.get_response(request)


def zone(name: str) -> ZoneInfo:
    """The time zone of this name; UTC for a name that no longer is one."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")
