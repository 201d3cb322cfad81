"""Delivery: shipments arrive; the order is delivered with its last one."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext

from config.kernel.actors import Actor
from config.kernel.steps import Effect, Outcomes, asked, reasons, step
from config.kernel.wake import wake
from fulfillment.models import ON_THE_WAY, Shipment, ShipmentLine
from fulfillment.services import shipping
from orders import history
from orders.lifecycle.loading import grouped, load, moved, save, save_lines
from orders.models import Order


@step
def deliver(
    ids: Sequence[int],
    *,
    by: Actor,
    shipments: Collection[int] | None = None,
    at: datetime | None = None,
) -> Outcomes:
    """Report the shipments of the orders that are on their way, or these of them, as delivered."""
    at = at or timezone.now()
    orders = load(ids, by=by, with_amounts=False)
    taken, outcomes = asked(orders, Order.arrive, ids)
    sent = shipping.of_orders((order.pk for order in taken), ON_THE_WAY)
    arrived = [each for each in sent if shipments is None or each.pk in shipments]
    contents = shipping.lines_of(arrived)
    shipping.deliver(arrived, at=at)
    moving = shipping.moving(order.pk for order in taken)
    happenings, going = list[history.Happening](), []
    parcels = grouped(arrived)
    for order in taken:
        mine = parcels[order.pk]
        if not mine:
            words = gettext("No shipment of %(order)s is on its way.")
            outcomes.refuse(order.pk, words % {"order": order})
            continue
        going.append(order)
        happenings += [
            _arrival(order, shipment, contents[shipment.pk], outcomes, at) for shipment in mine
        ]
        order.facts.in_transit = moving[order.pk]
        if order.status == "shipped" and not reasons(order, Order.deliver):
            Order.deliver(order)
            happenings.append(moved(order, "order.delivered"))
    outcomes.done = [order.pk for order in going]
    history.record(happenings, by=by, at=at)
    save_lines(going, "delivered", "actual_on")
    save(going)
    if going:
        wake("completion")
    return outcomes


def _arrival(
    order: Order,
    shipment: Shipment,
    contents: Sequence[ShipmentLine],
    outcomes: Outcomes,
    at: datetime,
) -> history.Happening:
    """Count what arrived on the lines; the last wanted unit sets the actual date."""
    lines = {line.pk: line for line in order.facts.lines}
    for item in contents:
        line = lines[item.order_line_id]
        line.delivered += item.quantity
        if line.delivered == line.ordered - line.cancelled:
            line.actual_on = at.date()
        outcomes.effects.append(Effect(order.pk, "deliver", line.sku, item.quantity))
    data = {"shipment": history.changed("dispatched", "delivered"), "number": shipment.number}
    return history.Happening(order, "shipment.delivered", data=data)
