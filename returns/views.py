"""Returns as pages: choose what comes back, see what that does, and decide on what others asked."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from config.kernel.errors import DomainError, StaleVersion
from config.kernel.steps import Outcomes, Step, preview, reasons, single
from orders.models import Order
from orders.views.back import origin
from orders.views.order import back, found
from orders.views.steps import actor
from returns import lifecycle, policy
from returns.forms import DecideForm, RejectForm, RequestForm
from returns.models import Return
from returns.story import stories

STEPS: dict[str, Step] = {
    "authorize": lifecycle.authorize,
    "reject": lifecycle.reject,
    "withdraw": lifecycle.withdraw,
}
DONE = {
    "authorize": _("%(return)s is authorized."),
    "reject": _("%(return)s is rejected."),
    "withdraw": _("%(return)s is withdrawn."),
}
# What a step does and what it leaves alone, before it is taken.
MEANS = {
    "authorize": _(
        "The customer may send these goods back. Nothing is booked in and nothing is credited by "
        "this; the return stays open."
    ),
    "reject": _("The goods stay with the customer, and the units can be asked back again."),
    "withdraw": _("The goods stay with the customer, and the units can be asked back again."),
}


def request_return(request: HttpRequest, number: str) -> HttpResponse:
    """Show what asking for a return does (GET, or POST as a preview), or ask for it."""
    order = found(request, number)
    items = policy.sent([order.pk])[order.pk]
    data = request.POST if request.method == "POST" else None
    form = RequestForm(data, order=order, items=items, named=request.GET.dict())
    refusal, status = "", 200
    try:
        if "confirm" in request.POST and form.is_valid():
            asked = _asked(form) | {"version": form.cleaned_data["version"]}
            [made] = single(lifecycle.request, order.pk, by=actor(request), **asked).created
            words = gettext("%(return)s is asked for. Somebody else decides on it.")
            messages.success(request, words % {"return": Return.objects.get(pk=made)})
            return back(request, order)
    except StaleVersion as stale:
        anew = request.POST.copy()
        anew["version"] = str(order.version)
        form = RequestForm(anew, order=order, items=items, named={})
        words = gettext("Nothing was asked for; look at what can still come back.")
        refusal, status = f"{stale} {words}", 409
    except DomainError as why:
        refusal = str(why)
    foreseen = _foresee(request, order, form)
    refusal = refusal or _against(order, foreseen)
    context = _context(request, order, form, foreseen, refusal)
    if request.headers.get("HX-Target") == "return-preview":
        return render(request, "returns/_request_preview.html", context)
    if form.errors and "preview" not in request.POST and status == 200:
        status = 422
    return render(request, "returns/request.html", context, status=status)


def _asked(form: RequestForm) -> dict[str, Any]:
    """What the step is called with: as typed, or as the form opened."""
    given = form.cleaned_data if form.is_bound else {}
    return {
        "reason": given.get("reason") or "not_needed",
        "words": given.get("words", ""),
        "parcels": form.parcels(),
    }


def _foresee(request: HttpRequest, order: Order, form: RequestForm) -> Outcomes | None:
    """What the step would do now; nothing while no units are chosen or one is mistyped."""
    if form.is_bound:
        form.full_clean()
    if not form.parcels() or any(name.startswith("parcel-") for name in form.errors):
        return None
    return preview(lifecycle.request, [order.pk], by=actor(request), **_asked(form))


def _against(order: Order, outcomes: Outcomes | None) -> str:
    if outcomes is None:
        return " ".join(reasons(order, Order.ask_back))
    return outcomes.refused.get(order.pk, "")


def _context(
    request: HttpRequest,
    order: Order,
    form: RequestForm,
    outcomes: Outcomes | None,
    refusal: str,
) -> dict[str, Any]:
    lines = order.facts.lines
    return {
        "order": order,
        "form": form,
        "rows": form.rows(),
        "effects": outcomes.effects if outcomes and not refusal else [],
        "refusal": refusal,
        "free": sum(item.free for item in form.items),
        "shipped": sum(line.shipped for line in lines),
        "pending": sum(line.return_requested for line in lines),
        "next": origin(request),
    }


def decide(request: HttpRequest, number: str, name: str) -> HttpResponse:
    """Show a return and what the step means for it (GET), or take the step (POST)."""
    mine = Return.objects.filter(order__in=Order.objects.visible_to(request.user))
    each = get_object_or_404(mine.select_related("order"), number=number)
    kind = RejectForm if name == "reject" else DecideForm
    form = kind(request.POST if request.method == "POST" else None)
    if form.is_valid():
        asked = {"returns": [each.pk], "words": form.cleaned_data["words"]}
        try:
            single(STEPS[name], each.order_id, by=actor(request), **asked)
        except DomainError as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, str(DONE[name]) % {"return": each})
        return back(request, each.order)
    each.by = actor(request)
    [story] = stories([each], request.user)
    context = {
        "order": each.order,
        "each": each,
        "story": story,
        "action": lifecycle.BY_NAME[name],
        "form": form,
        "means": MEANS[name],
        "refusal": " ".join(reasons(each, lifecycle.BY_NAME[name].transition)),
        "units": sum(line.requested for line in story.lines),
        "next": origin(request),
    }
    return render(request, "returns/decide.html", context, status=422 if form.errors else 200)
