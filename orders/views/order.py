"""One order: where it is, what it waits for, what can be done, and everything behind it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib.auth.models import User
from django.db.models import F, Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from config.kernel import money
from finance.models import Invoice, JournalEntry, Payment
from fulfillment.models import Shipment
from orders import explain
from orders.lifecycle.actions import available_actions, look
from orders.models import (
    COMMITTED,
    Allocation,
    Order,
    OrderEvent,
    SourcingCandidate,
    SourcingDecision,
    Status,
)

NEXT = ("submit", "process", "dispatch", "pack", "pick", "deliver", "complete", "waive", "recheck")
STEPS = (
    ("Created", "draft", ("draft", "submitted")),
    ("Validated", "validated", ("in_review", "validated")),
    ("Processing", "processing", ("processing",)),
    ("Fulfillment", "fulfilling", ("fulfilling",)),
    ("Delivery", "shipped", ("shipped", "delivered")),
    ("Completed", "completed", ("completed",)),
)
MOST_EVENTS = 60


def found(request: HttpRequest, number: str) -> Order:
    """The order of this number with its facts, or 404 when the user's scope leaves it out."""
    order = get_object_or_404(Order.objects.visible_to(request.user), number=number)
    look(order)
    return order


def head(request: HttpRequest, order: Order, tab: str) -> dict[str, Any]:
    """What stands above every tab: state, next step, actions, stage strip."""
    actions = available_actions(order, request.user)
    allowed = {entry.action.name: entry for entry in actions if entry.allowed}
    first = next((allowed[name] for name in NEXT if name in allowed), None)
    units = explain.Units.of(order.facts.lines)
    packed = order.shipments.filter(status="packed").exists()
    return {
        "order": order,
        "tab": tab,
        "units": units,
        "label": explain.label(order, units, on_hold=bool(order.facts.holds), packed=packed),
        "sentences": explain.sentences(order),
        "first": first,
        "actions": [entry for entry in actions if entry is not first],
        "steps": _steps(order),
    }


def _steps(order: Order) -> list[dict[str, Any]]:
    """The six stages: done, present or to come, with when each was entered."""
    entered: dict[str, Any] = {}
    for interval in order.stages.order_by("pk"):
        entered[interval.stage] = interval.entered_at
    present = next((i for i, step in enumerate(STEPS) if order.status in step[2]), -1)
    last = order.status == Status.COMPLETED
    return [
        {
            "name": name,
            "at": next((entered[s] for s in (stage, *states) if s in entered), None),
            "done": i < present or last,
            "present": i == present and not last,
        }
        for i, (name, stage, states) in enumerate(STEPS)
    ]


def overview(request: HttpRequest, number: str) -> HttpResponse:
    """Lines, shipments, activity, customer and money of the order."""
    order = found(request, number)
    places = _places(order)
    shipments = Shipment.objects.filter(order=order).select_related("warehouse", "carrier")
    context = head(request, order, "overview") | {
        "lines": [(line, places.get(line.pk, [])) for line in order.facts.lines],
        "shipments": shipments.prefetch_related("lines", "packages").order_by("pk"),
        "events": _events(order),
        "invoices": Invoice.objects.filter(order=order).order_by("pk"),
        "payments": Payment.objects.filter(order=order).order_by("pk"),
        "credit": order.facts.credit,
        "committed": order.outstanding if order.status in COMMITTED else money.ZERO,
    }
    return render(request, "orders/order.html", context)


def _places(order: Order) -> dict[int, list[tuple[str, int]]]:
    """Where the units of each line come from."""
    places: dict[int, list[tuple[str, int]]] = {}
    rows = (
        Allocation.objects.filter(line__order=order)
        .exclude(state__in=["released", "expired"])
        .values_list("line", "stock_level__warehouse__code", "quantity")
        .order_by("pk")
    )
    for line, code, quantity in rows:
        places.setdefault(line, []).append((code, quantity))
    return places


