"""One order: where it is, what it waits for, what can be done, and everything behind it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db.models import F, OuterRef, Prefetch, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from config.kernel import money, typed
from config.shortcuts import ACTION_KEYS
from finance.models import JournalEntry
from fulfillment.models import Carrier
from orders import explain
from orders.lifecycle import labels, promising
from orders.lifecycle.actions import Available, asks_why, available_actions, look
from orders.lifecycle.notes import LONGEST
from orders.lifecycle.schedules import parts_of
from orders.lifecycle.stages import Stage, judged, promised_of
from orders.models import (
    COMMITTED,
    TERMINAL,
    Allocation,
    Order,
    Promise,
    SourcingCandidate,
    SourcingDecision,
    Status,
)
from orders.money import order_money
from orders.neighbours import in_list, neighbours
from orders.sentences import sentences
from orders.standing import SUPPLY, Standing, owed
from orders.views.back import origin
from orders.views.timeline import timeline
from returns.story import stories

NEXT = (
    "submit",
    "validate",
    "process",
    "dispatch",
    "pack",
    "pick",
    "deliver",
    "complete",
    "waive",
    "recheck",
)
BESIDES = ("waive", "recheck")  # next only while there is something to decide
# The columns of orders.money, in its order.
HEADS = (
    _("Ordered"),
    _("Cancelled"),
    _("Allocated"),
    _("Shipped"),
    _("Invoiced"),
    _("Paid"),
    _("Returned"),
    _("Credited"),
    _("To invoice"),
)
MOST_PROMISES = 100
LINE = ("line__name", "line__sku")  # what the tab of the allocation tells of a line
UNITS = ("quantity", "picked", "shipped")  # and of what is reserved for it
BESIDE = ("quote", "edit")  # stand beside the next step, when they can be taken
PAGES_OF_THEIR_OWN = {
    "edit": "orders:edit",
    "quote": "orders:quote",
    "amend": "orders:amend",
    "cancel": "orders:cancel",
    "payment": "orders:payment",
    "return": "returns:request",
}
STEPS = (
    (_("Created"), "draft", ("draft", "submitted")),
    (_("Validated"), "validated", ("in_review", "validated")),
    (_("Processing"), "processing", ("processing",)),
    (_("Fulfillment"), "fulfilling", ("fulfilling",)),
    (_("Delivery"), "shipped", ("shipped", "delivered")),
    (_("Completed"), "completed", ("completed",)),
)


def found(request: HttpRequest, number: str) -> Order:
    """The order of this number with its facts, or 404 when the user's scope leaves it out."""
    order = get_object_or_404(related(request), number=number)
    look(order)
    return order


def related(request: HttpRequest) -> QuerySet[Order]:
    """The orders of one's scope with whoever belongs to them."""
    mine: QuerySet[Order] = Order.objects.visible_to(request.user)
    known = mine.annotate(has_labels=labels.KNOWN)
    return known.select_related("customer", "currency", "channel", "created_by")


def head(request: HttpRequest, order: Order, tab: str) -> dict[str, Any]:
    """What stands above every tab: state, next step, actions, stage strip."""
    standing = Standing.of(order)
    actions = available_actions(order, request.user, standing.floor)
    by_name = {entry.action.name: entry for entry in actions}
    steps = (by_name[name] for name in NEXT if name in by_name)
    mine = [entry for entry in steps if request.user.has_perm(entry.action.permission)]
    ahead = [entry for entry in mine if entry.allowed or entry.action.name not in BESIDES]
    first = next((entry for entry in mine if entry.allowed), ahead[0] if ahead else None)
    beside = [by_name[n] for n in BESIDE if n in by_name and by_name[n].allowed]
    units = explain.Units.of(order.facts.lines)
    on_hold, listed = bool(order.facts.holds), in_list(request)
    return {
        "order": order,
        "standing": standing,
        "tab": tab,
        "units": units,
        "sub_label": explain.sub_labels([order]).get(order.pk, ""),
        "label": explain.label(
            order,
            units,
            on_hold=on_hold,
            packed=bool(standing.packed),
            returning=bool(standing.open_returns),
        ),
        "sentences": sentences(standing),
        "first": _button(order, first, listed) if first else None,
        "beside": [_button(order, entry, listed) for entry in beside],
        "actions": [_button(order, e, listed) for e in actions if e not in (first, *beside)],
        "steps": _steps(standing),
        **trail(request, order),
    }


def _button(order: Order, entry: Available, listed: str) -> dict[str, Any]:
    """An action as a button: where it leads, its key, and why not."""
    name = entry.action.name
    page = PAGES_OF_THEIR_OWN.get(name)
    address = (
        reverse(page, args=[order.number])
        if page
        else reverse("orders:step", args=[order.number, name])
    )
    return {
        "entry": entry,
        "action": entry.action,
        "url": f"{address}{listed}",
        "key": ACTION_KEYS.get(name, ""),
        "asks": bool(page) or entry.action.needs_words or asks_why(order, entry.action),
    }


