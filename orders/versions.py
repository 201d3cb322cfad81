"""Versions: an order as it was agreed, at any version or moment; rebuilt from what was recorded.

The present is walked backwards: each amendment is undone by its operations, each cancellation by
its event. Nothing is stored for it, so it cannot differ from the history.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext

from config.kernel.money import ZERO
from config.kernel.reading import day, percent
from fulfillment.models import Carrier
from inventory import services as stock
from orders.lifecycle.schedules import Staged, in_parts, parts_of, told
from orders.lifecycle.writing import Parts
from orders.models import (
    Amendment,
    AmendmentOperation,
    FillPolicy,
    Order,
    OrderEvent,
    OrderLine,
    Status,
)

AMOUNTS = {"shipping_total", "order_discount"}
ADDRESS = ("name", "line1", "line2", "postal_code", "city", "region", "country")


@dataclass(frozen=True, slots=True)
class Names:
    """What the rows of an order name by key: warehouses, carriers, and the parts of its lines."""

    warehouses: Mapping[int, str]  # codes
    carriers: Mapping[str, str]  # names, by code
    parts: Mapping[int, Parts]  # by line

    @classmethod
    def of(cls, order: Order) -> Names:
        """Read them."""
        return cls(
            {site.pk: site.code for site in stock.sites()},
            dict(Carrier.objects.values_list("code", "name")),
            parts_of(line.pk for line in order.facts.lines),
        )


@dataclass(frozen=True, slots=True)
class Agreed:
    """One line as it was agreed at some time."""

    sku: str
    name: str
    wanted: int
    unit_price: Decimal
    discount_percent: Decimal
    warehouse: str  # the code of the one that was chosen; '' where none was
    requested_on: str
    parts: Staged  # the days and units in which it is wanted

    @classmethod
    def of(cls, line: OrderLine, known: Names) -> Agreed:
        """The line as it is now."""
        terms = (line.ordered - line.cancelled, line.unit_price, line.discount_percent)
        warehouse = known.warehouses.get(line.warehouse_id or 0, "")
        wanted = (str(line.requested_on or ""), told(known.parts.get(line.pk, [])))
        return cls(line.sku, line.name, *terms, warehouse, *wanted)


@dataclass(slots=True)
class Snapshot:
    """An order as it was at some time."""

    status: str
    total: Decimal
    address: dict[str, str]
    requested_on: str
    terms: str
    fill_policy: str
    po_number: str
    note: str
    shipping_method: str  # code of the carrier
    shipping_total: Decimal
    order_discount: Decimal
    lines: dict[int, Agreed] = field(default_factory=dict)

    @classmethod
    def of(cls, order: Order, known: Names) -> Snapshot:
        """The order as it is now; its facts are loaded."""
        lines = order.facts.lines
        return cls(
            order.status,
            order.grand_total - sum((line.cancelled_amount for line in lines), ZERO),
            {part: getattr(order, f"ship_to_{part}") for part in ADDRESS},
            str(order.requested_on or ""),
            order.terms_code,
            order.fill_policy,
            order.po_number,
            order.note,
            order.shipping_method,
            order.shipping_total,
            order.order_discount,
            {x.line_no: Agreed.of(x, known) for x in lines},
        )

    @property
    def address_text(self) -> str:
        """The address on one line."""
        return ", ".join(value for value in self.address.values() if value)

    @property
    def status_label(self) -> str:
        """The status in words."""
        return str(Status(self.status).label)


@dataclass(slots=True)
class Version:
    """One version: who made it, when and why, and what it was worth."""

    number: int
    event: OrderEvent
    amendment: Amendment | None
    before: Decimal | None
    after: Decimal | None
    note: str = ""

    @property
    def operations(self) -> Sequence[AmendmentOperation]:
        """What it changed."""
        return list(self.amendment.operations.all()) if self.amendment else []


@dataclass(slots=True)
class Trail:
    """An order's recorded changes, the latest first."""

    order: Order
    events: list[OrderEvent]
    amendments: Mapping[int, Amendment]  # by the version that each made
    known: Names

    @classmethod
    def of(cls, order: Order) -> Trail:
        """Read what changed the order since it was entered."""
        telling = ("amendment.applied", "units.cancelled", "order.cancelled", "order.submitted")
        telling_or_moving = Q(type__in=telling) | Q(to_state__isnull=False)
        events = OrderEvent.objects.filter(telling_or_moving, order=order)
        made = (
            Amendment.objects.applied()
            .filter(order=order)
            .prefetch_related("operations__order_line")
        )
        return cls(
            order,
            list(events.select_related("note").order_by("-seq")),
            {row.version_to: row for row in made},
            Names.of(order),
        )

    def versions(self) -> list[Version]:
        """Every version, the present one first; version 1 is the order as it was placed."""
        found = []
        for event in self.events:
            if event.type == "amendment.applied":
                number = event.data["version"][1]
                before, after = (Decimal(value) for value in event.data["total"])
                note = event.note.text if hasattr(event, "note") else ""
                found.append(Version(number, event, self.amendments[number], before, after, note))
        placed = next((e for e in reversed(self.events) if e.type == "order.submitted"), None)
        first = placed or (self.events[-1] if self.events else None)
        if first:
            worth = found[-1].before if found else Snapshot.of(self.order, self.known).total
            found.append(Version(1, first, None, None, worth))
        return found

    def at_version(self, number: int) -> Snapshot:
        """The order as this version agreed it, before a later one was made."""
        return self._back_until(lambda event: _makes(event) > number)

    def at(self, moment: datetime) -> Snapshot:
        """The order as it was at a moment."""
        return self._back_until(lambda event: event.occurred_at > moment)

    def _back_until(self, undone: Callable[[OrderEvent], bool]) -> Snapshot:
        """Walk back from the present for as long as events are to be undone, the latest first."""
        snapshot = Snapshot.of(self.order, self.known)
        last = max((i for i, event in enumerate(self.events) if undone(event)), default=-1)
        for event in self.events[: last + 1]:
            self._undo(snapshot, event)
        return snapshot

    def _undo(self, snapshot: Snapshot, event: OrderEvent) -> None:
        if event.from_state:
            snapshot.status = event.from_state
        if "total" in event.data:
            snapshot.total = Decimal(event.data["total"][0])
        for number, (before, after) in event.data.get("cancelled", {}).items():
            line = snapshot.lines[int(number)]
            given_up = after - before
            snapshot.lines[int(number)] = replace(line, wanted=line.wanted + given_up)
        for number, (staged, _now) in event.data.get("parts", {}).items():
            snapshot.lines[int(number)] = replace(snapshot.lines[int(number)], parts=staged)
        if event.type == "amendment.applied":
            amendment = self.amendments[event.data["version"][1]]
            for operation in reversed(list(amendment.operations.all())):
                _take_back(snapshot, operation)


