"""Versions: an order as it was agreed, at any version or moment; rebuilt from what was recorded.

The present is walked backwards: each amendment is undone by its operations, each cancellation by
its event. Nothing is stored for it, so it cannot differ from the history.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext

from config.kernel.money import ZERO
from config.kernel.reading import percent
from inventory import services as stock
from orders.models import (
    Amendment,
    AmendmentOperation,
    FillPolicy,
    Order,
    OrderEvent,
    OrderLine,
    Status,
)

ADDRESS = ("name", "line1", "line2", "postal_code", "city", "region", "country")


@dataclass(frozen=True, slots=True)
class Agreed:
    """One line as it was agreed at some time."""

    sku: str
    name: str
    wanted: int
    unit_price: Decimal
    discount_percent: Decimal
    warehouse: str  # the code of the one that was chosen; '' where none was

    @classmethod
    def of(cls, line: OrderLine, codes: Mapping[int, str]) -> Agreed:
        """The line as it is now."""
        terms = (line.ordered - line.cancelled, line.unit_price, line.discount_percent)
        return cls(line.sku, line.name, *terms, codes.get(line.warehouse_id or 0, ""))


@dataclass(slots=True)
class Snapshot:
    """An order as it was at some time."""

    status: str
    total: Decimal
    address: dict[str, str]
    requested_on: str
    terms: str
    fill_policy: str
    lines: dict[int, Agreed] = field(default_factory=dict)

    @classmethod
    def of(cls, order: Order, codes: Mapping[int, str]) -> Snapshot:
        """The order as it is now; its facts are loaded, and the codes of the warehouses read."""
        lines = order.facts.lines
        return cls(
            order.status,
            order.grand_total - sum((line.cancelled_amount for line in lines), ZERO),
            {part: getattr(order, f"ship_to_{part}") for part in ADDRESS},
            str(order.requested_on or ""),
            order.terms_code,
            order.fill_policy,
            {x.line_no: Agreed.of(x, codes) for x in lines},
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
    codes: Mapping[int, str]  # of the warehouses

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
            {site.pk: site.code for site in stock.sites()},
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
            worth = found[-1].before if found else Snapshot.of(self.order, self.codes).total
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
        snapshot = Snapshot.of(self.order, self.codes)
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
            setattr(snapshot, name, value or "")
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
    )


@dataclass(frozen=True, slots=True)
class Difference:
    """One fact that differs between two times."""

    group: str
    label: str
    before: Any
    after: Any
    is_money: bool = False


def compare(before: Snapshot, after: Snapshot) -> list[Difference]:
    """Everything that differs, by group: lines, delivery, money."""
    return [found for found in _pairs(before, after) if found.before != found.after]


def _discount(line: Agreed | None) -> str | None:
    return percent(line.discount_percent) if line and line.discount_percent else None


def _pairs(before: Snapshot, after: Snapshot) -> Iterator[Difference]:
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
    where, money = gettext("Delivery"), gettext("Money")
    yield Difference(where, gettext("Address"), before.address_text, after.address_text)
    yield Difference(where, gettext("Wanted by"), before.requested_on, after.requested_on)
    policies = [FillPolicy(each.fill_policy).label for each in (before, after)]
    yield Difference(where, gettext("If stock is short"), policies[0], policies[1])
    yield Difference(money, gettext("Payment terms"), before.terms, after.terms)
    yield Difference(money, gettext("Total"), before.total, after.total, is_money=True)
