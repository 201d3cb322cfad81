"""The pages of the floor: pick lists and what is to be taken, shipments and where they are."""

from __future__ import annotations

from collections import defaultdict

from django.contrib import messages
from django.db.models import Count, F, Q, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from config.kernel import typed
from config.kernel.actors import Actor
from config.kernel.lists import Sort, page
from config.kernel.typed import Unreadable, whole
from fulfillment.models import OPEN_TASKS, PickList, PickTask, Shipment, ShipmentStatus
from fulfillment.services import picking as floor
from inventory.models import Warehouse
from orders.lifecycle import picking
from orders.scope import visible, within

SORTS = {"newest": Sort(_("Newest first"))}
MOST_TASKS = 200


def pick_lists(request: HttpRequest) -> HttpResponse:
    """Lists on the floor, and what waits for one in each warehouse."""
    mine = within(PickTask, "tasks", request.user)
    open_task = mine & Q(tasks__status__in=OPEN_TASKS)
    lists = (
        visible(PickList.objects.all(), request.user)
        .select_related("warehouse")
        .annotate(
            tasks_total=Count("tasks", filter=mine),
            tasks_open=Count("tasks", filter=open_task),
            units_open=Sum(F("tasks__quantity") - F("tasks__picked"), filter=open_task),
        )
    )
    waiting = (
        visible(PickTask.objects.open().filter(pick_list=None), request.user)
        .order_by()
        .values("bin__warehouse__code", "bin__warehouse__name")
        .annotate(tasks=Count("pk"), units=Sum(F("quantity") - F("picked")))
        .order_by("bin__warehouse__code")
    )
    shown = page(lists, request.GET, SORTS)
    return render(request, "fulfillment/pick_lists.html", {"page": shown, "waiting": waiting})


@require_POST
def make_list(request: HttpRequest) -> HttpResponse:
    """Put what waits in a warehouse on one list, in the order of the walk."""
    places = visible(Warehouse.objects.all(), request.user)
    place = get_object_or_404(places, code=request.POST.get("warehouse", ""))
    tasks = (
        visible(PickTask.objects.open(), request.user)
        .filter(pick_list=None, bin__warehouse=place)
        .order_by("bin__walk_sequence", "pk")
        .values_list("pk", flat=True)[:MOST_TASKS]
    )
    if not (ids := list(tasks)):
        messages.warning(
            request, gettext("Nothing waits to be picked at %(place)s.") % {"place": place}
        )
        return redirect("fulfillment:pick_lists")
    made = floor.make_list(place.pk, ids, at=timezone.now())
    messages.success(
        request,
        ngettext(
            "%(list)s is on the floor with %(n)s pick.",
            "%(list)s is on the floor with %(n)s picks.",
            len(ids),
        )
        % {"list": made, "n": len(ids)},
    )
    return redirect("fulfillment:pick_list", made.number)


def pick_list(request: HttpRequest, number: str) -> HttpResponse:
    """One list: the next pick first, large enough for a thumb, then the rest of the walk.

    The scans that a task has counted, recalls too, tell a new pick of it from a repeated one.
    """
    lists = visible(PickList.objects.select_related("warehouse"), request.user)
    found = get_object_or_404(lists, number=number)
    tasks = list(
        visible(found.tasks.exclude(status="cancelled"), request.user)
        .select_related("bin", "allocation__line__order")
        .annotate(counted=Count("scans", distinct=True))
        .order_by("bin__walk_sequence", "bin__code", "pk")
    )
    todo = [task for task in tasks if task.left]
    context = {
        "list": found,
        "tasks": tasks,
        "next": todo[0] if todo else None,
        "done": len(tasks) - len(todo),
    }
    return render(request, "fulfillment/pick_list.html", context)


@require_POST
def pick(request: HttpRequest, number: str) -> HttpResponse:
    """Confirm one pick, or every pick that is left on the list."""
    found = get_object_or_404(visible(PickList.objects.all(), request.user), number=number)
    tasks = visible(found.tasks.open(), request.user).select_related("allocation__line", "bin")
    if "all" not in request.POST:
        tasks = tasks.filter(pk=typed.key(request.POST.get("task", "")) or 0)
    scanned = request.POST.get("sku", "").strip()
    quantities: dict[int, dict[int, int]] = defaultdict(dict)
    for task in tasks:
        sku = task.allocation.line.sku
        if scanned and scanned.upper() != sku.upper():
            messages.error(
                request,
                gettext("Wrong item: %(scanned)s. %(bin)s holds %(sku)s for this pick.")
                % {"scanned": scanned, "bin": task.bin, "sku": sku},
            )
            return redirect("fulfillment:pick_list", number)
        asked = request.POST.get("quantity", "").strip()
        try:
            units = whole(asked) if asked else task.left
        except Unreadable as unreadable:
            messages.error(request, str(unreadable))
            return redirect("fulfillment:pick_list", number)
        quantities[task.allocation.line.order_id][task.pk] = units
    by, scan = Actor.of(request.user), request.POST.get("scan_id", "")
    wanted = {pk: units for order in quantities.values() for pk, units in order.items()}
    scans = dict.fromkeys(wanted, scan) if scan and len(wanted) == 1 else {}
    outcomes = picking.pick(sorted(quantities), by=by, quantities=wanted, scan_ids=scans)
    for why in outcomes.refused.values():
        messages.error(request, why)
    if outcomes.done:
        units = sum(effect.quantity for effect in outcomes.effects)
        messages.success(
            request,
            ngettext("%(n)s unit is picked.", "%(n)s units are picked.", units) % {"n": units},
        )
    return redirect("fulfillment:pick_list", number)


def shipments(request: HttpRequest) -> HttpResponse:
    """Shipments, the newest first, by where they are."""
    rows = visible(Shipment.objects.all(), request.user)
    rows = rows.select_related("order", "order__customer", "warehouse", "carrier")
    status = request.GET.get("status", "")
    if status in ShipmentStatus.values:
        rows = rows.filter(status=status)
    shown = page(rows.annotate(units=Sum("lines__quantity")), request.GET, SORTS)
    tabs = [("", gettext("All")), *ShipmentStatus.choices[:4], *ShipmentStatus.choices[6:7]]
    return render(
        request, "fulfillment/shipments.html", {"page": shown, "tabs": tabs, "status": status}
    )