def _makes(event: OrderEvent) -> int:
    """The version that an event made; 0 for one that made none."""
    return int(event.data["version"][1]) if event.type == "amendment.applied" else 0


def _take_back(snapshot: Snapshot, operation: AmendmentOperation) -> None:
    """Undo one operation."""
    before = operation.before
    if operation.order_line is None:
        if operation.kind == "set_ship_to":
            snapshot.address = {part: before.get(part, "") for part in ADDRESS}
        else:
            [(name, value)] = before.items()
            setattr(snapshot, name, Decimal(value) if name in AMOUNTS else value or "")
        return
    number = operation.order_line.line_no
    if operation.kind == "add_line":
        del snapshot.lines[number]
        return
    line = snapshot.lines[number]
    snapshot.lines[number] = replace(
        line,
        wanted=before.get("wanted", line.wanted),
        unit_price=Decimal(before.get("unit_price", line.unit_price)),
        discount_percent=Decimal(before.get("discount_percent", line.discount_percent)),
        warehouse=before.get("warehouse", line.warehouse),
        requested_on=before.get("requested_on", line.requested_on) or "",
        parts=before.get("parts", line.parts),
    )


@dataclass(frozen=True, slots=True)
class Difference:
    """One fact that differs between two times."""

    group: str
    label: str
    before: Any
    after: Any
    is_money: bool = False


