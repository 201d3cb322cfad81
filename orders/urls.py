"""The addresses of orders: nouns, then verbs."""

from __future__ import annotations

from django.urls import path

from orders.views import account, entry, index, integrity, order, people, steps, today

app_name = "orders"

urlpatterns = [
    path("", today.today, name="today"),
    path("integrity/", integrity.integrity, name="integrity"),
    path("settings/", account.preferences, name="preferences"),
    path("settings/security/", account.security, name="security"),
    path("settings/security/sign-out/", account.end_sessions, name="end_sessions"),
    path("settings/people/", people.people, name="people"),
    path("settings/people/invite/", people.invite, name="invite"),
    path("settings/people/<int:pk>/", people.person, name="person"),
    path("settings/people/<int:pk>/roles/", people.grant, name="grant"),
    path("settings/people/<int:pk>/scope/", people.set_scope, name="set_scope"),
    path("settings/people/<int:pk>/link/", people.invite_link, name="invite_link"),
    path("settings/people/<int:pk>/sign-out/", people.sign_out, name="sign_out"),
    path("settings/people/<int:pk>/active/", people.activate, name="activate"),
    path("orders/", index.index, name="list"),
    path("orders/review/", index.review, name="review"),
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
