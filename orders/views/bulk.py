"""Bulk actions: choose orders, see what would happen, start the job."""

from __future__ import annotations

from typing import Any, cast

from django.contrib import messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from config.kernel import typed
from config.kernel.errors import DomainError
from orders.bulk import jobs
from orders.bulk.actions import BY_NAME, BulkAction
from orders.bulk.selection import Selection
from orders.models import BulkJob


@require_POST
def bulk(request: HttpRequest) -> HttpResponse:
    """Take a selection (orders by ``o``, a list by ``every`` and ``query``, a group of a job)."""
    action = BY_NAME.get(request.POST.get("action", ""))
    if action is None:
        raise Http404
    try:
        return begin(request, action, _selection(request))
    except DomainError as refusal:
        messages.error(request, str(refusal))
        return redirect("orders:list")


def _selection(request: HttpRequest) -> Selection:
    posted, user = request.POST, cast("User", request.user)
    if posted.get("every"):
        return Selection.of_query(posted.get("query", ""), user)
    if (key := typed.key(posted.get("job", ""))) is not None:
        job = get_object_or_404(BulkJob.objects.visible_to(user), pk=key)
        return Selection.of_group(job, posted.get("reason", ""), user)
    sent = (typed.key(pk) for pk in posted.getlist("o"))
    ticked = (pk for pk in sent if pk is not None)
    return Selection.of_ids(ticked, user, posted.get("query", ""))


def begin(request: HttpRequest, action: BulkAction, selection: Selection) -> HttpResponse:
    """Show what the action would do with these orders; ask first where the answers matter to it."""
    if not request.user.has_perm(action.permission):
        raise PermissionDenied
    asked = "ask" in request.POST or not action.asks_first
    form = action.form(request.POST if asked else None)
    if action.asks_first and not form.is_valid():
        return _ask(request, action, selection, form)
    needs = action.asks_first or action.is_export
    answers: dict[str, Any] = {}
    if needs and form.is_valid():
        answers = {"arguments": form.arguments(), "detail": form.words()}
    try:
        job = jobs.look(action, selection, cast("User", request.user), **answers)
    except jobs.AlreadyRunning as running:
        return running_already(request, running)
    return redirect(job)


def _ask(request: HttpRequest, action: BulkAction, selection: Selection, form: Any) -> HttpResponse:
    """Ask what the dry run has to know; the selection goes along with the form."""
    context = {"action": action, "form": form, "selection": selection, "n": selection.counted()}
    return render(request, "orders/bulk_ask.html", context, status=422 if form.errors else 200)


def running_already(request: HttpRequest, running: jobs.AlreadyRunning) -> HttpResponse:
    """Name the job that does the same already, and go there where one may see it."""
    messages.warning(request, str(running))
    if BulkJob.objects.visible_to(request.user).filter(pk=running.job.pk).exists():
        return redirect(running.job)
    return redirect("orders:jobs")
