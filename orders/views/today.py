"""Today: where the orders are, what is late, what waits for a decision."""

from __future__ import annotations

from urllib.parse import urlencode

from django.contrib.auth.models import AnonymousUser, User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, pgettext_lazy
from django_stubs_ext import StrOrPromise

from config.kernel.lists import MOST_COUNTED, capped
from config.kernel.reading import number
from orders import explain
from orders.models import Hold, Order, OrderException, Status
from orders.scope import visible

# The six stages: name, tone, icon, and the statuses that make them up.
STAGES = (
    (_("Created"), "neutral", "st-draft", (Status.DRAFT, Status.SUBMITTED)),
    (_("Validation"), "amber", "st-bang", (Status.IN_REVIEW, Status.VALIDATED)),
    (_("Processing"), "blue", "st-q1", (Status.PROCESSING,)),
    (_("Fulfillment"), "violet", "st-q2", (Status.FULFILLING,)),
    (_("Delivery"), "cyan", "st-ship", (Status.SHIPPED, Status.DELIVERED)),
    (_("Completed"), "green", "st-done", (Status.COMPLETED,)),
)
# What the orders of a status are, after their number.
PARTS: dict[str, StrOrPromise] = {
    Status.DRAFT: pgettext_lazy("after a number", "draft"),
    Status.SUBMITTED: pgettext_lazy("after a number", "submitted"),
    Status.IN_REVIEW: pgettext_lazy("after a number", "in review"),
    Status.VALIDATED: pgettext_lazy("after a number", "validated"),
    Status.PROCESSING: pgettext_lazy("after a number", "processing"),
    Status.FULFILLING: pgettext_lazy("after a number", "fulfilling"),
    Status.SHIPPED: pgettext_lazy("after a number", "in transit"),
    Status.DELIVERED: pgettext_lazy("after a number", "delivered"),
    Status.COMPLETED: pgettext_lazy("after a number", "completed"),
}


def _stages(user: User | AnonymousUser) -> list[dict[str, object]]:
    """Each stage with its counts in words, and the list behind it."""
    stages = []
    for name, tone, glyph, statuses in STAGES:
        counts = {status: _count(user, status) for status in statuses}
        total = sum(counts.values())
        parts = [f"{number(count)} {PARTS[status]}" for status, count in counts.items()]
        review = counts.get(Status.IN_REVIEW)
        stages.append(
            {
                "name": name,
                "tone": tone,
                "icon": glyph,
                "leads_to": urlencode({"status": statuses}, doseq=True),
                "count": f"{number(MOST_COUNTED)}+" if total >= MOST_COUNTED else number(total),
                "words": ", ".join(parts) if len(parts) > 1 else "",
                "alarm": ngettext("%(n)s needs review", "%(n)s need review", review)
                % {"n": number(review)}
                if review
                else "",
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
