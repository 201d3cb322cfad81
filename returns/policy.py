"""What may come back: units that have left the house and that no other return asks for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from config.kernel.steps import reasons
from fulfillment.models import HAS_LEFT, ShipmentLine
from fulfillment.services import shipping
from orders.models import Order, OrderLine
from returns.models import ReturnLine

# Reasons that are offered; the code is kept, the words typed with it stand beside the event.
REASONS = {
    "damaged": _("It arrived damaged"),
    "defective": _("It does not work"),
    "wrong_item": _("It is not what was ordered"),
    "too_late": _("It came too late"),
    "not_needed": _("It is no longer needed"),
}
Units = Mapping[int, int]


@dataclass(slots=True)
class Sent:
    """What one line of a shipment took out of the house, and what can still come back of it."""

    line: ShipmentLine
    shipment: str
    free: int  # units that no return asks for yet
    wanted: int = 0


def sent(orders: Collection[int]) -> dict[int, list[Sent]]:
    """What has left the house for the orders, the oldest shipment first."""
    parcels = shipping.of_orders(orders, HAS_LEFT)
    contents, standing = shipping.lines_of(parcels), ReturnLine.standing(orders)
    found: dict[int, list[Sent]] = defaultdict(list)
    for parcel in parcels:
        found[parcel.order_id] += [
            Sent(line, parcel.number, line.quantity - standing.get(line.pk, 0))
            for line in contents[parcel.pk]
        ]
    return found


def spread(items: Iterable[Sent], units: int) -> int:
    """Mark so many units to come back, the oldest first; answer how many are one too many."""
    for item in items:
        item.wanted = min(item.free, units)
        units -= item.wanted
    return units


def strangers(
    orders: Sequence[Order],
    contents: Mapping[int, Sequence[Sent]],
    quantities: Units | None,
    parcels: Units | None,
) -> str:
    """Lines that none of the orders has, or ''."""
    lines = {line.pk for order in orders for line in order.facts.lines}
    items = {item.line.pk for order in orders for item in contents[order.pk]}
    if {*(quantities or ())} <= lines and {*(parcels or ())} <= items:
        return ""
    return gettext("A line that was chosen is none of the order's. Choose again.")


def choose(
    order: Order, items: Sequence[Sent], quantities: Units | None, parcels: Units | None
) -> str:
    """Mark what is asked for; the sentence that stands in its way, or ''."""
    if why := reasons(order, Order.ask_back):
        return " ".join(why)
    over = (
        _by_parcel(items, parcels)
        if parcels is not None
        else _by_line(order.facts.lines, items, quantities)
    )
    if over:
        return over
    if not any(item.wanted for item in items):
        return gettext("Choose the units of %(order)s that are to come back.") % {"order": order}
    return ""


def _by_parcel(items: Sequence[Sent], parcels: Units) -> str:
    for item in items:
        item.wanted = parcels.get(item.line.pk, 0)
        if not 0 <= item.wanted <= item.free:
            what = gettext("%(sku)s in %(shipment)s")
            what %= {"sku": item.line.sku, "shipment": item.shipment}
            return _too_many(what, item.free, item.line.quantity, item.wanted)
    return ""


def _by_line(lines: Sequence[OrderLine], items: Sequence[Sent], quantities: Units | None) -> str:
    mine: dict[int, list[Sent]] = defaultdict(list)
    for item in items:
        mine[item.line.order_line_id].append(item)
    for line in lines:
        free = sum(item.free for item in mine[line.pk])
        units = free if quantities is None else quantities.get(line.pk, 0)
        if units < 0 or spread(mine[line.pk], units):
            return _too_many(line.sku, free, line.shipped, units)
    return ""


def _too_many(what: str, free: int, shipped: int, wanted: int) -> str:
    words = gettext(
        "%(what)s: %(free)s of %(shipped)s shipped units can still come back, not %(wanted)s."
    )
    return words % {"what": what, "free": free, "shipped": shipped, "wanted": wanted}
