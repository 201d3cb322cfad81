"""Where the units of an order come from and what was promised for them, as rows.

An order has hundreds of them, so a row is put together here and not by a template: words are
escaped, everything else is ours.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from html import escape

from django import template
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from orders.models import AllocationState, Promise, PromiseBasis
from orders.templatetags.ui import day, icon, moment

register = template.Library()


@register.simple_tag
def allocation_rows(allocations: Iterable[tuple[str, str, str, str, int, int, int]]) -> SafeString:
    """What is reserved, picked and shipped of each line, warehouse by warehouse.

    Rows of name and SKU of the line, warehouse, state, and units reserved, picked and shipped.
    """
    states = {state.value: escape(str(state.label)) for state in AllocationState}
    house = icon("building", "sm")
    return SafeString(
        "\n".join(
            f'<tr><th scope="row" class="sm-1a">{escape(name)}'
            f'<span class="sub mono">{escape(sku)}</span></th>'
            f'<td class="sm-2a"><span class="tag">{house}{escape(place)}</span></td>'
            f'<td class="sm-2b">{states[state]}</td>'
            f'<td class="num fw-6 sm-1b">{reserved}</td>'
            f'<td class="num hide-sm">{picked}</td><td class="num hide-sm">{shipped}</td>'
            "</tr>"
            for name, sku, place, state, reserved, picked, shipped in allocations
        )
    )


@register.simple_tag
def promise_rows(promises: Iterable[Promise]) -> SafeString:
    """Every date that was promised for a line, with what it rests on and why it changed."""
    bases = {basis.value: escape(str(basis.label)) for basis in PromiseBasis}
    first, anew = gettext("first promised for"), gettext("promised anew for")
    dated, told = cache(day), cache(moment)
    return SafeString(
        "\n".join(
            f'<li data-tone="{"orange" if row.cause else "green"}">'
            f'<span class="mark">{icon("clock" if row.cause else "st-deliv")}</span>'
            f'<div class="what"><span class="who"><span class="mono">{escape(row.line.sku)}</span> '
            f"{anew if row.cause else first} <b>{dated(row.promised_on)}</b></span>"
            f"{told(row.made_at)}</div>"
            f'<div class="detail">{bases[row.basis]}{_supply(row)}{_cause(row)}</div></li>'
            for row in promises
        )
    )


def _supply(row: Promise) -> str:
    if row.supply is None:
        return ""
    return f" {escape(str(row.supply))}, {gettext('due')} {day(row.supply.expected_on)}"


def _cause(row: Promise) -> str:
    return f" · {escape(gettext(row.cause))}" if row.cause else ""
