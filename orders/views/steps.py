"""The steps of an order as pages: see what one will do, do it, or read why not."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from config.kernel import typed
from config.kernel.actors import Actor
from config.kernel.errors import DomainError
from config.kernel.steps import Outcomes, Step, preview, single
from finance.services.payments import Received
from orders.forms.findings import WaiveForm
from orders.forms.steps import (
    AssignForm,
    DispatchForm,
    HoldForm,
    LabelForm,
    PaymentForm,
    ReasonForm,
    ReleaseForm,
    StepForm,
)
from orders.lifecycle import (
    completion,
    delivery,
    dispatch,
    holds,
    labels,
    packing,
    payment,
    picking,
    processing,
    reassignment,
    review,
    submission,
    validation,
)
from orders.lifecycle.actions import BY_NAME, asks_why
from orders.lifecycle.loading import attach
from orders.models import Order
from orders.views.back import origin
from orders.views.order import back, found


@dataclass(frozen=True, slots=True)
class StepPage:
    """A step as a page: what runs, what it asks, what is said when it is done."""

    step: Step
    done: StrOrPromise
    form: type[StepForm] = StepForm
    arguments: dict[str, Any] = field(default_factory=dict)
    template: str = "orders/step.html"


PAGES = {
    "submit": StepPage(submission.submit, _("%(order)s is placed.")),
    "recheck": StepPage(review.recheck, _("%(order)s is being checked again.")),
    "validate": StepPage(validation.validate, _("%(order)s has been checked.")),
    "label": StepPage(labels.put, _("%(order)s has its label."), LabelForm),
    "waive": StepPage(
        review.waive,
        _("%(order)s is freed of what you let pass."),
        WaiveForm,
        template="orders/waive.html",
    ),
    "process": StepPage(processing.process, _("%(order)s has its stock.")),
    "assign": StepPage(reassignment.assign, _("%(order)s is served from there."), AssignForm),
    "pick": StepPage(picking.pick, _("%(order)s is picked.")),
    "recall": StepPage(picking.recall, _("%(order)s is back in its bins.")),
    "pack": StepPage(packing.pack, _("%(order)s is packed.")),
    "dispatch": StepPage(dispatch.dispatch, _("%(order)s is on its way."), DispatchForm),
    "deliver": StepPage(delivery.deliver, _("%(order)s is delivered.")),
    "complete": StepPage(completion.complete, _("%(order)s is completed.")),
    "hold": StepPage(
        holds.place, _("%(order)s is on hold."), HoldForm, template="orders/hold.html"
    ),
    "release": StepPage(
        holds.release,
        _("%(order)s is free of the hold."),
        ReleaseForm,
        template="orders/release.html",
    ),
}


def actor(request: HttpRequest) -> Actor:
    """Whoever is signed in, acting through a page."""
    return Actor.of(request.user)


def say_who_is_told(request: HttpRequest, done: Outcomes, order: Order) -> None:
    """Say that a mail to the customer is on its way, if the step wrote one."""
    if told := getattr(done, "messages", {}).get(order.pk):
        words = gettext("The customer is told by mail to %(recipient)s.")
        messages.success(request, words % {"recipient": told.recipient})


def take(request: HttpRequest, number: str, name: str) -> HttpResponse:
    """Show what the step will do (GET), or do it (POST)."""
    if name not in PAGES:
        raise Http404
    order = get_object_or_404(Order.objects.visible_to(request.user), number=number)
    attach([order])
    order.facts.by = actor(request)
    shown = PAGES[name]
    kind = ReasonForm if shown.form is StepForm and asks_why(order, BY_NAME[name]) else shown.form
    form = kind(request.POST if request.method == "POST" else None, order=order)
    if request.method == "POST" and "preview" not in request.POST and form.is_valid():
        try:
            single(shown.step, order.pk, by=actor(request), **form.arguments())
        except DomainError as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, str(shown.done) % {"order": order})
        return back(request, order)
    outcomes = _preview(request, order, shown, form)
    context = {
        "order": order,
        "action": BY_NAME[name],
        "form": form,
        "outcomes": outcomes,
        "refusal": outcomes.refused.get(order.pk, "") if outcomes else "",
    }
    return render(request, shown.template, context, status=422 if form.errors else 200)


def _preview(
    request: HttpRequest, order: Order, shown: StepPage, form: StepForm
) -> Outcomes | None:
    """What the step would do now, with what was typed or with what can be foreseen of it."""
    if form.is_bound:
        arguments = form.arguments() if form.is_valid() else None
    else:
        arguments = form.foreseen()
    if arguments is None:
        return None
    return preview(shown.step, [order.pk], by=actor(request), **arguments)


def pay(request: HttpRequest, number: str) -> HttpResponse:
    """Record money that came in for the order; the form opens with what an address names."""
    order = found(request, number)
    initial = {"amount": typed.named(request.GET.get("amount", ""))}
    form = PaymentForm(request.POST if request.method == "POST" else None, initial=initial)
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
                messages.success(
                    request, gettext("The payment is booked on %(order)s.") % {"order": order}
                )
            else:
                words = gettext("A payment of that reference was booked before.")
                messages.warning(request, words)
            return back(request, order)
    context = {"order": order, "form": form, "next": origin(request)}
    return render(request, "orders/payment.html", context, status=422 if form.errors else 200)
