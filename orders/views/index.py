"""The list of orders: all of them, narrowed and sorted as one likes."""

from __future__ import annotations

from typing import cast

from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse

from orders import rows
from orders.axes import NUMBER
from orders.bulk.actions import ACTIONS
from orders.forms.views import ViewForm
from orders.listing import Listing
from orders.models import Order, Staff


def index(request: HttpRequest) -> HttpResponse:
    """The orders, narrowed and sorted as the address says; an exact number opens the order."""
    text = request.GET.get("q", "").strip()
    if (found := NUMBER.fullmatch(text)) and len(request.GET) == 1:
        number = f"SO-{int(found[1]):06}"
        if Order.objects.visible_to(request.user).filter(number=number).exists():
            return redirect("orders:order", number)
    return shown(request, request.GET)


def filters(request: HttpRequest) -> HttpResponse:
    """Every filter with its values: within the list's panel, or as a page where none opens."""
    user = cast("User", request.user)
    listing = Listing(user, request.GET, Staff.of(user), [])
    part = request.headers.get("HX-Request")
    response = render(
        request, "orders/_panel.html" if part else "orders/filters.html", {"listing": listing}
    )
    response["Vary"] = "HX-Request"
    return response


def shown(request: HttpRequest, query: QueryDict, form: ViewForm | None = None) -> HttpResponse:
    """The list of a query; with the form of a view when that was filled in wrongly."""
    user = cast("User", request.user)
    listing = Listing.of(user, query)
    with listing.reading():
        drawn = rows.drawn(listing.rows, listing.columns, listing.origin)
    bulk = tuple(action for action in ACTIONS if user.has_perm(action.permission))
    response = render(
        request,
        "orders/index.html",
        {
            "listing": listing,
            "rows": drawn,
            "density": listing.density,
            "form": form or ViewForm(owner=user),
            "bulk": bulk,
            "exports": tuple(action for action in bulk if action.is_export),
        },
        status=422 if form or listing.failure or listing.narrowing.problems else 200,
    )
    if request.headers.get("HX-Request"):  # the address without what was left empty
        response["HX-Push-Url"] = f"{reverse('orders:list')}?{listing.here}"
    response["Vary"] = "HX-Request"
    return response
