"""Today: where the orders are, what is late, what waits for a decision."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required, permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from config.kernel.lists import capped
from orders import explain
from orders.models import Hold, Order, OrderException, Status

# The six stages, and the statuses that make them up.
STAGES = (
    ("Created", (Status.DRAFT, Status.SUBMITTED)),
    ("Validation", (Status.IN_REVIEW, Status.VALIDATED)),
    ("Processing", (Status.PROCESSING,)),
    ("Fulfillment", (Status.FULFILLING,)),
    ("Delivery", (Status.SHIPPED, Status.DELIVERED)),
    ("Completed", (Status.COMPLETED,)),
)


@login_required
@permission_required("orders.view_order", raise_exception=True)
def today(request: HttpRequest) -> HttpResponse:
    """The day at a glance; each figure leads to the orders behind it."""
    template = "orders/_today.html" if request.headers.get("HX-Request") else "orders/today.html"
    late = (
        Order.objects.open()
        .filter(promised_on__lt=timezone.localdate())
        .select_related("customer")
        .order_by("promised_on", "pk")
    )
    waiting = OrderException.objects.blocking().select_related("order", "order__customer")
    response = render(
        request,
        template,
        {
            "stages": [
                {
                    "name": name,
                    "parts": [
                        {
                            "status": status,
                            "label": Status(status).label,
                            "count": capped(Order.objects.filter(status=status)),
                        }
                        for status in statuses
                    ],
                }
                for name, statuses in STAGES
            ],
            "late": explain.rows(list(late[:8])),
            "late_count": capped(late),
            "waiting": waiting.order_by("opened_at", "pk")[:8],
            "waiting_count": capped(waiting),
            "holds": Hold.objects.in_force().select_related("order").order_by("placed_at")[:6],
            "now": timezone.localtime(),
        },
    )
    response["Vary"] = "HX-Request"
    return response
