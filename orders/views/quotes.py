"""Quotes: offered from a draft, followed in a list, read and accepted by the customer."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.mail import EmailMessage
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from config.kernel.actors import Actor
from config.kernel.errors import DomainError
from config.kernel.lists import Sort, capped, page
from config.kernel.steps import single
from orders.forms.quotes import AcceptForm, AskForm, QuoteForm
from orders.lifecycle import quoted
from orders.lifecycle import quotes as lifecycle
from orders.lifecycle.estimates import estimate
from orders.lifecycle.quotes import Acceptance, Question
from orders.models import Order, OrderLine, Quote
from orders.models.quotes import STATES
from orders.scope import visible
from orders.views.steps import actor

log = logging.getLogger(__name__)
VALID_DAYS = 14
CUSTOMER = Actor("customer", "ui")
VIEWS = ("open", "expired", "accepted", "withdrawn")


def _mine(request: HttpRequest) -> QuerySet[Order]:
    """The orders within one's scope."""
    found: QuerySet[Order] = Order.objects.visible_to(request.user)
    return found.select_related("customer")


def index(request: HttpRequest) -> HttpResponse:
    """The quotes that stand, ran out, were accepted or taken back."""
    chosen = request.GET.get("state", "open")
    chosen = chosen if chosen in VIEWS else "open"
    mine = visible(Quote.objects.all(), request.user)
    rows = getattr(mine, chosen)().select_related("order__customer", "sent_by")
    context = {
        "page": page(rows, request.GET, {"newest": Sort(_("Newest first"))}),
        "tabs": [(name, STATES[name], capped(getattr(mine, name)())) for name in VIEWS],
        "chosen": chosen,
    }
    return render(request, "orders/quotes.html", context)


def quote(request: HttpRequest, number: str) -> HttpResponse:
    """The offer of one draft: send it, send it anew, take it back, turn it into an order."""
    order = get_object_or_404(_mine(request), number=number)
    form = QuoteForm(request.POST if "send" in request.POST else None)
    form.fields["expires_on"].initial = timezone.localdate() + timedelta(days=VALID_DAYS)
    if request.method == "POST" and ("send" not in request.POST or form.is_valid()):
        return _take(request, order, form)
    current = order.quotes.first()
    state = current.state(order, timezone.localdate()) if current else ""
    context = {
        "order": order,
        "lines": order.lines.all(),
        "form": form,
        "current": current,
        "state": state,
        "state_label": STATES.get(state, ""),
        "refusal": current.refusal(order, timezone.localdate()) if current else "",
        "earlier": list(order.quotes.all()[1:]),
        "link": request.build_absolute_uri(current.get_public_url()) if current else "",
    }
    return render(request, "orders/quote.html", context, status=422 if form.errors else 200)


def _take(request: HttpRequest, order: Order, form: QuoteForm) -> HttpResponse:
    """Send, withdraw or accept, and say what came of it."""
    by = actor(request)
    try:
        if "send" in request.POST:
            single(lifecycle.send, order.pk, by=by, **form.cleaned_data)
            _mail(request, order)
        elif "withdraw" in request.POST:
            single(lifecycle.withdraw, order.pk, by=by)
            messages.success(request, gettext("The quote is withdrawn; its link says so."))
        else:
            if not request.user.has_perm("orders.submit_order"):
                raise PermissionDenied
            said = {order.pk: Acceptance(_latest(order).pk)}
            single(lifecycle.accept, order.pk, acceptances=said, by=by)
            messages.success(
                request,
                gettext("%(order)s is placed at the prices of its quote.") % {"order": order},
            )
            return redirect(order)
    except DomainError as refusal:
        messages.error(request, str(refusal))
    return redirect("orders:quote", order.number)


def _mail(request: HttpRequest, order: Order) -> None:
    """Send the customer the link of the quote that stands, and say whether it is on its way."""
    to, found = order.customer.email, _latest(order)
    if not to:
        messages.success(request, gettext("The quote stands. Send the customer its link."))
        return
    context = {
        "quote": found,
        "order": order,
        "link": request.build_absolute_uri(found.get_public_url()),
        "company": settings.COMPANY_NAME,
    }
    named = {"quote": found, "company": settings.COMPANY_NAME}
    answers = [found.sent_by.email] if found.sent_by and found.sent_by.email else []
    mail = EmailMessage(
        gettext("Quote %(quote)s from %(company)s") % named,
        render_to_string("orders/quote_mail.txt", context),
        to=[to],
        reply_to=answers,
    )
    try:
        mail.send()
    except OSError as error:
        log.warning("The mail of %s could not be sent: %s", found, error)
        words = gettext("The quote stands, but no mail could be sent: hand the link over yourself.")
        messages.warning(request, words)
    else:
        words = gettext("The quote stands. Its link is on its way to %(email)s.")
        messages.success(request, words % {"email": to})


