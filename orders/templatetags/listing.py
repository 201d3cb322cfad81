"""The cells of the order list: each column as it looks on screen."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from django import template
from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString

from orders.columns import Column
from orders.explain import Row
from orders.templatetags.ui import day, flag, moment, money, pill, qbar

register = template.Library()


@register.simple_tag
def cells(columns: Sequence[Column], row: Row, origin: str) -> SafeString:
    """The cells of a row; its number leads to the order, which learns the list it was found in."""
    others = [(column.css, _cell(column, row)) for column in columns if column.name != "number"]
    return format_html(
        '<th scope="row" class="c-order"><a class="rowlink" href="{}?in={}">{}</a></th>{}',
        row.order.get_absolute_url(),
        origin,
        row.order.number,
        format_html_join("", '<td class="{}">{}</td>', others),
    )


def _cell(column: Column, row: Row) -> SafeString | str:
    """What a column shows of a row: its picture if it has one, else its value."""
    if picture := PICTURES.get(column.name):
        return picture(row)
    value = column.value(row)
    return conditional_escape("" if value is None else str(value))


def _customer(row: Row) -> SafeString:
    return format_html('<span class="truncate">{}</span>', row.order.customer.name)


def _state(row: Row) -> SafeString:
    return pill(row.label)


def _progress(row: Row) -> SafeString | str:
    if not row.units.ordered:
        return ""
    return format_html('{}<span class="sub">{}</span>', qbar(row.units), row.units.words())


def _promise(row: Row) -> SafeString | str:
    words = day(row.order.promised_on)
    return flag(words, "red") if row.late else words


def _entered(row: Row) -> SafeString | str:
    return moment(row.order.created_at)


def _total(row: Row) -> str:
    return money(row.order.grand_total, row.order.currency_id)


PICTURES: dict[str, Callable[[Row], SafeString | str]] = {
    "customer": _customer,
    "state": _state,
    "progress": _progress,
    "promised_on": _promise,
    "created_at": _entered,
    "total": _total,
}
