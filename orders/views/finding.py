"""One finding of the inbox: its facts and ways out, who has it, and the decision."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from config.kernel import typed
from config.kernel.actors import Actor
from config.kernel.errors import DomainError
from config.kernel.reading import amount, closed
from config.kernel.steps import Outcomes, preview, single
from orders import remedies
from orders.forms.inbox import ResolveForm
from orders.lifecycle import amendment, ownership, reexamination
from orders.lifecycle import review as reviewing
from orders.lifecycle.amendment import Operation
from orders.lifecycle.amendment.operations import Kind
from orders.models import Order, OrderException
from orders.scope import visible
from orders.views.inbox import narrowed, queue, team_of

READING = "orders.view_order"
PERMISSIONS = {"waive": "orders.waive_exception", "recheck": "orders.recheck_order"}


@dataclass(frozen=True, slots=True)
class Option:
    """One way to settle a finding here, with its consequence or what stands in its way."""

    name: str
    title: str
    then: str
    why_not: str = ""


def _found(request: HttpRequest, pk: int) -> OrderException:
    rows = visible(OrderException.objects.all(), request.user).select_related(
        "order", "order__customer", "order__created_by", "owner", "looked_at_by", "waived_by"
    )
    return get_object_or_404(rows, pk=pk)


def finding(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a finding (GET), say what a decision would lead to, or take it (POST)."""
    row = _found(request, pk)
    shown = remedies.review(row.order)
    by = Actor.of(request.user)
    if request.method != "POST":
        if request.user.has_perm("orders.own_exception"):
            ownership.look_at(row.pk, by=by)
        return _page(request, row, shown, ResolveForm(shown=shown, by=by))
    form = ResolveForm(request.POST, shown=shown, by=by)
    if "preview" in request.POST:
        form.is_valid()
        then = _then(request, row.order, form.cleaned_data.get("decision", ""), form.chosen())
        return render(request, "orders/_then.html", {"then": then})
    if row.status != OrderException.Status.OPEN:
        return _page(request, row, shown, form, status=409)
    _may_decide(request)
    if form.is_valid():
        try:
            return _settle(request, row, form)
        except DomainError as refusal:
            form.add_error(None, str(refusal))
    return _page(request, row, shown, form, status=422)


def _may_decide(request: HttpRequest) -> None:
    """Only whoever may take the decision at all is told what stands in its way."""
    if not request.user.has_perm(PERMISSIONS.get(request.POST.get("decision", ""), READING)):
        raise PermissionDenied


def _settle(request: HttpRequest, row: OrderException, form: ResolveForm) -> HttpResponse:
    """Do what was decided and go to the next finding; stay when nothing has come of it."""
    order, decision, by = row.order, form.cleaned_data["decision"], Actor.of(request.user)
    if decision == "waive":
        reason, chosen = form.cleaned_data["reason"], form.chosen()
        single(reviewing.waive, order.pk, reason=reason, exceptions=chosen, by=by)
        messages.success(request, gettext("%(order)s: what you chose may pass.") % {"order": order})
        return redirect(_next(request, row))
    outcomes = single(reexamination.reexamine, order.pk, by=by)
    if not outcomes.done:
        messages.warning(
            request,
            gettext("%(order)s: nothing has changed; it is as it was found.") % {"order": order},
        )
        return redirect(_address(request, row.pk))
    messages.success(request, f"{order}: {_words(outcomes)}.")
    row.refresh_from_db(fields=["status"])
    stays = row.status == OrderException.Status.OPEN
    return redirect(_address(request, row.pk) if stays else _next(request, row))


