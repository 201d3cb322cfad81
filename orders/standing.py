"""How an order stands: everything that its page tells, read in a constant few statements."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Self

from django.contrib.postgres.aggregates import StringAgg
from django.db.models import F, OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone

from config.kernel.money import ZERO
from finance.models import CreditAccount, CreditNote, Invoice, Payment, PaymentApplication
from fulfillment.models import (
    IN_HOUSE,
    ON_THE_WAY,
    Package,
    PickTask,
    Shipment,
    ShipmentLine,
)
from fulfillment.services import shipping
from orders.lifecycle.actions import Floor
from orders.lifecycle.loading import attach
from orders.models import Allocation, Order, Promise, StageInterval


@dataclass(slots=True)
class Wait:
    """Units of a line for which there is no stock, and what they wait for."""

    line: int
    units: int
    supply: str = ""
    due_on: date | None = None
    promised_on: date | None = None


@dataclass(slots=True)
class Standing:
    """One order with what the floor, the carriers and the books know of it; nothing is locked."""

    order: Order
    allocations: list[Allocation] = field(default_factory=list)  # released ones are left out
    tasks: list[PickTask] = field(default_factory=list)
    shipments: list[Shipment] = field(default_factory=list)  # with units and tracking
    packed: dict[int, int] = field(default_factory=dict)
    boxed: dict[int, int] = field(default_factory=dict)
    invoices: list[Invoice] = field(default_factory=list)  # with owed
    payments: list[Payment] = field(default_factory=list)  # with unused
    credit_notes: list[CreditNote] = field(default_factory=list)
    stages: list[StageInterval] = field(default_factory=list)
    waits: list[Wait] = field(default_factory=list)

    @classmethod
    def of(cls, order: Order) -> Self:
        """Read it all; what the order's state cannot have is not asked for."""
        attach([order])
        found = cls(order, allocations=_allocations(order))
        order.facts.allocations = [a for a in found.allocations if a.is_open]
        order.facts.credit = CreditAccount.objects.filter(
            customer=order.customer_id, currency=order.currency_id
        ).first()
        found.stages = list(order.stages.order_by("pk"))
        if found.allocations:
            found.tasks = list(_tasks(found.allocations))
        found.shipments = list(_shipments(order))
        if any(shipment.status == "packed" for shipment in found.shipments):
            found.packed, found.boxed = shipping.packed_units(_lines(order))
        found.invoices = list(_invoices(order))
        payments = Payment.objects.filter(order=order).annotate(unused=F("amount") - F("applied"))
        found.payments = list(payments.order_by("pk"))
        if found.invoices:
            found.credit_notes = list(CreditNote.objects.filter(order=order).order_by("pk"))
        found.waits = _waits(order)
        found.conclude()
        return found

    def conclude(self) -> None:
        """Tell the guards of the order what was read: what moves, what is overdue."""
        today = timezone.now().date()
        self.order.facts.overdue = [str(i) for i in self.open_invoices if i.due_on < today]
        still = {*ON_THE_WAY, *IN_HOUSE}
        self.order.facts.in_transit = [str(s) for s in self.shipments if s.status in still]

    @property
    def open_invoices(self) -> list[Invoice]:
        """The invoices on which something is owed."""
        return [invoice for invoice in self.invoices if invoice.status == Invoice.Status.OPEN]

    @property
    def floor(self) -> Floor:
        """What the floor has in hand, for whoever asks which actions are possible."""
        return Floor(self.tasks, self.packed, self.boxed, {s.status for s in self.shipments})

    @property
    def is_packed(self) -> bool:
        """Whether a shipment waits to be dispatched."""
        return any(shipment.status == "packed" for shipment in self.shipments)

    def places(self) -> dict[int, list[tuple[str, int]]]:
        """Where the units of each line come from: warehouse or supply, and units."""
        places: dict[int, dict[str, int]] = defaultdict(lambda: defaultdict(int))
        for row in self.allocations:
            places[row.line_id][row.stock_level.warehouse.code] += row.quantity
        return {line: list(units.items()) for line, units in places.items()}


def _lines(order: Order) -> list[int]:
    return [line.pk for line in order.facts.lines]


def _allocations(order: Order) -> list[Allocation]:
    rows = Allocation.objects.filter(line__order=order).exclude(state__in=["released", "expired"])
    return list(rows.select_related("stock_level__warehouse").order_by("pk"))


def _tasks(allocations: Sequence[Allocation]) -> QuerySet[PickTask]:
    return PickTask.objects.filter(allocation__in=[a.pk for a in allocations]).select_related(
        "pick_list"
    )


def _shipments(order: Order) -> QuerySet[Shipment]:
    """The order's shipments with the units in each and its tracking numbers."""
    units = ShipmentLine.objects.filter(shipment=OuterRef("pk")).values("shipment")
    parcels = Package.objects.filter(shipment=OuterRef("pk")).values("shipment")
    return (
        Shipment.objects.filter(order=order)
        .select_related("warehouse", "carrier")
        .annotate(
            units=Coalesce(Subquery(units.annotate(n=Sum("quantity")).values("n")), 0),
            tracking=Subquery(parcels.annotate(n=StringAgg("tracking_number", ", ")).values("n")),
        )
        .order_by("pk")
    )


def _invoices(order: Order) -> QuerySet[Invoice]:
    """The order's invoices with what is still owed on each."""
    settled = PaymentApplication.objects.filter(invoice=OuterRef("pk")).values("invoice")
    credited = CreditNote.objects.filter(
        invoice=OuterRef("pk"), status="posted", target="receivable"
    ).values("invoice")
    return (
        Invoice.objects.filter(order=order)
        .annotate(
            owed=F("total")
            - Coalesce(Subquery(settled.annotate(n=Sum("amount")).values("n")), ZERO)
            - Coalesce(Subquery(credited.annotate(n=Sum("amount")).values("n")), ZERO)
        )
        .order_by("pk")
    )


def owed(standing: Standing) -> Decimal:
    """What the customer owes on the order's invoices."""
    return sum((invoice.owed for invoice in standing.invoices), ZERO)  # type: ignore[attr-defined]


def _waits(order: Order) -> list[Wait]:
    """What each line without stock waits for, as its latest promise says."""
    waiting = {line.pk: line for line in order.facts.lines if line.backordered}
    if not waiting:
        return []
    latest = Promise.objects.filter(line__in=list(waiting)).order_by("line_id", "-seq")
    found = {row.line_id: row for row in latest.distinct("line_id").select_related("supply")}
    waits = []
    for pk, line in waiting.items():
        promise = found.get(pk)
        supply = promise.supply if promise else None
        waits.append(
            Wait(
                pk,
                line.backordered,
                str(supply) if supply else "",
                supply.expected_on if supply else None,
                line.promised_on,
            )
        )
    return waits
