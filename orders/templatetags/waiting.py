"""How long something waits, held against its target."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from orders.models import OrderException
from orders.templatetags.ui import icon

register = template.Library()


def span(minutes: int) -> str:
    """A duration in its two largest units: 3 d 4 h, 2 h 10 m, 9 m."""
    days, hours, left = minutes // 1440, minutes % 1440 // 60, minutes % 60
    if days:
        words = gettext("%(days)s d %(hours)s h") if hours else gettext("%(days)s d")
    elif hours:
        words = gettext("%(hours)s h %(minutes)s m") if left else gettext("%(hours)s h")
    else:
        words = gettext("%(minutes)s m")
    return words % {"days": days, "hours": hours, "minutes": left}


@register.filter
def since(moment: datetime) -> str:
    """How long ago it was."""
    return span(max(0, int((timezone.now() - moment).total_seconds() // 60)))


@register.simple_tag(takes_context=True)
def leading_back(context: dict[str, Any], address: str) -> str:
    """The address of a page of an order that, when it is done, leads back to this one."""
    if not address.startswith("/orders/"):
        return address
    mark = "&" if "?" in address else "?"
    return f"{address}{mark}{urlencode({'next': context['request'].get_full_path()})}"


@register.simple_tag
def age(row: OrderException) -> SafeString:
    """How long a finding waits; red once it waits longer than its rule wants."""
    if not row.is_overdue or row.due_at is None:
        return format_html('<span class="fs-xs t-3 num">{}</span>', since(row.opened_at))
    return format_html(
        '<span class="flag num" data-tone="red">{}{}<span class="vh"> {}</span></span>',
        icon("clock"),
        since(row.opened_at),
        gettext("waiting, %(time)s over target") % {"time": since(row.due_at)},
    )


@register.simple_tag
def target(row: OrderException) -> str:
    """By when a finding should be decided, in words."""
    if row.due_at is None:
        return gettext("no target")
    minutes = int((row.due_at - timezone.now()).total_seconds() // 60)
    return (
        gettext("%(time)s left") % {"time": span(minutes)}
        if minutes > 0
        else gettext("%(time)s over target") % {"time": span(-minutes)}
    )
