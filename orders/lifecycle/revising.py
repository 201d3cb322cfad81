"""Revising: what a draft says now against what it shall say, and the rows that follow from it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from config.kernel import sets
from orders import history
from orders.lifecycle import searching, writing
from orders.lifecycle.reading import Reading
from orders.models import LineSchedule, Order, OrderLine

# Words of people stand beside an event, never in it.
PRIVATE = {"note", "po_number", "unread_rows"}
OF_A_LINE = ("sku", "ordered", "unit_price", "discount_percent", "requested_on", "tax_rate")
NOT_COMPARED = {"snapshot_at"}
COLUMN = {"customer": "customer_id", "currency": "currency_id", "product": "product_id"}


@dataclass(slots=True)
class Contents:
    """The lines of a draft as they stand, by number, and the parts of each."""

    lines: list[OrderLine] = field(default_factory=list)
    parts: dict[int, writing.Parts] = field(default_factory=lambda: defaultdict(list))


def contents(orders: Iterable[Order]) -> defaultdict[int, Contents]:
    """Read the lines of locked orders and their parts, by order."""
    found: defaultdict[int, Contents] = defaultdict(Contents)
    keys = [order.pk for order in orders]
    lines = sets.read(OrderLine, "WHERE order_id = ANY(%s) ORDER BY order_id, line_no", keys)
    owner = {line.pk: line.order_id for line in lines}
    for line in lines:
        found[line.order_id].lines.append(line)
    for part in sets.read(
        LineSchedule, "WHERE line_id = ANY(%s) ORDER BY line_id, due_on", list(owner)
    ):
        found[owner[part.line_id]].parts[part.line_id].append((part.due_on, part.quantity))
    return found


class Change:
    """One draft on its way from what it says to what it shall say."""

    def __init__(self, order: Order, present: Contents, reading: Reading, at: datetime) -> None:
        self.order, self.present, self.reading = order, present, reading
        self.head = _differences(order, writing.agreed(reading))
        self.rows = [writing.line_values(line, at) for line in reading.lines]
        self.parts = [writing.staged(line.draft, reading) for line in reading.lines]
        self.differs = bool(self.head) or self._lines_differ()

    def _lines_differ(self) -> bool:
        old = self.present.lines
        if len(old) != len(self.rows):
            return True
        return any(
            _differences(line, row) or self.present.parts[line.pk] != parts
            for line, row, parts in zip(old, self.rows, self.parts, strict=True)
        )

    def happening(self) -> history.Happening:
        """The event: every changed fact as old → new; words of people stand beside it."""
        data: dict[str, Any] = {}
        words = []
        for name, (old, new) in self.head.items():
            if name in PRIVATE or name.startswith("ship_to_"):
                words.append(f"{name}: {old or '—'} → {new or '—'}")
            else:
                data[name] = history.changed(old, new)
        if lines := self._changed_lines():
            data["lines"] = lines
        return history.Happening(self.order, "order.revised", data=data, words="\n".join(words))

    def _changed_lines(self) -> dict[str, Any]:
        changed = {}
        old = {line.line_no: line for line in self.present.lines}
        for number in range(1, max(len(old), len(self.rows)) + 1):
            line = old.get(number)
            row = self.rows[number - 1] if number <= len(self.rows) else {}
            parts = self.parts[number - 1] if row else []
            facts = {
                name: history.changed(getattr(line, name, None), row.get(name))
                for name in OF_A_LINE
                if getattr(line, name, None) != row.get(name)
            }
            before = self.present.parts[line.pk] if line else []
            if before != parts:
                facts["parts"] = [_told(before), _told(parts)]
            if facts:
                changed[str(number)] = facts
        return changed

    def apply(self) -> None:
        """Change the order and its lines in memory."""
        for name, (_, new) in self.head.items():
            setattr(self.order, COLUMN.get(name, name), new)
        for line, row in zip(self.present.lines, self.rows, strict=False):
            for name, new in row.items():
                setattr(line, COLUMN.get(name, name), new)

    @property
    def kept(self) -> list[OrderLine]:
        """Lines that stay, with their new values."""
        return self.present.lines[: len(self.rows)]

    @property
    def dropped(self) -> list[int]:
        """Lines that are gone."""
        return [line.pk for line in self.present.lines[len(self.rows) :]]


def write(changes: Sequence[Change], *, at: datetime) -> None:
    """Write the changed drafts, one statement for each kind of row."""
    if not changes:
        return
    for change in changes:
        change.apply()
    sets.update(Order, list(writing.agreed(changes[0].reading)), [c.order for c in changes])
    every = [line.pk for change in changes for line in change.present.lines]
    dropped = [pk for change in changes for pk in change.dropped]
    LineSchedule.objects.filter(line__in=every).delete()
    OrderLine.objects.filter(pk__in=dropped).delete()
    kept = [line for change in changes for line in change.kept]
    rows = [row for change in changes for row in change.rows]
    if kept:
        sets.update(OrderLine, list(rows[0]), kept)
    writing.add_parts(
        (line.pk, parts)
        for change in changes
        for line, parts in zip(change.kept, change.parts, strict=False)
    )
    writing.add_lines(
        (
            (change.order.pk, number, line, change.reading)
            for change in changes
            for number, line in enumerate(change.reading.lines, 1)
            if number > len(change.kept)
        ),
        at=at,
    )
    searching.write_words(change.order.pk for change in changes)


def _differences(row: Order | OrderLine, wanted: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    """Old and new of every field that differs."""
    found = {}
    for name, new in wanted.items():
        old = getattr(row, COLUMN.get(name, name))
        if old != new and name not in NOT_COMPARED:
            found[name] = (old, new)
    return found


def _told(parts: writing.Parts) -> list[list[Any]]:
    return [[str(day), quantity] for day, quantity in parts]
