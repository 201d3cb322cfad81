"""Returns: goods that have shipped are asked back, and somebody else decides whether they may come.

So far a return is requested, authorized or rejected, and withdrawn. It touches no stock and no
money: what comes back is received, inspected and credited by steps that are still to come.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.contrib.auth.models import AnonymousUser, User
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from config.kernel import pipeline, sets
from config.kernel.actors import Actor
from config.kernel.steps import Effect, Outcomes, reasons, step
from config.kernel.wake import wake
from orders import history
from orders.lifecycle.actions import Action, Available
from orders.lifecycle.loading import fits, grouped, load, save, save_lines
from orders.lifecycle.validation import missing
from orders.models import Order
from returns.models import Return, ReturnLine
from returns.policy import REASONS, Sent, Units, choose, sent, strangers

ACTIONS = (
    Action(
        "authorize",
        _("Authorize…"),
        "check",
        Return.authorize,
        "returns.authorize_return",
        ("requested",),
        needs_words=True,
    ),
    Action(
        "reject",
        _("Reject…"),
        "x",
        Return.reject,
        "returns.authorize_return",
        ("requested",),
        needs_words=True,
    ),
    Action(
        "withdraw",
        _("Withdraw…"),
        "undo",
        Return.withdraw,
        "returns.request_return",
        ("requested", "authorized"),
        needs_words=True,
    ),
)
# A line of which nothing has come back yet.
FRESH = {
    "received": 0,
    "accepted": 0,
    "reception": ReturnLine.Reception.AWAITING,
    "acceptance": ReturnLine.Acceptance.PENDING,
}


@step
def request(
    ids: Sequence[int],
    *,
    reason: str,
    by: Actor,
    quantities: Units | None = None,
    parcels: Units | None = None,
    words: str = "",
    version: int | None = None,
    at: datetime | None = None,
) -> Outcomes:
    """Ask for what has shipped to come back: a return for each order, with its own number.

    Units are named by order line, and taken from its oldest shipment, or by line of a shipment
    (``parcels``); without either, everything is asked for that no return asks for yet. With
    ``version``, the order as it was read, nothing is asked of one that was changed since.
    """
    at = at or timezone.now()
    if reason not in REASONS:
        why = gettext("A return needs one of the reasons.")
        return Outcomes(refused=dict.fromkeys(ids, why))
    orders = load(ids, by=by)
    fits(orders, version)
    contents, outcomes, taken = sent([order.pk for order in orders]), missing(orders, ids), []
    if why := strangers(orders, contents, quantities, parcels):
        return Outcomes(refused=dict.fromkeys(ids, why))
    for order in orders:
        if why := choose(order, contents[order.pk], quantities, parcels):
            outcomes.refuse(order.pk, why)
            continue
        taken.append(order)
        outcomes.done.append(order.pk)
    wanted = {order.pk: [each for each in contents[order.pk] if each.wanted] for order in taken}
    _write(taken, wanted, outcomes, reason=reason, words=words.strip(), by=by, at=at)
    return outcomes


def _write(
    orders: Sequence[Order],
    wanted: Mapping[int, Sequence[Sent]],
    outcomes: Outcomes,
    *,
    reason: str,
    words: str,
    by: Actor,
    at: datetime,
) -> None:
    """Write the returns with their lines, the counters and the events."""
    numbers = dict(zip(wanted, _numbers(len(orders)), strict=True))
    columns = ["number", "order", "status", "reason", "created_by", "requested_at"]
    first = Return.Status.REQUESTED
    rows = [(numbers[o.pk], o.pk, first, reason, by.user_id, at) for o in orders]
    outcomes.created = [pk for (pk,) in sets.insert(Return, columns, rows, returning="id")]
    sets.insert(
        ReturnLine,
        ["sales_return", "shipment_line", "requested", *FRESH],
        [
            (pk, item.line.pk, item.wanted, *FRESH.values())
            for pk, order in zip(outcomes.created, orders, strict=True)
            for item in wanted[order.pk]
        ],
    )
    happenings = [
        history.Happening(
            order,
            "return.requested",
            reason=reason,
            words=words,
            data=_asked_for(order, wanted[order.pk], outcomes) | {"number": numbers[order.pk]},
        )
        for order in orders
    ]
    history.record(happenings, by=by, at=at)
    save_lines(orders, "return_requested")
    save(orders)


def _asked_for(order: Order, items: Sequence[Sent], outcomes: Outcomes) -> dict[str, Any]:
    """Count what is asked for on the order's lines; what the event keeps of it."""
    units: dict[int, int] = defaultdict(int)
    for item in items:
        units[item.line.order_line_id] += item.wanted
    return {
        "return": history.changed(None, Return.Status.REQUESTED),
        "return_requested": _counted(order, units, 1),
        "effects": history.told(_told(order, units, "send_back", outcomes)),
    }


def _numbers(count: int) -> list[str]:
    with pipeline.cursor() as cursor:
        cursor.execute("SELECT nextval('return_number') FROM generate_series(1, %s)", [count])
        return [f"RMA-{value:06}" for (value,) in cursor.fetchall()]


def _counted(order: Order, units: Units, sign: int) -> dict[str, list[object]]:
    """Count units on the order's lines, or off them; what changed, by number of the line."""
    changed = {}
    for line in order.facts.lines:
        if more := units.get(line.pk, 0):
            before = line.return_requested
            line.return_requested += sign * more
            changed[str(line.line_no)] = history.changed(before, line.return_requested)
    return changed


