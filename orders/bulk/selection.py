"""Which orders a job is about: chosen by hand, all that a list shows, or a group of another job."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import AnonymousUser, User
from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.http import QueryDict
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from config.kernel.errors import DomainError
from orders.filters import Narrowing
from orders.models import BulkItem, BulkJob, Order, OrderQuerySet

INTO = (
    "INSERT INTO orders_bulkitem "
    "(job_id, order_id, reference, status, error_code, message, reason) "
)
FREEZE_QUERY = INTO + "SELECT %s::bigint, o.id, o.number, 'pending', NULL, '', '' FROM ({orders}) o"
FREEZE_IDS = INTO + (
    "SELECT %s::bigint, o.id, coalesce(o.number, '#' || u.id), "
    "CASE WHEN o.id IS NULL THEN 'failed' ELSE 'pending' END, "
    "CASE WHEN o.id IS NULL THEN 'missing' END, "
    "CASE WHEN o.id IS NULL THEN '{gone}' ELSE '' END, "
    "CASE WHEN o.id IS NULL THEN '{gone}' ELSE '' END "
    "FROM unnest(%s::bigint[]) WITH ORDINALITY u (id, position) "
    "LEFT JOIN ({orders}) o ON o.id = u.id ORDER BY u.position"
)
NOBODY = "SELECT NULL::bigint id, NULL::text number WHERE false"
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

    visible: OrderQuerySet
    ids: tuple[int, ...] = ()
    query: str = ""
    every: bool = False
    newest_first: bool = False

    @classmethod
    def of_ids(cls, ids: Iterable[int], user: User | AnonymousUser) -> Selection:
        """The orders that were ticked."""
        chosen = tuple(sorted(set(ids)))
        if not chosen:
            raise NothingChosen(gettext("Choose at least one order."))
        return cls(Order.objects.visible_to(user), ids=chosen)

    @classmethod
    def of_query(cls, query: str, user: User | AnonymousUser) -> Selection:
        """All orders that a list shows."""
        found = matching(QueryDict(query), Order.objects.visible_to(user))
        return cls(found, query=query, every=True)

    @classmethod
    def of_group(cls, job: BulkJob, reason: str, user: User | AnonymousUser) -> Selection:
        """The orders that a job left unchanged for one reason."""
        rows = BulkItem.objects.failed().filter(job=job, reason=reason, order__isnull=False)
        return cls.of_ids(rows.values_list("order", flat=True), user)

    @property
    def address(self) -> str:
        """The list's query string behind its question mark; empty if orders were ticked."""
        return f"?{self.query}" if self.every else ""

    @property
    def mark(self) -> str:
        """What tells this set from another."""
        return self.address or ",".join(map(str, self.ids))

    def freeze(self, job: BulkJob) -> None:
        """Write the orders down as the job's items in one statement; its figures follow."""
        with connection.cursor() as cursor:
            sql, parameters = self._statement(job)
            cursor.execute(sql, parameters)
            job.total = cursor.rowcount
        job.failed = job.items.failed().count() if self.ids else 0
        job.save(update_fields=["total", "failed"])

    def _statement(self, job: BulkJob) -> tuple[str, list[Any]]:
        orders = self.visible.order_by("-pk" if self.newest_first else "pk")
        ids = list(self.ids[::-1] if self.newest_first else self.ids)
        if not self.every:
            orders = orders.order_by().filter(pk__in=ids)
        sql, parameters = _compiled(orders)
        if self.every:
            return FREEZE_QUERY.format(orders=sql), [job.pk, *parameters]
        return FREEZE_IDS.format(gone=GONE, orders=sql), [job.pk, ids, *parameters]


def _compiled(orders: OrderQuerySet) -> tuple[str, tuple[Any, ...]]:
    try:
        sql, parameters = orders.values("id", "number").query.sql_with_params()
    except EmptyResultSet:
        return NOBODY, ()
    return sql, tuple(parameters)


def fingerprint(*parts: str) -> str:
    """One mark for an action, its arguments and its set."""
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()
