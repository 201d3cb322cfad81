"""Taking back: goods of units that are to be cancelled leave their boxes and return to their bins.

What it takes is counted in memory first, so that the guards see the order as it will be; the
moves are written only for the orders that may go on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from config.kernel.actors import Actor
from config.kernel.steps import Effect, Outcomes
from fulfillment.models import Shipment, ShipmentStatus
from fulfillment.services import shipping
from fulfillment.services.picking import Scan
from orders.lifecycle.giving_back import look_into_boxes
from orders.lifecycle.picking import loosen, put_back
from orders.models import Order, OrderLine


@dataclass(slots=True)
class Work:
    """What has to be undone on the floor: boxes to open, picks to take back."""

    boxes: list[Shipment] = field(default_factory=list)
    scans: list[Scan] = field(default_factory=list)


def plan(orders: Sequence[Order], quantities: Mapping[int, int] | None, *, recall: bool) -> Work:
    """Note on each order what is to be cancelled, and count as unpicked what has to come back."""
    by_allocation = look_into_boxes(orders)
    for order in orders:
        order.facts.wanted = _wanted(order, quantities, recall=recall)
    if not recall:
        return Work()
    opened = [
        order for order in orders if any(_in_a_box(order, line) for line in order.facts.lines)
    ]
    boxes = shipping.of_orders([order.pk for order in opened], [ShipmentStatus.PACKED])
    for order in opened:
        order.facts.boxed = {}
        for allocation in order.facts.allocations:
            by_allocation.pop(allocation.pk, None)
    most = {line.pk: _needed(order, line) for order in orders for line in order.facts.lines}
    return Work(boxes, loosen(orders, by_allocation, most))


def _wanted(order: Order, quantities: Mapping[int, int] | None, *, recall: bool) -> dict[int, int]:
    """Units to cancel by line: as asked, or all that is open and may be had."""
    if quantities is None:
        free = {line.pk: line.open for line in order.facts.lines}
        if not recall:
            free = {line.pk: line.open - _in_hand(order, line) for line in order.facts.lines}
        return {pk: units for pk, units in free.items() if units > 0}
    mine = {line.pk for line in order.facts.lines}
    return {pk: quantity for pk, quantity in quantities.items() if pk in mine}


def _in_hand(order: Order, line: OrderLine) -> int:
    return max(line.picked, order.facts.boxed.get(line.pk, 0))


def _in_a_box(order: Order, line: OrderLine) -> bool:
    """Whether a box has to be opened for the units of this line."""
    boxed = order.facts.boxed.get(line.pk, 0)
    return bool(boxed and order.facts.wanted.get(line.pk, 0) > line.open - boxed)


def _needed(order: Order, line: OrderLine) -> int:
    """Picked units that have to come back for what is wanted of this line."""
    wanted = min(order.facts.wanted.get(line.pk, 0), line.open)
    return max(0, wanted - (line.open - line.picked))


def do(orders: Sequence[Order], work: Work, outcomes: Outcomes, *, by: Actor, at: datetime) -> None:
    """Open the boxes and put the goods back, of the orders that go on."""
    if not work.boxes and not work.scans:
        return
    going = {order.pk for order in orders}
    boxes = [box for box in work.boxes if box.order_id in going]
    for box in boxes:
        outcomes.effects.append(Effect(box.order_id, "unpack", box.number))
    shipping.unpack(boxes)
    put_back(orders, work.scans, outcomes, by=by, at=at)
