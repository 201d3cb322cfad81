"""Cancellation: of a whole order or of some units, with everything that hung on them given back.

Allocations are released, pick tasks follow them, commitments are reversed, and what was paid beyond
what is left is queued to be refunded. What has shipped is never cancelled.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from config.kernel import sets
from config.kernel.actors import Actor
from config.kernel.money import ZERO
from config.kernel.steps import Effect, Outcomes, reasons, step
from config.kernel.wake import wake
from finance.services import ledger, postings
from fulfillment.services import picking, shipping
from inventory import services as stock
from orders import history
from orders.lifecycle import (
    findings,
    messages,
    promising,
    refunding,
    schedules,
    settlement,
    takeback,
    tasks,
)
from orders.lifecycle.giving_back import released, standing, touched_levels, warehouse_codes
from orders.lifecycle.holds import let_go
from orders.lifecycle.loading import (
    fits,
    load,
    moved,
    save,
    save_allocations,
    save_credit,
    save_lines,
)
from orders.lifecycle.messages import Message
from orders.lifecycle.policies import Policies
from orders.lifecycle.validation import missing
from orders.models import COMMITTED, CancellationScope, Order, Status
from orders.models.guards import edge_to, nothing_sent

# Reasons that are offered; the code is kept, the words typed with it stand beside the event.
REASONS = {
    "customer_request": _("The customer asked for it"),
    "out_of_stock": _("It cannot be delivered"),
    "duplicate": _("It was ordered twice"),
    "price": _("The price was wrong"),
    "credit": _("The customer's credit"),
    "error": _("It was entered by mistake"),
}


ENDING = edge_to(Status.CANCELLED)
GONE = (Status.SHIPPED, Status.DELIVERED, Status.COMPLETED)


@dataclass(slots=True)
class Before:
    """What an order had before units were cancelled."""

    committed: Decimal
    total: Decimal
    cancelled: dict[int, int]
    held: dict[int, int]  # units of each open allocation


@dataclass(slots=True)
class Cancelled(Outcomes):
    """The outcomes of cancelling; by order where it stands then and what is left of its value.

    Also what the customers are told, and parts that shrank.
    """

    left: dict[int, tuple[str, Decimal]] = field(default_factory=dict)
    messages: dict[int, Message] = field(default_factory=dict)
    restaged: dict[int, list[schedules.Restaged]] = field(default_factory=dict)


@step
def cancel(
    ids: Sequence[int],
    *,
    reason: str,
    by: Actor,
    quantities: Mapping[int, int] | None = None,
    recall: bool = False,
    words: str = "",
    version: int | None = None,
    tell: bool = False,
    at: datetime | None = None,
) -> Cancelled:
    """Cancel the orders, or only these units of their lines (line id → quantity).

    Without quantities an order of which something has shipped loses what is open and not picked;
    any other ends as cancelled. With ``recall`` boxes are opened and picked units go back to their
    bins. With ``version``, the order as it was read, one that was changed since is left alone
    (StaleVersion): what is sent twice is cancelled once. With ``tell`` the customer is told.
    """
    at = at or timezone.now()
    if reason not in REASONS:
        why = gettext("A cancellation needs one of the reasons.")
        return Cancelled(refused=dict.fromkeys(ids, why))
    orders = load(ids, by=by, with_credit=True, with_stock=True)
    fits(orders, version)
    outcomes, taken = Cancelled(refused=missing(orders, ids).refused), []
    policies = Policies.of_cancellations(orders, by)
    work = takeback.plan(orders, quantities, recall=recall)
    before: dict[int, Before] = {}
    for order in orders:
        whole = quantities is None and not any(line.shipped for line in order.facts.lines)
        if why := _refusal(order, policies, whole=whole, tell=tell):
            outcomes.refuse(order.pk, why)
            continue
        before[order.pk] = _give_up(order, whole=whole, reason=reason, at=at)
        taken.append(order)
        outcomes.done.append(order.pk)
    takeback.do(taken, work, outcomes, by=by, at=at)
    _write(taken, before, outcomes, reason=reason, words=words, tell=tell, by=by, at=at)
    return outcomes


def _give_up(order: Order, *, whole: bool, reason: str, at: datetime) -> Before:
    """Cancel it in memory; answers what it had before."""
    before = _before(order)
    if whole:
        Order.cancel(order, reason=reason, at=at)
    else:
        Order.cancel_units(order)
    return before


def objections(order: Order, *, whole: bool) -> list[str]:
    """The sentences of the guards; what has left the house comes back as a return or not at all."""
    if order.status in GONE:
        return [nothing_sent.why(order)]  # type: ignore[attr-defined]
    return reasons(order, Order.cancel if whole else Order.cancel_units)


def _refusal(order: Order, policies: Policies, *, whole: bool, tell: bool) -> str:
    """The sentences of the guards and of the rules, or ''; the last units are the whole."""
    ends = whole or _nothing_left(order)
    scope = CancellationScope.WHOLE if ends else CancellationScope.UNITS
    if words := policies.against_cancelling(order, scope):
        return words
    if why := objections(order, whole=whole):
        return " ".join(why)
    if words := messages.unreachable(order) if tell else "":
        return words
    return _left_over(order, whole=whole)


def _left_over(order: Order, *, whole: bool) -> str:
    """Why what would be left, or was asked for, does not do."""
    if not whole and _nothing_left(order) and (words := ENDING.why(order)):  # type: ignore[attr-defined]
        return gettext("Nothing of %(order)s would be left. %(why)s") % {
            "order": order,
            "why": words,
        }
    if whole or order.facts.wanted:
        return ""
    return gettext("Nothing of %(order)s can be cancelled any more.") % {"order": order}


def _nothing_left(order: Order) -> bool:
    """Whether these units are the last ones, so that the order itself ends."""
    lines, wanted = order.facts.lines, order.facts.wanted
    if not wanted:
        return False
    return not any(line.shipped or line.open > wanted.get(line.pk, 0) for line in lines)


def _before(order: Order) -> Before:
    lines = order.facts.lines
    return Before(
        order.outstanding if order.status in COMMITTED else ZERO,
        _total(order),
        {line.pk: line.cancelled for line in lines},
        standing(order),
    )


def _write(
    orders: Sequence[Order],
    before: Mapping[int, Before],
    outcomes: Cancelled,
    *,
    reason: str,
    words: str,
    tell: bool,
    by: Actor,
    at: datetime,
) -> None:
    """Free the floor and the stock, write history and money, and let statuses follow."""
    _free(orders, before, outcomes, at=at)
    _end([order for order in orders if _ends(order)], by=by, at=at)
    outcomes.effects += refunding.give_back(orders, by=by, at=at)
    happenings = _happenings(orders, before, outcomes, reason=reason, words=words, at=at)
    happenings += _arrived(orders)
    happenings += _tellings(orders, before, outcomes) if tell else []
    written = [happening for _, happening in happenings]
    events = history.record(written, by=by, at=at)
    messages.post(written, events, outcomes.messages, at=at)
    _release(orders, before, happenings, events, at=at)
    for order in orders:
        outcomes.left[order.pk] = (order.status, _total(order))
        order.promised_on = promising.latest(order.facts.lines)
        for line in order.facts.lines:
            if line.delivered and line.delivered == line.ordered - line.cancelled:
                line.actual_on = line.actual_on or at.date()
    settlement.settle(orders)
    names = ("cancelled", "cancelled_amount", "allocated", "picked", "backordered")
    save_lines(orders, *names, "actual_on")
    save_credit(orders)
    wake("allocation")
    save(orders, "promised_on", "cancel_reason", "cancelled_at", *settlement.AXES)


def _free(
    orders: Sequence[Order], before: Mapping[int, Before], outcomes: Cancelled, *, at: datetime
) -> None:
    """Give back stock and work, let go what waits for nothing else, and shrink the parts."""
    codes = warehouse_codes()
    for order in orders:
        _tell(order, before[order.pk], codes, outcomes)
    picking.shrink({a.pk: a.unpicked for o in orders for a in o.facts.allocations})
    save_allocations(orders)
    stock.save(touched_levels(orders))
    outcomes.effects += tasks.let_go(orders, tasks.held(orders), at=at)
    outcomes.restaged = schedules.settle(orders)
    outcomes.effects += schedules.effects(outcomes.restaged)


def _total(order: Order) -> Decimal:
    """What the order is worth without the units that were given up."""
    return order.grand_total - sum((line.cancelled_amount for line in order.facts.lines), ZERO)


def _ends(order: Order) -> bool:
    """Whether the order is cancelled, or will be because nothing of it is wanted any more."""
    if order.status == "cancelled":
        return True
    lines = order.facts.lines
    emptied = not any(line.open or line.shipped for line in lines)
    return emptied and not reasons(order, Order.cancel)


def _tell(order: Order, before: Before, codes: Mapping[int, str], outcomes: Outcomes) -> None:
    """What is given back, as effects."""
    for line in order.facts.lines:
        if units := line.cancelled - before.cancelled[line.pk]:
            outcomes.effects.append(Effect(order.pk, "cancel", line.sku, units))
    outcomes.effects += released(order, before.held, codes)
    if before.committed and (value := before.committed - order.outstanding):
        what = _("what it took of the customer's credit")
        outcomes.effects.append(
            Effect(order.pk, "uncommit", what, amount=value, currency=order.currency_id)
        )


def _happenings(
    orders: Sequence[Order],
    before: Mapping[int, Before],
    outcomes: Cancelled,
    *,
    reason: str,
    words: str,
    at: datetime,
) -> list[tuple[Order, history.Happening]]:
    """One event for what was cancelled, and one for a status that follows from it."""
    effects = history.told_by_order(outcomes)
    found = []
    for order in orders:
        data = {
            "cancelled": {
                str(line.line_no): history.changed(
                    before[order.pk].cancelled[line.pk], line.cancelled
                )
                for line in order.facts.lines
                if line.cancelled != before[order.pk].cancelled[line.pk]
            },
            "total": history.changed(before[order.pk].total, _total(order)),
            **schedules.facts(outcomes.restaged.get(order.pk, ())),
            "effects": effects[order.pk],
        }
        kind = "order.cancelled" if order.status == "cancelled" else "units.cancelled"
        found.append((order, moved(order, kind, reason=reason, words=words, data=data)))
        if order.status == "cancelled" or any(line.open for line in order.facts.lines):
            continue
        if any(line.shipped for line in order.facts.lines):
            if not reasons(order, Order.ship):
                Order.ship(order)
                found.append((order, moved(order, "order.shipped")))
        elif not reasons(order, Order.cancel):
            Order.cancel(order, reason=reason, at=at)
            found.append((order, moved(order, "order.cancelled", reason=reason)))
    return found


def _tellings(
    orders: Sequence[Order], before: Mapping[int, Before], outcomes: Cancelled
) -> list[tuple[Order, history.Happening]]:
    """What the customers are told, once it is known what became of their orders."""
    for order in orders:
        was = before[order.pk]
        units = {line: line.cancelled - was.cancelled[line.pk] for line in order.facts.lines}
        given_up = {line: number for line, number in units.items() if number}
        parts = outcomes.restaged.get(order.pk, ())
        told = messages.of_cancellation(order, given_up, parts, was.total, _total(order))
        outcomes.messages[order.pk] = told
    return [(order, messages.happening(outcomes.messages[order.pk])) for order in orders]


def _arrived(orders: Sequence[Order]) -> list[tuple[Order, history.Happening]]:
    """Orders that have shipped by this, and whose parcels have all arrived, are delivered."""
    shipped = [order for order in orders if order.status == "shipped"]
    shipping.cancel_empty(order.pk for order in shipped)
    moving = shipping.moving(order.pk for order in shipped)
    for order in shipped:
        order.facts.in_transit = moving[order.pk]
    here = [order for order in shipped if not reasons(order, Order.deliver)]
    sets.update(Order, ["status"], here)  # no stage is passed over
    for order in here:
        Order.deliver(order)
    if here:
        wake("completion")
    return [(order, moved(order, "order.delivered")) for order in here]


def _release(
    orders: Sequence[Order],
    before: Mapping[int, Before],
    happenings: Sequence[tuple[Order, history.Happening]],
    events: Sequence[int],
    *,
    at: datetime,
) -> None:
    """Take the cancelled value off the commitments; the first event of each order is the cause."""
    cause: dict[int, int] = {}
    for (order, _units), event in zip(happenings, events, strict=True):
        cause.setdefault(order.pk, event)
    ledger.post(
        [
            postings.commitment_release(
                order.pk,
                order.customer_id,
                order.currency_id,
                before[order.pk].committed - order.outstanding,
                cause[order.pk],
            )
            for order in orders
            if before[order.pk].committed
        ],
        at=at,
    )


def _end(orders: Sequence[Order], *, by: Actor, at: datetime) -> None:
    """Close what hung on orders that end: exceptions, holds, shipments."""
    if not orders:
        return
    findings.close_open(orders, at)
    findings.save(orders)
    let_go(orders, by=by, at=at)
    shipping.cancel_empty(order.pk for order in orders)
