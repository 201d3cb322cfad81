"""The rows of the order list: each column as it looks on screen.

A row is put together here and not by a template: words are escaped, everything else is ours.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from django import template
from django.urls import reverse
from django.utils.html import escape
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from orders.columns import Column
from orders.explain import Row
from orders.neighbours import in_list
from orders.templatetags.ui import day, flag, moment, money, pill, qbar

register = template.Library()
ANY = "SO-0"  # stands for an order's number in its address


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
def order_rows(rows: Sequence[Row], columns: Sequence[Column], origin: str) -> SafeString:
    """Each order with the box that chooses it; its number leads to it, and it learns the list it
    was found in.
    """
    chosen, order = escape(gettext("Select")), reverse("orders:order", args=[ANY])
    drawn = [(column.css, _drawn(column)) for column in columns if column.name != "number"]
    return SafeString(
        "\n".join(
            f'<tr><td class="sel c-sel"><input type="checkbox" name="o" value="{row.order.pk}" '
            f'aria-label="{chosen} {row.order.number}"></td>'
            f'<th scope="row" class="c-order"><a class="rowlink" '
            f'href="{order.replace(ANY, row.order.number)}?in={origin}">{row.order.number}</a></th>'
            + "".join([f'<td class="{css}">{cell(row)}</td>' for css, cell in drawn])
            + "</tr>"
            for row in rows
        )
    )


def _drawn(column: Column) -> Callable[[Row], str]:
    """How a column shows a row: by its picture if it has one, else by its value."""
    return PICTURES.get(column.name) or (lambda row: escape(_text(column, row)))


def _text(column: Column, row: Row) -> str:
    value = column.value(row)
    return "" if value is None else str(value)


def _customer(row: Row) -> str:
    return f'<span class="truncate">{escape(row.order.customer.name)}</span>'


def _state(row: Row) -> str:
    return pill(row.label)


def _progress(row: Row) -> str:
    if not row.units.ordered:
        return ""
    return f'{qbar(row.units)}<span class="sub">{escape(row.units.words())}</span>'


def _promise(row: Row) -> str:
    words = escape(day(row.order.promised_on))
    return flag(words, "red") if row.late else words


def _entered(row: Row) -> str:
    return moment(row.order.created_at)


def _total(row: Row) -> str:
    return escape(money(row.order.grand_total, row.order.currency_id))


PICTURES: dict[str, Callable[[Row], str]] = {
    "customer": _customer,
    "state": _state,
    "progress": _progress,
    "promised_on": _promise,
    "created_at": _entered,
    "total": _total,
}
