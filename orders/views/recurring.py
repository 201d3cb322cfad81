"""Recurring orders: their list, their calendars and items, and what each day brought."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, cast

from django.contrib import messages
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from config.kernel.errors import StaleVersion
from config.kernel.lists import Sort, page
from config.kernel.reading import whole_date
from finance.services import prices
from inventory import services as stock
from orders.bulk import recurring as due
from orders.forms.recurring import RecurringForm, RecurringLines
from orders.lifecycle import recurring as lifecycle
from orders.models import RecurringLine, RecurringOrder, RecurringRun
from orders.scope import visible
from orders.views.steps import actor

NEXT = 6


def index(request: HttpRequest) -> HttpResponse:
    """All recurring orders, with their calendars and their next days."""
    mine = visible(RecurringOrder.objects.select_related("customer"), request.user)
    rows = mine.annotate(items=Count("lines"))
    context = {
        "page": page(rows, request.GET, {"newest": Sort(_("Newest first"))}),
        "today": timezone.localdate(),
    }
    return render(request, "orders/recurring_list.html", context)


def new(request: HttpRequest) -> HttpResponse:
    """Set a recurring order up."""
    return _form(request, RecurringOrder(starts_on=timezone.localdate()))


def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Its calendar, its items and its next six days; pause it or leave a day out."""
    mine = visible(RecurringOrder.objects.select_related("customer"), request.user)
    found = get_object_or_404(mine, pk=pk)
    if "skip" in request.POST:
        day = lifecycle.skip(pk)
        messages.success(
            request,
            gettext("%(day)s is left out.") % {"day": whole_date(day)}
            if day
            else gettext("No day is planned."),
        )
        return redirect(found)
    return _form(request, found)


def _form(request: HttpRequest, found: RecurringOrder) -> HttpResponse:
    lines = [
        {"sku": line.product.sku, "quantity": line.quantity, "every": line.every}
        for line in (found.lines.select_related("product") if found.pk else ())
    ]
    form = RecurringForm(request.POST or None, instance=found, user=request.user)
    grid = RecurringLines(request.POST or None, prefix="lines", initial=lines)
    stale = False
    if request.method == "POST" and form.is_valid() and grid.is_valid():
        try:
            _save(request, form, grid)
        except StaleVersion as words:
            form.add_error(None, str(words))
            stale = True
        else:
            messages.success(request, gettext("%(found)s is saved.") % {"found": found})
            return redirect(found)
    failed = bool(form.errors or any(grid.errors) or grid.non_form_errors())
    if failed and found.pk:  # what was typed must not look as if it were so already
        found = RecurringOrder.objects.select_related("customer").get(pk=found.pk)
    context = {"form": form, "grid": grid, "recurring": found, **_ahead(found), "failed": failed}
    status = 409 if stale else 422 if failed else 200
    return render(request, "orders/recurring.html", context, status=status)


def _save(request: HttpRequest, form: RecurringForm, grid: Any) -> None:
    """Write the template and its items, and work out its next day.

    What somebody else has saved since it was opened is not written over unseen (StaleVersion).
    """
    with transaction.atomic():
        if form.instance.pk:
            [now] = RecurringOrder.locked([form.instance.pk])
            if form.cleaned_data["seen"] not in {"", now.state}:
                form.see(now)
                raise StaleVersion(
                    gettext(
                        "%(found)s was changed after you opened it. What you typed stands below: "
                        "open it in another tab to compare, and save again to put yours in place."
                    )
                    % {"found": now}
                )
        else:
            form.instance.created_by_id = actor(request).user_id
        lifecycle.plan(form.instance, timezone.localdate())
        made = form.save()
        made.lines.all().delete()
        made.lines.bulk_create(grid.rows(made))


def _ahead(found: RecurringOrder) -> dict[str, Any]:
    """The next six days, with what each would cost at the prices of today."""
    if not found.pk or not found.next_on:
        return {"ahead": [], "made": 0}
    lines = list(found.lines.select_related("product"))
    tariff = prices.tariff([found.customer_id], [line.product_id for line in lines])
    currency, calendar = found.customer.currency_id, found.calendar
    days = calendar.after(found.next_on - timedelta(days=1), NEXT)
    first = calendar.turn(days[0]) if days else 1
    ahead = []
    for turn, day in enumerate(days, first):
        due = [line for line in lines if (turn - 1) % line.every == 0]
        costs = [
            (tariff.agreed_price(found.customer_id, currency, line.product_id), line.quantity)
            for line in due
        ]
        worth = sum(price[0] * quantity for price, quantity in costs if price)
        short = _short(due) if turn == first else []
        ahead.append((day, len(due), worth, turn == first and bool(due), short))
    made = RecurringRun.objects.filter(recurring=found, order__isnull=False).count()
    return {"ahead": ahead, "currency": currency, "made": made}


def _short(lines: Sequence[RecurringLine]) -> list[tuple[str, int]]:
    """What the stock of today lacks for these lines: SKU and units."""
    wanted: dict[int, int] = defaultdict(int)
    skus = {line.product_id: line.product.sku for line in lines if line.product.is_stocked}
    for line in lines:
        if line.product_id in skus:
            wanted[line.product_id] += line.quantity
    for level in stock.levels(list(wanted)):
        wanted[level.product_id] -= max(0, level.available)
    return [(skus[key], units) for key, units in wanted.items() if units > 0]


def runs(request: HttpRequest) -> HttpResponse:
    """What the recurring orders of a day became: placed, kept as drafts, or why not."""
    if request.method == "POST":
        user = cast("User", request.user)
        job = due.run_due(timezone.localdate(), by=actor(request), user=user)
        if job is None:
            messages.info(request, gettext("Nothing is due any more; it was made meanwhile."))
        return redirect(job or "orders:recurring_runs")
    day = _day(request.GET.get("day", ""))
    mine = visible(RecurringOrder.objects.all(), request.user)
    found = RecurringRun.objects.filter(due_on=day, recurring__in=mine)
    counted = dict(found.order_by().values_list("outcome").annotate(n=Count("pk")))
    rows = found.select_related("recurring__customer", "order")
    context = {
        "day": day,
        "before": day - timedelta(days=1),
        "after": day + timedelta(days=1),
        "counts": [(label, counted.get(value, 0)) for value, label in RecurringRun.Outcome.choices],
        "page": page(rows, request.GET, {"first": Sort(_("As they ran"), descending=False)}),
        "due": mine.due(timezone.localdate()).count(),
    }
    return render(request, "orders/recurring_runs.html", context)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return timezone.localdate()
