"""Files of orders as pages: sent in, looked at, imported, and what became of every row."""

from __future__ import annotations

from io import BytesIO
from typing import Any, cast

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST
from django.views.decorators.vary import vary_on_headers
from openpyxl import Workbook

from config.kernel.errors import DomainError
from config.kernel.lists import Sort, page
from orders.channels import intake, plain, runs
from orders.channels.profiles import BY_NAME
from orders.forms.imports import MEGABYTE, ImportForm
from orders.models import OrderImport
from orders.views.jobs import STOP_POLLING, XLSX, csv_file

NEWEST_FIRST = {"": Sort(_("Newest first"))}
BY_ROW = {"": Sort(_("As in the file"), "row_no", descending=False)}


def index(request: HttpRequest) -> HttpResponse:
    """The files that were imported or wait to be, the newest first."""
    waiting = Q(file__isnull=False, runs=None)
    visible = OrderImport.objects.visible_to(request.user).select_related("requested_by")
    shown = page(visible.filter(Q(is_dry_run=False) | waiting), request.GET, NEWEST_FIRST)
    return render(request, "orders/imports.html", {"page": shown})


def new(request: HttpRequest) -> HttpResponse:
    """Send a file in; it is looked at before anything is made of it."""
    user = cast("User", request.user)
    size = int(request.META.get("CONTENT_LENGTH") or 0)
    form = ImportForm(request.POST or None, request.FILES or None, user=user, size=size)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            seen = runs.look(
                data["file"].name,
                data["file"].read(),
                data["profile"],
                user=user,
                submits=data.get("submits", False),
            )
        except DomainError as refusal:
            form.add_error("file", str(refusal))
        else:
            return redirect(seen)
    context = {
        "form": form,
        "explained": plain.EXPLAINED,
        "required": plain.REQUIRED,
        "largest": settings.LARGEST_UPLOAD // MEGABYTE,
        "rows": runs.MOST_ROWS,
    }
    return render(request, "orders/import_new.html", context, status=422 if form.errors else 200)


def template(request: HttpRequest, kind: str) -> HttpResponseBase:  # noqa: ARG001
    """An empty file with every column that is understood; as a workbook it explains them too."""
    columns = list(plain.EXPLAINED)
    if kind == "csv":
        return csv_file([columns], "orders-template.csv")
    if kind != "xlsx":
        raise Http404
    book = Workbook(write_only=True)
    book.create_sheet(gettext("Orders")).append(columns)
    sheet = book.create_sheet(gettext("Columns"))
    for column, words in plain.EXPLAINED.items():
        needed = gettext("required") if column in plain.REQUIRED else gettext("optional")
        sheet.append([column, needed, str(words)])
    content = BytesIO()
    book.save(content)
    content.seek(0)
    name = "orders-template.xlsx"
    return FileResponse(content, as_attachment=True, filename=name, content_type=XLSX)


def _found(request: HttpRequest, pk: int) -> OrderImport:
    visible = OrderImport.objects.visible_to(request.user).select_related("requested_by")
    return get_object_or_404(visible, pk=pk)


@vary_on_headers("HX-Request")
def one(request: HttpRequest, pk: int) -> HttpResponse:
    """One file: what would become of it, becomes or became; asked again until it is over."""
    found = _found(request, pk)
    context: dict[str, Any] = {"made": found, "profile": BY_NAME[found.profile]}
    if request.headers.get("HX-Request"):
        answer = render(request, "orders/_import_progress.html", context)
        if found.is_finished:
            answer.status_code, answer["HX-Refresh"] = STOP_POLLING, "true"
        return answer
    same = OrderImport.objects.visible_to(request.user).filter(file_sha256=found.file_sha256)
    context |= {
        "run": found.runs.first(),
        "before": same.filter(is_dry_run=False, pk__lt=found.pk).first(),
        "may_start": context["profile"].is_open_to(request.user),
        "is_stuck": context["profile"].is_history and found.refused,
    }
    return render(request, "orders/import.html", context | _rows(request, found))


def _rows(request: HttpRequest, found: OrderImport) -> dict[str, Any]:
    """A page of the rows with one outcome: those that are refused first, if there are any."""
    counts = found.rows.counted()
    tabs = [(name, label, counts[name]) for name, label in _labels(found) if counts[name]]
    offered = [name for name, _label, _count in tabs]
    asked = request.GET.get("show", "")
    show = asked if asked in offered else next(iter(offered), "all")
    rows = found.rows.that_are(show).select_related("order")
    return {"tabs": tabs, "show": show, "page": page(rows, request.GET, BY_ROW), "counts": counts}


def _labels(found: OrderImport) -> list[tuple[str, str]]:
    return [
        ("refused", gettext("Refused")),
        ("known", gettext("There already")),
        ("unplaced", gettext("Stay drafts")),
        ("taken", gettext("Can be taken") if found.is_dry_run else gettext("Taken")),
        ("all", gettext("All")),
    ]


@require_POST
def start(request: HttpRequest, pk: int) -> HttpResponse:
    """Import the orders that the look has shown as good."""
    seen = _found(request, pk)
    if not BY_NAME[seen.profile].is_open_to(request.user):
        raise PermissionDenied
    try:
        return redirect(runs.start(seen, cast("User", request.user)))
    except runs.AlreadyStarted as started:
        messages.warning(request, str(started))
        return redirect(started.run)
    except DomainError as refusal:
        messages.error(request, str(refusal))
        return redirect(seen)


def refused(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The refused rows with their own columns and why, to be mended and imported again."""
    return csv_file(intake.failed_rows(_found(request, pk)), f"import-{pk}-refused.csv")
