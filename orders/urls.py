"""The addresses of orders: nouns, then verbs."""

from __future__ import annotations

from django.urls import path

from orders.views import (
    entry,
    index,
    integrity,
    order,
    quotes,
    recurring,
    steps,
    today,
    typeahead,
)

app_name = "orders"

urlpatterns = [
    path("", today.today, name="today"),
    path("integrity/", integrity.integrity, name="integrity"),
    path("orders/", index.index, name="list"),
    path("orders/review/", index.review, name="review"),
    path("orders/new/", entry.new, name="new"),
    path("orders/new/outlook/", entry.figures, name="outlook"),
    path("orders/new/customers/", typeahead.customers, name="customers"),
    path("orders/new/items/", typeahead.items, name="items"),
    path("orders/quotes/", quotes.index, name="quotes"),
    path("orders/recurring/", recurring.index, name="recurring"),
    path("orders/recurring/new/", recurring.new, name="recurring_new"),
    path("orders/recurring/runs/", recurring.runs, name="recurring_runs"),
    path("orders/recurring/<int:pk>/", recurring.edit, name="recurring_order"),
    path("quote/<str:secret>/", quotes.offer, name="offer"),
    path("orders/<str:number>/", order.overview, name="order"),
    path("orders/<str:number>/edit/", entry.edit, name="edit"),
    path("orders/<str:number>/quote/", quotes.quote, name="quote"),
    path("orders/<str:number>/quote/paper/", quotes.paper, name="quote_paper"),
    path("orders/<str:number>/activity/", order.activity, name="activity"),
    path("orders/<str:number>/ledger/", order.ledger, name="ledger"),
    path("orders/<str:number>/allocation/", order.allocation, name="allocation"),
    path("orders/<str:number>/cancel/", steps.cancel, name="cancel"),
    path("orders/<str:number>/payment/", steps.pay, name="payment"),
    path("orders/<str:number>/<slug:name>/", steps.take, name="step"),
]
