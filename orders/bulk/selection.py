"""Which orders a job is about: chosen by hand, all that a list shows, or a group of another job."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import AnonymousUser, User
from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet, Window
from django.db.models.functions import RowNumber
from django.http import QueryDict
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from config.kernel.errors import DomainError
from orders.filters import SORTS, Narrowing, sort_of
from orders.models import MISSING, BulkItem, BulkJob, Order, OrderQuerySet, Staff

INTO = (
    "INSERT INTO orders_bulkitem "
    "(job_id, order_id, reference, status, error_code, message, reason) "
)
FREEZE_ORDERS = INTO + (
    "SELECT %s::bigint, o.id, o.number, 'pending', NULL, '', '' FROM ({orders}) o ORDER BY o.place"
)
FREEZE_IDS = INTO + (
    "SELECT %s::bigint, o.id, coalesce(o.number, '#' || u.id), "
    "CASE WHEN o.id IS NULL THEN 'failed' ELSE 'pending' END, "
    "CASE WHEN o.id IS NULL THEN '{missing}' END, "
    "CASE WHEN o.id IS NULL THEN '{gone}' ELSE '' END, "
    "CASE WHEN o.id IS NULL THEN '{gone}' ELSE '' END "
    "FROM unnest(%s::bigint[]) u (id) LEFT JOIN ({orders}) o ON o.id = u.id ORDER BY o.place, u.id"
)
# Two sets of keys have the same mark if they are the same; it takes no memory to work it out.
MARK = """
SELECT concat_ws(':', count(*), sum(hashint8extended(o.id, 1)), sum(hashint8extended(o.id, 2)))
FROM ({orders}) o
"""
NOBODY = "SELECT NULL::bigint id, NULL::text number, NULL::bigint place WHERE false"
OLDEST = "oldest"  # the order in which steps lock orders
GONE = _("There is no such order, or it is outside your scope.")


class NothingChosen(DomainError):
    """A bulk action was asked for without any order."""


class UnreadableFilter(DomainError):
    """The list was narrowed by something that is not understood; all orders are not meant."""


def matching(query: QueryDict, orders: OrderQuerySet) -> OrderQuerySet:
    """The orders that the list shows for its query string, on all of its pages."""
    narrowing = Narrowing(query)
    if narrowing.problems:
        raise UnreadableFilter(" ".join(narrowing.problems))
    return narrowing.orders(orders)


@dataclass(frozen=True, slots=True)
class Selection:
    """A set of orders that can be named, compared with another and frozen into a job."""

    orders: OrderQuerySet  # the set, or those that are visible among the ids
    ids: tuple[int, ...] = ()
    query: str = ""
    every: bool = False
    given: tuple[tuple[str, str], ...] = ()  # what a form hands on to choose the same again
    sort: str = OLDEST

    @classmethod
    def of_ids(cls, ids: Iterable[int], user: User | AnonymousUser, query: str = "") -> Selection:
        """The orders that were ticked, in the list of a query."""
        chosen = tuple(sorted(set(ids)))
        if not chosen:
            raise NothingChosen(gettext("Choose at least one order."))
        visible = Order.objects.visible_to(user).filter(pk__in=chosen)
        given = tuple(("o", str(pk)) for pk in chosen)
        return cls(visible, chosen, given=given, sort=_sort(query, user))

    @classmethod
    def of_query(cls, query: str, user: User | AnonymousUser) -> Selection:
        """All orders that a list shows, sorted as it is."""
        sort, asked = _sort(query, user), QueryDict(query, mutable=True)
        asked["sort"] = sort  # what is sorted by its promise has one
        found = matching(asked, Order.objects.visible_to(user))
        given = (("every", "1"), ("query", query))
        return cls(found, query=query, every=True, given=given, sort=sort)

    @classmethod
    def of_orders(
        cls,
        among: QuerySet[Any, Any],
        user: User | AnonymousUser,
        given: tuple[tuple[str, str], ...] = (),
    ) -> Selection:
        """Orders that the database knows by a query for their keys; none is read here."""
        found = Order.objects.visible_to(user).filter(pk__in=among)
        if not found.exists():
            raise NothingChosen(gettext("Choose at least one order."))
        return cls(found, given=given)

    @classmethod
    def of_group(cls, job: BulkJob, reason: str, user: User | AnonymousUser) -> Selection:
        """The orders that a job left unchanged for one reason."""
        rows = BulkItem.objects.failed().filter(job=job, reason=reason, order__isnull=False)
        return cls.of_orders(rows.values("order"), user, (("job", str(job.pk)), ("reason", reason)))

    @property
    def address(self) -> str:
        """The list's query string behind its question mark; empty if orders were ticked."""
        return f"?{self.query}" if self.every else ""

    def counted(self) -> int:
        """How many orders were chosen."""
        return len(self.ids) or self.orders.count()

    def mark(self) -> str:
        """What tells this set, and how it is sorted, from another."""
        if self.every:
            return f"{self.address} {self.sort}"
        sql, parameters = _compiled(self.orders.order_by().values("id"))
        if self.ids:
            sql, parameters = "SELECT unnest(%s::bigint[]) id", (list(self.ids),)
        with connection.cursor() as cursor:
            cursor.execute(MARK.format(orders=sql), parameters)
            [mark] = cursor.fetchone() or ("",)
        return f"{mark} {self.sort}"

    def freeze(self, job: BulkJob) -> None:
        """Write the orders down as the job's items in one statement; its figures follow."""
        with connection.cursor() as cursor:
            sql, parameters = self._statement(job)
            cursor.execute(sql, parameters)
            job.total = cursor.rowcount
        job.failed = job.items.failed().count() if self.ids else 0
        job.save(update_fields=["total", "failed"])

    def _statement(self, job: BulkJob) -> tuple[str, list[Any]]:
        keys = SORTS[self.sort].ordered(self.orders, backwards=False).query.order_by
        place = Window(RowNumber(), order_by=[str(key) for key in keys])
        placed = self.orders.order_by().annotate(place=place)
        sql, parameters = _compiled(placed.values("id", "number", "place"))
        if not self.ids:
            return FREEZE_ORDERS.format(orders=sql), [job.pk, *parameters]
        sql = FREEZE_IDS.format(missing=MISSING, gone=GONE, orders=sql)
        return sql, [job.pk, list(self.ids), *parameters]


def _sort(query: str, user: User | AnonymousUser) -> str:
    """How somebody's list of a query is sorted."""
    return sort_of(QueryDict(query), Staff.of(user).list_sort)


def _compiled(orders: QuerySet[Any, Any]) -> tuple[str, tuple[Any, ...]]:
    try:
        sql, parameters = orders.query.sql_with_params()
    except EmptyResultSet:
        return NOBODY, ()
    return sql, tuple(parameters)


def fingerprint(*parts: str) -> str:
    """One mark for an action, its arguments and its set."""
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()
