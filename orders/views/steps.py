"""The steps of an order as pages: see what one will do, do it, or read why not."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from config.kernel.actors import Actor
from config.kernel.errors import DomainError
from config.kernel.steps import Outcomes, Step, preview, single
from finance.services.payments import Received
from orders.forms.steps import (
    CancelForm,
    DispatchForm,
    PaymentForm,
    ReasonForm,
    StepForm,
    WaiveForm,
)
from orders.lifecycle import (
    cancellation,
    completion,
    delivery,
    dispatch,
    holds,
    payment,
    picking,
    processing,
    review,
    submission,
)
from orders.lifecycle.actions import BY_NAME
from orders.models import Order
from orders.views.order import found


@dataclass(frozen=True, slots=True)
class StepPage:
    """A step as a page: what runs, what it asks, what is said when it is done."""

    step: Step
    done: str
    form: type[StepForm] = StepForm
    arguments: dict[str, Any] = field(default_factory=dict)


PAGES = {
    "submit": StepPage(submission.submit, "is placed"),
    "recheck": StepPage(review.recheck, "is being checked again"),
    "waive": StepPage(review.waive, "is freed of what you let pass", WaiveForm),
    "process": StepPage(processing.process, "has its stock"),
    "pick": StepPage(picking.pick, "is picked"),
    "recall": StepPage(picking.recall, "is back in its bins"),
    "pack": StepPage(dispatch.pack, "is packed"),
    "dispatch": StepPage(dispatch.dispatch, "is on its way", DispatchForm),
    "deliver": StepPage(delivery.deliver, "is delivered"),
    "complete": StepPage(completion.complete, "is completed"),
    "hold": StepPage(holds.place, "is on hold", ReasonForm),
    "release": StepPage(holds.release, "may go on"),
}


def actor(request: HttpRequest) -> Actor:
    """Whoever is signed in, acting through a page."""
    return Actor.of(request.user)


def take(request: HttpRequest, number: str, name: str) -> HttpResponse:
    """Show what the step will do (GET), or do it (POST)."""
    if name not in PAGES:
        raise Http404
    order = get_object_or_404(Order.objects.visible_to(request.user), number=number)
    shown = PAGES[name]
    form = shown.form(request.POST if request.method == "POST" else None, order=order)
    if request.method == "POST" and form.is_valid():
        try:
            single(shown.step, order.pk, by=actor(request), **form.arguments())
        except DomainError as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, f"{order} {shown.done}.")
        return redirect(order)
    outcomes = _preview(request, order, shown, form)
    context = {
        "order": order,
        "action": BY_NAME[name],
        "form": form,
        "outcomes": outcomes,
        "refusal": outcomes.refused.get(order.pk, "") if outcomes else "",
    }
    return render(request, "orders/step.html", context, status=422 if form.errors else 200)


def _preview(
    request: HttpRequest, order: Order, shown: StepPage, form: StepForm
) -> Outcomes | None:
    """What the step would do now; a step that asks something first is not previewed."""
    if issubclass(shown.form, ReasonForm) or form.is_bound:
        return None
    return preview(shown.step, [order.pk], by=actor(request))


def cancel(request: HttpRequest, number: str) -> HttpResponse:
    """Choose lines and quantities, see exactly what is released and reversed, then cancel."""
    order = found(request, number)
    form = CancelForm(request.POST if request.method == "POST" else None, lines=order.facts.lines)
    outcomes, refusal = None, ""
    if form.is_bound and form.is_valid():
        arguments = {
            "reason": form.cleaned_data["reason"],
            "words": form.cleaned_data["words"],
            "quantities": form.quantities(),
            "by": actor(request),
        }
        if "confirm" in request.POST:
            try:
                single(cancellation.cancel, order.pk, **arguments)
            except DomainError as why:
                refusal = str(why)
            else:
                messages.success(request, f"{order}: what you chose is cancelled.")
                return redirect(order)
        else:
            outcomes = preview(cancellation.cancel, [order.pk], **arguments)
            refusal = outcomes.refused.get(order.pk, "")
    elif not form.is_bound and form.lines:
        outcomes = preview(
            cancellation.cancel, [order.pk], reason="customer_request", by=actor(request)
        )
        refusal = outcomes.refused.get(order.pk, "")
    context = {
        "order": order,
        "form": form,
        "outcomes": outcomes,
        "refusal": refusal,
        "locked": [line for line in order.facts.lines if line.shipped or line.picked],
    }
    return render(request, "orders/cancel.html", context, status=422 if form.errors else 200)


def pay(request: HttpRequest, number: str) -> HttpResponse:
    """Record money that came in for the order."""
    order = found(request, number)
    form = PaymentForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        money = Received(
            order.customer_id,
            order.currency_id,
            form.cleaned_data["amount"],
            form.cleaned_data["reference"],
            order.pk,
        )
        try:
            outcomes = payment.receive([money], by=actor(request))
        except DomainError as refusal:
            form.add_error(None, str(refusal))
        else:
            if outcomes.created:
                messages.success(request, f"The payment is booked on {order}.")
            else:
                messages.warning(request, "A payment of that reference was booked before.")
            return redirect(order)
    context = {"order": order, "form": form}
    return render(request, "orders/payment.html", context, status=422 if form.errors else 200)
