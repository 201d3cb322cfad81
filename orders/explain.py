"""How far orders have come: labels, progress, places; read from facts, stored nowhere."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext, gettext_noop

from orders.models import OPEN_RETURNS, Order, OrderLine, Status, SubStatus

SUMMED = (
    "ordered",
    "cancelled",
    "backordered",
    "allocated",
    "picked",
    "shipped",
    "delivered",
)
# How far an order has come, furthest along first: the sum, and its words.
REACHED = (
    ("delivered", gettext_noop("%(share)s%% delivered")),
    ("shipped", gettext_noop("%(share)s%% shipped")),
    ("picked", gettext_noop("%(share)s%% picked")),
    ("allocated", gettext_noop("%(share)s%% reserved")),
)


# What a row tells of its order.
READ = (
    "number",
    "status",
    "sub_status",
    "rules_version",
    "payment_status",
    "customer__name",
    "po_number",
    "created_at",
    "promised_on",
    "terms_code",
    "grand_total",
    "currency",
)
# For each order: its sums in the order of Units, reasons of holds, whether it is packed, whether
# goods of it are to come back, places.
FACTS = f"""
SELECT o.id, l.*,
 (SELECT string_agg(h.reason, '; ' ORDER BY h.id) FROM orders_hold h
  WHERE h.order_id = o.id AND h.released_at IS NULL),
 EXISTS (SELECT FROM fulfillment_shipment s WHERE s.order_id = o.id AND s.status = 'packed'),
 EXISTS (SELECT FROM returns_return r WHERE r.order_id = o.id AND r.status = ANY(%s)),
 (SELECT string_agg(DISTINCT w.code, ' ' ORDER BY w.code) FROM orders_orderline l
  JOIN orders_allocation a ON a.line_id = l.id AND a.state NOT IN ('released', 'expired')
  JOIN inventory_stocklevel v ON v.id = a.stock_level_id
  JOIN inventory_warehouse w ON w.id = v.warehouse_id WHERE l.order_id = o.id)
FROM unnest(%s::bigint[]) o (id)
CROSS JOIN LATERAL (SELECT {", ".join(f"sum({name})" for name in SUMMED)}, count(*)
 FROM orders_orderline l WHERE l.order_id = o.id) l
"""  # noqa: S608 - names of columns


@dataclass(slots=True)
class Units:
    """The units of a whole order, by what became of them."""

    ordered: int = 0
    cancelled: int = 0
    backordered: int = 0
    allocated: int = 0
    picked: int = 0
    shipped: int = 0
    delivered: int = 0
    lines: int = 0

    @property
    def wanted(self) -> int:
        """Units that were not cancelled."""
        return self.ordered - self.cancelled

    @classmethod
    def of(cls, lines: Iterable[OrderLine]) -> Units:
        """The sums over loaded lines."""
        rows = list(lines)
        sums = {name: sum(getattr(row, name) for row in rows) for name in SUMMED}
        return cls(**sums, lines=len(rows))

    def words(self) -> str:
        """How far it has come, in a few words."""
        parts = []
        for name, words in REACHED:
            if units := getattr(self, name):
                parts.append(gettext(words) % {"share": 100 * units // max(self.wanted, 1)})
                break
        if self.backordered:
            parts.append(gettext("%(units)s backordered") % {"units": self.backordered})
        return ", ".join(parts)


def label(
    order: Order, units: Units, *, on_hold: bool, packed: bool = False, returning: bool = False
) -> str:
    """The state that people see: status and facts together."""
    if on_hold and order.status not in {Status.COMPLETED, Status.CANCELLED}:
        return "on_hold"
    if returning and order.status in {Status.SHIPPED, Status.DELIVERED, Status.COMPLETED}:
        return "return_open"
    if order.status == Status.PROCESSING:
        return _processing(units)
    if order.status == Status.FULFILLING:
        return _fulfilling(units, packed=packed)
    return str(order.status)


def _processing(units: Units) -> str:
    if units.backordered and not units.allocated:
        return "backordered"
    return "processing" if units.backordered else "allocated"


def _fulfilling(units: Units, *, packed: bool) -> str:
    if units.shipped:
        return "part_shipped"
    if packed:
        return "packed"
    return "packing" if units.picked and units.picked == units.allocated else "picking"


def sub_labels(orders: Sequence[Order]) -> dict[int, str]:
    """What each order waits for within its state; nothing is read where none has a label."""
    labelled = [order for order in orders if order.sub_status]
    if not labelled:
        return {}
    found = SubStatus.objects.filter(
        rules__in={order.rules_version for order in labelled},
        code__in={order.sub_status for order in labelled if order.sub_status},
    )
    known = {(row.rules_id, row.status, row.code): str(row) for row in found}
    return {
        order.pk: known.get(
            (order.rules_version, order.status, order.sub_status or ""), order.sub_status or ""
        )
        for order in labelled
    }


@dataclass(slots=True)
class Row:
    """One order in a list, with everything the list shows of it."""

    order: Order
    units: Units
    label: str
    warehouses: str
    hold: str = ""
    sub_label: str = ""

    @property
    def late(self) -> bool:
        """Whether its promise has passed while it is still open."""
        order = self.order
        is_open = order.status not in {"shipped", "delivered", "completed", "cancelled"}
        return bool(is_open and order.promised_on and order.promised_on < timezone.localdate())


def rows(orders: Sequence[Order]) -> list[Row]:
    """The rows of a page, in one statement, and one more where an order has a sub-status."""
    with connection.cursor() as cursor:
        cursor.execute(FACTS, [list(OPEN_RETURNS), [order.pk for order in orders]])
        known = {row[0]: row[1:] for row in cursor.fetchall()}
    found, labels = [], sub_labels(orders)
    for order in orders:
        *sums, hold, packed, returning, places = known[order.pk]
        units = Units(*(n or 0 for n in sums))
        state = label(order, units, on_hold=hold is not None, packed=packed, returning=returning)
        found.append(Row(order, units, state, places or "", hold or "", labels.get(order.pk, "")))
    return found
