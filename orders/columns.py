"""The columns of the order list and of files exported from it: what each shows of a row."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from orders.explain import Row

Value = str | int | Decimal | date | datetime | None


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its name in addresses and preferences, its heading, and its value of a row."""

    name: str
    label: str
    value: Callable[[Row], Value]
    is_default: bool = True


COLUMNS = (
    Column("number", "Order", lambda row: row.order.number),
    Column("customer", "Customer", lambda row: row.order.customer.name),
    Column("state", "State", lambda row: row.label),
    Column("progress", "Progress", lambda row: row.units.words()),
    Column("promised_on", "Promise", lambda row: row.order.promised_on),
    Column("warehouses", "From", lambda row: row.warehouses),
    Column("total", "Total", lambda row: row.order.grand_total),
    Column("currency", "Currency", lambda row: row.order.currency_id),
    Column("payment", "Payment", lambda row: row.order.get_payment_status_display()),
    Column("created_at", "Entered", lambda row: row.order.created_at),
    Column("po_number", "PO number", lambda row: row.order.po_number, is_default=False),
    Column("channel", "Channel", lambda row: row.order.channel.name, is_default=False),
    Column("ordered", "Units", lambda row: row.units.ordered, is_default=False),
    Column("shipped", "Shipped", lambda row: row.units.shipped, is_default=False),
    Column("hold", "Hold", lambda row: row.hold, is_default=False),
)
BY_NAME = {column.name: column for column in COLUMNS}
