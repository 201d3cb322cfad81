"""The addresses of returns."""

from __future__ import annotations

from django.urls import path

from returns import views

app_name = "returns"

urlpatterns = [
    path("orders/<str:number>/return/", views.request_return, name="request"),
    *(
        path(f"returns/<str:number>/{name}/", views.decide, {"name": name}, name=name)
        for name in ("authorize", "reject", "withdraw")
    ),
]
