"""Packing: what is picked goes into boxes, with what needs no picking; it leaves by dispatch."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from django.utils import timezone
from django.utils.translation import gettext

from config.kernel import sets
from config.kernel.actors import Actor
from config.kernel.steps import Effect, Outcomes, asked, step
from finance.services.costs import currency
from fulfillment.models import ShipmentStatus
from fulfillment.services import shipping
from inventory import services as stock
from inventory.models import StockLevel
from orders import history
from orders.lifecycle.loading import attach_allocations, load, moved, save
from orders.models import Order, OrderLine


@dataclass(frozen=True, slots=True)
class Ready:
    """Units of one line that are in no box yet, and the warehouse that sends them."""

    order: Order
    line: OrderLine
    quantity: int
    warehouse: int
    allocation: int | None = None  # none for what is not stocked

    @property
    def parcel(self) -> shipping.Parcel:
        """Whose box they go into."""
        return self.order.pk, self.warehouse


@dataclass(frozen=True, slots=True)
class Hall:
    """What the packers see: where allocated units lie, and what is in boxes already."""

    levels: Mapping[int, StockLevel]
    boxed: Mapping[int, int]  # units by allocation
    boxed_without: Mapping[int, int]  # units of lines that are not stocked
    home: Callable[[], int | None]  # who sends what lies nowhere; asked once, if at all

    @classmethod
    def of(cls, orders: Sequence[Order]) -> Hall:
        """What is to be known of these orders, in as many statements for many as for one."""
        levels = sets.by_key(
            StockLevel, (a.stock_level_id for order in orders for a in order.facts.allocations)
        )
        boxed, boxed_without = shipping.packed_units(order.pk for order in orders)
        return cls(levels, boxed, boxed_without, cache(stock.home_warehouse))


@step
def pack(ids: Sequence[int], *, by: Actor, at: datetime | None = None) -> Outcomes:
    """Put everything that is picked, and every open line that is not stocked, into shipments."""
    at = at or timezone.now()
    orders = load(ids, by=by, with_amounts=False)
    attach_allocations(orders)
    taken, outcomes = asked(orders, Order.pack, ids)
    hall = Hall.of(taken)
    units: list[Ready] = []
    for order in taken:
        mine, why = _ready(order, hall)
        units += mine
        if why:
            outcomes.refuse(order.pk, why)
    outcomes.done = [pk for pk in outcomes.done if pk not in outcomes.refused]
    shipments = _box(units, at=at)
    for each in units:
        outcomes.effects.append(Effect(each.order.pk, "pack", each.line.sku, each.quantity))
    packed = [order for order in taken if order.pk not in outcomes.refused]
    effects = history.told_by_order(outcomes)
    happenings = [
        moved(order, "goods.packed", data={"effects": effects[order.pk]}) for order in packed
    ]
    history.record(happenings, by=by, at=at)
    save(packed)
    outcomes.created = shipments
    return outcomes


def _ready(order: Order, hall: Hall) -> tuple[list[Ready], str]:
    """The units of an order that can be packed now; or none, and why."""
    found = _picked(order, hall)
    services = {
        line: left
        for line in order.facts.lines
        if not line.is_stocked and (left := line.open - hall.boxed_without.get(line.pk, 0)) > 0
    }
    if services:
        sender = found[0].warehouse if found else hall.home()
        if sender is None:
            words = gettext(
                "%(items)s lies in no warehouse, and none sells that could send it. Let one sell."
            )
            return [], words % {"items": ", ".join(line.sku for line in services)}
        found += [Ready(order, line, left, sender) for line, left in services.items()]
    words = gettext("Nothing of %(order)s is picked and waits to be packed.")
    return found, "" if found else words % {"order": order}


def _picked(order: Order, hall: Hall) -> list[Ready]:
    """The units of an order that are picked and in no box."""
    lines = {line.pk: line for line in order.facts.lines}
    loose = {a: a.picked - a.shipped - hall.boxed.get(a.pk, 0) for a in order.facts.allocations}
    return [
        Ready(order, lines[a.line_id], units, hall.levels[a.stock_level_id].warehouse_id, a.pk)
        for a, units in loose.items()
        if units > 0
    ]


def _box(units: Sequence[Ready], *, at: datetime) -> list[int]:
    """Put the units into one shipment for each order and warehouse; answer the shipments."""
    parcels = sorted({each.parcel for each in units})
    shipments = shipping.plan(parcels, status=ShipmentStatus.PICKING, at=at)
    rows = [
        (shipments[each.parcel], each.line.pk, each.allocation, each.line.sku, each.quantity)
        for each in units
    ]
    shipping.pack(rows, cost_currency=currency())
    return [shipment.pk for shipment in shipments.values()]
