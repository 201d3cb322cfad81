"""The addresses of the floor."""

from __future__ import annotations

from django.urls import path

from fulfillment import views

app_name = "fulfillment"

urlpatterns = [
    path("pick-lists/", views.pick_lists, name="pick_lists"),
    path("pick-lists/new/", views.make_list, name="make_list"),
    path("pick-lists/<str:number>/", views.pick_list, name="pick_list"),
    path("pick-lists/<str:number>/pick/", views.pick, name="pick"),
    path("shipments/", views.shipments, name="shipments"),
]
