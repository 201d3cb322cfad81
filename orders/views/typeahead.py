"""What fields offer while one types: customers and items, each in a few quick statements."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.contrib.auth.models import AnonymousUser, User
from django.db.models import OuterRef, Subquery
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from finance.services import prices
from inventory import services as stock
from inventory.models import Product
from orders.models import Customer, Order, Status
from orders.reports.customers import accounts_of
from orders.scope import bought_under, customers_meant, visible

OFFERED = 8


def customers(request: HttpRequest) -> HttpResponse:
    """The customers that match what is typed: what credit is left of each, and its last order."""
    words = request.GET.get("q", "").strip()
    found = _customers(words, request.user) if len(words) > 1 else []
    accounts, ordered = accounts_of(found), _last_ordered(found, request.user)
    rows = [(each, accounts.get(each.pk), ordered.get(each.pk)) for each in found]
    return render(request, "orders/_customers.html", {"rows": rows})


def _customers(words: str, user: User | AnonymousUser) -> list[Customer]:
    """Those to sell to first, then who is closed: so it is seen why somebody is not offered."""
    found = _open_customers(words, user)
    if len(found) < OFFERED:
        known = {each.pk for each in found}
        every = customers_meant(words, user, limit=OFFERED, active=False)
        found += [each for each in every if each.pk not in known]
    return found[:OFFERED]


def _open_customers(words: str, user: User | AnonymousUser) -> list[Customer]:
    """By code, name or e-mail; by the PO number of an earlier order when that finds nobody."""
    found = customers_meant(words, user, limit=OFFERED)
    return found or bought_under(words, user, limit=OFFERED)


def _last_ordered(found: Sequence[Customer], user: User | AnonymousUser) -> dict[int, datetime]:
    """When each of the customers ordered last, as far as somebody sees."""
    if not found:
        return {}
    mine = Order.objects.visible_to(user).filter(customer=OuterRef("pk"))
    placed = mine.exclude(status=Status.DRAFT).order_by("-pk").values("created_at")[:1]
    rows = Customer.objects.filter(pk__in=[each.pk for each in found])
    return dict(rows.values_list("pk", Subquery(placed)))


def items(request: HttpRequest) -> HttpResponse:
    """The items that match what is typed: what is free where, what is coming, at which price."""
    words = request.GET.get("q", "").strip()
    matches = Product.matching(words, limit=OFFERED, active=False) if len(words) > 1 else []
    code = request.GET.get("customer", "").partition(" · ")[0]
    known = visible(Customer.objects.all(), request.user)
    customer = known.filter(code=code).first() if code and matches else None
    rows = _rows(matches, customer)
    return render(request, "orders/_items.html", {"rows": rows, "customer": customer})


def _rows(products: Sequence[Product], customer: Customer | None) -> list[dict[str, Any]]:
    keys = [product.pk for product in products]
    if not keys:
        return []
    places = _places(keys)
    agreed = prices.agreed(customer.pk, customer.currency_id, keys) if customer else {}
    return [
        {
            "product": product,
            "places": places[product.pk],
            "free": any(place.free for place in places[product.pk]),
            "price": agreed.get(product.pk),
        }
        for product in products
    ]


def _places(products: Sequence[int]) -> dict[int, list[stock.Place]]:
    """The warehouses that have or expect each product, the fullest first."""
    free = {
        (level.product_id, level.warehouse_id): level.available for level in stock.levels(products)
    }
    found = stock.places(stock.sites(), free, stock.expected(products))
    return {key: [each for each in found[key] if each.free or each.day] for key in products}
