"""How far orders have come: labels, progress, places; read from facts, stored nowhere."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import Count, Sum
from django.utils import timezone

from fulfillment.models import Shipment, ShipmentStatus
from orders.models import Allocation, Hold, Order, OrderLine, Status, SubStatus

SUMMED = (
    "ordered",
    "cancelled",
    "backordered",
    "allocated",
    "picked",
    "shipped",
    "delivered",
)


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
        for units, word in (
            (self.delivered, "delivered"),
            (self.shipped, "shipped"),
            (self.picked, "picked"),
            (self.allocated, "reserved"),
        ):
            if units:
                share = 100 * units // max(self.wanted, 1)
                rest = f", {self.backordered} backordered" if self.backordered else ""
                return f"{share}% {word}{rest}"
        return f"{self.backordered} backordered" if self.backordered else ""


def label(order: Order, units: Units, *, on_hold: bool, packed: bool = False) -> str:
    """The state that people see: status and facts together."""
    if on_hold and order.status not in {Status.COMPLETED, Status.CANCELLED}:
        return "on_hold"
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
    known = {(row.rules_id, row.status, row.code): row.label for row in found}
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
    """The rows of a page, in a constant number of statements."""
    keys = [order.pk for order in orders]
    units: dict[int, Units] = defaultdict(Units)
    sums = OrderLine.objects.filter(order__in=keys).order_by().values("order")
    summed = sums.annotate(count=Count("pk"), **{f"sum_{name}": Sum(name) for name in SUMMED})
    for pk, count, *rest in summed.values_list("order", "count", *(f"sum_{n}" for n in SUMMED)):
        units[pk] = Units(**dict(zip(SUMMED, rest, strict=True)), lines=count)
    holds: dict[int, list[str]] = defaultdict(list)
    for order, reason in (
        Hold.objects.in_force().filter(order__in=keys).values_list("order", "reason")
    ):
        holds[order].append(reason)
    packed = set(
        Shipment.objects.filter(order__in=keys, status=ShipmentStatus.PACKED).values_list(
            "order", flat=True
        )
    )
    places, labels = _places(keys), sub_labels(orders)
    return [
        Row(
            order,
            units[order.pk],
            label(order, units[order.pk], on_hold=order.pk in holds, packed=order.pk in packed),
            " ".join(places[order.pk]),
            "; ".join(holds[order.pk]),
            labels.get(order.pk, ""),
        )
        for order in orders
    ]


def _places(orders: Sequence[int]) -> dict[int, list[str]]:
    """The codes of the warehouses that serve each order."""
    places: dict[int, list[str]] = defaultdict(list)
    found = (
        Allocation.objects.filter(line__order__in=orders)
        .exclude(state__in=["released", "expired"])
        .values_list("line__order", "stock_level__warehouse__code")
        .distinct()
        .order_by("stock_level__warehouse__code")
    )
    for order, code in found:
        places[order].append(code)
    return places
