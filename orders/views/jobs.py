"""Jobs as pages: the dry run with its reasons, the run with its progress, results as files."""

from __future__ import annotations

from typing import Any, cast

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import (
    FileResponse,
    Http404,
    HttpRequest,
    HttpResponse,
    QueryDict,
    StreamingHttpResponse,
)
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import translation
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST
from django.views.decorators.vary import vary_on_headers

from config.kernel.errors import DomainError
from config.kernel.lists import Sort, page
from config.kernel.reading import number
from orders.bulk import export, foreseen, jobs, seen, totals
from orders.bulk.actions import BY_NAME
from orders.models import BulkItem, BulkJob
from orders.views.bulk import running_already

STOP_POLLING = 286
OLDEST_FIRST = {"": Sort(_("As frozen"), descending=False)}
NEWEST_FIRST = {"": Sort(_("Newest first"))}
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def _found(request: HttpRequest, pk: int) -> BulkJob:
    """The job as its reader may see it."""
    people = ("requested_by", "stopped_by", "retried_by")
    jobs_seen = BulkJob.objects.visible_to(request.user).select_related(*people)
    found: BulkJob = get_object_or_404(jobs_seen, pk=pk)
    seen.narrow([found], request.user)
    return found


def _changing(request: HttpRequest, pk: int) -> BulkJob:
    """The job, for somebody who may do what it does."""
    job = _found(request, pk)
    if not request.user.has_perm(BY_NAME[job.action].permission):
        raise PermissionDenied
    return job


def index(request: HttpRequest) -> HttpResponse:
    """One's jobs, the newest first; all of them for those who answer for the desk."""
    jobs_seen = BulkJob.objects.visible_to(request.user).select_related("requested_by")
    shown = page(jobs_seen.filter(is_dry_run=False), request.GET, NEWEST_FIRST)
    seen.narrow(shown.rows, request.user)
    rows = [{"job": job, "title": _title(job)} for job in shown.rows]
    return render(request, "orders/jobs.html", {"page": shown, "rows": rows})


@vary_on_headers("HX-Request")
def job(request: HttpRequest, pk: int) -> HttpResponse:
    """One job: what it would do, does or did; asked again every two seconds until it is over."""
    found = _found(request, pk)
    context = {"job": found, "action": BY_NAME[found.action], "title": _title(found)}
    if request.headers.get("HX-Request"):
        answer = render(request, "orders/_job_progress.html", context)
        if found.is_finished:
            answer.status_code, answer["HX-Refresh"] = STOP_POLLING, "true"
        return answer
    if found.is_dry_run:
        return render(request, "orders/bulk_preview.html", context | _foreseen(request, found))
    return render(request, "orders/bulk_job.html", context | _results(request, found))


def _title(job: BulkJob) -> str:
    return BY_NAME[job.action].title(job, job.total)


def _foreseen(request: HttpRequest, job: BulkJob, form: Any = None) -> dict[str, Any]:
    """What a dry run found: reasons with their fixes, effects, and what is still to be asked."""
    action = BY_NAME[job.action]
    blocked = foreseen.groups(job, request.user)
    shown, more = blocked[: foreseen.MOST_GROUPS], blocked[foreseen.MOST_GROUPS :]
    warned = foreseen.warned(job, request.user)
    without = [name for name in _asked(request).getlist("without") if name in warned]
    going = job.succeeded - sum(warned[name] for name in without)
    return _results(request, job) | {
        "groups": shown,
        "more": more,
        "more_orders": sum(group.orders for group in more),
        "warnings": foreseen.choices(warned, without),
        "without": without,
        "effects": totals.told(job.effects),
        "load": foreseen.load(job, request.user),
        "worth": foreseen.worth(job, request.user),
        "form": None if action.asks_first else form or action.form(),
        "going": going,
        "eligible": action.title(job, going),
        "run": job.runs.first(),
        "competes": job.total > 1 and any(row[0] == "reserve" for row in job.effects),
    }


def _asked(request: HttpRequest) -> QueryDict:
    return request.POST if request.method == "POST" else request.GET


def _results(request: HttpRequest, job: BulkJob) -> dict[str, Any]:
    """A page of the orders with one outcome: those that failed first, if there are any."""
    default = BulkItem.Status.FAILED if job.blocked else ""
    show = request.GET.get("show", default)
    mine = job.items.visible_to(request.user).that_are(show)
    rows = mine.select_related("order", "order__customer")
    if reason := request.GET.get("reason"):
        rows = rows.filter(reason=reason)
    return {"page": page(rows, request.GET, OLDEST_FIRST), "show": show, "reason": reason or ""}


@require_POST
def start(request: HttpRequest, pk: int) -> HttpResponse:
    """Do with the eligible orders what the dry run has shown."""
    dry = _changing(request, pk)
    action = BY_NAME[dry.action]
    form = action.form(request.POST)
    if not action.asks_first and not form.is_valid():
        context = {"job": dry, "action": action, "title": _title(dry)}
        context |= _foreseen(request, dry, form)
        return render(request, "orders/bulk_preview.html", context, status=422)
    answers: dict[str, Any] = {"arguments": {}, "detail": ""}
    answers["without"] = request.POST.getlist("without")
    if not action.asks_first:
        answers |= {"arguments": form.arguments(), "detail": form.words()}
    try:
        return redirect(jobs.start(dry, cast("User", request.user), **answers))
    except jobs.AlreadyRunning as running:
        return running_already(request, running)
    except DomainError as refusal:
        messages.error(request, str(refusal))
        return redirect(dry)


@require_POST
def stop(request: HttpRequest, pk: int) -> HttpResponse:
    """Stop a job; what it has done stays done."""
    found = _changing(request, pk)
    if jobs.stop(found, cast("User", request.user)):
        messages.success(
            request,
            gettext("%(found)s stops. Orders whose turn had not come are unchanged.")
            % {"found": found},
        )
    else:
        messages.warning(request, gettext("%(found)s was over already.") % {"found": found})
    return redirect(found)


@require_POST
def retry(request: HttpRequest, pk: int) -> HttpResponse:
    """Try the orders again that were not changed."""
    found = _changing(request, pk)
    try:
        again = jobs.retry(found, cast("User", request.user))
    except jobs.AlreadyRunning as running:
        return running_already(request, running)
    except DomainError as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(
            request,
            ngettext("%(n)s order is tried again.", "%(n)s orders are tried again.", again)
            % {"n": number(again)},
        )
    return redirect(found)


def results(request: HttpRequest, pk: int) -> HttpResponseBase:
    """What became of each order, as a CSV file; of one outcome only where asked for."""
    found, show = _found(request, pk), request.GET.get("show", "")
    return csv_file(export.results(found, request.user, show), f"job-{pk}-results.csv")


def file(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The file of an export: the frozen orders as they are now, in the list's columns."""
    found = _found(request, pk)
    kind = BY_NAME[found.action].suffix
    if not kind or not found.is_finished:
        raise Http404
    rows, name = export.orders(found, request.user), f"orders-{pk}.{kind}"
    with translation.override(settings.LANGUAGE_CODE):  # as its headings
        if kind == "csv":
            return csv_file(rows, name)
        content = export.as_xlsx(rows)
    return FileResponse(content, as_attachment=True, filename=name, content_type=XLSX)


def csv_file(rows: Any, name: str) -> StreamingHttpResponse:
    """Rows as a CSV file to download, written while it is read, as whoever asks for it reads."""
    return StreamingHttpResponse(
        export.as_asked_now(export.as_csv(rows)),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
