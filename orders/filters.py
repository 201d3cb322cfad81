"""The filters of the order list; each names the index that serves it."""

from __future__ import annotations

import re
from typing import Any

import django_filters as filters

from orders.models import Customer, Order, OrderQuerySet, Status

NUMBER = re.compile(r"so-?0*(\d{1,9})", re.IGNORECASE)


class OrderFilter(filters.FilterSet):
    """What the list can be narrowed by."""

    q = filters.CharFilter(method="search", label="Search")  # order_search_by_trigram
    status = filters.ChoiceFilter(choices=Status.choices)  # order_by_status
    customer = filters.CharFilter(method="of_customer", label="Customer")  # order_by_customer
    late = filters.BooleanFilter(method="only_late", label="Late")  # order_open_by_promise

    class Meta:
        model = Order
        fields: list[str] = []

    def search(self, orders: OrderQuerySet, _name: str, text: str) -> OrderQuerySet:
        """By order number exactly, else by any word the order is known under."""
        if found := NUMBER.fullmatch(text.strip()):
            return orders.filter(number=f"SO-{int(found[1]):06}")
        for word in text.lower().split()[:5]:
            orders = orders.filter(search__words__contains=word)
        return orders

    def of_customer(self, orders: OrderQuerySet, _name: str, code: str) -> OrderQuerySet:
        """The orders of one customer, by code."""
        return orders.filter(customer__in=Customer.objects.filter(code=code).values("pk")[:1])

    def only_late(self, orders: OrderQuerySet, _name: str, wanted: Any) -> OrderQuerySet:
        """Open orders whose promise has passed."""
        return orders.late() if wanted else orders
