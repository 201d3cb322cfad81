"""Two people at one draft: both sides of it, while it is a draft and once it is none any more."""

from __future__ import annotations

import json
import uuid
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext

from config.kernel.errors import DomainError
from config.kernel.typed import decimal
from orders.forms import agreed, sheets
from orders.forms.sheets import NUMBERS, Sheet
from orders.lifecycle import capture
from orders.lifecycle.actions import available_actions, look
from orders.models import Order, Status
from orders.views.timeline import people

# What is called otherwise where a placed order is amended.
HEADER = {
    "po_number": "po_number",
    "requested_on": "requested_on",
    "fill_policy": "fill_policy",
    "shipping_method": "carrier",
    "shipping": "shipping",
    "order_discount": "order_discount",
    "note": "note",
}
BY_LINE = {
    "quantity": "quantity",
    "unit_price": "price",
    "discount_percent": "discount",
    "requested_on": "day",
    "parts": "parts",
}


def shown(
    request: HttpRequest, order: Order, mine: Sheet, opened: Sheet, version: int
) -> HttpResponse:
    """What the order says now beside what was typed from an older version; nothing is lost."""
    is_over = order.status != Status.DRAFT
    if "autosave" in request.POST:
        changed = gettext("%(order)s was changed elsewhere.") % {"order": order}
        words = capture.no_draft(order) if is_over else changed
        return JsonResponse({"error": words}, status=409)
    theirs = sheets.of_order(order)
    base = opened if opened.head else theirs
    mine = sheets.filled(mine, base, agreed.left_out(base))
    context = {
        "order": order,
        "version": version,
        "differences": sheets.differences(base, theirs, mine),
    }
    if is_over:
        return render(
            request, "orders/conflict_over.html", context | _over(request, order, mine), status=409
        )
    context |= {"mine": json.dumps(mine.plain()), "event": order.events.order_by("-seq").first()}
    return render(request, "orders/conflict.html", context, status=409)


def _as_amendment(order: Order, mine: Sheet) -> dict[str, str]:
    """What was typed, by the fields of an amendment: the order's, and its lines' by their item."""
    found = {field: text for name, field in HEADER.items() if (text := mine.head.get(name))}
    typed, there = dict(sheets.keyed(mine)), sheets.keyed(sheets.of_order(order))
    for line, (key, _) in zip(order.lines.all(), there, strict=False):  # what is unread comes last
        for name, field in BY_LINE.items():
            if text := typed.get(key, {}).get(name, "").strip():
                found[f"{field}-{line.pk}"] = _plainly(text) if name in NUMBERS else text
    return found


def _plainly(text: str) -> str:
    """A number as addresses write it; one that cannot be read as it was typed."""
    try:
        return str(decimal(text))
    except DomainError:
        return text


def _over(request: HttpRequest, order: Order, mine: Sheet) -> dict[str, Any]:
    """Who placed or cancelled the order and when, and where what was typed can go instead."""
    look(order)
    ways = {each.action.name: each for each in available_actions(order, request.user)}
    event = order.events.filter(from_state=Status.DRAFT).order_by("-seq").first()
    return {
        "event": event,
        "who": people([event]).get(event.actor, gettext("The system")) if event else "",
        "is_cancelled": order.status == Status.CANCELLED,
        "amending": ways.get("amend"),
        "fields": mine.data(),
        "amended": urlencode(_as_amendment(order, mine)),
        "key": uuid.uuid4().hex,
    }
