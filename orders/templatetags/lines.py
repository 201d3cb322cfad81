"""The lines of an order as rows of a table.

An order has hundreds of them, so a row is put together here and not by a template.
"""

from __future__ import annotations

from collections.abc import Iterable

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from config.kernel.days import written
from orders.models import Order, OrderLine
from orders.standing import Wait
from orders.templatetags.ui import day, icon, money, qbar, qlegend

register = template.Library()
Place = tuple[str, int]
ROW = (
    '<tr><td class="top sm-1a"><b>{}</b><span class="sub mono">{}</span></td>'
    '<td class="num top fw-6 sm-1b">{}</td>'
    '<td class="sm-2 fulfil top">{}{}{}</td>'
    '<td class="nowrap top hide-sm">{}</td>'
    '<td class="num nowrap top sm-3a">{}{}</td>'
    '<td class="num nowrap top fw-6 sm-3b">{}</td></tr>'
)


@register.simple_tag
def order_lines(
    order: Order, lines: Iterable[tuple[OrderLine, list[Place], Wait | None]]
) -> SafeString:
    """What is wanted, what became of it, where it comes from or what it waits for."""
    currency = str(order.currency_id)
    return format_html_join(
        "\n", "{}", ((_row(line, places, wait, currency),) for line, places, wait in lines)
    )


def _row(line: OrderLine, places: list[Place], wait: Wait | None, currency: str) -> SafeString:
    return format_html(
        ROW,
        line.name,
        line.sku,
        line.ordered,
        qbar(line),
        qlegend(line),
        _sources(places, wait),
        day(line.promised_on),
        money(line.unit_price, currency),
        _list_price(line, currency),
        money(line.line_total, currency),
    )


def _sources(places: list[Place], wait: Wait | None) -> SafeString | str:
    """Where the units come from: warehouses, then the supply that others wait for."""
    tags = [(icon("building", "sm"), code, units) for code, units in places]
    if wait and wait.supply:
        due = f"{wait.supply}, {written(wait.due_on)}" if wait.due_on else wait.supply
        tags.append((icon("clock", "sm"), due, wait.units))
    if not tags:
        return ""
    drawn = format_html_join("", '<span class="tag">{}{} <b class="num">{}</b></span>', tags)
    return format_html('<div class="alloc">{}</div>', drawn)


def _list_price(line: OrderLine, currency: str) -> SafeString | str:
    if not line.list_price or line.list_price == line.unit_price:
        return ""
    listed = money(line.list_price, currency)
    words = '<span class="sub"><span class="vh">List price </span><del>{}</del></span>'
    return format_html(words, listed)
