"""Saved views of the list and how its rows are shown: kept, changed, shared, given up."""

from __future__ import annotations

from contextlib import suppress
from typing import cast

from django.contrib import messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from config.kernel.errors import TooBroad
from config.kernel.lists import counted, impatient, in_words
from orders.filters import Narrowing, narrowed
from orders.forms.views import DisplayForm, ViewForm
from orders.listing import Listing
from orders.models import Order, SavedView, Staff
from orders.views.index import shown

COUNTING = 1_000  # milliseconds that the figures of one view may take


def _back(query: str) -> HttpResponse:
    return redirect(f"{reverse('orders:list')}?{query}")


def _query(request: HttpRequest) -> QueryDict:
    """The query of the list that the form was on."""
    return QueryDict(request.POST.get("query", "")[:2000])


def _may_share(request: HttpRequest) -> None:
    wants = "is_shared" in request.POST
    if wants and not request.user.has_perm("orders.share_savedview"):
        raise PermissionDenied


def _own(request: HttpRequest, pk: int) -> SavedView:
    return get_object_or_404(SavedView, pk=pk, owner=cast("User", request.user))


@require_POST
def save(request: HttpRequest) -> HttpResponse:
    """Keep the list as it is shown now under a name."""
    _may_share(request)
    user, query = cast("User", request.user), _query(request)
    form = ViewForm(request.POST, owner=user)
    listing = Listing.of(user, query)
    if not form.is_valid() or listing.narrowing.problems:
        return shown(request, query, form)
    view = form.save(commit=False)
    view.owner, view.query, view.sort = user, listing.narrowing.asked, listing.sort
    view.columns = [column.name for column in listing.columns]
    view.density = listing.density
    view.position = SavedView.objects.filter(owner=user).count()
    view.save()
    messages.success(request, gettext("The view “%(view)s” is saved.") % {"view": view})
    return _back(f"{view.query}&view={view.pk}&sort={view.sort}")


@require_POST
def change(request: HttpRequest, pk: int) -> HttpResponse:
    """Give one's own view another name, share it or keep it to oneself."""
    _may_share(request)
    user, view = cast("User", request.user), _own(request, pk)
    form = ViewForm(request.POST, instance=view, owner=user)
    if not form.is_valid():
        return shown(request, _query(request), form)
    form.save()
    messages.success(request, gettext("The view is called “%(view)s” now.") % {"view": view})
    return _back(_query(request).urlencode())


@require_POST
def replace(request: HttpRequest, pk: int) -> HttpResponse:
    """Let one's own view show from now on what is shown now."""
    view, query = _own(request, pk), _query(request)
    narrowing = Narrowing(query)
    if narrowing.problems:
        return shown(request, query)
    view.query, view.sort = narrowing.asked, query.get("sort", "")[:20]
    view.save(update_fields=["query", "sort"])
    messages.success(
        request, gettext("The view “%(view)s” shows these filters now.") % {"view": view}
    )
    return _back(query.urlencode())


@require_POST
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Give up one's own view; the orders stay."""
    view = _own(request, pk)
    view.delete()
    messages.success(
        request, gettext("The view “%(view)s” is deleted. No order was changed.") % {"view": view}
    )
    return _back("")


def counts(request: HttpRequest) -> HttpResponse:
    """How many orders each saved view holds, and the list itself where its page did not say.

    They go into the page that asks for them; where no script asks, they are a page of their own.
    What takes too long is left without.
    """
    user = cast("User", request.user)
    found, among = {}, Order.objects.visible_to(user)
    views = list(SavedView.objects.seen_by(user.pk))
    for view in views:
        with suppress(TooBroad), impatient(COUNTING):
            [count] = counted([narrowed(QueryDict(view.query), among)])
            found[view.pk] = in_words(count)
    listing = None
    if "list" in request.GET:
        listing = Listing(user, QueryDict(request.GET["list"]), Staff.of(user), [])
        with suppress(TooBroad), impatient(COUNTING):
            listing.count()
    part = request.headers.get("HX-Request")
    context = {
        "counts": found.items(),
        "views": [(view, found.get(view.pk)) for view in views],
        "listing": listing,
        "unknown": gettext("too many to count quickly"),
    }
    response = render(
        request, "orders/_view_counts.html" if part else "orders/counts.html", context
    )
    response["Vary"] = "HX-Request"
    return response


@require_POST
def display(request: HttpRequest) -> HttpResponse:
    """Remember columns, sort and density: with one's own view, else for oneself."""
    user, query = cast("User", request.user), _query(request)
    form = DisplayForm(request.POST)
    form.is_valid()
    asked = {name: form.cleaned_data.get(name) or "" for name in ("sort", "density")}
    columns = list(form.cleaned_data.get("columns") or [])
    if "reset" in request.POST:
        asked, columns = {"sort": "", "density": ""}, []
    seen = SavedView.objects.seen_by(user.pk)
    view = next((view for view in seen if str(view.pk) == query.get("view")), None)
    if view and view.owner_id != user.pk:
        words = gettext(
            "“%(view)s” is shared by %(owner)s and keeps its own columns. Save it as a view of "
            "your own, and choose there."
        )
        owner = view.owner.get_full_name() or view.owner.get_username()
        messages.warning(request, words % {"view": view, "owner": owner})
        return _back(query.urlencode())
    if view:
        view.columns, view.sort, view.density = columns, asked["sort"], asked["density"]
        view.save(update_fields=["columns", "sort", "density"])
    else:
        values = {
            "list_columns": columns,
            "list_sort": asked["sort"],
            "density": asked["density"],
        }
        Staff.objects.update_or_create(user=user, defaults=values)
    query = query.copy()
    query.pop("sort", None)
    if asked["sort"]:
        query["sort"] = asked["sort"]
    return _back(query.urlencode())
