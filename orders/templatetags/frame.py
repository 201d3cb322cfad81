"""Parts of the frame around every page that do not change from one page to the next."""

from __future__ import annotations

from functools import lru_cache

from django import template
from django.conf import settings
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from config.kernel.reading import language
from orders import permissions

register = template.Library()
register.filter(permissions.opens_master_data)


@register.simple_tag
def kept(name: str, **values: object) -> SafeString:
    """A part that is the same for all who read one language and are given the same values.

    It is put together once; while templates are being written, each time.
    """
    draw = _drawn.__wrapped__ if settings.DEBUG else _drawn
    return draw(language(), name, tuple(values.items()))


@lru_cache(maxsize=200)
def _drawn(_language: str, name: str, values: tuple[tuple[str, object], ...]) -> SafeString:
    return render_to_string(name, dict(values))
