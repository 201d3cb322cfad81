"""Promises: the day by which a line is delivered, from stock, supply or lead time.

A promise is a delivery date: the day the goods can leave plus the days on the road. Every promise
is kept; a later one says why it differs.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import connection

from config.kernel import sets
from inventory import services as stock
from inventory.models import Product
from inventory.services.sourcing import Plan
from orders.models import Order, OrderLine, Promise, PromiseBasis

LONG_WAY = 8  # days on the road when nothing is known of the way
# What earlier orders wait for is taken from the supply first.
WAITING = """
SELECT product_id, sum(backordered) FROM orders_orderline
WHERE product_id = ANY(%s) AND backordered > 0 AND NOT order_id = ANY(%s) GROUP BY 1
"""


@dataclass(frozen=True, slots=True)
class Date:
    """A promised day and what it rests on."""

    day: date
    basis: str
    supply: int | None = None


class Outlook:
    """When units that are not there will be: supply in the order it comes, then lead time."""

    def __init__(self, orders: Sequence[Order], today: date) -> None:
        short = [line for o in orders for line in o.facts.lines if line.backordered]
        products = {line.product_id for line in short}
        self.today = today
        self.incoming = stock.incoming(products)
        self.lead = dict(
            Product.objects.filter(pk__in=products).values_list("pk", "lead_time_days")
        )
        with connection.cursor() as cursor:
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
    columns = ["line", "seq", "promised_on", "basis", "supply", "cause", "made_at"]
    sets.insert(Promise, columns, rows)


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
