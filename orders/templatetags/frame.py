"""Parts of the frame around every page that do not change from one page to the next."""

from __future__ import annotations

from collections.abc import Hashable
from functools import lru_cache

from django import template
from django.conf import settings
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from config.kernel.reading import language
from orders import permissions

register = template.Library()
HOLE = "\0"  # stands for the token of the request: no text that is shown can hold one
register.filter(permissions.opens_master_data)


@register.simple_tag(takes_context=True)
def kept(context: template.Context, name: str, **values: Hashable) -> SafeString:
    """A part that is the same for all who read one language and are given the same values.

    It is put together once; while templates are being written, each time. Forms in it carry the
    token of the request all the same.
    """
    draw = _drawn.__wrapped__ if settings.DEBUG else _drawn
    drawn = draw(language(), name, tuple(values.items()))
    if HOLE not in drawn:
        return drawn
    return SafeString(drawn.replace(HOLE, str(context["csrf_token"])))


@lru_cache(maxsize=1000)
def _drawn(_language: str, name: str, values: tuple[tuple[str, Hashable], ...]) -> SafeString:
    return render_to_string(name, {**dict(values), "csrf_token": HOLE})
