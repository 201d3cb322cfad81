"""Lists of orders: all of them, and those that wait for a decision."""

from __future__ import annotations

from typing import cast

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from config.kernel.lists import Sort, capped, page
from orders import explain
from orders.filters import NUMBER, OrderFilter
from orders.models import Order, OrderException, OrderQuerySet, Status
from orders.scope import visible

SORTS = {
    "newest": Sort("Newest first"),
    "oldest": Sort("Oldest first", descending=False),
    "promise": Sort("Earliest promise", field="promised_on", descending=False),
}
TABS = (
    ("", "All"),
    (Status.DRAFT, "Drafts"),
    (Status.IN_REVIEW, "Needs review"),
    (Status.VALIDATED, "Validated"),
    (Status.PROCESSING, "Processing"),
    (Status.FULFILLING, "Fulfilling"),
    (Status.SHIPPED, "In transit"),
    (Status.DELIVERED, "Delivered"),
    (Status.COMPLETED, "Completed"),
    (Status.CANCELLED, "Cancelled"),
)


def index(request: HttpRequest) -> HttpResponse:
    """The orders, narrowed and sorted as the address says; an exact number opens the order."""
    text = request.GET.get("q", "").strip()
    if (found := NUMBER.fullmatch(text)) and len(request.GET) == 1:
        number = f"SO-{int(found[1]):06}"
        if Order.objects.visible_to(request.user).filter(number=number).exists():
            return redirect("orders:order", number)
    narrowed = OrderFilter(request.GET, Order.objects.visible_to(request.user))
    orders = cast("OrderQuerySet", narrowed.qs).select_related("customer")
    if request.GET.get("sort") == "promise" or request.GET.get("late"):
        orders = orders.open().exclude(promised_on=None)
    shown = page(orders, request.GET, SORTS)
    return render(
        request,
        "orders/index.html",
        {
            "page": shown,
            "rows": explain.rows(shown.rows),
            "filter": narrowed,
            "tabs": _tabs(request),
            "sorts": SORTS,
            "sort": request.GET.get("sort", "newest"),
            "narrowed": any(request.GET.get(name) for name in ("q", "customer", "late")),
        },
    )


def _tabs(request: HttpRequest) -> list[dict[str, object]]:
    """The statuses as tabs; choosing one starts from the top of the list."""
    tabs: list[dict[str, object]] = []
    for status, label in TABS:
        query = request.GET.copy()
        for name in ("after", "before", "status"):
            query.pop(name, None)
        if status:
            query["status"] = status
        current = request.GET.get("status", "") == status
        tabs.append({"label": label, "query": f"?{query.urlencode()}", "current": current})
    return tabs


def review(request: HttpRequest) -> HttpResponse:
    """What waits for a decision, the oldest first."""
    waiting = visible(OrderException.objects.blocking(), request.user)
    waiting = waiting.select_related("order", "order__customer")
    return render(
        request,
        "orders/review.html",
        {"found": waiting.order_by("opened_at", "pk")[:100], "count": capped(waiting)},
    )
