"""Cancelling: choose lines and units, see exactly what is released and reversed, then do it.

The page opens as a dialog over the order where there is JavaScript; without it, it is a page.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext

from config.kernel.errors import DomainError, StaleVersion
from config.kernel.money import ZERO
from config.kernel.steps import preview, reasons, single
from orders.forms.steps import CancelForm
from orders.lifecycle import cancellation
from orders.lifecycle.loading import fits
from orders.models import Allocation, Order, Status
from orders.models.guards import nothing_sent
from orders.views.back import origin
from orders.views.order import back, found
from orders.views.steps import actor, say_who_is_told


@dataclass(slots=True)
class Foreseen:
    """What cancelling would do, or the sentence that stands in its way."""

    outcomes: cancellation.Cancelled | None = None
    refusal: str = ""


def cancel(request: HttpRequest, number: str) -> HttpResponse:
    """Show what would be given back (GET, or POST as a preview), or cancel it."""
    order = found(request, number)
    data = request.POST if request.method == "POST" else None
    form, refusal, status = CancelForm(data, order=order, named=request.GET.dict()), "", 200
    try:
        if "confirm" in request.POST and _done(request, order, form):
            words = gettext("%(order)s: what you chose is cancelled.")
            messages.success(request, words % {"order": order})
            return back(request, order)
    except StaleVersion as stale:
        form, refusal, status = _anew(request, order), _not_done(stale), 409
    except DomainError as why:
        refusal = str(why)
    seen = _foresee(request, order, form, _asked(form))
    seen.refusal = refusal or seen.refusal
    context = _context(order, form, seen) | {"next": origin(request)}
    if request.headers.get("HX-Target") == "cancel-preview":
        return render(request, "orders/_cancel_preview.html", context | {"oob": True})
    page = "_cancel_dialog" if "X-Dialog" in request.headers else "cancel"
    mistaken = form.errors and "preview" not in request.POST
    if mistaken and status == 200:
        status = 422
    return render(request, f"orders/{page}.html", context, status=status)


def _done(request: HttpRequest, order: Order, form: CancelForm) -> bool:
    """Cancel what was confirmed; False while the form wants mending.

    A page that is out of date says so first: what it got wrong may be right no longer.
    """
    is_valid, version = form.is_valid(), form.cleaned_data.get("version")
    fits([order], version)
    if is_valid:
        asked = {"by": actor(request), "version": version, **_asked(form)}
        done = single(cancellation.cancel, order.pk, **asked)
        say_who_is_told(request, done, order)
    return is_valid


def _anew(request: HttpRequest, order: Order) -> CancelForm:
    """What was typed, on the order as it is now."""
    data = request.POST.copy()
    data["version"] = str(order.version)
    return CancelForm(data, order=order, named={})


def _not_done(stale: StaleVersion) -> str:
    words = gettext("Nothing was cancelled now; look at what is left before you cancel more.")
    return f"{stale} {words}"


def _asked(form: CancelForm) -> dict[str, Any]:
    """What the step is called with: as typed, or as the form opened."""
    if not form.is_bound:
        asked = {"reason": "customer_request", "recall": True}
        return {**asked, "quantities": form.quantities()}
    form.full_clean()
    given = form.cleaned_data
    return {
        "reason": given.get("reason") or "customer_request",
        "words": given.get("words", ""),
        "recall": given.get("recall", False),
        "tell": given.get("tell", False),
        "quantities": form.quantities(),
    }


def _foresee(
    request: HttpRequest, order: Order, form: CancelForm, asked: dict[str, Any]
) -> Foreseen:
    wrong = [name for name in form.errors if name.startswith("line-")]
    if not form.lines:
        sent = nothing_sent.why(order)  # type: ignore[attr-defined]
        return Foreseen(refusal=sent or " ".join(reasons(order, Order.cancel)))
    if wrong:
        return Foreseen()
    outcomes = preview(cancellation.cancel, [order.pk], by=actor(request), **asked)
    assert isinstance(outcomes, cancellation.Cancelled)  # noqa: S101 - what the step answers
    return Foreseen(outcomes, outcomes.refused.get(order.pk, ""))


def _context(order: Order, form: CancelForm, seen: Foreseen) -> dict[str, Any]:
    lines = order.facts.lines
    before = order.grand_total - sum((line.cancelled_amount for line in lines), ZERO)
    outcomes = seen.outcomes if seen.outcomes and not seen.refusal else cancellation.Cancelled()
    done = outcomes.effects
    status, after = outcomes.left.get(order.pk, (order.status, before))
    given_up = sum(effect.quantity for effect in done if effect.kind == "cancel")
    effects = [effect for effect in done if effect.kind != "cancel"]  # what was chosen
    reserved = _reserved(order)
    return {
        "order": order,
        "form": form,
        "effects": effects,
        "refusal": seen.refusal,
        "rows": [(line, bound, reserved.get(line.pk, [])) for line, bound in form.rows()],
        "locked": [line for line in lines if line.shipped],
        "chosen": given_up or sum(form.chosen().values()),
        "open": sum(line.open for line in lines),
        "ordered": sum(line.ordered for line in lines),
        "shipped": sum(line.shipped for line in lines),
        "cancelled": sum(line.cancelled for line in lines),
        "foreseen": bool(done),
        "told": outcomes.messages.get(order.pk),
        "before": before,
        "after": after,
        "becomes": _becomes(order, status),
        **_instead(order),
    }


def _instead(order: Order) -> dict[str, Any]:
    """Where a return of what has shipped is asked for, with exactly those units chosen."""
    if reasons(order, Order.ask_back):
        return {}
    free = {line.pk: line.shipped - line.return_requested for line in order.facts.lines}
    units = {f"line-{pk}": number for pk, number in free.items() if number}
    address, chosen = reverse("returns:request", args=[order.number]), urlencode(units)
    return {"return_url": f"{address}?{chosen}", "return_units": sum(units.values())}


def _becomes(order: Order, status: str) -> str:
    """The state that follows, in words."""
    if status == Status.SHIPPED != order.status:
        return gettext("Shipped, the rest cancelled")
    return str(Status(status).label)


def _reserved(order: Order) -> dict[int, list[tuple[str, int, int]]]:
    """Where units of each line are: warehouse, units waiting to be picked, units picked."""
    places: dict[int, list[tuple[str, int, int]]] = {}
    rows = Allocation.objects.open().filter(line__order=order).order_by("pk")
    values = rows.values_list(
        "line", "stock_level__warehouse__code", "quantity", "picked", "shipped"
    )
    for line, code, quantity, picked, shipped in values:
        places.setdefault(line, []).append((code, quantity - picked, picked - shipped))
    return places
