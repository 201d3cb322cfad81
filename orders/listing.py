"""The list of orders as a page knows it: rows, tabs, filters, counts, and what to say of them."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property, lru_cache
from typing import Any
from urllib.parse import quote

from django.contrib.auth.models import User
from django.db import connection
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from config.kernel.errors import TooBroad
from config.kernel.lists import (
    MOST_COUNTED,
    Page,
    counted,
    counting,
    impatient,
    in_words,
    meanwhile,
    page,
)
from orders import explain
from orders.axes import AXES, Axis, Choices
from orders.columns import Column, chosen
from orders.filters import PLACE, SORTS, Narrowing, sort_of, without
from orders.models import Order, OrderQuerySet, SavedView, Staff, Status

BUILT_IN = (
    (_("All"), ""),
    (_("Late"), "late=true"),
    (_("At risk"), "at_risk=true"),
    *((status.label, f"status={status}") for status in Status),
)
FIRST = 3  # saved views stand after so many
COUNTING = 500  # milliseconds that figures beside the rows may take
MOST_HINTS = 4
MOST_BESIDE = 1_000  # counted for each of a dozen tabs on every page, and for each hint


@lru_cache(maxsize=64)
def _counting(_day: date, user: User | None, _scope: Hashable) -> str:
    """What counts the built-in tabs of somebody within their scope, or of those who have none.

    The same statement all day, of which the database keeps the plan: every value stands in it. All
    there are is what the statuses add up to.
    """
    among = Order.objects.visible_to(user) if user else Order.objects.all()
    lists = [Narrowing(QueryDict(query)).orders(among) for _, query in BUILT_IN[1:]]
    return str(connection.ops.compose_sql(*counting(lists, MOST_BESIDE)))  # type: ignore[attr-defined]


@dataclass(slots=True)
class Tab:
    """A view of the list: the statuses that are built in, or one that somebody saved."""

    label: StrOrPromise
    query: str
    view: SavedView | None = None
    is_current: bool = False
    count: str = ""


@dataclass(slots=True)
class Field:
    """One axis on the page: what it offers, and what is chosen."""

    axis: Axis
    values: Sequence[str]
    choices: Choices

    @property
    def value(self) -> str:
        """The first value chosen, '' without one."""
        return self.values[0] if self.values else ""


@dataclass(slots=True)
class Chip:
    """A filter in force, with the list as it would be without it."""

    label: StrOrPromise
    words: StrOrPromise
    query: str
    count: str = ""


@dataclass
class Listing:
    """What one person sees of the orders under one query."""

    user: User
    query: QueryDict
    staff: Staff
    views: list[SavedView]
    page: Page | None = None
    rows: list[explain.Row] = field(default_factory=list)
    failure: str = ""
    total: int = -1
    counts: list[int] = field(default_factory=list)
    hints: list[Chip] = field(default_factory=list)
    narrowing: Narrowing = field(init=False)
    asked_sort: str = field(init=False)

    def __post_init__(self) -> None:
        self.asked_sort = self.query.get("sort", "")
        self.query = self.query.copy()
        self.query["sort"] = sort_of(self.query, self.staff.list_sort)
        self.narrowing = Narrowing(self.query)

    @classmethod
    def of(cls, user: User, query: QueryDict) -> Listing:
        """The list of somebody as the query asks for it; nothing of it is read yet."""
        return cls(user, query, Staff.of(user), list(SavedView.objects.seen_by(user.pk)))

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Read the rows, then let the database count for tabs and list while something else is
        done here; what would take too long is left out, and said where it is the rows.
        """
        try:
            with impatient() as within:
                self._read()
                within(COUNTING)
                with meanwhile(self._figures()) as answers:
                    yield
                    counts, *total = answers()
                    self.counts = [sum(counts[-len(Status) :]), *counts]
                    if total:
                        [[self.total]] = total
                if not self.rows:
                    self._look_for_hints()
        except TooBroad as words:
            if self.page:
                return
            self.failure = str(words)
            yield

    def _read(self) -> None:
        joined = {name for column in self.columns for name in column.joined}
        shown = Order.objects.select_related("customer", *joined).only(*explain.READ, *joined)
        asked = self._asked if self.is_top else self.narrowing.orders(self.among, placed=True)
        found = page(asked, self.query, SORTS, shown=shown)
        self.rows = explain.rows(found.rows)
        self.page = found

    def _figures(self) -> list[tuple[str, list[Any]]]:
        """What counts for the tabs and, if an index tells it, for the list."""
        asked: list[tuple[str, list[Any]]] = [(self._counting(), [])]
        if self.page and self.page.is_whole:
            self.total = len(self.page.rows)
        elif self.narrowing.counts and not self.staff.is_scoped:
            asked.append(counting([self._asked], MOST_COUNTED))
        return asked

    def _look_for_hints(self) -> None:
        """What each filter alone takes away."""
        hints = self._hints()
        without_one = counted([narrowing.orders(self.among) for _, narrowing in hints], MOST_BESIDE)
        for (chip, _narrowing), count in zip(hints, without_one, strict=True):
            if count:
                chip.count = in_words(count, MOST_BESIDE)
                self.hints.append(chip)

    def count(self) -> None:
        """How many orders the query asks for; while the page is shown, if it takes a look at each
        of them.
        """
        [self.total] = counted([self._asked], MOST_COUNTED)

    @cached_property
    def _asked(self) -> OrderQuerySet:
        """The orders that the query asks for."""
        return self.narrowing.orders(self.among)

    @cached_property
    def among(self) -> OrderQuerySet:
        """The orders within the person's scope."""
        found: OrderQuerySet = Order.objects.visible_to(self.user)
        return found

    def _counting(self) -> str:
        staff = self.staff
        scope = tuple(map(tuple, (staff.countries, staff.channels, staff.warehouses)))
        return _counting(timezone.localdate(), self.user if staff.is_scoped else None, scope)

    def _hints(self) -> list[tuple[Chip, Narrowing]]:
        """What would match if one filter were taken away."""
        lesser = [narrowing for *_, narrowing in self.narrowing.lesser()]
        return list(zip(self.chips, lesser, strict=True))[:MOST_HINTS]

    @property
    def is_top(self) -> bool:
        """Whether the page is the first of its list."""
        return not any(name in self.query for name in PLACE)

    @property
    def sort(self) -> str:
        """The name of the sort in force."""
        return str(self.query["sort"])

    @cached_property
    def view(self) -> SavedView | None:
        """The saved view that the page came from, whether or not its filters still stand."""
        wanted = self.query.get("view", "")
        return next((view for view in self.views if str(view.pk) == wanted), None)

    @property
    def is_left(self) -> bool:
        """Whether the filters are no longer those of the saved view."""
        return bool(self.view and self.view.query != self.narrowing.asked)

    @property
    def is_own(self) -> bool:
        """Whether the saved view belongs to whoever looks at it."""
        return bool(self.view and self.view.owner_id == self.user.pk)

    @property
    def own_name(self) -> str:
        """What one's own view is called that is shown; '' for any other list."""
        return self.view.name if self.view and self.is_own else ""

    @property
    def density(self) -> str:
        """How close the rows stand."""
        return self.view.density if self.view and self.view.density else self.staff.density

    @cached_property
    def columns(self) -> tuple[Column, ...]:
        """The columns of the view, else those that the person chose."""
        names = self.view.columns if self.view and self.view.columns else self.staff.list_columns
        return chosen(names)

    @property
    def headings(self) -> list[tuple[Column, str, str]]:
        """Each column with the query that its heading sorts by, and how it is sorted now."""
        found = []
        for column in self.columns:
            others = [name for name in column.sorts if name != self.sort]
            target = self._with(sort=(others or ["newest"])[0]) if column.sorts else ""
            now = ""
            if self.sort in column.sorts:
                now = "descending" if SORTS[self.sort].descending else "ascending"
            found.append((column, target, now))
        return found

    @cached_property
    def here(self) -> str:
        """The query of the list, without the place in it: for bulk actions and for the way back."""
        here = without(self.query)
        for name in [name for name, values in here.lists() if not any(values)]:
            del here[name]
        return here.urlencode()

    @property
    def origin(self) -> str:
        """The same, as the rows hand it over to the order."""
        return quote(self.here, safe="")

    @property
    def shown_as(self) -> str:
        """How many orders there are, in words."""
        return in_words(self.total) if self.total >= 0 else ""

    @property
    def is_capped(self) -> bool:
        """Whether there are more than were counted."""
        return self.total > MOST_COUNTED

    @property
    def read_since(self) -> datetime | None:
        """When the oldest order was entered that is looked at, if only the newest are."""
        oldest = self.narrowing.oldest
        return oldest.created_at if oldest else None

    @cached_property
    def tabs(self) -> list[Tab]:
        """The built-in views with their counts, the saved ones among them."""
        asked, counts = self.narrowing.asked, dict(enumerate(self.counts))
        in_view = self.view is not None and not self.is_left
        tabs = [
            Tab(
                label,
                query,
                None,
                not in_view and asked == query,
                in_words(counts[i], MOST_BESIDE) if i in counts else "",
            )
            for i, (label, query) in enumerate(BUILT_IN)
        ]
        saved = []
        for view in self.views:
            query = QueryDict(view.query, mutable=True)
            query["view"] = str(view.pk)
            if view.sort:
                query["sort"] = view.sort
            saved.append(Tab(view.name, query.urlencode(), view, in_view and view == self.view))
        return tabs[:FIRST] + saved + tabs[FIRST:]

    @property
    def can_be_saved(self) -> bool:
        """Whether the filters are those of no view yet."""
        asked = self.narrowing.asked
        return bool(asked) and not any(tab.is_current for tab in self.tabs)

    @property
    def is_counted_later(self) -> bool:
        """Whether the page asks for the number of orders when it is shown."""
        return bool(self.rows) and self.total < 0

    @property
    def kept(self) -> list[tuple[str, str]]:
        """The filters in force by name, for a form that does not show them; without the search."""
        return [
            (axis.name, value)
            for axis, values in self.narrowing.used.items()
            if axis.name != "q"
            for value in values
        ]

    @property
    def fields(self) -> list[Field]:
        """Every axis, for the panel."""
        used = self.narrowing.used
        return [Field(axis, used.get(axis, []), axis.offered()) for axis in AXES]

    @cached_property
    def chips(self) -> list[Chip]:
        """The filters in force, each with the way to take it away."""
        return [
            Chip(
                axis.label,
                "" if axis.kind == "flag" else dict(axis.offered()).get(value, value),
                self._as_asked(lesser.query).urlencode(),
            )
            for axis, value, lesser in self.narrowing.lesser()
        ]

    def _as_asked(self, query: QueryDict) -> QueryDict:
        """A query from the top of its list; a sort that nobody asked for stays the usual one."""
        return without(query) if self.asked_sort else without(query, "sort")

    def _with(self, **changed: str) -> str:
        query = without(self.query)
        for name, value in changed.items():
            query[name] = value
        return query.urlencode()
