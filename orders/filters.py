"""How a query narrows and sorts the orders: the list, its export and bulk actions read it alike."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from django.db.models import Q
from django.http import QueryDict
from django.utils.dateparse import parse_date
from django.utils.translation import gettext_lazy as _

from config.kernel.lists import MOST_COUNTED, Sort, place
from orders.axes import AXES, Axis, entered
from orders.models import TERMINAL, Order, OrderQuerySet

NEWEST = MOST_COUNTED  # orders that are looked at when no index serves what is asked for
PLACE = ("after", "before")
PROMISES = "order_open_by_promise"
PROMISED = ("late", "at_risk", "promised_from", "promised_to")
SORTS = {  # each along an index: the key, order_open_by_promise, order_by_customer
    "newest": Sort(_("Newest first")),
    "oldest": Sort(_("Oldest first"), descending=False),
    "promise": Sort(_("Earliest promise"), field="promised_on", descending=False),
    "customer": Sort(_("By customer"), field="customer_id", descending=False),
}


def without(query: QueryDict, *names: str) -> QueryDict:
    """The query less these names and less the place in the list, which any change gives up."""
    rest = query.copy()
    for name in (*names, *PLACE):
        rest.pop(name, None)
    return rest


def sort_of(query: QueryDict, usual: str = "") -> str:
    """The name of the sort that a query asks for, else the usual one.

    What is asked for by its promise is sorted by it; what is closed has none to sort by.
    """
    wanted = query.get("sort", "")
    if wanted not in SORTS:
        wanted = "promise" if any(query.get(name) for name in PROMISED) else usual
    name = wanted if wanted in SORTS else "newest"
    closed = set(query.getlist("status")) & set(TERMINAL)
    return "newest" if name == "promise" and closed else name


@dataclass
class Narrowing:
    """What a query asks for: the axes it uses with their values, and what is wrong with them."""

    query: QueryDict
    used: dict[Axis, list[str]] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        for axis in AXES:
            given = (value.strip() for value in self.query.getlist(axis.name))
            values = list(dict.fromkeys(value for value in given if value))
            if not values:
                continue
            self.used[axis] = values
            if problem := axis.problem(values):
                self.problems.append(problem)

    @property
    def is_by_promise(self) -> bool:
        """Whether only open orders with a promise are shown, since they are sorted by it."""
        return sort_of(self.query) == "promise"

    @property
    def is_bounded(self) -> bool:
        """Whether only the newest orders are looked at, since no index serves what is asked for."""
        if any(axis.name == "entered_from" for axis in self.used):
            return False
        if any(axis.needs_bound for axis in self.used):
            return True
        served = any(axis.serves(values) for axis, values in self.used.items())
        unserved = any(not axis.index for axis in self.used)
        return unserved and not served and not self.is_by_promise

    @cached_property
    def oldest(self) -> Order | None:
        """The oldest of the newest orders, if only those are looked at."""
        if not self.is_bounded:
            return None
        last = Order.objects.order_by("-pk").values("pk")[NEWEST - 1 : NEWEST]
        return Order.objects.filter(pk__in=last).only("created_at").first()

    @property
    def counts(self) -> bool:
        """Whether an index alone tells how many orders match."""
        served = {axis.index for axis in self.used} | ({PROMISES} if self.is_by_promise else set())
        return len(served) <= 1 and all(axis.counts for axis in self.used)

    def orders(self, among: OrderQuerySet, *, placed: bool = False) -> OrderQuerySet:
        """Those among the orders that match; none while something is wrong with the query.

        ``placed`` for the page of the query alone: what is before it need not be found.
        """
        found = among
        if self.problems:
            return found.none()
        lowest = 0
        if first := self._first_day:
            lowest, within = entered(first, None)
            found = found.filter(within)
        elif self.oldest:
            lowest = self.oldest.pk
            found = found.filter(pk__gte=lowest)
        beyond = place(self.query, SORTS[sort_of(self.query)]) if placed else Q()
        for axis, values in self.used.items():
            if axis.name != "entered_from":
                extra = (lowest,) if axis.needs_bound else (beyond,) if axis.needs_place else ()
                found = axis.narrow(found, values, *extra)
        return found.open().exclude(promised_on=None) if self.is_by_promise else found

    @property
    def _first_day(self) -> date | None:
        """The day that orders are asked for from."""
        for axis, values in self.used.items():
            if axis.name == "entered_from":
                return parse_date(values[0])
        return None

    def lesser(self) -> Iterator[tuple[Axis, str, Narrowing]]:
        """For each filter the value in words' place, and the query as it would be without it."""
        for axis, values in self.used.items():
            for value in values:
                rest = without(self.query)
                rest.setlist(axis.name, [other for other in values if other != value])
                yield axis, value, Narrowing(rest)

    @property
    def asked(self) -> str:
        """The filters alone, always in the same order: what a saved view keeps."""
        kept = QueryDict(mutable=True)
        for axis, values in self.used.items():
            kept.setlist(axis.name, values)
        return kept.urlencode()


def narrowed(query: QueryDict, among: OrderQuerySet) -> OrderQuerySet:
    """Those among the orders that a query of the list asks for, unsorted.

    The same for the list, its export and bulk actions. A query with a mistake in it finds nothing.
    """
    return Narrowing(query).orders(among)
