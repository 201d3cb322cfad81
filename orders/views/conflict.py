"""Two people at one draft: both sides of it, while it is a draft and once it is none any more."""

from __future__ import annotations

import json
import uuid
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext

from orders.forms import sheets
from orders.forms.sheets import Sheet
from orders.lifecycle import capture
from orders.lifecycle.actions import available_actions, look
from orders.models import Order, Status
from orders.views.timeline import people


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
    mine = sheets.filled(mine, base)
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
        "key": uuid.uuid4().hex,
    }
