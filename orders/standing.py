"""How an order stands: everything that its page tells, read in a constant few statements."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import NamedTuple, Self

from django.contrib.postgres.aggregates import StringAgg
from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone

from config.kernel.money import ZERO
from finance.models import CreditAccount, CreditNote, Invoice, Payment, PaymentApplication
from fulfillment.models import (
    HAS_LEFT,
    IN_HOUSE,
    ON_THE_WAY,
    OPEN_TASKS,
    Package,
    PickTask,
    Shipment,
    ShipmentLine,
    ShipmentStatus,
    TaskStatus,
)
from orders.lifecycle.actions import Floor
from orders.lifecycle.loading import attach
from orders.models import (
    COMMITTED,
    OPEN_RETURNS,
    Allocation,
    Order,
    Promise,
    StageInterval,
    Status,
)
from returns.models import Return, ReturnLine

# An order is confirmed once it has passed the checks; what is packed or has left has a slip.
CONFIRMED = (*COMMITTED, Status.SHIPPED, Status.DELIVERED, Status.COMPLETED)
PACKED = (ShipmentStatus.PACKED, *HAS_LEFT)
SUPPLY = ("supply__reference", "supply__expected_on")  # what is told of what a line waits for


@dataclass(slots=True)
class Wait:
    """Units of a line for which there is no stock, and what they wait for."""

    line: int
    units: int
    supply: str = ""
    due_on: date | None = None
    promised_on: date | None = None


class Place(NamedTuple):
    """Units of one line in one warehouse, as far as they were not released."""

    line: int
    code: str
    units: int
    open: int  # not shipped yet
    loose: int  # picked and not shipped


class Walk(NamedTuple):
    """The picks of an order in one warehouse on one list; without a number, on none yet."""

    code: str
    number: str
    picks: int
    left: int  # picks that are not done
    units: int  # units that are still to be picked


@dataclass(frozen=True, slots=True)
class Sentence:
    """One thing that is true of an order, in the tone of how much it matters."""

    tone: str
    words: str
    icon: str = "info"


@dataclass(slots=True)
class Standing:
    """One order with what the floor, the carriers and the books know of it; nothing is locked."""

    order: Order
    places: list[Place] = field(default_factory=list)
    walks: list[Walk] = field(default_factory=list)
    shipments: list[Shipment] = field(default_factory=list)  # with units, stocked and tracking
    invoices: list[Invoice] = field(default_factory=list)  # with owed
    payments: list[Payment] = field(default_factory=list)  # with unused
    credit_notes: list[CreditNote] = field(default_factory=list)
    stages: list[StageInterval] = field(default_factory=list)
    waits: list[Wait] = field(default_factory=list)
    returns: list[Return] = field(default_factory=list)  # with units

    @classmethod
    def of(cls, order: Order) -> Self:
        """Read it all; what the order's state cannot have is not asked for."""
        attach([order])
        found = cls(order, places=_places(order))
        order.facts.credit = CreditAccount.objects.filter(
            customer=order.customer_id, currency=order.currency_id
        ).first()
        found.stages = list(order.stages.order_by("pk"))
        if found.places:
            found.walks = _walks(order)
        found.shipments = list(_shipments(order))
        found.invoices = list(invoices(order))
        payments = Payment.objects.filter(order=order).annotate(unused=F("amount") - F("applied"))
        found.payments = list(payments.order_by("pk"))
        if found.invoices:
            found.credit_notes = list(CreditNote.objects.filter(order=order).order_by("pk"))
        found.waits = _waits(order)
        if any(line.shipped for line in order.facts.lines):
            found.returns = list(_returns(order))
        found.conclude()
        return found

    def conclude(self) -> None:
        """Tell the guards of the order what was read: what moves, what is overdue."""
        today = timezone.now().date()
        self.order.facts.overdue = [str(i) for i in self.open_invoices if i.due_on < today]
        still = {*ON_THE_WAY, *IN_HOUSE}
        self.order.facts.returns = [str(each) for each in self.open_returns]
        self.order.facts.in_transit = [str(s) for s in self.shipments if s.status in still]

    @property
    def open_invoices(self) -> list[Invoice]:
        """The invoices on which something is owed."""
        return [invoice for invoice in self.invoices if invoice.status == Invoice.Status.OPEN]

    @property
    def open_returns(self) -> list[Return]:
        """The returns that are not decided yet, or of which goods may still come back."""
        return [each for each in self.returns if each.status in OPEN_RETURNS]

    @property
    def floor(self) -> Floor:
        """What the floor has in hand, for whoever asks which actions are possible."""
        lines = self.order.facts.lines
        return Floor(
            sum(walk.units for walk in self.walks),
            sum(self.loose().values()),
            sum(line.open for line in lines if not line.is_stocked)
            - sum(s.units - s.stocked for s in self.packed),  # type: ignore[attr-defined]
            {shipment.status for shipment in self.shipments},
        )

    @property
    def packed(self) -> list[Shipment]:
        """The shipments that wait to be dispatched."""
        return [shipment for shipment in self.shipments if shipment.status == "packed"]

    @property
    def is_confirmed(self) -> bool:
        """Whether the customer may be sent a confirmation of the order as it is."""
        return self.order.status in CONFIRMED

    @property
    def slips(self) -> list[Shipment]:
        """The shipments that have a packing slip: packed, or gone."""
        return [shipment for shipment in self.shipments if shipment.status in PACKED]

    def loose(self) -> dict[str, int]:
        """Units that are picked and in no box, by warehouse."""
        loose: dict[str, int] = defaultdict(int)
        for place in self.places:
            loose[place.code] += place.loose
        for shipment in self.packed:
            loose[shipment.warehouse.code] -= shipment.stocked  # type: ignore[attr-defined]
        return loose

    def sources(self) -> dict[int, list[tuple[str, int]]]:
        """Where the units of each line come from: warehouse and units."""
        sources: dict[int, list[tuple[str, int]]] = defaultdict(list)
        for place in self.places:
            sources[place.line].append((place.code, place.units))
        return sources


