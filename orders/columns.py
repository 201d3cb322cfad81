"""The columns of the order list and of files exported from it: what each shows of a row."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from orders.explain import Row
from orders.models import PaymentStatus

Value = str | int | Decimal | date | datetime | None


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """One column: its name in addresses and preferences, its heading, and its value of a row.

    On screen: the classes of its cells, the sorts that its heading offers, whether it is shown
    unless somebody chooses otherwise; ``joined`` names the rows that its value reads with it.
    """

    name: str
    label: StrOrPromise
    value: Callable[[Row], Value]
    is_default: bool = True
    css: str = ""
    sorts: tuple[str, ...] = ()
    on_screen: bool = True
    joined: tuple[str, ...] = ()


def _rep(row: Row) -> str:
    """Who looks after the customer."""
    rep = row.order.customer.sales_rep
    return rep.get_full_name() or rep.username if rep else ""


def _total(row: Row) -> Decimal:
    return row.order.grand_total


def _payment(row: Row) -> str:
    return str(PaymentStatus(row.order.payment_status).label)


COLUMNS = (
    Column("number", _("Order"), lambda row: row.order.number, css="c-order"),
    Column(
        "created_at",
        _("Entered"),
        lambda row: row.order.created_at,
        css="nowrap t-2 p3 c-placed",
        sorts=("newest", "oldest"),
    ),
    Column(
        "customer",
        _("Customer"),
        lambda row: row.order.customer.name,
        css="cust",
        sorts=("customer",),
    ),
    Column("state", _("State"), lambda row: row.label, css="c-state"),
    Column("progress", _("Progress"), lambda row: row.units.words(), css="prog p2"),
    Column(
        "promised_on",
        _("Promise"),
        lambda row: row.order.promised_on,
        css="nowrap c-promise",
        sorts=("promise",),
    ),
    Column("warehouses", _("From"), lambda row: row.warehouses, css="places t-2 p3"),
    Column("payment", _("Payment"), _payment, css="nowrap t-2 p3"),
    Column(
        "po_number",
        _("PO number"),
        lambda row: row.order.po_number,
        is_default=False,
        css="nowrap t-2 p3",
    ),
    Column(
        "channel",
        _("Channel"),
        lambda row: gettext(row.order.channel.name),
        is_default=False,
        css="nowrap t-2 p3",
        joined=("channel",),
    ),
    Column(
        "rep",
        _("Sales rep"),
        _rep,
        is_default=False,
        css="nowrap t-2 p3",
        joined=("customer__sales_rep",),
    ),
    Column("lines", _("Lines"), lambda row: row.units.lines, is_default=False, css="num t-2 p3"),
    Column(
        "ordered", _("Units"), lambda row: row.units.ordered, is_default=False, css="num t-2 p3"
    ),
    Column(
        "shipped", _("Shipped"), lambda row: row.units.shipped, is_default=False, css="num t-2 p3"
    ),
    Column("hold", _("Hold"), lambda row: row.hold, is_default=False, css="t-2 p3"),
    Column(
        "sub_status",
        _("Sub-status"),
        lambda row: row.sub_label,
        is_default=False,
        css="nowrap t-2 p3",
    ),
    Column(
        "terms",
        _("Payment terms"),
        lambda row: row.order.terms_code,
        is_default=False,
        css="nowrap t-2 p3",
    ),
    Column("total", _("Total"), _total, css="num nowrap fw-6 c-total pin"),
    Column("currency", _("Currency"), lambda row: row.order.currency_id, on_screen=False),
)
BY_NAME = {column.name: column for column in COLUMNS}
ON_SCREEN = tuple(column for column in COLUMNS if column.on_screen)


def chosen(names: Sequence[str]) -> tuple[Column, ...]:
    """The columns of these names in their usual order, the number always; none: the default."""
    wanted = set(names) & set(BY_NAME)
    return tuple(
        column
        for column in ON_SCREEN
        if column.name == "number" or (column.name in wanted if wanted else column.is_default)
    )


def in_file(names: Sequence[str]) -> list[Column]:
    """The same columns in a file of the list; beside an amount it names the currency."""
    shown = {column.name for column in chosen(names)}
    return [c for c in COLUMNS if c.name in shown or (not c.on_screen and "total" in shown)]
