"""The rows of the order list: each column as it looks on screen.

A row is put together here and not by a template: words are escaped, everything else is ours.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape

from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from orders.columns import Column
from orders.explain import Row
from orders.templatetags.ui import day, flag, moment, money, pill, qbar

ANY = "SO-0"  # stands for an order's number in its address


def drawn(rows: Sequence[Row], columns: Sequence[Column], origin: str) -> SafeString:
    """Each order with the box that chooses it; its number leads to it, and it learns the list it
    was found in.
    """
    chosen, order = escape(gettext("Select")), reverse("orders:order", args=[ANY])
    cells = [(column.css, _drawn(column)) for column in columns if column.name != "number"]
    return SafeString(
        "\n".join(
            f'<tr><td class="sel c-sel"><input type="checkbox" name="o" value="{row.order.pk}" '
            f'aria-label="{chosen} {row.order.number}"></td>'
            f'<th scope="row" class="c-order"><a class="rowlink" '
            f'href="{order.replace(ANY, row.order.number)}?in={origin}">{row.order.number}</a></th>'
            + "".join([f'<td class="{css}">{cell(row)}</td>' for css, cell in cells])
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
    words = day(row.order.promised_on)
    return flag(words, "red") if row.late else escape(words)


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
