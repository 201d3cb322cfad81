"""Today: where the orders are, what is late, what waits for a decision."""

from __future__ import annotations

from django.contrib.auth.models import AnonymousUser, User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from config.kernel.lists import MOST_COUNTED, capped
from orders import explain
from orders.models import Hold, Order, OrderException, Status
from orders.scope import visible

# The six stages: name, tone, icon, and the statuses that make them up.
STAGES = (
    ("Created", "neutral", "st-draft", (Status.DRAFT, Status.SUBMITTED)),
    ("Validation", "amber", "st-bang", (Status.IN_REVIEW, Status.VALIDATED)),
    ("Processing", "blue", "st-q1", (Status.PROCESSING,)),
    ("Fulfillment", "violet", "st-q2", (Status.FULFILLING,)),
    ("Delivery", "cyan", "st-ship", (Status.SHIPPED, Status.DELIVERED)),
    ("Completed", "green", "st-done", (Status.COMPLETED,)),
)
WORDS = {Status.IN_REVIEW: "in review"}


def _stages(user: User | AnonymousUser) -> list[dict[str, str]]:
    """Each stage with its counts in words, and the list behind it."""
    stages = []
    for name, tone, glyph, statuses in STAGES:
        counts = {status: _count(user, status) for status in statuses}
        total = sum(counts.values())
        parts = [
            f"{count:,} {WORDS.get(status, status.label.lower())}"
            for status, count in counts.items()
        ]
        review = counts.get(Status.IN_REVIEW)
        stages.append(
            {
                "name": name,
                "tone": tone,
                "icon": glyph,
                "leads_to": next(
                    (status for status, count in counts.items() if count), statuses[0]
                ),
                "count": f"{MOST_COUNTED:,}+" if total >= MOST_COUNTED else f"{total:,}",
                "words": ", ".join(parts) if len(parts) > 1 else "",
                "alarm": f"{review:,} need review" if review else "",
            }
        )
    return stages


def _count(user: User | AnonymousUser, status: Status) -> int:
    """How many orders stand there, counted no further than makes sense."""
    return Order.objects.visible_to(user).filter(status=status).order_by()[:MOST_COUNTED].count()


def today(request: HttpRequest) -> HttpResponse:
    """The day at a glance; each figure leads to the orders behind it."""
    template = "orders/_today.html" if request.headers.get("HX-Request") else "orders/today.html"
    late = (
        Order.objects.visible_to(request.user)
        .late()
        .select_related("customer")
        .order_by("promised_on", "pk")
    )
    waiting = visible(OrderException.objects.blocking(), request.user)
    waiting = waiting.select_related("order", "order__customer")
    holds = visible(Hold.objects.in_force(), request.user)
    response = render(
        request,
        template,
        {
            "stages": _stages(request.user),
            "late": explain.rows(list(late[:8])),
            "late_count": capped(late),
            "waiting": waiting.order_by("opened_at", "pk")[:8],
            "waiting_count": capped(waiting),
            "holds": holds.select_related("order").order_by("placed_at")[:6],
            "now": timezone.localtime(),
        },
    )
    response["Vary"] = "HX-Request"
    return response
