"""Shipments: planned when picking starts, packed with what is picked, on their way, delivered."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime

from config.kernel import pipeline, sets
from fulfillment.models import (
    IN_HOUSE,
    ON_THE_WAY,
    Package,
    Shipment,
    ShipmentLine,
    ShipmentStatus,
)

IN_BOXES = """
SELECT l.allocation_id, l.order_line_id, sum(l.quantity) FROM fulfillment_shipmentline l
JOIN fulfillment_shipment s ON s.id = l.shipment_id AND s.status = 'packed'
WHERE s.order_id = ANY(%s) GROUP BY 1, 2
"""
Parcel = tuple[int, int]  # order, warehouse


def plan(parcels: Iterable[Parcel], *, status: str, at: datetime) -> dict[Parcel, Shipment]:
    """The shipment that is being filled for each order and warehouse; planned if there is none."""
    wanted = dict.fromkeys(parcels)
    filling = [ShipmentStatus.PLANNED, ShipmentStatus.PICKING]
    found = {
        (shipment.order_id, shipment.warehouse_id): shipment
        for shipment in of_orders({order for order, _ in wanted}, filling)
    }
    new = [parcel for parcel in wanted if parcel not in found]
    numbers = _numbers(len(new))
    columns = ["number", "order", "warehouse", "status", "has_exception", "created_at"]
    ids = sets.insert(
        Shipment,
        columns,
        [(number, *parcel, status, False, at) for number, parcel in zip(numbers, new, strict=True)],
        returning="id",
    )
    for (pk,), number, parcel in zip(ids, numbers, new, strict=True):
        found[parcel] = Shipment(
            pk=pk, number=number, order_id=parcel[0], warehouse_id=parcel[1], status=status
        )
    return {parcel: found[parcel] for parcel in wanted}


def _numbers(count: int) -> list[str]:
    with pipeline.cursor() as cursor:
        cursor.execute("SELECT nextval('shipment_number') FROM generate_series(1, %s)", [count])
        return [f"SH-{value:06}" for (value,) in cursor.fetchall()]


def mark(shipments: Iterable[Shipment], status: str) -> None:
    """Bring shipments that are still in the house to a status."""
    rows = list(shipments)
    for shipment in rows:
        shipment.status = status
    sets.update(Shipment, ["status"], rows)


def packed_units(orders: Iterable[int]) -> tuple[dict[int, int], dict[int, int]]:
    """Units in closed shipments that have not left, by allocation and, without one, by line."""
    with pipeline.cursor() as cursor:
        cursor.execute(IN_BOXES, [list(orders)])
        rows = cursor.fetchall()
    by_allocation: dict[int, int] = defaultdict(int)
    by_line: dict[int, int] = defaultdict(int)
    for allocation, line, units in rows:
        if allocation:
            by_allocation[allocation] += units
        else:
            by_line[line] += units
    return by_allocation, by_line


def pack(rows: Sequence[tuple[Shipment, int, int | None, str, int]], *, cost_currency: str) -> None:
    """Put units (shipment, order line, allocation, SKU, quantity) in, and close the shipments."""
    columns = ["shipment", "order_line", "allocation", "sku", "quantity", "cost_amount"]
    sets.insert(
        ShipmentLine,
        [*columns, "cost_currency"],
        [
            (shipment.pk, line, allocation, sku, quantity, 0, cost_currency)
            for shipment, line, allocation, sku, quantity in rows
        ],
    )
    mark({row[0].pk: row[0] for row in rows}.values(), ShipmentStatus.PACKED)


def unpack(shipments: Sequence[Shipment]) -> None:
    """Take everything out of shipments that have not left; they are being filled again."""
    ShipmentLine.objects.filter(shipment__in=[shipment.pk for shipment in shipments]).delete()
    mark(shipments, ShipmentStatus.PICKING)


def of_orders(orders: Iterable[int], statuses: Iterable[str]) -> list[Shipment]:
    """The shipments of these orders in these statuses."""
    wanted = set(statuses)
    rows = sets.read(Shipment, "WHERE order_id = ANY(%s) ORDER BY id", list(orders))
    return [shipment for shipment in rows if shipment.status in wanted]


def lines_of(shipments: Iterable[Shipment]) -> dict[int, list[ShipmentLine]]:
    """What is in each shipment."""
    lines: dict[int, list[ShipmentLine]] = defaultdict(list)
    keys = [shipment.pk for shipment in shipments]
    for line in sets.read(ShipmentLine, "WHERE shipment_id = ANY(%s) ORDER BY id", keys):
        lines[line.shipment_id].append(line)
    return lines


def dispatch(
    shipments: Sequence[Shipment],
    lines: Iterable[ShipmentLine],
    *,
    carrier: int | None,
    tracking_number: str,
    at: datetime,
) -> None:
    """The shipments leave; what their goods cost is known now."""
    for shipment in shipments:
        shipment.status, shipment.dispatched_at = ShipmentStatus.DISPATCHED, at
        shipment.carrier_id = carrier or shipment.carrier_id
    sets.update(ShipmentLine, ["cost_amount"], lines)
    sets.update(Shipment, ["status", "dispatched_at", "carrier"], shipments)
    if tracking_number:
        parcels = [(shipment.pk, tracking_number) for shipment in shipments]
        sets.insert(Package, ["shipment", "tracking_number"], parcels)


def deliver(shipments: Sequence[Shipment], *, at: datetime) -> None:
    """The shipments have arrived."""
    for shipment in shipments:
        shipment.status = ShipmentStatus.DELIVERED
        shipment.delivered_at = max(at, shipment.dispatched_at or at)
    sets.update(Shipment, ["status", "delivered_at"], shipments)


def moving(orders: Iterable[int]) -> dict[int, list[str]]:
    """The numbers of the shipments that are still on their way, by order."""
    numbers: dict[int, list[str]] = defaultdict(list)
    for shipment in of_orders(orders, [*ON_THE_WAY, *IN_HOUSE]):
        numbers[shipment.order_id].append(shipment.number)
    return numbers


def cancel_empty(orders: Iterable[int]) -> None:
    """Shipments that were planned and will hold nothing are cancelled."""
    Shipment.objects.filter(
        order__in=list(orders), status__in=[ShipmentStatus.PLANNED, ShipmentStatus.PICKING]
    ).update(status=ShipmentStatus.CANCELLED)