@require_POST
def raise_price(request: HttpRequest, pk: int) -> HttpResponse:
    """Set the price of the line to the lowest that passes; stay while more is to be decided."""
    row, by = _found(request, pk), Actor.of(request.user)
    form = ResolveForm(request.POST, shown=remedies.review(row.order), by=by)
    try:
        done = _made_dearer(row, form, by=by)
    except DomainError as refusal:
        messages.error(request, str(refusal))
        return redirect(_address(request, pk))
    words = gettext("%(order)s is amended and checked again: %(what)s.")
    messages.success(request, words % {"order": row.order, "what": done})
    last = len(form.situations) == 1
    return redirect(_next(request, row) if last else _address(request, pk))


def _made_dearer(row: OrderException, form: ResolveForm, *, by: Actor) -> str:
    """Amend the line that the finding is about, as it was read; what was done to it."""
    found = (each for each in form.situations if each.row.pk == row.pk and each.dearer)
    situation = next(found, None)
    way = situation.dearer if situation else None
    if situation is None or way is None:
        raise DomainError(gettext("That price passes now: check again."))
    if why := form.changed_since_read(situation):
        raise DomainError(why)
    [line] = way.units
    operation = Operation(Kind.SET_PRICE, line=line, unit_price=way.amount)
    asked = {"operations": {row.order_id: [operation]}, "reason": "price_agreed"}
    single(amendment.amend, row.order_id, by=by, **asked)
    return way.title


def _words(outcomes: Outcomes) -> str:
    """What looking again has led to."""
    verbs = {
        "resolve": gettext("“%(what)s” is solved"),
        "find": gettext("“%(what)s” is new"),
        "advance": "%(what)s",
    }
    return ", ".join(verbs[effect.kind] % {"what": effect.what} for effect in outcomes.effects)


def _then(
    request: HttpRequest, order: Order, decision: str, chosen: Collection[int]
) -> tuple[str, str]:
    """What the decision leads to, from a preview of its step: a tone and a sentence."""
    by = Actor.of(request.user)
    if decision == "recheck":
        outcomes = preview(reexamination.reexamine, [order.pk], by=by)
        words = _words(outcomes) or gettext("nothing has changed; it stays as it is")
        return _answer(order, outcomes, f"{words[0].upper()}{words[1:]}.")
    if not chosen:
        return "amber", gettext("Choose the findings that may pass.")
    outcomes = preview(reviewing.waive, [order.pk], reason="preview", exceptions=chosen, by=by)
    commit = next((effect for effect in outcomes.effects if effect.kind == "commit"), None)
    if commit is not None and commit.amount is not None:
        words = gettext(
            "%(order)s is validated and %(amount)s stand on the credit; stock is allocated next."
        ) % {
            "order": order,
            "amount": amount(commit.amount, order.currency_id, order.minor_units),
        }
    elif order.facts.holds:
        words = gettext("The finding passes, and %(order)s stays on hold: %(reason)s") % {
            "order": order,
            "reason": closed(order.facts.holds[0].reason),
        }
    elif order.status == "in_review":
        words = gettext("%(order)s stays in review: other findings are still open.") % {
            "order": order
        }
    else:
        words = gettext("%(order)s may go on from “%(state)s”.") % {
            "order": order,
            "state": order.get_status_display(),
        }
    return _answer(order, outcomes, words)


def _answer(order: Order, outcomes: Outcomes, words: str) -> tuple[str, str]:
    why = outcomes.refused.get(order.pk)
    return ("red", why) if why else ("neutral", words)


def _page(
    request: HttpRequest,
    row: OrderException,
    shown: remedies.Review,
    form: ResolveForm,
    status: int = 200,
) -> HttpResponse:
    """The inbox with this finding beside it."""
    is_open = row.status == OrderException.Status.OPEN
    situations = sorted(shown.situations, key=lambda each: each.row.pk != row.pk)
    options = _options(request, situations, form.why_not.get(row.pk, ""))
    usable = [option.name for option in options if not option.why_not]
    decision = form["decision"].value() or next(iter(usable), "")
    asked = form["exceptions"].value() or [row.pk]
    chosen = [pk for each in asked if (pk := typed.key(str(each))) is not None]
    context = queue(request) | {
        "current": row,
        "order": row.order,
        "review": shown,
        "situations": situations,
        "is_open": is_open,
        "form": form,
        "options": options,
        "decision": decision,
        "chosen": chosen,
        "permitted": _permitted(request, situations),
        "then": _then(request, row.order, decision, chosen) if usable and is_open else None,
        "team": team_of(row) if request.user.has_perm("orders.own_exception") else [],
        "looked_at": row.is_looked_at_by_others(request.user.pk),
        "previous": _neighbour(request, row, later=False),
        "next": _neighbour(request, row, later=True),
    }
    return render(request, "orders/inbox.html", context, status=status)


