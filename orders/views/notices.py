"""What a member of staff was told: the bell, its list, and the way to what a notice is about."""

from __future__ import annotations

from django.db.models import QuerySet
from django.db.models.functions import Greatest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from config.kernel.lists import Sort, page
from orders.models import StaffNotice

IN_THE_MENU = 8
SORTS = {"newest": Sort(_("Newest first"))}


def _mine(request: HttpRequest) -> QuerySet[StaffNotice]:
    return StaffNotice.objects.filter(user=request.user.pk)


def _read(notices: QuerySet[StaffNotice]) -> None:
    """Mark them read; a clock that goes back does not make one read before it was written."""
    now = timezone.now()
    notices.filter(read_at=None).update(read_at=Greatest(now, "created_at"))


def index(request: HttpRequest) -> HttpResponse:
    """Everything one was told, the latest first."""
    shown = page(_mine(request).select_related("order"), request.GET, SORTS)
    return render(request, "orders/notices.html", {"page": shown})


def menu(request: HttpRequest) -> HttpResponse:
    """The latest notices, for the menu under the bell."""
    latest = _mine(request).select_related("order").order_by("-pk")[:IN_THE_MENU]
    return HttpResponse(render_to_string("orders/_notices.html", {"notices": latest}))


def unread(request: HttpRequest) -> HttpResponse:
    """How many are unread, asked for every half minute; 204 when it is as many as before."""
    count = _mine(request).unread().count()  # type: ignore[attr-defined]
    if request.GET.get("known") == str(count):
        return HttpResponse(status=204)
    return HttpResponse(render_to_string("components/_bell.html", {"unread": count}))


def follow(request: HttpRequest, pk: int) -> HttpResponse:
    """Go to what a notice is about; it is read by that."""
    notice = get_object_or_404(_mine(request).select_related("order", "job", "order_import"), pk=pk)
    _read(_mine(request).filter(pk=pk))
    return redirect(notice.order or notice.job or notice.order_import or "orders:review")


@require_POST
def read_all(request: HttpRequest) -> HttpResponse:
    """Mark everything read."""
    _read(_mine(request))
    return redirect("orders:notices")
