"""What can be done with an order now, by whom, and what stands in the way.

Buttons, previews and programs read this and nothing else, so a screen never knows better than the
lifecycle.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any, Self

from django.contrib.auth.models import AnonymousUser, User
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from config.kernel.actors import Actor
from config.kernel.steps import reasons
from finance.models import CreditAccount
from fulfillment.models import ON_THE_WAY, ShipmentStatus
from fulfillment.services import picking, shipping
from orders.lifecycle import cancellation, findings, labels
from orders.lifecycle.completion import coming_back, overdue
from orders.lifecycle.loading import attach, attach_allocations
from orders.lifecycle.policies import Policies
from orders.models import GONE, TERMINAL, CancellationScope, FieldGroup, Order, Status, unmet

OPEN_STATES = tuple(status for status in Status.values if status not in TERMINAL)


@dataclass(frozen=True, slots=True)
class Action:
    """Something that can be done: its verb, its transition and the permission it takes."""

    name: str
    label: StrOrPromise
    icon: str
    transition: Callable[..., Any]
    permission: str
    states: tuple[str, ...]  # where it is shown at all
    needs_words: bool = False  # it opens a form

    @property
    def verb(self) -> str:
        """The label where the form is already open: without the dots that promise one."""
        return str(self.label).removesuffix("…")


ACTIONS = (
    Action("edit", _("Edit"), "edit", Order.revise, "orders.change_order", ("draft",)),
    Action("quote", _("Quote…"), "doc", Order.submit, "orders.change_order", ("draft",)),
    Action("submit", _("Place order"), "check", Order.submit, "orders.submit_order", ("draft",)),
    Action(
        "recheck",
        _("Check again"),
        "refresh",
        Order.recheck,
        "orders.recheck_order",
        ("in_review",),
    ),
    Action(
        "validate",
        _("Run the checks"),
        "check",
        Order.validate,
        "orders.recheck_order",
        ("submitted",),
    ),
    Action(
        "waive",
        _("Let pass…"),
        "check",
        Order.waive,
        "orders.waive_exception",
        ("in_review", "validated", "processing", "fulfilling"),
        needs_words=True,
    ),
    Action(
        "process",
        _("Allocate stock"),
        "st-q1",
        Order.process,
        "orders.process_order",
        ("validated",),
    ),
    Action(
        "assign",
        _("Assign warehouse…"),
        "inventory",
        Order.assign,
        "orders.assign_order",
        ("validated", "processing"),
        needs_words=True,
    ),
    Action(
        "pick", _("Pick"), "pick", Order.pick, "orders.pick_order", ("processing", "fulfilling")
    ),
    Action("pack", _("Pack"), "box", Order.pack, "orders.pack_order", ("processing", "fulfilling")),
    Action(
        "dispatch",
        _("Dispatch…"),
        "truck",
        Order.dispatch,
        "orders.dispatch_order",
        ("processing", "fulfilling"),
        needs_words=True,
    ),
    Action(
        "deliver",
        _("Report delivered"),
        "st-deliv",
        Order.arrive,
        "orders.deliver_order",
        ("fulfilling", "shipped"),
    ),
    Action(
        "complete",
        _("Complete"),
        "st-done",
        Order.complete,
        "orders.complete_order",
        ("delivered",),
    ),
    Action("recall", _("Recall goods"), "undo", Order.recall, "orders.pick_order", ("fulfilling",)),
    Action(
        "hold",
        _("Hold…"),
        "lock",
        Order.hold,
        "orders.hold_order",
        OPEN_STATES,
        needs_words=True,
    ),
    Action(
        "release",
        _("Release hold…"),
        "refresh",
        Order.release_hold,
        "orders.hold_order",
        OPEN_STATES,
        needs_words=True,
    ),
    Action(
        "label",
        _("Label…"),
        "tag",
        Order.label,
        "orders.label_order",
        OPEN_STATES,
        needs_words=True,
    ),
    Action(
        "payment",
        _("Record payment…"),
        "card",
        Order.take_payment,
        "finance.record_payment",
        tuple(Status.values),
        needs_words=True,
    ),
    Action(
        "amend",
        _("Amend…"),
        "edit",
        Order.amend,
        "orders.amend_order",
        ("submitted", "in_review", "validated", "processing", "fulfilling", *GONE),
        needs_words=True,
    ),
    Action(
        "cancel",
        _("Cancel…"),
        "x",
        Order.cancel_units,
        "orders.cancel_order",
        (*OPEN_STATES, "completed"),
        needs_words=True,
    ),
    Action(
        "return",
        _("Ask for a return…"),
        "undo",
        Order.ask_back,
        "returns.request_return",
        ("fulfilling", "shipped", "delivered", "completed"),
        needs_words=True,
    ),
)
BY_NAME = {action.name: action for action in ACTIONS}


def asks_why(order: Order, action: Action) -> bool:
    """Whether the rules of the order, which are loaded, want a reason for this step."""
    found = action.transition._django_fsm.get_transition(order.status)  # type: ignore[attr-defined]
    rule = order.facts.rules.get((order.status, found.target)) if found else None
    return bool(rule and rule.can_ask_why and rule.reason_required)


@dataclass(frozen=True, slots=True)
class Available:
    """An action as it stands for one order and one person."""

    action: Action
    reasons: Sequence[str]

    @property
    def allowed(self) -> bool:
        """Whether nothing stands in the way."""
        return not self.reasons


def look(order: Order) -> None:
    """Load the order's facts for reading; nothing is locked, and a step asks again under locks."""
    attach([order])
    attach_allocations([order])
    order.facts.credit = CreditAccount.objects.filter(
        customer=order.customer_id, currency=order.currency_id
    ).first()
    order.facts.overdue = overdue([order.pk], timezone.now())[order.pk]
    order.facts.returns = coming_back([order.pk])[order.pk]
    order.facts.in_transit = shipping.moving([order.pk])[order.pk]


