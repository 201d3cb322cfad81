"""Where a page leads when it is done: on, or back to the page of ours that led there."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme


def origin(request: HttpRequest) -> str:
    """The address of ours that somebody came from, as the address or the form says; else ''."""
    asked = request.POST.get("next", request.GET.get("next", ""))
    ours = asked.startswith("/") and url_has_allowed_host_and_scheme(asked, allowed_hosts=None)
    return asked if ours else ""
