"""The addresses of orders: nouns, then verbs."""

from __future__ import annotations

from django.urls import path

from orders.views import entry, index, integrity, order, saved, steps, today

app_name = "orders"

urlpatterns = [
    path("", today.today, name="today"),
    path("integrity/", integrity.integrity, name="integrity"),
    path("orders/", index.index, name="list"),
    path("orders/review/", index.review, name="review"),
    path("orders/display/", saved.display, name="display"),
    path("orders/views/", saved.save, name="save_view"),
    path("orders/views/counts/", saved.counts, name="view_counts"),
    path("orders/views/<int:pk>/", saved.change, name="change_view"),
    path("orders/views/<int:pk>/replace/", saved.replace, name="replace_view"),
    path("orders/views/<int:pk>/delete/", saved.delete, name="delete_view"),
    path("orders/new/", entry.new, name="new"),
    path("orders/new/outlook/", entry.outlook, name="outlook"),
    path("orders/new/customers/", entry.customers, name="customers"),
    path("orders/new/items/", entry.items, name="items"),
    path("orders/<str:number>/", order.overview, name="order"),
    path("orders/<str:number>/activity/", order.activity, name="activity"),
    path("orders/<str:number>/ledger/", order.ledger, name="ledger"),
    path("orders/<str:number>/allocation/", order.allocation, name="allocation"),
    path("orders/<str:number>/cancel/", steps.cancel, name="cancel"),
    path("orders/<str:number>/payment/", steps.pay, name="payment"),
    path("orders/<str:number>/<slug:name>/", steps.take, name="step"),
]
