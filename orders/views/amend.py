"""Amending an order: what may change, what that does, and what others changed meanwhile."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.db.models import Max
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext

from config.kernel.errors import DomainError, StaleVersion
from config.kernel.steps import single
from orders.forms.amend import Added, AddedFormSet, AmendForm, Conflict
from orders.lifecycle import amendment
from orders.lifecycle.amendment import Operation, Plan, locked, why_locked
from orders.lifecycle.findings import against_waiving
from orders.lifecycle.giving_back import look_into_boxes
from orders.lifecycle.messages import Message
from orders.lifecycle.policies import Policies
from orders.models import Amendment, FieldGroup, Order, OrderEvent, OrderException, OrderLine
from orders.neighbours import in_list
from orders.views.back import origin
from orders.views.order import found
from orders.views.steps import actor, say_who_is_told
from orders.views.timeline import people

WAIVE = "orders.waive_exception"


@dataclass(slots=True)
class Desk:
    """The page as it is worked on: the order, what is locked of it, and the forms."""

    order: Order
    locks: dict[str, str]
    version: int
    form: AmendForm
    added: Added
    refusal: str = ""
    plan: Plan | None = None
    stale: str = ""
    message: Message | None = None

    @property
    def is_valid(self) -> bool:
        """Whether everything typed can be read."""
        return self.form.is_valid() and self.added.is_valid()

    def operations(self) -> list[Operation]:
        """Everything that was typed, as operations."""
        rows = [operation for form in self.added if (operation := form.operation())]
        return self.form.operations() + rows


def amend(request: HttpRequest, number: str) -> HttpResponse:
    """Change a placed order: look at what it does (preview), then apply it as the next version."""
    desk = _desk(request, found(request, number))
    if request.method != "POST":
        return _page(request, desk)
    if desk.is_valid and "apply" in request.POST and (done := _apply(request, desk)):
        return done
    if desk.is_valid:
        _foresee(request, desk)
    if request.headers.get("HX-Request"):
        return render(request, "orders/_amend_plan.html", _context(request, desk))
    return _page(request, desk)


def _desk(request: HttpRequest, order: Order) -> Desk:
    data = request.POST if request.method == "POST" else None
    look_into_boxes([order])
    policies = Policies.of_amendments([order], actor(request))
    locks = {group.value: policies.against_amending(order, group) for group in FieldGroup}
    asks = policies.wants_reason(order, locks) and (data is None or "apply" in data)
    form = AmendForm(
        data,
        order=order,
        locks=locks,
        key=uuid4().hex,
        named=request.GET.dict(),
        asks_reason=asks,
    )
    made = Amendment.objects.applied().filter(order=order).aggregate(last=Max("version_to"))
    return Desk(order, locks, (made["last"] or 1) + 1, form, AddedFormSet(data, prefix="added"))


def _applied_before(desk: Desk) -> bool:
    """Whether this very form was sent before; sending it again changes nothing."""
    sent = Amendment.objects.applied().filter(order=desk.order)
    return sent.filter(key=desk.form.cleaned_data["key"]).exists()


def _apply(request: HttpRequest, desk: Desk) -> HttpResponse | None:
    """Apply what was typed and go on, or show both sides; a refusal is kept on the desk."""
    order = desk.order
    if not _applied_before(desk):
        if conflicts := desk.form.conflicts():
            return _conflict(request, desk, conflicts)
        try:
            done = single(amendment.amend, order.pk, by=actor(request), **_given(request, desk))
        except StaleVersion as stale:
            desk.stale = str(stale)
            return None
        except DomainError as refusal:
            desk.refusal = str(refusal)
            return None
        words = gettext("%(order)s is amended: version %(version)s.")
        messages.success(request, words % {"order": order, "version": desk.version})
        say_who_is_told(request, done, order)
    shown = f"{reverse('orders:versions', args=[order.number])}{in_list(request)}"
    return redirect(origin(request) or shown)


def _given(request: HttpRequest, desk: Desk) -> dict[str, Any]:
    """What the step is called with."""
    given = desk.form.cleaned_data
    return {
        "operations": {desk.order.pk: desk.operations()},
        "tell": given.get("tell", False),
        "waive": request.POST.getlist("waive") if request.user.has_perm(WAIVE) else [],
        **{name: given[name] for name in ("reason", "words", "version", "plan_hash", "key")},
    }


def _foresee(request: HttpRequest, desk: Desk) -> None:
    """What it would do, on the desk."""
    operations = desk.operations()
    if not operations:
        return
    given = desk.form.cleaned_data
    outcomes = amendment.plan(
        desk.order.pk,
        operations,
        by=actor(request),
        reason=given["reason"] or "customer_request",
        tell=given.get("tell", False),
    )
    desk.message = outcomes.messages.get(desk.order.pk)
    desk.plan = outcomes.plans.get(desk.order.pk)
    desk.refusal = desk.refusal or outcomes.refused.get(desk.order.pk, "")


def _page(request: HttpRequest, desk: Desk) -> HttpResponse:
    status = 409 if desk.stale else 422 if request.method == "POST" and not desk.is_valid else 200
    return render(request, "orders/amend.html", _context(request, desk), status=status)


def _context(request: HttpRequest, desk: Desk) -> dict[str, Any]:
    forms = [desk.form, *desk.added]
    plan = desk.plan
    totals = plan.lines if plan else {}
    return {
        "order": desk.order,
        "version": desk.version,
        "form": desk.form,
        "added": desk.added,
        "forms": forms,
        "rows": [_row(desk, line, totals.get(line.pk)) for line in desk.order.facts.lines],
        "address": [bound for bound in desk.form if bound.name.startswith("ship_to_")],
        "opens_address": any(name.startswith("ship_to_") for name in desk.form.proposed),
        "locks": list(dict.fromkeys(words for words in desk.locks.values() if words)),
        "may_add": not desk.locks[FieldGroup.LINES],
        "findings": [(row, _withheld(request, desk, row)) for row in plan.findings] if plan else [],
        "waived": request.POST.getlist("waive"),
        "plan": plan,
        "told": desk.message,
        "tells": desk.form.is_bound and desk.form.cleaned_data.get("tell", False),
        "refusal": desk.refusal,
        "stale": desk.stale,
        "next": origin(request),
    }


def _withheld(request: HttpRequest, desk: Desk, row: OrderException) -> str:
    """Why whoever looks may not let a finding pass with the amendment, or ''."""
    if not request.user.has_perm(WAIVE):
        return gettext("Somebody who may let findings pass has to apply it.")
    return against_waiving(desk.order, row, actor(request))


def _row(desk: Desk, line: OrderLine, total: Any) -> dict[str, Any]:
    """One line of the order: what may change of it, and what is locked and why."""
    form, held = desk.form, why_locked(desk.order, line)
    return {
        "line": line,
        "wanted": line.ordered - line.cancelled,
        "held": held,
        "least": locked(desk.order, line),
        "quantity": form.bound_or_none(f"quantity-{line.pk}"),
        "price": form.bound_or_none(f"price-{line.pk}"),
        "discount": form.bound_or_none(f"discount-{line.pk}"),
        "warehouse": form.bound_or_none(f"warehouse-{line.pk}"),
        "site": form.now[f"warehouse-{line.pk}"],
        "day": form.bound_or_none(f"day-{line.pk}"),
        "parts": form.bound_or_none(f"parts-{line.pk}"),
        "opens_days": form.now[f"parts-{line.pk}"] or _has_errors(form, line),
        "wanted_by": line.requested_on,
        "remove": form.bound_or_none(f"remove-{line.pk}"),
        "total": line.line_total - line.cancelled_amount if total is None else total,
        "changed": total is not None and total != line.line_total - line.cancelled_amount,
    }


def _has_errors(form: AmendForm, line: OrderLine) -> bool:
    return bool({f"day-{line.pk}", f"parts-{line.pk}"} & form.errors.keys())


def _conflict(request: HttpRequest, desk: Desk, conflicts: list[Conflict]) -> HttpResponse:
    """Somebody else was faster: both sides, and what is kept of each."""
    chosen = {conflict.name for conflict in conflicts}
    own = {"csrfmiddlewaretoken", "apply", "preview", "plan_hash", *desk.form.rebased()}
    carried = [
        (name, value)
        for name, values in request.POST.lists()
        for value in values
        if name not in chosen | own
    ]
    last = OrderEvent.objects.filter(order=desk.order).order_by("-seq").first()
    context = {
        "order": desk.order,
        "version": desk.version,
        "conflicts": conflicts,
        "editable": set(desk.form.fields),
        "carried": [*carried, *desk.form.rebased().items()],
        "who": people([last]).get(last.actor, gettext("The system"))
        if last
        else gettext("Somebody"),
        "at": last.occurred_at if last else None,
    }
    return render(request, "orders/amend_conflict.html", context, status=409)
