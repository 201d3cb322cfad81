"""The addresses of orders: nouns, then verbs."""

from __future__ import annotations

from django.urls import path

from orders.views import activity, entry, index, integrity, notices, order, search, steps, today

app_name = "orders"

urlpatterns = [
    path("", today.today, name="today"),
    path("search/", search.search, name="search"),
    path("notifications/", notices.index, name="notices"),
    path("notifications/menu/", notices.menu, name="notices_menu"),
    path("notifications/unread/", notices.unread, name="notices_unread"),
    path("notifications/read/", notices.read_all, name="notices_read"),
    path("notifications/<int:pk>/", notices.follow, name="notice"),
    path("integrity/", integrity.integrity, name="integrity"),
    path("orders/", index.index, name="list"),
    path("orders/review/", index.review, name="review"),
    path("orders/new/", entry.new, name="new"),
    path("orders/new/outlook/", entry.outlook, name="outlook"),
    path("orders/new/customers/", entry.customers, name="customers"),
    path("orders/new/items/", entry.items, name="items"),
    path("orders/<str:number>/", order.overview, name="order"),
    path("orders/<str:number>/activity/", activity.activity, name="activity"),
    path("orders/<str:number>/notes/", activity.note, name="note"),
    path("orders/<str:number>/money/", order.money_of, name="money"),
    path("orders/<str:number>/ledger/", order.ledger, name="ledger"),
    path("orders/<str:number>/allocation/", order.allocation, name="allocation"),
    path("orders/<str:number>/cancel/", steps.cancel, name="cancel"),
    path("orders/<str:number>/payment/", steps.pay, name="payment"),
    path("orders/<str:number>/<slug:name>/", steps.take, name="step"),
]
