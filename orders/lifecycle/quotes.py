"""Quotes: a draft is offered until a day, and becomes an order at its prices when accepted."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.db.models import Count
from django.utils import timezone
from django.utils.translation import gettext

from config.kernel import sets
from config.kernel.actors import Actor
from config.kernel.reading import whole_date
from config.kernel.steps import Outcomes, reasons, step
from inventory.models import Product
from orders import history
from orders.lifecycle import quoted, searching, submission
from orders.lifecycle.loading import ALWAYS, load, save
from orders.models import Order, OrderEvent, Quote


@dataclass(frozen=True, slots=True)
class Acceptance:
    """What the customer says with a yes: the quote, the PO number, who it was, how many of what."""

    quote: int
    po_number: str = ""
    name: str = ""
    quantities: quoted.Wanted = field(default_factory=dict)  # what is left out stays as offered


@dataclass(frozen=True, slots=True)
class Question:
    """What the customer wants to be different about a quote, and who says so."""

    quote: int
    words: str
    name: str = ""


@step
def send(
    ids: Sequence[int],
    *,
    expires_on: date,
    message: str = "",
    may_change: bool = False,
    by: Actor,
    at: datetime | None = None,
) -> Outcomes:
    """Offer drafts that lack nothing until a day; the offer before is replaced."""
    at, outcomes = at or timezone.now(), Outcomes()
    found = _locked(ids, outcomes, by)
    offered = [order for order in found if _may(order, expires_on, at, outcomes)]
    keys = [order.pk for order in offered]
    _withdraw(keys, at)
    turns = _turns(keys)
    happenings = []
    for order in offered:
        number = f"Q-{order.number.removeprefix('SO-')}-{turns[order.pk] + 1}"
        facts = {"quote": number, "expires_on": expires_on, "may_change": may_change}
        data = {name: history.changed(None, fact) for name, fact in facts.items()}
        happenings.append(history.Happening(order, "quote.sent", data=data, words=message))
    history.record(happenings, by=by, at=at)
    rows = [
        (
            h.order.pk,
            (number := h.data["quote"][1]),
            h.order.version,
            Quote.hashed(Quote.secret(number)),
            message,
            expires_on,
            may_change,
            at,
            by.user_id,
        )
        for h in happenings
    ]
    outcomes.created = [pk for (pk,) in sets.insert(Quote, _COLUMNS, rows, "id")]
    save(offered)
    return outcomes


ASKED, A_DAY, MOST_HEARD = "quote.asked", timedelta(days=1), 5  # messages a day and quote
MAY_ASK = {"open", "expired", "changed"}
ACCEPTED = "The quote was accepted."
_COLUMNS = [
    "order",
    "number",
    "order_version",
    "token_hash",
    "message",
    "expires_on",
    "may_change",
    "sent_at",
    "sent_by",
]


@step
def withdraw(ids: Sequence[int], *, by: Actor, at: datetime | None = None) -> Outcomes:
    """Take the standing offers of drafts back; their links say so from now on."""
    at = at or timezone.now()
    outcomes = Outcomes()
    orders = _locked(ids, outcomes, by)
    standing = Quote.objects.standing().filter(order__in=[order.pk for order in orders])
    quoted = dict(standing.values_list("order", "number"))
    taken = []
    for order in orders:
        if order.pk in quoted:
            taken.append(order)
        else:
            why = gettext("%(order)s has no quote that stands.") % {"order": order}
            outcomes.refuse(order.pk, why)
    _withdraw([order.pk for order in taken], at)
    history.record(
        [
            history.Happening(
                order, "quote.withdrawn", data={"quote": history.changed(quoted[order.pk], None)}
            )
            for order in taken
        ],
        by=by,
        at=at,
    )
    save(taken)
    outcomes.done = [order.pk for order in taken]
    return outcomes


@step
def ask(
    ids: Sequence[int],
    *,
    questions: Mapping[int, Question],
    by: Actor,
    at: datetime | None = None,
) -> Outcomes:
    """Tell whoever sent a quote that its customer wants it changed; the quote stands as it is.

    The words stand beside the event, where they can be erased. So many messages a day reach a
    quote, and no more.
    """
    at = at or timezone.now()
    outcomes = Outcomes()
    orders = _locked(ids, outcomes, by)
    quotes = {q.order_id: q for q in Quote.locked(questions[o.pk].quote for o in orders)}
    lately = OrderEvent.objects.filter(
        order__in=[order.pk for order in orders], type=ASKED, occurred_at__gt=at - A_DAY
    )
    heard = dict(lately.order_by().values_list("order").annotate(n=Count("pk")))
    happenings = []
    for order in orders:
        quote, said = quotes.get(order.pk), questions[order.pk]
        if why := _unheard(order, quote, said, heard.get(order.pk, 0), at):
            outcomes.refuse(order.pk, why)
            continue
        order.facts.offered_by = quote.sent_by_id if quote else None
        words = f"{said.name}: {said.words}" if said.name else said.words
        happenings.append(history.Happening(order, ASKED, words=words))
        outcomes.done.append(order.pk)
    history.record(happenings, by=by, at=at)
    save([happening.order for happening in happenings])
    return outcomes


def _unheard(order: Order, quote: Quote | None, said: Question, heard: int, at: datetime) -> str:
    """Why a message of the customer is not taken, or ''."""
    if quote is None or quote.state(order, at.date()) not in MAY_ASK:
        return gettext("This quote is no longer open; call us instead.")
    if not said.words.strip():
        return gettext("Say what should be different.")
    if heard >= MOST_HEARD:
        return gettext("We have your messages of today and will answer; call us if it is urgent.")
    return ""


@step
def accept(
    ids: Sequence[int],
    *,
    acceptances: Mapping[int, Acceptance],
    by: Actor,
    at: datetime | None = None,
) -> Outcomes:
    """Place the drafts whose quotes are accepted, at the prices they were offered at.

    Quantities that the customer changed, where that is allowed, are priced anew at these prices.
    One that expired, was replaced, or whose draft was changed since, says so and changes nothing.
    """
    at = at or timezone.now()
    outcomes = Outcomes()
    orders = _locked(ids, outcomes, by)
    quotes = {q.order_id: q for q in Quote.locked(acceptances[o.pk].quote for o in orders)}
    said_of = {order.pk: acceptances[order.pk] for order in orders}
    for order in orders:
        order.po_number = said_of[order.pk].po_number or order.po_number
    products = _products(orders, said_of)
    taken = [
        order
        for order in orders
        if _agrees(order, quotes.get(order.pk), at, outcomes)
        and _may_have(order, quotes[order.pk], said_of[order.pk], products, outcomes)
    ]
    happenings = [_taken(order, quotes[order.pk], said_of[order.pk], at) for order in taken]
    history.record(happenings, by=by, at=at)
    sets.update(Quote, ["accepted_at"], [quotes[order.pk] for order in taken])
    quoted.write([happening.order for happening in happenings if "lines" in happening.data])
    sets.update(Order, [*ALWAYS, "po_number"], taken)
    searching.write_words(order.pk for order in taken)
    placed = submission.submit([order.pk for order in taken], by=by, reason=ACCEPTED, at=at)
    outcomes.done, outcomes.effects = placed.done, placed.effects
    outcomes.refused |= placed.refused
    return outcomes


def _taken(order: Order, quote: Quote, said: Acceptance, at: datetime) -> history.Happening:
    """The quote accepted, in memory, with what was said at it."""
    quote.accepted_at = at
    order.facts.offered_by = quote.sent_by_id
    data = {"quote": history.changed("open", "accepted"), "number": quote.number}
    data |= quoted.apply(order, said.quantities)
    words = f"{said.name} accepted {quote}." if said.name else ""
    return history.Happening(order, "quote.accepted", data=data, words=words)


def _products(orders: Sequence[Order], said: Mapping[int, Acceptance]) -> dict[int, Product]:
    """The items of which the customer may want other quantities."""
    keys = {x.product_id for o in orders if said[o.pk].quantities for x in o.facts.lines}
    return sets.by_key(Product, keys) if keys else {}


def _locked(ids: Sequence[int], outcomes: Outcomes, by: Actor) -> list[Order]:
    orders = load(ids, by=by)
    for pk in set(ids) - {order.pk for order in orders}:
        outcomes.refuse(pk, gettext("There is no such order."))
    for order in orders:
        order.facts.reason = None  # a quote is its own reason
    return orders


def _may(order: Order, expires_on: date, at: datetime, outcomes: Outcomes) -> bool:
    """Only what could be placed now is offered; the PO number comes with the customer's yes."""
    order.facts.is_offered = True
    why = " ".join(reasons(order, Order.submit))
    if not why and expires_on < at.date():
        why = gettext("A quote cannot expire on %(day)s: that day has passed.") % {
            "day": whole_date(expires_on)
        }
    if why:
        outcomes.refuse(order.pk, why)
    else:
        outcomes.done.append(order.pk)
    return not why