@dataclass(frozen=True, slots=True)
class Floor:
    """What the floor has in hand of one order, in units."""

    to_pick: int
    loose: int  # picked, in no box, not sent
    free: int  # of lines that are not stocked: in no box, not sent
    shipments: Collection[str]  # the statuses of the order's shipments

    @classmethod
    def of(cls, order: Order) -> Self:
        """Read it for an order whose facts are loaded."""
        lines, allocations = order.facts.lines, order.facts.allocations
        packed, boxed = shipping.packed_units([order.pk])
        return cls(
            sum(task.left for task in picking.tasks_of(a.pk for a in allocations)),
            sum(a.picked - a.shipped - packed.get(a.pk, 0) for a in allocations),
            sum(line.open - boxed.get(line.pk, 0) for line in lines if not line.is_stocked),
            {row.status for row in shipping.of_orders([order.pk], ShipmentStatus.values)},
        )


def available_actions(
    order: Order, user: User | AnonymousUser, floor: Floor | None = None
) -> list[Available]:
    """Each action that the order's state knows, with the sentences that stand in its way.

    Whoever has read what the floor has in hand hands it over; else it is read here.
    """
    by, extra = Actor.of(user), _work(order, floor or Floor.of(order))
    order.facts.by = by
    found = []
    for action in ACTIONS:
        if order.status not in action.states or _is_done_for_us(order, action):
            continue
        why = (
            []
            if user.has_perm(action.permission)
            else [gettext("Your role does not include this.")]
        )
        why += _asked(order, action, by)
        why = why or _ruled_out(order, action, by)
        if words := extra.get(action.name):
            why.append(words)
        found.append(Available(action, why))
    return found


def _is_done_for_us(order: Order, action: Action) -> bool:
    """Whether the system runs the checks by itself, so that nobody is offered to."""
    rule = order.facts.rules.get((Status.SUBMITTED, Status.VALIDATED))
    return action.name == "validate" and bool(rule and rule.is_enabled and rule.is_automatic)


def _asked(order: Order, action: Action, by: Actor) -> list[str]:
    if action.name == "cancel":
        order.facts.boxed = {}  # it recalls what is packed
        return cancellation.objections(order, whole=not _is_moving(order))
    if action.name == "waive":
        rule = order.facts.rules.get((order.status, Status.VALIDATED))
        words = unmet(order, rule) if rule else ""
        return [words] if words else findings.against_waiving_any(order, by)
    if action.name == "validate" and any(row.is_blocking for row in order.facts.exceptions):
        return reasons(order, Order.review)
    return reasons(order, action.transition)


def _is_moving(order: Order) -> bool:
    """Whether something is picked or has left, so that only the rest can be given up at once."""
    return any(line.shipped or line.picked for line in order.facts.lines)


def _ruled_out(order: Order, action: Action, by: Actor) -> list[str]:
    """Why the rules leave nothing to amend, to cancel or to choose by whoever asks; else none."""
    if action.name == "amend":
        policies = Policies.of_amendments([order], by)
        why = [policies.against_amending(order, group) for group in FieldGroup]
    elif action.name == "cancel":
        policies = Policies.of_cancellations([order], by)
        why = [policies.against_cancelling(order, scope) for scope in _scopes(order)]
    elif action.name == "label":
        why = [labels.nothing_to_choose(order)]
    else:
        return []
    return why[:1] if all(why) else []


def _scopes(order: Order) -> list[CancellationScope]:
    """How much of the order could be cancelled, for all that its facts say."""
    if order.status == Status.DRAFT:
        return [CancellationScope.WHOLE]
    return [CancellationScope.UNITS] if _is_moving(order) else list(CancellationScope)


def _work(order: Order, floor: Floor) -> dict[str, str]:
    """What the floor has, or lacks, for each action that needs goods in hand."""
    moving = any(status in ON_THE_WAY for status in floor.shipments)
    packed = ShipmentStatus.PACKED in floor.shipments
    ready = floor.loose or floor.free
    moves = any(line.allocated > line.picked for line in order.facts.lines)
    nothing_moves = gettext("Nothing of %(order)s is allocated yet that could move.")
    return {
        "assign": ""
        if moves or order.status == Status.VALIDATED
        else nothing_moves % {"order": order},
        "pick": "" if floor.to_pick else gettext("Nothing is to be picked."),
        "recall": "" if floor.loose else gettext("Nothing is picked that could be recalled."),
        "pack": "" if ready else gettext("Nothing is picked and waits to be packed."),
        "dispatch": "" if packed else gettext("No shipment is packed."),
        "release": "" if order.facts.holds else gettext("No hold is in force."),
        "deliver": "" if moving else gettext("No shipment is on its way."),
    }
