"""Deliveries in parts: they add up to what is wanted, whatever is cancelled or added."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from django.utils.functional import lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrPromise

from config.kernel import pipeline
from config.kernel.reading import day, worded
from config.kernel.steps import Effect
from orders.lifecycle.writing import Parts, add_parts
from orders.models import LineSchedule, Order, OrderLine

Staged = Sequence[Sequence[Any]]  # parts as they are kept: days as text, and units

# Parts beyond what is wanted shrink, the latest first; what is wanted on top comes with the last.
SETTLE = """
WITH settled AS (
 SELECT s.id, s.line_id, s.due_on, s.quantity AS was, CASE
  WHEN row_number() OVER (PARTITION BY s.line_id ORDER BY s.due_on DESC) = 1
  THEN greatest(v.wanted - earlier.quantity, 0)
  ELSE least(s.quantity, greatest(v.wanted - earlier.quantity, 0)) END AS now
 FROM (SELECT unnest(%s::bigint[]) AS line_id, unnest(%s::int[]) AS wanted) v
 JOIN orders_lineschedule s USING (line_id)
 CROSS JOIN LATERAL (SELECT coalesce(sum(e.quantity), 0) AS quantity FROM orders_lineschedule e
                     WHERE e.line_id = s.line_id AND e.due_on < s.due_on) earlier
), done AS (
 UPDATE orders_lineschedule t SET quantity = n.now FROM settled n
 WHERE t.id = n.id AND n.now <> n.was RETURNING t.line_id
)
SELECT line_id, due_on, was, now FROM settled
WHERE line_id IN (SELECT line_id FROM done) ORDER BY line_id, due_on
"""


class Restaged(NamedTuple):
    """The parts of a line, old → new, that changed with what is wanted of it."""

    line: OrderLine
    before: list[list[str | int]]
    after: list[list[str | int]]


def parts_of(lines: Iterable[int | None]) -> dict[int, Parts]:
    """The parts that lines are wanted in, by line and day."""
    found: dict[int, Parts] = defaultdict(list)
    rows = LineSchedule.objects.filter(line__in=list(lines), quantity__gt=0)
    for line, due_on, units in rows.order_by("due_on").values_list("line", "due_on", "quantity"):
        found[line].append((due_on, units))
    return found


def replace(parts: Mapping[int, Parts]) -> None:
    """Have these lines, whose orders are locked, wanted in these parts and no others."""
    if parts:
        LineSchedule.objects.filter(line__in=list(parts)).delete()
        add_parts(parts.items())


def settle(orders: Sequence[Order]) -> dict[int, list[Restaged]]:
    """Bring the parts of these locked orders in line with what is wanted of them in memory.

    Answers by order what became of the parts of each line of which some changed.
    """
    lines = {line.pk: line for order in orders for line in order.facts.lines}
    found: dict[int, list[Restaged]] = defaultdict(list)
    if not lines:
        return found
    wanted = [line.ordered - line.cancelled for line in lines.values()]
    with pipeline.cursor() as cursor:
        cursor.execute(SETTLE, [list(lines), wanted])
        rows = cursor.fetchall()
    parts: dict[int, tuple[Parts, Parts]] = defaultdict(lambda: ([], []))
    for pk, due_on, was, now in rows:
        for each, units in zip(parts[pk], (was, now), strict=True):
            each.append((due_on, units))
    for pk, (before, after) in parts.items():
        found[lines[pk].order_id].append(Restaged(lines[pk], told(before), told(after)))
    return found


def told(parts: Parts) -> list[list[str | int]]:
    """The parts of a line as they are kept, without those of which nothing is left."""
    return [[due_on.isoformat(), units] for due_on, units in parts if units]


def facts(restaged: Sequence[Restaged]) -> dict[str, object]:
    """What changed, old → new by the number of the line, as the event of an order keeps it."""
    lines = {str(row.line.line_no): [row.before, row.after] for row in restaged}
    return {"parts": lines} if lines else {}


def effects(restaged: Mapping[int, Sequence[Restaged]]) -> list[Effect]:
    """What changed in words; nothing of lines of which nothing is wanted any more."""
    return [
        Effect(order, "set", _said(row))
        for order, rows in restaged.items()
        for row in rows
        if row.after
    ]


IN_PARTS = _("%(sku)s, in parts: %(before)s → %(after)s")


def _said(row: Restaged) -> StrPromise:
    before, after = in_parts(row.before), in_parts(row.after)
    return worded(IN_PARTS, sku=row.line.sku, before=before, after=after)


def _in_parts(parts: Staged) -> str:
    if not parts:
        return gettext("all of it at once")
    one = gettext("%(units)s on %(day)s")
    days = [(units, day(date.fromisoformat(text))) for text, units in parts]
    return ", ".join(one % {"units": units, "day": due_on} for units, due_on in days)


# Parts as they are kept, in the words of whoever reads them.
in_parts = lazy(_in_parts, str)
