"""What the list of orders hands over to its forms, and pages reached from it to their links."""

from __future__ import annotations

from django import template
from django.urls import reverse
from django.utils.html import escape
from django.utils.safestring import SafeString

from orders.columns import ON_SCREEN
from orders.filters import SORTS
from orders.listing import Listing
from orders.models import Staff
from orders.neighbours import in_list

register = template.Library()


@register.simple_tag(takes_context=True, name="in_list")
def _in_list(context: template.Context, start: str = "?") -> str:
    """The list that the page was reached from, at the end of an address that leads on."""
    return in_list(context["request"], start) if "request" in context else ""


@register.simple_tag(takes_context=True)
def the_list(context: template.Context) -> str:
    """The address of the list that the page was reached from, else of all orders."""
    came_from = context["request"].GET.get("in") if "request" in context else ""
    address = reverse("orders:list")
    return f"{address}?{came_from}" if came_from else address


@register.simple_tag
def as_shown(listing: Listing) -> SafeString:
    """What the list shows, for a form that acts on it: its query and its columns."""
    return SafeString(
        f'<input type="hidden" name="query" value="{escape(listing.here)}">'
        + "".join(
            f'<input type="hidden" name="columns" value="{column.name}">'
            for column in listing.columns
        )
    )


@register.simple_tag
def ways_to_show() -> dict[str, object]:
    """All that can be chosen of how the list is shown."""
    return {
        "sorts": [(name, sort.label) for name, sort in SORTS.items()],
        "densities": Staff.Density.choices,
        "columns": [column for column in ON_SCREEN if column.name != "number"],
    }