def compare(before: Snapshot, after: Snapshot, known: Names) -> list[Difference]:
    """Everything that differs, by group: lines, delivery, words, money."""
    pairs = [*_of_lines(before, after), *_of_the_order(before, after, known)]
    return [found for found in pairs if found.before != found.after]


def _discount(line: Agreed | None) -> str | None:
    return percent(line.discount_percent) if line and line.discount_percent else None


def _of_lines(before: Snapshot, after: Snapshot) -> Iterator[Difference]:
    for number in sorted(before.lines.keys() | after.lines.keys()):
        old, new = before.lines.get(number), after.lines.get(number)
        known = new or old
        named = {"sku": known.sku if known else "", "number": number}
        wanted = (old.wanted if old else None, new.wanted if new else None)
        prices = (old.unit_price if old else None, new.unit_price if new else None)
        quantity = gettext("%(sku)s, line %(number)s, quantity") % named
        price = gettext("%(sku)s, line %(number)s, unit price") % named
        yield Difference(gettext("Lines"), quantity, *wanted)
        yield Difference(gettext("Lines"), price, *prices, is_money=True)
        discount = gettext("%(sku)s, line %(number)s, discount") % named
        yield Difference(gettext("Lines"), discount, _discount(old), _discount(new))
        places = [line.warehouse if line else "" for line in (old, new)]
        warehouse = gettext("%(sku)s, line %(number)s, warehouse") % named
        yield Difference(gettext("Lines"), warehouse, places[0], places[1])
        days = [line.requested_on if line else "" for line in (old, new)]
        wanted_by = gettext("%(sku)s, line %(number)s, wanted by") % named
        yield Difference(gettext("Lines"), wanted_by, _day(days[0]), _day(days[1]))
        staged = [str(in_parts(line.parts)) if line else None for line in (old, new)]
        parts = gettext("%(sku)s, line %(number)s, in parts") % named
        yield Difference(gettext("Lines"), parts, staged[0], staged[1])


def _day(text: str) -> str:
    """A day that was kept, as it is read."""
    return day(date.fromisoformat(text)) if text else ""


def _of_the_order(before: Snapshot, after: Snapshot, known: Names) -> Iterator[Difference]:
    where, words, money = gettext("Delivery"), gettext("Notes"), gettext("Money")
    yield Difference(where, gettext("Address"), before.address_text, after.address_text)
    wanted = (_day(before.requested_on), _day(after.requested_on))
    yield Difference(where, gettext("Wanted by"), *wanted)
    carriers = [known.carriers.get(x.shipping_method, "") for x in (before, after)]
    yield Difference(where, gettext("Carrier"), carriers[0], carriers[1])
    policies = [FillPolicy(each.fill_policy).label for each in (before, after)]
    yield Difference(where, gettext("If stock is short"), policies[0], policies[1])
    yield Difference(words, gettext("Customer’s PO number"), before.po_number, after.po_number)
    yield Difference(words, gettext("Internal note"), before.note, after.note)
    yield Difference(money, gettext("Payment terms"), before.terms, after.terms)
    charges = (before.shipping_total, after.shipping_total)
    yield Difference(money, gettext("Delivery charge"), *charges, is_money=True)
    discounts = (before.order_discount, after.order_discount)
    yield Difference(money, gettext("Order discount"), *discounts, is_money=True)
    yield Difference(money, gettext("Total"), before.total, after.total, is_money=True)