def _latest(order: Order) -> Quote:
    found: Quote | None = order.quotes.first()
    if found is None:
        raise Http404
    return found


def paper(request: HttpRequest, number: str) -> HttpResponse:
    """The latest quote of an order on paper."""
    order = get_object_or_404(_mine(request), number=number)
    lines = list(order.lines.select_related("product"))
    return render(request, "orders/quote_paper.html", _shown(_latest(order), order, lines))


def offer(request: HttpRequest, secret: str) -> HttpResponse:
    """What the customer sees by the link alone: items, total, validity, and the button to order."""
    found = get_object_or_404(
        Quote.objects.select_related("order__customer__sales_rep", "order__currency", "sent_by"),
        token_hash=Quote.hashed(secret),
    )
    order = found.order
    lines = list(order.lines.select_related("product"))
    question = AskForm(request.POST if "ask" in request.POST else None)
    if question.is_bound and _asked(question, found):
        return redirect(f"{found.get_public_url()}?asked=1#ask")
    form = AcceptForm(
        request.POST if request.method == "POST" and not question.is_bound else None,
        lines=lines if found.may_change else [],
        needs_po_number=order.customer.needs_po_number,
        initial={"po_number": order.po_number},
    )
    told = False
    if form.is_bound:
        if "look" in request.POST:
            form.look()
        told = _tell(form, found, lines)
        seen = not told or request.POST.get("seen") == str(order.grand_total)
        if "look" not in request.POST and not form.errors and seen and _accepted(form, found):
            return redirect("orders:offer", secret)
    shown = _shown(found, order, lines)
    context = {
        **shown,
        "form": form,
        "question": question,
        "asked": "asked" in request.GET,
        "may_ask": shown["state"] in lifecycle.MAY_ASK,
        "rep": found.sent_by or order.customer.sales_rep,
        "rows": [(*each, form.field_of(each[0])) for each in shown["lines"]],
        "told": told,
        "seen": str(order.grand_total),
    }
    failed = bool(form.errors or question.errors)
    return render(request, "orders/offer.html", context, status=422 if failed else 200)


def _tell(form: AcceptForm, found: Quote, lines: list[OrderLine]) -> bool:
    """Work out in memory what other quantities come to; whether there are any that may be had."""
    form.is_valid()
    order, wanted = found.order, form.quantities()
    order.facts.lines = lines
    products = {line.product_id: line.product for line in lines}
    if why := quoted.objection(order, found, wanted, products):
        form.add_error(None, why)
        return False
    return bool(quoted.apply(order, wanted))


def _asked(question: AskForm, found: Quote) -> bool:
    """Hand on what the customer wants changed; or say on the form why that is not possible."""
    if not question.is_valid():
        return False
    said = Question(found.pk, question.cleaned_data["words"], question.cleaned_data["who"])
    try:
        single(lifecycle.ask, found.order_id, questions={found.order_id: said}, by=CUSTOMER)
    except DomainError as refusal:
        question.add_error(None, str(refusal))
    return not question.errors


def _accepted(form: AcceptForm, found: Quote) -> bool:
    """Place the order; or say on the form why that is not possible."""
    data, order = form.cleaned_data, found.order
    yes = Acceptance(found.pk, data["po_number"], data["name"], form.quantities())
    try:
        single(lifecycle.accept, order.pk, acceptances={order.pk: yes}, by=CUSTOMER)
    except DomainError as refusal:
        form.add_error(None, str(refusal))
    return not form.errors


def _shown(found: Quote, order: Order, lines: Sequence[OrderLine]) -> dict[str, Any]:
    today = timezone.localdate()
    items = [(line.product, line.ordered) for line in lines]
    served = estimate(items, country=order.ship_to_country, today=today)
    wanted = [each for line, each in zip(lines, served, strict=True) if line.ordered]
    days = [each.last_on for each in wanted if each.last_on]
    return {
        "quote": found,
        "order": order,
        "lines": list(zip(lines, served, strict=True)),
        "promised_on": max(days, default=None),
        "state": found.state(order, today),
        "refusal": found.refusal(order, today),
        "company": settings.COMPANY_NAME,
    }