def _places(order: Order) -> list[Place]:
    """Sums over allocations; an order has hundreds, so no row is made of each."""
    rows = Allocation.objects.filter(line__order=order).exclude(state__in=["released", "expired"])
    sums = (Sum("quantity"), Sum(F("quantity") - F("shipped")), Sum(F("picked") - F("shipped")))
    by = ("line", "stock_level__warehouse__code")
    found = rows.values(*by).annotate(units=sums[0], open=sums[1], loose=sums[2]).order_by(*by)
    return [Place(*row) for row in found.values_list(*by, "units", "open", "loose")]


def _walks(order: Order) -> list[Walk]:
    tasks = PickTask.objects.filter(allocation__line__order=order)
    site = "allocation__stock_level__warehouse__code"
    left = Q(status__in=OPEN_TASKS, quantity__gt=F("picked"))
    found = (
        tasks.exclude(status=TaskStatus.CANCELLED)
        .values(site, "pick_list__number")
        .annotate(
            picks=Count("pk"),
            left=Count("pk", filter=left),
            units=Sum(F("quantity") - F("picked"), filter=left, default=0),
        )
        .order_by(site, "pick_list__number")
    )
    names = (site, "pick_list__number", "picks", "left", "units")
    return [Walk(code, number or "", *rest) for code, number, *rest in found.values_list(*names)]


def _shipments(order: Order) -> QuerySet[Shipment]:
    """The order's shipments with the units in each and its tracking numbers."""
    units = ShipmentLine.objects.filter(shipment=OuterRef("pk")).values("shipment")
    stocked = units.filter(allocation__isnull=False)
    parcels = Package.objects.filter(shipment=OuterRef("pk")).values("shipment")
    return (
        Shipment.objects.filter(order=order)
        .select_related("warehouse", "carrier")
        .annotate(
            units=Coalesce(Subquery(units.annotate(n=Sum("quantity")).values("n")), 0),
            stocked=Coalesce(Subquery(stocked.annotate(n=Sum("quantity")).values("n")), 0),
            tracking=Subquery(parcels.annotate(n=StringAgg("tracking_number", ", ")).values("n")),
        )
        .order_by("pk")
    )


def invoices(order: Order) -> QuerySet[Invoice]:
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


def _returns(order: Order) -> QuerySet[Return]:
    """The order's returns with the units that each asks for."""
    lines = ReturnLine.objects.filter(sales_return=OuterRef("pk")).order_by()
    units = lines.values("sales_return").annotate(n=Sum("requested")).values("n")
    rows = Return.objects.filter(order=order).select_related("created_by")
    return rows.annotate(units=Subquery(units)).order_by("pk")


def owed(standing: Standing) -> Decimal:
    """What the customer owes on the order's invoices."""
    return sum((invoice.owed for invoice in standing.invoices), ZERO)  # type: ignore[attr-defined]


def _waits(order: Order) -> list[Wait]:
    """What each line without stock waits for, as its latest promise says."""
    waiting = {line.pk: line for line in order.facts.lines if line.backordered}
    if not waiting:
        return []
    latest = Promise.objects.filter(line__in=list(waiting)).order_by("line_id", "-seq")
    latest = latest.distinct("line_id").select_related("supply")
    found = {row.line_id: row for row in latest.only("line", *SUPPLY)}
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
