"""Lists of orders: all of them, and those that wait for a decision."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from django.contrib.auth.decorators import login_required, permission_required
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse

from config.kernel.lists import capped
from orders.axes import NUMBER
from orders.columns import ON_SCREEN
from orders.forms.views import ViewForm
from orders.listing import Listing
from orders.models import Order, OrderException, Staff


@dataclass(frozen=True, slots=True)
class BulkAction:
    """What can be asked for many orders at once, and by whom."""

    name: str
    label: str
    icon: str
    permission: str


BULK = (
    BulkAction("process", "Allocate stock", "st-q1", "orders.process_order"),
    BulkAction("assign", "Assign warehouse", "building", "orders.process_order"),
    BulkAction("hold", "Hold", "lock", "orders.hold_order"),
    BulkAction("release", "Release hold", "refresh", "orders.hold_order"),
    BulkAction("recheck", "Check again", "check", "orders.recheck_order"),
    BulkAction("export_csv", "CSV", "download", "orders.view_order"),
    BulkAction("export_xlsx", "XLSX", "download", "orders.view_order"),
    BulkAction("cancel", "Cancel…", "x", "orders.cancel_order"),
)


@login_required
@permission_required("orders.view_order", raise_exception=True)
def index(request: HttpRequest) -> HttpResponse:
    """The orders, narrowed and sorted as the address says; an exact number opens the order."""
    text = request.GET.get("q", "").strip()
    if (found := NUMBER.fullmatch(text)) and len(request.GET) == 1:
        number = f"SO-{int(found[1]):06}"
        if Order.objects.filter(number=number).exists():
            return redirect("orders:order", number)
    return shown(request, request.GET)


def shown(request: HttpRequest, query: QueryDict, form: ViewForm | None = None) -> HttpResponse:
    """The list of a query; with the form of a view when that was filled in wrongly."""
    user = cast("User", request.user)
    listing = Listing.of(user, query)
    response = render(
        request,
        "orders/index.html",
        {
            "listing": listing,
            "density": listing.density,
            "densities": Staff.Density.choices,
            "every_column": ON_SCREEN,
            "form": form or ViewForm(owner=user),
            "bulk": [action for action in BULK if user.has_perm(action.permission)],
        },
        status=422 if form or listing.failure or listing.narrowing.problems else 200,
    )
    if request.headers.get("HX-Request"):  # the address without what was left empty
        response["HX-Push-Url"] = f"{reverse('orders:list')}?{listing.here}"
    response["Vary"] = "HX-Request"
    return response


@login_required
@permission_required("orders.view_order", raise_exception=True)
def review(request: HttpRequest) -> HttpResponse:
    """What waits for a decision, the oldest first."""
    waiting = OrderException.objects.blocking().select_related("order", "order__customer")
    return render(
        request,
        "orders/review.html",
        {"found": waiting.order_by("opened_at", "pk")[:100], "count": capped(waiting)},
    )