def trail(request: HttpRequest, order: Order) -> dict[str, str]:
    """The list that somebody came from, and the orders beside this one in it."""
    came_from = request.GET.get("in", "")
    if "in" not in request.GET:
        return {"came_from": ""}
    before, after = neighbours(came_from, order, request.user)
    return {
        "came_from": came_from,
        "previous": _beside(before, came_from),
        "next": _beside(after, came_from),
    }


def back(request: HttpRequest, order: Order) -> HttpResponse:
    """To the page of ours that led here, else to the order, which still knows its list."""
    return redirect(origin(request) or f"{order.get_absolute_url()}{in_list(request)}")


def _beside(number: str, came_from: str) -> str:
    if not number:
        return ""
    return f"{reverse('orders:order', args=[number])}?{urlencode({'in': came_from})}"


def _steps(standing: Standing) -> list[dict[str, Any]]:
    """The six stages: done, present or to come, with when each was entered.

    A cancelled order has done those before the one in which it ended; the rest was not reached.
    """
    order, entered = standing.order, {i.stage: i.entered_at for i in standing.stages}
    times = [
        next((entered[s] for s in (stage, *states) if s in entered), None)
        for _name, stage, states in STEPS
    ]
    ended = order.status in TERMINAL
    present = next((i for i, step in enumerate(STEPS) if order.status in step[2]), -1)
    if order.status == Status.CANCELLED:
        present = max((i for i, at in enumerate(times) if at), default=0)
    done = len(STEPS) if order.status == Status.COMPLETED else present
    return [
        {
            "name": step[0],
            "at": at,
            "done": i < done,
            "present": i == present and not ended,
            "missed": ended,
        }
        for i, (step, at) in enumerate(zip(STEPS, times, strict=True))
    ]


def overview(request: HttpRequest, number: str) -> HttpResponse:
    """Lines, shipments, activity, customer, money and documents of the order."""
    carrier = Carrier.objects.filter(code=OuterRef("shipping_method"))
    orders = related(request).annotate(carrier=Subquery(carrier.values("name")))
    order = get_object_or_404(orders, number=number)
    context = head(request, order, "overview")
    standing: Standing = context["standing"]
    sources, waits = standing.sources(), {wait.line: wait for wait in standing.waits}
    stages = _stages(standing)
    context |= {
        "lines": [
            (line, sources.get(line.pk, []), waits.get(line.pk), stages.get(line.pk, []))
            for line in order.facts.lines
        ],
        "timeline": timeline(order, show=request.GET.get("show", ""), before=_before(request)),
        "longest": LONGEST,
        "credit": order.facts.credit,
        "committed": order.outstanding if order.status in COMMITTED else money.ZERO,
        "owed": owed(standing),
        "returns": stories(standing.returns, request.user),
    }
    return render(request, "orders/order.html", context)


def _stages(standing: Standing) -> dict[int, list[Stage]]:
    """The parts in which lines are wanted, each held against what is promised of the line."""
    order = standing.order
    parts = parts_of(line.pk for line in order.facts.lines)
    staged = [line for line in order.facts.lines if line.pk in parts]
    here_on = timezone.localdate()
    if any(line.backordered and line.allocated for line in staged):
        codes = {place.code for place in standing.places}
        here_on += timedelta(days=promising.road_from(codes, order.ship_to_country))
    return {line.pk: judged(parts[line.pk], promised_of(line, here_on)) for line in staged}


def _before(request: HttpRequest) -> int | None:
    return typed.key(request.GET.get("before", ""))


def money_of(request: HttpRequest, number: str) -> HttpResponse:
    """Where the money of each line is: every figure a sum of documents."""
    order = get_object_or_404(related(request), number=number)
    context = head(request, order, "money")
    matrix = order_money(order)
    context |= {"matrix": matrix, "totals": [matrix.total], "columns": HEADS}
    return render(request, "orders/money.html", context)


def ledger(request: HttpRequest, number: str) -> HttpResponse:
    """The entries of the order, each with its two sides."""
    order = get_object_or_404(related(request), number=number)
    entries = (
        JournalEntry.objects.filter(order=order).prefetch_related("lines__account").order_by("-pk")
    )
    return render(
        request, "orders/ledger.html", head(request, order, "ledger") | {"entries": entries}
    )


def allocation(request: HttpRequest, number: str) -> HttpResponse:
    """Where each unit comes from, and why from there."""
    order = get_object_or_404(related(request), number=number)
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
        .values_list(*LINE, "stock_level__warehouse__code", "state", *UNITS)
        .order_by("line__line_no", "pk")
    )
    promises = (
        Promise.objects.filter(line__order=order)
        .select_related("line", "supply")
        .only("promised_on", "made_at", "basis", "cause", *LINE, *SUPPLY)
        .order_by("-made_at", "line__line_no", "-seq")
    )
    context = head(request, order, "allocation") | {
        "decisions": decisions,
        "allocations": rows,
        "promises": promises[:MOST_PROMISES],
    }
    return render(request, "orders/allocation.html", context)
