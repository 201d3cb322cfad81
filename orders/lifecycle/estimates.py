"""Estimates: what could be promised if an order were placed now; nothing is reserved."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta

from inventory import services as stock
from inventory.models import Product
from inventory.services import sourcing
from orders.lifecycle.promising import Outlook, dates, days_on_the_road
from orders.lifecycle.sourcing import Places, wants
from orders.models import Order, OrderLine

MOST_NAMED = 2


@dataclass(slots=True)
class Estimate:
    """One line as it could be served: from where, how much is short, and by when."""

    places: list[stock.Place] = field(default_factory=list)  # the fullest first
    short: int = 0
    first_on: date | None = None  # what is there arrives
    last_on: date | None = None  # everything has arrived

    @property
    def best(self) -> list[stock.Place]:
        """The fullest places, as many as a cell has room for."""
        return [place for place in self.places if place.free][:MOST_NAMED]

    @property
    def coming(self) -> stock.Place | None:
        """Where more arrives first."""
        expecting = (place for place in self.places if place.day)
        return min(expecting, key=lambda place: place.day or date.max, default=None)

    def arrivals(self, quantity: int) -> list[tuple[date, int]]:
        """How many of so many units would arrive when."""
        found = [(self.first_on, quantity - self.short), (self.last_on, self.short)]
        return [(on, units) for on, units in found if on and units]


def estimate(items: Iterable[tuple[Product, int]], *, country: str, today: date) -> list[Estimate]:
    """By when each item of an order to a country could be there, by the rules of promising."""
    order = Order(ship_to_country=country)
    order.facts.lines = [
        OrderLine(pk=number, product=product, is_stocked=product.is_stocked, ordered=quantity)
        for number, (product, quantity) in enumerate(items)
    ]
    places = Places.read([order])
    plan = sourcing.plan(wants(order), places.free, places.sites, country)
    stocked = {line.product_id for line in order.facts.lines if line.is_stocked}
    supplies = stock.expected(stocked)
    by_product = stock.places(places.sites, places.seen, supplies)
    for line in order.facts.lines:
        line.backordered = plan.short.get(line.pk, 0)
    outlook = Outlook([order], today, supplies)
    promised = {line.pk: found.day for line, found in dates(order, plan, outlook)}
    road = timedelta(days=days_on_the_road(plan))
    return [
        Estimate(
            places=by_product[line.product_id],
            short=line.backordered,
            first_on=today + road if line.is_stocked and line.backordered < line.ordered else None,
            last_on=promised.get(line.pk),
        )
        for line in order.facts.lines
    ]
