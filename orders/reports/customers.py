"""What customers have under way, owe and wait for: their list sorts, narrows and warns by it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Self

from django.contrib.auth.models import AnonymousUser, User
from django.db import connection
from django.db.models import (
    Aggregate,
    Case,
    Count,
    F,
    Func,
    OuterRef,
    QuerySet,
    Subquery,
    Sum,
    When,
)
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce, Collate, Upper
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from config.kernel import sets
from config.kernel.lists import Among, Sort
from finance.models import CreditAccount, Invoice, PaymentApplication
from orders.models import TERMINAL, Customer, Order, OrderQuerySet, Status
from orders.scope import visible

UNDER_WAY = [status for status in Status.values if status not in {Status.DRAFT, *TERMINAL}]
SORTS = {
    "code": Sort(_("By code"), field="code", descending=False),
    "name": Sort(_("By name"), field="by_name", descending=False),
    "open": Sort(_("Most open orders"), field="open_orders"),
    "exposure": Sort(_("Highest exposure"), field="exposure"),
    "overdue": Sort(_("Most overdue"), field="overdue"),
    "newest": Sort(_("Newest first")),
}

# The groups and sales reps that there are, each found by one step along its index.
CHOICES = """
WITH RECURSIVE g AS (
  (SELECT "group" AS name FROM orders_customer WHERE "group" > '' ORDER BY "group" LIMIT 1)
  UNION ALL
  SELECT (SELECT c."group" FROM orders_customer c WHERE c."group" > g.name ORDER BY 1 LIMIT 1)
  FROM g WHERE g.name IS NOT NULL
), r AS (
  (SELECT sales_rep_id AS id FROM orders_customer WHERE sales_rep_id > 0 ORDER BY 1 LIMIT 1)
  UNION ALL
  SELECT (SELECT c.sales_rep_id FROM orders_customer c WHERE c.sales_rep_id > r.id
    ORDER BY 1 LIMIT 1) FROM r WHERE r.id IS NOT NULL
)
(SELECT 'group', name, name FROM g WHERE name IS NOT NULL LIMIT 200)
UNION ALL (SELECT 'terms', code, name FROM finance_paymentterms ORDER BY days)
UNION ALL (SELECT 'rep', u.id::text, coalesce(nullif(trim(first_name || ' ' || last_name), ''),
  username) FROM r JOIN auth_user u ON u.id = r.id ORDER BY 3)
"""
NARROWED = {"group": "group", "terms": "terms__payment_terms__code", "rep": "sales_rep"}


def choices() -> dict[str, list[tuple[str, str]]]:
    """What customers can be narrowed by: value and name of each group, terms and sales rep."""
    found: dict[str, list[tuple[str, str]]] = {name: [] for name in NARROWED}
    with connection.cursor() as cursor:
        cursor.execute(CHOICES)
        for name, value, label in cursor.fetchall():
            found[name].append((value, label))
    return found


def narrowed(rows: QuerySet[Customer], query: Mapping[str, str]) -> QuerySet[Customer]:
    """The customers of the group, terms and sales rep that are asked for."""
    asked = {name: query.get(name, "") for name in NARROWED}
    if not asked["rep"].isdecimal():
        asked["rep"] = ""
    return rows.filter(**{NARROWED[name]: value for name, value in asked.items() if value})


@dataclass(frozen=True, slots=True)
class Facts:
    """The orders and overdue invoices within somebody's scope, and the credit accounts.

    Amounts are those of the customer's own currency; an overdue invoice of another one still makes
    the customer late.
    """

    orders: OrderQuerySet
    overdue: QuerySet[Invoice]

    @classmethod
    def seen_by(cls, user: User | AnonymousUser) -> Self:
        """What somebody may see of the business with customers."""
        due = Invoice.objects.open().filter(due_on__lt=timezone.localdate())
        return cls(Order.objects.visible_to(user), visible(due, user))

    def late(self) -> Among:
        """Customers who owe longer than agreed, or wait longer than promised."""
        return Among(_customers(self.orders.late()).union(_customers(self.overdue)))

    def ranked(self, rows: QuerySet[Customer]) -> QuerySet[Customer]:
        """The customers with what they are sorted by, worked out for those alone who have any."""
        having: dict[str, QuerySet[Any]] = {
            "open_orders": self.orders.filter(status__in=UNDER_WAY),
            "exposure": CreditAccount.objects.exclude(committed=0, receivable=0, unapplied=0),
            "overdue": self.overdue,
        }
        some = {
            name: Case(When(pk__in=_customers(having[name]), then=figure), default=none)
            for name, (figure, none) in self._figures().items()
        }
        return rows.annotate(by_name=_by_name(), **some)

    def told(self, rows: QuerySet[Customer]) -> QuerySet[Customer]:
        """The same for the few rows of a page, and why a customer is late."""
        figures = {name: Coalesce(*both) for name, both in self._figures().items()}
        return rows.annotate(
            by_name=_by_name(),
            late_orders=Coalesce(_of_each(self.orders.late(), Count("pk")), 0),
            overdue_invoices=Coalesce(_of_each(self.overdue, Count("pk")), 0),
            **figures,
        )

    def _figures(self) -> dict[str, tuple[Combinable, int | Decimal]]:
        """Each figure, and what stands for it where there is nothing to add up."""
        own = {"currency": OuterRef("currency")}
        accounts = CreditAccount.objects.filter(**own)
        billed = _of_each(self.overdue.filter(**own), Sum("total"))
        paid = PaymentApplication.objects.filter(
            invoice__in=self.overdue, invoice__currency=OuterRef("currency")
        )
        settled = Coalesce(_of_each(paid, Sum("amount"), "invoice__customer"), Decimal(0))
        exposed = Sum(F("committed") + F("receivable") - F("unapplied"))
        return {
            "open_orders": (_of_each(self.orders.filter(status__in=UNDER_WAY), Count("pk")), 0),
            "exposure": (_of_each(accounts, exposed), Decimal(0)),
            "overdue": (billed - settled, Decimal(0)),
        }


def accounts_of(customers: Iterable[Customer]) -> dict[int, CreditAccount]:
    """The credit account that each customer has in their own currency, by customer."""
    own = {each.pk: each.currency_id for each in customers}
    accounts = sets.read(CreditAccount, "WHERE customer_id = ANY(%s)", list(own))
    return {row.customer_id: row for row in accounts if own[row.customer_id] == row.currency_id}


def _customers(facts: QuerySet[Any]) -> QuerySet[Any]:
    return facts.order_by().values("customer")


def _of_each(facts: QuerySet[Any], what: Aggregate, path: str = "customer") -> Subquery:
    """What the facts of one customer come to."""
    own = facts.filter(**{path: OuterRef("pk")}).order_by()
    return Subquery(own.values(path).annotate(figure=what).values("figure"))


def _by_name() -> Func:
    """The name as its index has it."""
    return Collate(Upper("name"), "C")
