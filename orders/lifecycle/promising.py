"""Promises: the day by which a line is delivered, from stock, supply or lead time.

A promise is a delivery date: the day the goods can leave plus the days on the road. Every promise
is kept; a later one says why it differs.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from config.kernel import pipeline, sets
from inventory import services as stock
from inventory.models import Product, Supply
from inventory.services.sourcing import Plan, Site
from orders.models import Order, OrderLine, Promise, PromiseBasis

LONG_WAY = 8  # days on the road when nothing is known of the way
# What earlier orders wait for is taken from the supply first.
WAITING = """
SELECT product_id, sum(backordered) FROM orders_orderline
WHERE product_id = ANY(%s) AND backordered > 0 AND NOT order_id = ANY(%s) GROUP BY 1
"""
NUMBERED = "SELECT line_id, max(seq) FROM orders_promise WHERE line_id = ANY(%s) GROUP BY 1"
COLUMNS = ["line", "seq", "promised_on", "basis", "supply", "cause", "made_at"]


@dataclass(frozen=True, slots=True)
class Date:
    """A promised day and what it rests on."""

    day: date
    basis: str
    supply: int | None = None


class Outlook:
    """When units that are not there will be: supply in the order it comes, then lead time."""

    def __init__(
        self, orders: Sequence[Order], today: date, supplies: Iterable[Supply] | None = None
    ) -> None:
        short = [line for o in orders for line in o.facts.lines if line.backordered]
        products = {line.product_id for line in short}
        self.today = today
        self.incoming = stock.incoming(stock.expected(products) if supplies is None else supplies)
        self.lead = dict(
            Product.objects.filter(pk__in=products).values_list("pk", "lead_time_days")
        )
        with pipeline.cursor() as cursor:
            cursor.execute(WAITING, [list(products), [order.pk for order in orders]])
            self.claimed: dict[int, int] = dict(cursor.fetchall())

    def claim(self, product: int, quantity: int) -> Date:
        """The day when so many more units will have come; they are spoken for from now on."""
        until = self.claimed.get(product, 0) + quantity
        self.claimed[product] = until
        for day, units, supply in self.incoming.get(product, []):
            until -= units
            if until <= 0:
                return Date(max(day, self.today), PromiseBasis.SUPPLY, supply)
        lead = timedelta(days=self.lead.get(product, 14))
        return Date(self.today + lead, PromiseBasis.LEAD_TIME)


def first_promises(orders: Sequence[Order], plans: Mapping[int, Plan], *, at: datetime) -> None:
    """Promise every stocked line its day, in memory, and write the promises."""
    outlook, rows = Outlook(orders, at.date()), []
    for order in orders:
        for line, date_ in dates(order, plans[order.pk], outlook):
            line.first_promised_on = line.promised_on = date_.day
            rows.append((line.pk, 1, date_.day, date_.basis, date_.supply, None, at))
        order.promised_on = latest(order.facts.lines)
    sets.insert(Promise, COLUMNS, rows)


def remake(
    orders: Sequence[Order], causes: Mapping[int, str], *, at: datetime
) -> list[tuple[Order, OrderLine, date | None]]:
    """Promise these lines (line → cause) anew, in memory, and write the promises that differ.

    Answers each line whose date is another one now, with the date before.
    """
    outlook, sites, seqs = Outlook(orders, at.date()), stock.sites(), _numbered(causes)
    rows, changed = [], []
    for order in orders:
        way = timedelta(days=_road(order, sites))
        for line in order.facts.lines:
            if line.pk not in causes:
                continue
            leaves = Date(at.date(), PromiseBasis.STOCK)
            if line.backordered:
                leaves = outlook.claim(line.product_id, line.backordered)
            day, before = leaves.day + way, line.promised_on
            if day == before:
                continue
            seq = seqs.get(line.pk, 0) + 1
            cause = causes[line.pk] if seq > 1 else None
            line.first_promised_on, line.promised_on = line.first_promised_on or day, day
            rows.append((line.pk, seq, day, leaves.basis, leaves.supply, cause, at))
            changed.append((order, line, before))
    sets.insert(Promise, COLUMNS, rows)
    return changed


def _numbered(lines: Iterable[int]) -> dict[int, int]:
    """The number of the latest promise of each line."""
    with pipeline.cursor() as cursor:
        cursor.execute(NUMBERED, [list(lines)])
        return dict(cursor.fetchall())


def _road(order: Order, sites: Sequence[Site]) -> int:
    """Days from the farthest warehouse that serves the order; from the nearest if none does yet."""
    serving = {
        order.facts.levels[a.stock_level_id].warehouse_id
        for a in order.facts.allocations
        if a.is_open
    }
    days = {
        site.pk: stock.transit_days(
            stock.distance_km(site.latitude, site.longitude, order.ship_to_country)
        )
        for site in sites
        if site.is_sellable or site.pk in serving
    }
    if serving:
        return max(days[pk] for pk in serving)
    return min(days.values(), default=LONG_WAY)


def road_from(codes: Collection[str], country: str) -> int:
    """Days on the road from the farthest of these warehouses."""
    serving = [site for site in stock.sites() if site.code in codes]
    ways = (stock.distance_km(site.latitude, site.longitude, country) for site in serving)
    return max((stock.transit_days(way) for way in ways), default=LONG_WAY)


def promise_later(lines: Sequence[tuple[OrderLine, date]], *, cause: str, at: datetime) -> None:
    """Promise these lines a later day from stock, in memory, and write why it differs."""
    last, rows = _numbered(line.pk for line, _ in lines), []
    for line, day in lines:
        seq = last.get(line.pk, 0) + 1
        line.promised_on = day
        rows.append((line.pk, seq, day, PromiseBasis.STOCK, None, cause, at))
    sets.insert(Promise, COLUMNS, rows)


def dates(order: Order, plan: Plan, outlook: Outlook) -> Iterable[tuple[OrderLine, Date]]:
    """Each stocked line that is still wanted with the day by which all of it is there."""
    road = timedelta(days=days_on_the_road(plan))
    for line in order.facts.lines:
        if not line.is_stocked or not line.open:
            continue
        leaves = Date(outlook.today, PromiseBasis.STOCK)
        if line.backordered:
            leaves = outlook.claim(line.product_id, line.backordered)
        yield line, Date(leaves.day + road, leaves.basis, leaves.supply)


def latest(lines: Iterable[OrderLine]) -> date | None:
    """The day by which the last wanted unit of an order is promised."""
    return max((line.promised_on for line in lines if line.promised_on and line.open), default=None)


def days_on_the_road(plan: Plan) -> int:
    """From the warehouse that is farthest away of those that serve the order."""
    serving = [c for c in plan.candidates if c.is_chosen]
    if not serving:
        serving = [c for c in plan.candidates if c.site.is_sellable]
        return min((stock.transit_days(c.distance) for c in serving), default=LONG_WAY)
    return max(stock.transit_days(c.distance) for c in serving)