def _agrees(order: Order, quote: Quote | None, at: datetime, outcomes: Outcomes) -> bool:
    """Whether the quote stands and its draft may be placed."""
    if quote is None:
        outcomes.refuse(order.pk, gettext("There is no such quote."))
        return False
    why = quote.refusal(order, at.date()) or " ".join(reasons(order, Order.submit))
    if why:
        outcomes.refuse(order.pk, why)
    return not why


def _may_have(
    order: Order,
    quote: Quote,
    said: Acceptance,
    products: Mapping[int, Product],
    outcomes: Outcomes,
) -> bool:
    """Whether the quantities that the customer wants can be had."""
    why = quoted.objection(order, quote, said.quantities, products)
    if why:
        outcomes.refuse(order.pk, why)
    return not why


def _withdraw(orders: Sequence[int], at: datetime) -> None:
    """End the offers that stand; their orders are locked."""
    standing = Quote.objects.filter(order__in=orders, accepted_at=None, withdrawn_at=None)
    standing.update(withdrawn_at=at)


def _turns(orders: Sequence[int]) -> dict[int, int]:
    """How often each draft was offered before."""
    counted: dict[int, int] = defaultdict(int)
    rows = Quote.objects.filter(order__in=orders).order_by().values("order")
    counted |= dict(rows.annotate(n=Count("pk")).values_list("order", "n"))
    return counted