def _told(order: Order, units: Units, kind: str, outcomes: Outcomes) -> list[Effect]:
    """What becomes of the units, as effects."""
    lines = order.facts.lines
    effects = [Effect(order.pk, kind, x.sku, units[x.pk]) for x in lines if units.get(x.pk)]
    outcomes.effects += effects
    return effects


@step
def authorize(
    ids: Sequence[int],
    *,
    by: Actor,
    returns: Collection[int] | None = None,
    words: str = "",
    at: datetime | None = None,
) -> Outcomes:
    """Let the requested returns of the orders come back, or these of them; not one's own."""
    return _decide(ids, BY_NAME["authorize"], returns=returns, by=by, words=words, at=at)


@step
def reject(
    ids: Sequence[int],
    *,
    words: str,
    by: Actor,
    returns: Collection[int] | None = None,
    at: datetime | None = None,
) -> Outcomes:
    """Refuse the requested returns of the orders, or these of them, and say why; not one's own."""
    if not words.strip():
        why = gettext("Say why the return is rejected.")
        return Outcomes(refused=dict.fromkeys(ids, why))
    return _decide(ids, BY_NAME["reject"], returns=returns, by=by, words=words, at=at)


@step
def withdraw(
    ids: Sequence[int],
    *,
    by: Actor,
    returns: Collection[int] | None = None,
    words: str = "",
    at: datetime | None = None,
) -> Outcomes:
    """End the returns of the orders of which nothing has come back, or these of them."""
    return _decide(ids, BY_NAME["withdraw"], returns=returns, by=by, words=words, at=at)


BY_NAME = {action.name: action for action in ACTIONS}
EVENTS = {
    "authorize": "return.authorized",
    "reject": "return.rejected",
    "withdraw": "return.withdrawn",
}
EFFECTS = {"authorize": "let_back", "reject": "keep", "withdraw": "keep"}


def _decide(
    ids: Sequence[int],
    action: Action,
    *,
    returns: Collection[int] | None,
    by: Actor,
    words: str,
    at: datetime | None,
) -> Outcomes:
    """Take one step with returns; an order of which one return may not take it keeps them all."""
    at = at or timezone.now()
    orders = load(ids, by=by)
    outcomes, taken = missing(orders, ids), []
    keys = [order.pk for order in orders]
    found = grouped(sets.read(Return, "WHERE order_id = ANY(%s) ORDER BY id", keys))
    mine: dict[int, list[Return]] = {}
    for order in orders:
        mine[order.pk] = [each for each in found[order.pk] if _is_meant(each, action, returns)]
        for each in mine[order.pk]:
            each.by = by
        if why := _against(order, mine[order.pk], action):
            outcomes.refuse(order.pk, why)
            continue
        taken.append(order)
        outcomes.done.append(order.pk)
    _settle(taken, mine, action, outcomes, words=words.strip(), by=by, at=at)
    return outcomes


def _settle(
    orders: Sequence[Order],
    returns: Mapping[int, Sequence[Return]],
    action: Action,
    outcomes: Outcomes,
    *,
    words: str,
    by: Actor,
    at: datetime,
) -> None:
    """Take the step with the returns of each order; one that ends asks for nothing any more."""
    changed = [each for order in orders for each in returns[order.pk]]
    units, happenings = _units(changed), []
    for order in orders:
        for each in returns[order.pk]:
            before = each.status
            action.transition(each)
            data: dict[str, Any] = {
                "return": history.changed(before, each.status),
                "number": each.number,
            }
            if not each.is_open:
                data["return_requested"] = _counted(order, units[each.pk], -1)
            effects = _told(order, units[each.pk], EFFECTS[action.name], outcomes)
            data["effects"] = history.told(effects)
            kind = EVENTS[action.name]
            happenings.append(history.Happening(order, kind, words=words, data=data))
    sets.update(Return, ["status", "authorized_by"], changed)
    history.record(happenings, by=by, at=at)
    save_lines(orders, "return_requested")
    save(orders)
    if any(not each.is_open for each in changed):
        wake("completion")


def _is_meant(each: Return, action: Action, returns: Collection[int] | None) -> bool:
    return each.status in action.states if returns is None else each.pk in returns


def _against(order: Order, returns: Sequence[Return], action: Action) -> str:
    if not returns:
        return gettext("%(order)s has no return that waits for this.") % {"order": order}
    why = [words for each in returns for words in reasons(each, action.transition)]
    return " ".join(why)


def _units(returns: Sequence[Return]) -> dict[int, dict[int, int]]:
    """The units that each return asks for, by line of its order."""
    units: dict[int, dict[int, int]] = defaultdict(lambda: defaultdict(int))
    rows = ReturnLine.objects.filter(sales_return__in=[each.pk for each in returns])
    for pk, line, asked_for in rows.values_list(
        "sales_return", "shipment_line__order_line", "requested"
    ):
        units[pk][line] += asked_for
    return units


def available(each: Return, user: User | AnonymousUser) -> list[Available]:
    """Each step that the state of a return knows, with the sentences that stand in its way."""
    each.by = Actor.of(user)
    no = gettext("Your role does not include this.")
    return [
        Available(
            action,
            [
                *([] if user.has_perm(action.permission) else [no]),
                *reasons(each, action.transition),
            ],
        )
        for action in ACTIONS
        if each.status in action.states
    ]
