"""The addresses of the whole site."""

from __future__ import annotations

from django.contrib import admin
from django.urls import include, path

from config import health

handler403 = "config.guard.refused"

urlpatterns = [
    path("healthz", health.alive, name="healthz"),
    path("readyz", health.ready, name="readyz"),
    path("admin/", admin.site.urls),
    path("accounts/", include("allauth.account.urls")),
    path("accounts/second-factor/", include("allauth.mfa.urls")),
    path("", include("fulfillment.urls")),
    path("", include("returns.urls")),
    path("", include("orders.urls")),
]