def _permitted(request: HttpRequest, situations: Sequence[remedies.Situation]) -> set[str]:
    """The permissions behind the ways out that this reviewer has."""
    ways = [way for each in situations for way in each.remedies]
    needed = {name for way in ways for name in (way.permission, way.besides)} - {""}
    return {"", *(name for name in needed if request.user.has_perm(name))}


def _options(
    request: HttpRequest, situations: Sequence[remedies.Situation], why_not_waived: str
) -> list[Option]:
    """Letting pass and checking again, the likelier one first."""
    no_right = gettext("Your role does not include this.")
    gone = any(each.is_gone for each in situations)
    waive = Option(
        "waive",
        gettext("Let it pass, once, for this order"),
        gettext("It counts for these figures; when they change, it is asked about again."),
        why_not_waived or ("" if request.user.has_perm(PERMISSIONS["waive"]) else no_right),
    )
    recheck = Option(
        "recheck",
        gettext("Check again"),
        gettext("What is no longer the case closes; with nothing left the order goes on."),
        "" if request.user.has_perm(PERMISSIONS["recheck"]) else no_right,
    )
    return [recheck, waive] if gone or waive.why_not else [waive, recheck]


def _neighbour(request: HttpRequest, row: OrderException, *, later: bool) -> str:
    """The address of the finding before or after this one in the queue; '' at its end."""
    side, sign = ("gt", "") if later else ("lt", "-")
    beyond = Q(**{f"opened_at__{side}": row.opened_at})
    beyond |= Q(**{"opened_at": row.opened_at, f"pk__{side}": row.pk})
    rows = narrowed(request).filter(beyond).order_by(f"{sign}opened_at", f"{sign}pk")
    found = rows.values_list("pk", flat=True).first()
    return _address(request, found) if found else ""


def _next(request: HttpRequest, row: OrderException) -> str:
    """Where to go from a finding that is settled: the next one, else the first, else the inbox."""
    if following := _neighbour(request, row, later=True):
        return following
    rows = narrowed(request).exclude(pk=row.pk).order_by("opened_at", "pk")
    first = rows.values_list("pk", flat=True).first()
    return _address(request, first) if first else _kept(request, reverse("orders:review"))


def _address(request: HttpRequest, pk: int) -> str:
    return _kept(request, reverse("orders:finding", args=[pk]))


def _kept(request: HttpRequest, address: str) -> str:
    """The address with the filters of the inbox."""
    return f"{address}?{request.GET.urlencode()}" if request.GET else address


def owner(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a finding, give it to somebody, or give it back to its team."""
    row = _found(request, pk)
    if request.method == "POST":
        who = request.POST.get("owner", "")
        chosen = request.user.pk if who == "me" else typed.key(who)
        arguments: dict[str, Any] = {"owner": chosen, "exceptions": [row.pk]}
        try:
            single(ownership.own, row.order_id, by=Actor.of(request.user), **arguments)
        except DomainError as refusal:
            messages.error(request, str(refusal))
    return redirect(_address(request, row.pk))


def looking(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep saying that one looks at a finding; answer who else does."""
    ownership.look_at(pk, by=Actor.of(request.user))
    row = _found(request, pk)
    others = row.is_looked_at_by_others(request.user.pk)
    return render(request, "orders/_looking.html", {"current": row, "looked_at": others})
