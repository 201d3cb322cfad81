"""Customers: their list, and one with its credit, terms, orders, quotes and recurring orders."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Self

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from config.kernel.lists import counted, in_words, page
from config.kernel.lookup import MOST_WITHIN
from finance.models import CreditAccount, CustomerTerms
from orders import explain
from orders.bulk import export
from orders.filters import without
from orders.models import (
    Address,
    Customer,
    Order,
    OrderEvent,
    OrderQuerySet,
    Quote,
    RecurringOrder,
    Staff,
    Status,
)
from orders.reports.customers import SORTS, UNDER_WAY, Facts, accounts_of, choices, narrowed
from orders.scope import customers_known, visible
from orders.views.jobs import XLSX, csv_file
from orders.views.timeline import to_tell, told

VIEWS = (_("All"), _("My customers"), _("Late"))
HEADINGS = {  # sort → its heading
    "name": (_("Customer"), ""),
    "country": (_("Country"), "p3"),
    "rep": (_("Sales rep"), "p3"),
    "open": (_("Open orders"), "num"),
    "overdue": (_("Needs you"), ""),
    "exposure": (_("Credit used"), "p2"),
    "last": (_("Last order"), ""),
}
FILTERS = (
    ("group", _("Group"), _("Every group")),
    ("terms", _("Terms"), _("All terms")),
    ("rep", _("Sales rep"), _("Every sales rep")),
)
IN_FILE = (
    _("Code"),
    _("Customer"),
    _("E-mail"),
    _("Phone"),
    _("Group"),
    _("Country"),
    _("Currency"),
    _("Terms"),
    _("Sales rep"),
    _("State"),
    _("Open orders"),
    _("Late orders"),
    _("Overdue"),
    _("Credit used"),
    _("Credit limit"),
    _("Last order"),
)
LATELY = 6  # events of its orders
SHOWN = 10  # rows of each kind on the page of a customer


@dataclass(frozen=True, slots=True)
class Asked:
    """The list of customers as it is asked for: which, by what they are sorted, and their facts."""

    facts: Facts
    views: dict[str, QuerySet[Customer]]
    view: str
    sort: str
    words: str
    rows: QuerySet[Customer]

    @classmethod
    def of(cls, request: HttpRequest) -> Self:
        """What an address asks for; the page and the file answer with the same customers."""
        query, facts = request.GET, Facts.seen_by(request.user)
        known = customers_known(request.user)
        views = {
            "all": known,
            "mine": known.filter(sales_rep=request.user.pk),
            "late": known.filter(facts.late()),
        }
        view, sort = query.get("view", ""), query.get("sort", "")
        view, sort = view if view in views else "all", sort if sort in SORTS else "code"
        words = query.get("q", "").strip()[:100]
        rows = narrowed(facts.ranked(views[view]), query)
        if words:
            rows = rows.filter(pk__in=_near(words))
        return cls(facts, views, view, sort, words, rows)


def _near(words: str) -> set[int]:
    """Customers by code, name, e-mail, phone, or the beginning of a postal code."""
    near = {each.pk for each in Customer.matching(words, limit=MOST_WITHIN, active=False)}
    if any(sign.isdigit() for sign in words):
        near |= {each.customer_id for each in Address.starting(words, limit=MOST_WITHIN)}
    return near


def index(request: HttpRequest) -> HttpResponse:
    """The customers with their open orders and their credit; found by whatever names them."""
    asked = Asked.of(request)
    found = page(asked.rows, request.GET, SORTS, shown=asked.facts.told(_listed(asked.facts)))
    accounts = accounts_of(found.rows)
    views = asked.views
    *counts, total = map(in_words, counted([*views.values(), asked.rows]))
    context = {
        "page": found,
        "rows": [(each, accounts.get(each.pk)) for each in found.rows],
        "tabs": list(zip(_queries(request, "view", views), views, VIEWS, counts, strict=True)),
        "total": total,
        "chosen": asked.view,
        "sort": asked.sort,
        "sorts": zip(_queries(request, "sort", SORTS), SORTS, SORTS.values(), strict=True),
        "headings": _headings(request, asked.sort),
        "words": asked.words,
        "filters": _filters(request),
        "without_words": f"?{without(request.GET, 'q').urlencode()}",
        "query": without(request.GET).urlencode(),
    }
    return render(request, "orders/customers.html", context)


def _filters(request: HttpRequest) -> list[dict[str, Any]]:
    """What the list can be narrowed by, what is chosen of it, and the list without that."""
    offered, found = choices(), []
    for name, label, every in FILTERS:
        value = request.GET.get(name, "")
        found.append(
            {
                "name": name,
                "label": label,
                "every": every,
                "choices": offered[name],
                "value": value,
                "said": dict(offered[name]).get(value, ""),
                "without": f"?{without(request.GET, name).urlencode()}",
            }
        )
    return found


def file(request: HttpRequest, kind: str) -> HttpResponseBase:
    """The customers of the list as a CSV file or a workbook, in the order of the list."""
    if kind not in {"csv", "xlsx"}:
        raise Http404
    asked, name = Asked.of(request), f"customers.{kind}"
    rows = _in_file(asked)
    if kind == "csv":
        return csv_file(rows, name)
    content = export.as_xlsx(rows, gettext("Customers"))
    return FileResponse(content, as_attachment=True, filename=name, content_type=XLSX)


def _in_file(asked: Asked) -> Iterator[export.Values]:
    """The heading and a row for each customer, some hundred read at a time."""
    yield [str(label) for label in IN_FILE]
    sort = SORTS[asked.sort]
    keys = list(sort.ordered(asked.rows, backwards=False).values_list("pk", flat=True))
    read = asked.facts.told(_listed(asked.facts))
    for start in range(0, len(keys), export.WINDOW):
        window = keys[start : start + export.WINDOW]
        found = read.select_related("sales_rep", "terms__payment_terms").in_bulk(window)
        accounts = accounts_of(found.values())
        for each in (found[pk] for pk in window if pk in found):
            yield _cells(each, accounts.get(each.pk))


def _cells(each: Any, account: CreditAccount | None) -> list[object]:
    """One customer, by the headings of ``IN_FILE``."""
    terms, rep = getattr(each, "terms", None), each.sales_rep
    return [
        each.code,
        each.name,
        each.email,
        each.phone,
        each.group,
        each.country,
        each.currency_id,
        str(terms.payment_terms) if terms else "",
        rep.get_full_name() or rep.username if rep else "",
        gettext("Active") if each.is_active else gettext("Closed"),
        each.open_orders,
        each.late_orders,
        round(each.overdue, 2),
        round(account.exposure, 2) if account else None,
        round(account.credit_limit, 2) if account else None,
        each.last_order_at,
    ]


def _queries(request: HttpRequest, name: str, values: Iterable[str]) -> list[str]:
    """The query of the list with each value instead of the one it has."""
    rest = without(request.GET, name)
    queries = []
    for value in values:
        rest[name] = value
        queries.append(f"?{rest.urlencode()}")
    return queries


def _headings(request: HttpRequest, sort: str) -> list[tuple[StrOrPromise, str, str, str]]:
    """Each column: its words, its class, the query that sorts by it, and how it is sorted now."""
    found: list[tuple[StrOrPromise, str, str, str]] = []
    for name, (label, css) in HEADINGS.items():
        [query] = _queries(request, "sort", ["code" if name == sort else name])
        now = ("descending" if SORTS[name].descending else "ascending") if name == sort else ""
        found.append((label, css, query if name in SORTS else "", now))
    return found


def _listed(facts: Facts) -> QuerySet[Customer]:
    """Customers as the list reads them: where they are and when they ordered last."""
    mine = facts.orders.filter(customer=OuterRef("pk"))
    placed = mine.exclude(status=Status.DRAFT).order_by("-pk")
    here = Address.objects.filter(customer=OuterRef("pk"), is_default=True)
    rows: QuerySet[Customer] = Customer.objects.select_related("sales_rep")
    return rows.annotate(
        country=Subquery(here.values("country")[:1]),
        last_order_at=Subquery(placed.values("created_at")[:1]),
    )


def customer(request: HttpRequest, pk: int) -> HttpResponse:
    """Whom one deals with: contact, credit, terms, and what is ordered, offered and repeated."""
    known = customers_known(request.user).select_related("sales_rep")
    found = get_object_or_404(known, pk=pk)
    terms = CustomerTerms.objects.select_related("payment_terms", "price_list")
    quotes = visible(Quote.objects.filter(order__customer=found), request.user)
    recurring = visible(RecurringOrder.objects.filter(customer=found), request.user)
    accounts = list(CreditAccount.objects.filter(customer=found).order_by("currency"))
    is_scoped = Staff.of(request.user).is_scoped
    context = {
        "customer": found,
        "accounts": accounts,
        "account": next((a for a in accounts if a.currency_id == found.currency_id), None),
        "terms": terms.filter(customer=found).first(),
        "addresses": found.addresses.all(),
        "quotes": quotes.standing().select_related("order")[:SHOWN],
        "recurring": recurring.order_by("-is_active", "-pk")[:SHOWN],
        "may_edit": request.user.has_perm("orders.change_customer") and not is_scoped,
        "query": urlencode({"customer": found.code}),
        "open_query": urlencode({"customer": found.code, "status": UNDER_WAY}, doseq=True),
        **_orders(Order.objects.visible_to(request.user).filter(customer=found), found),
    }
    return render(request, "orders/customer.html", context)


def _happened(orders: Sequence[Order]) -> list[tuple[Order, dict[str, Any]]]:
    """What happened last in these orders, each with its order."""
    by_key = {order.pk: order for order in orders}
    events = to_tell(OrderEvent.objects.filter(order__in=by_key))
    latest = events.order_by("-occurred_at", "-pk")[:LATELY]
    return [(by_key[event.order_id], told(event)) for event in latest]


def _orders(mine: OrderQuerySet, found: Customer) -> dict[str, Any]:
    """The orders under way and the latest of the others, with what those under way add up to."""
    under_way = Q(status__in=UNDER_WAY)
    left = under_way & ~Q(status__in=[Status.SHIPPED, Status.DELIVERED])
    late = left & Q(promised_on__lt=timezone.localdate())
    own = under_way & Q(currency=found.currency_id)
    figures = mine.aggregate(
        count=Count("pk", filter=under_way),
        late=Count("pk", filter=late),
        worth=Coalesce(Sum("grand_total", filter=own), Decimal(0)),
    )
    read = mine.select_related("customer").only(*explain.READ).order_by("-pk")
    active = list(read.filter(under_way)[:SHOWN])
    rows = explain.rows([*active, *read.exclude(under_way)[:SHOWN]])
    return {
        "figures": figures,
        "happened": _happened([row.order for row in rows]),
        "tables": [
            ("open", _("Open orders"), rows[: len(active)]),
            ("other", _("Drafts and ended orders"), rows[len(active) :]),
        ],
    }