def activity(request: HttpRequest, number: str) -> HttpResponse:
    """The timeline alone, for a page that is being looked at."""
    order = get_object_or_404(Order.objects.visible_to(request.user), number=number)
    return render(request, "orders/_timeline.html", {"events": _events(order)})


def people(events: Iterable[OrderEvent]) -> dict[str, str]:
    """The names of the members of staff who acted, by the code of the actor."""
    codes = {event.actor for event in events if event.actor.startswith("user:")}
    users = User.objects.filter(pk__in=[int(code[5:]) for code in codes])
    return {f"user:{user.pk}": user.get_full_name() or user.username for user in users}


def _events(order: Order) -> list[dict[str, Any]]:
    """The latest events with the names of those who acted."""
    rows = list(
        OrderEvent.objects.filter(order=order).select_related("note").order_by("-seq")[:MOST_EVENTS]
    )
    names = people(rows)
    return [
        {
            "row": row,
            "who": names.get(row.actor, "System"),
            "words": WORDS.get(row.type, row.type.replace(".", " ")),
            "tone": TONES.get(row.type.partition(".")[0], "neutral"),
            "note": getattr(row, "note", None),
            "effects": [
                f"{kind} {quantity or ''} {what}".replace("  ", " ").strip()
                for kind, what, quantity, _ in row.data.get("effects", [])[:6]
            ],
        }
        for row in rows
    ]


WORDS = {
    "order.created": "entered the order",
    "order.submitted": "placed the order",
    "order.validated": "checked the order: everything passed",
    "order.sent_to_review": "sent the order to review",
    "order.rechecked": "had the order checked again",
    "order.reexamined": "looked at the findings again: something has changed",
    "exception.waived": "let a finding pass",
    "exception.assigned": "said who decides on a finding",
    "order.processed": "allocated stock",
    "stock.allocated": "allocated stock that came in",
    "goods.picked": "picked goods",
    "goods.recalled": "took goods back to their bins",
    "goods.packed": "packed a shipment",
    "shipment.dispatched": "dispatched a shipment",
    "order.shipped": "shipped the last unit",
    "shipment.delivered": "reported a shipment delivered",
    "order.delivered": "delivered the order",
    "order.completed": "completed the order",
    "order.cancelled": "cancelled the order",
    "units.cancelled": "cancelled units",
    "amendment.applied": "amended the order",
    "hold.placed": "put the order on hold",
    "hold.released": "released the hold",
    "payment.received": "recorded a payment",
    "credit.refused": "stopped the dispatch: over the credit limit",
}
TONES = {
    "order": "blue",
    "goods": "violet",
    "shipment": "cyan",
    "stock": "blue",
    "hold": "orange",
    "exception": "amber",
    "units": "neutral",
    "amendment": "blue",
    "payment": "green",
    "credit": "red",
}


def ledger(request: HttpRequest, number: str) -> HttpResponse:
    """The entries of the order, each with its two sides."""
    order = found(request, number)
    entries = (
        JournalEntry.objects.filter(order=order).prefetch_related("lines__account").order_by("-pk")
    )
    return render(
        request, "orders/ledger.html", head(request, order, "ledger") | {"entries": entries}
    )


def allocation(request: HttpRequest, number: str) -> HttpResponse:
    """Where each unit comes from, and why from there."""
    order = found(request, number)
    decisions = (
        SourcingDecision.objects.filter(order=order)
        .prefetch_related(
            Prefetch(
                "candidates",
                SourcingCandidate.objects.select_related("warehouse").order_by(
                    "-is_chosen", F("score").desc(nulls_last=True)
                ),
            )
        )
        .order_by("-pk")
    )
    rows = (
        Allocation.objects.filter(line__order=order)
        .select_related("line", "stock_level__warehouse")
        .order_by("line__line_no", "pk")
    )
    context = head(request, order, "allocation") | {"decisions": decisions, "allocations": rows}
    return render(request, "orders/allocation.html", context)
