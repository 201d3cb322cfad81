"""The lines of an order as rows of a table.

An order has hundreds of them, so a row is put together here and not by a template: words are
escaped, everything else is ours.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from decimal import Decimal
from functools import cache

from django import template
from django.utils.html import escape
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from config.kernel.reading import amounts, language
from orders.lifecycle.stages import Stage
from orders.models import Order, OrderLine
from orders.money import Cell, Row
from orders.standing import Wait
from orders.templatetags.ui import bar, day, flag, icon, legend, quantities

register = template.Library()
Source = tuple[str, int]


@register.simple_tag
def order_lines(
    order: Order, lines: Iterable[tuple[OrderLine, list[Source], Wait | None, list[Stage]]]
) -> SafeString:
    """What is wanted by when, what became of it, where it comes from or what it waits for."""
    money, promised, code = amounts(str(order.currency_id)), cache(day), language()
    return SafeString(
        "\n".join(
            f'<tr><td class="top sm-1a"><b>{escape(line.name)}</b>'
            f'<span class="sub mono">{escape(line.sku)}</span>{_wanted(line, stages)}</td>'
            f'<td class="num top fw-6 sm-1b">{line.ordered}</td>'
            f'<td class="sm-2 fulfil top">{_come(line, code)}{_sources(sources, wait)}</td>'
            f'<td class="nowrap top hide-sm">{promised(line.promised_on)}</td>'
            f'<td class="num nowrap top sm-3a">{money(line.unit_price)}'
            f"{_list_price(line, money)}</td>"
            f'<td class="num nowrap top fw-6 sm-3b pin">{money(line.line_total)}</td></tr>'
            for line, sources, wait, stages in lines
        )
    )


def _come(line: OrderLine, code: str) -> str:
    """How far the units of a line have come, as picture and words."""
    parts = quantities(line)
    return bar(code, max(line.ordered, 1), parts) + legend(code, parts)


def _wanted(line: OrderLine, stages: list[Stage]) -> str:
    """The day by which the line is wanted; or its parts, each with what is promised of it."""
    if stages and (line.promised_on or line.delivered):
        told = (
            flag(stage.words, "amber") if stage.late else escape(stage.words) for stage in stages
        )
        return "".join(f'<span class="sub">{words}</span>' for words in told)
    if stages:
        each = (
            gettext("%(units)s by %(day)s") % {"units": stage.quantity, "day": day(stage.due_on)}
            for stage in stages
        )
        words = gettext("In parts: %(parts)s") % {"parts": ", ".join(each)}
    elif line.requested_on:
        words = gettext("Wanted by %(day)s") % {"day": day(line.requested_on)}
    else:
        return ""
    return f'<span class="sub">{escape(words)}</span>'


def _sources(sources: list[Source], wait: Wait | None) -> str:
    """Where the units come from: warehouses, then the supply that others wait for."""
    tags = [(icon("building", "sm"), escape(code), units) for code, units in sources]
    if wait and wait.supply:
        due = f"{wait.supply}, {day(wait.due_on)}" if wait.due_on else wait.supply
        tags.append((icon("clock", "sm"), escape(due), wait.units))
    drawn = "".join(
        f'<span class="tag">{glyph}{words} <b class="num">{units}</b></span>'
        for glyph, words, units in tags
    )
    return f'<div class="alloc">{drawn}</div>' if drawn else ""


def _list_price(line: OrderLine, money: Callable[[Decimal], str]) -> str:
    if not line.list_price or line.list_price == line.unit_price:
        return ""
    listed = money(line.list_price)
    name = gettext("List price")
    return f'<span class="sub"><span class="vh">{name} </span><del>{listed}</del></span>'


@register.simple_tag
def money_rows(order: Order, rows: Iterable[Row]) -> SafeString:
    """The money matrix: units and amount in every column; empty cells stay quiet."""
    money = amounts(str(order.currency_id))
    return SafeString(
        "\n".join(
            f'<tr><th scope="row">{_heading(row)}</th>'
            + "".join(f'<td class="num nowrap">{_cell(cell, money)}</td>' for cell in row.cells())
            + "</tr>"
            for row in rows
        )
    )


def _heading(row: Row) -> str:
    if row.line is None:
        return gettext("Total")
    return f'{escape(row.line.name)}<span class="sub mono">{escape(row.line.sku)}</span>'


def _cell(cell: Cell, money: Callable[[Decimal], str]) -> str:
    if not cell.amount and not cell.units:
        return '<span class="t-3">—</span>'
    return f'{money(cell.amount)}<span class="sub">{cell.units}</span>'
