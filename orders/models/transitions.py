"""The state machine of an order: each transition, its guards, and the sentences of refusal.

A transition changes loaded objects in memory only: the order, its lines and allocations, and the
credit account and stock levels that a batch shares. It never saves, queries or enqueues: that is
the step's work. A guard reads loaded objects and answers the sentence of refusal, or ''.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, cast

from django.db import models
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django_fsm import FSMField, FSMModelMixin, transition

from orders.models.facts import Facts
from orders.models.graph import GONE, Status
from orders.models.guards import (
    all_arrived,
    all_invoiced,
    all_sent,
    customer_buys,
    edge_to,
    has_work,
    is_complete,
    may_go_on,
    may_ship_apart,
    nothing_blocks,
    nothing_comes_back,
    nothing_picked,
    nothing_sent,
    paid_or_within_terms,
    something_blocks,
    something_can_come_back,
    something_sent,
    wanted_is_open,
)

if TYPE_CHECKING:
    from orders.models.orders import Order


OPEN_STATES = [
    Status.DRAFT,
    Status.SUBMITTED,
    Status.IN_REVIEW,
    Status.VALIDATED,
    Status.PROCESSING,
    Status.FULFILLING,
    Status.SHIPPED,
    Status.DELIVERED,
]


def _order(row: OrderTransitions) -> Order:
    """The row as the order it is; the transitions stand in a class of their own."""
    return cast("Order", row)


class StatusField(FSMField):
    """The status of an order; steps read it dozens of times, so it is taken from where it lies."""

    def get_state(self, instance: models.Model) -> Any:
        """What was read from the database, or was changed since; else it is fetched."""
        state = instance.__dict__.get(self.name)
        return super().get_state(instance) if state is None else state


class OrderTransitions(FSMModelMixin, models.Model):
    """The transitions of an order; each is the memory half of one step of the lifecycle."""

    status = StatusField(_("status"), choices=Status.choices, default=Status.DRAFT, protected=True)

    class Meta:
        abstract = True

    @cached_property
    def facts(self) -> Facts:
        """What a step has loaded of the order."""
        return Facts()

    @transition(
        "status",
        source=Status.DRAFT,
        target=Status.SUBMITTED,
        conditions=[edge_to(Status.SUBMITTED), may_go_on, is_complete, customer_buys],
        custom={"verb": pgettext_lazy("verb", "submit")},
    )
    def submit(self, *, at: datetime) -> None:
        """The order is placed: its prices are frozen and validation is due."""
        order = _order(self)
        order.submitted_at = order.submitted_at or at

    @transition(
        "status",
        source=Status.SUBMITTED,
        target=Status.VALIDATED,
        conditions=[edge_to(Status.VALIDATED), may_go_on, nothing_blocks],
        custom={"verb": pgettext_lazy("verb", "validate")},
    )
    def validate(self) -> None:
        """Every check passed: the order's value now stands on the customer's commitments."""
        _order(self).commit()

    @transition(
        "status",
        source=[Status.SUBMITTED, Status.VALIDATED],
        target=Status.IN_REVIEW,
        conditions=[edge_to(Status.IN_REVIEW), may_go_on, something_blocks],
        custom={"verb": pgettext_lazy("verb", "review")},
    )
    def review(self) -> None:
        """A person has to decide; what was committed is given back until then."""
        if self.status == Status.VALIDATED:
            _order(self).uncommit()

    @transition(
        "status",
        source=Status.IN_REVIEW,
        target=Status.SUBMITTED,
        conditions=[edge_to(Status.SUBMITTED)],
        custom={"verb": pgettext_lazy("verb", "recheck")},
    )
    def recheck(self) -> None:
        """The cause may be gone: the checks run again."""

    @transition(
        "status",
        source=Status.IN_REVIEW,
        target=Status.VALIDATED,
        conditions=[edge_to(Status.VALIDATED), may_go_on, nothing_blocks],
        custom={"verb": pgettext_lazy("verb", "waive")},
    )
    def waive(self) -> None:
        """The last open finding was waived: the order goes on as if it had passed."""
        _order(self).commit()

    @transition(
        "status",
        source=Status.VALIDATED,
        target=Status.PROCESSING,
        conditions=[edge_to(Status.PROCESSING), may_go_on, nothing_blocks],
        custom={"verb": pgettext_lazy("verb", "process")},
    )
    def process(self) -> None:
        """Stock is allocated and dates are promised."""

    @transition(
        "status",
        source=[Status.VALIDATED, Status.PROCESSING],
        conditions=[may_go_on],
        custom={"verb": pgettext_lazy("verb", "assign a warehouse to")},
    )
    def assign(self) -> None:
        """The order is served from one warehouse that somebody chose."""

    @transition(
        "status",
        source=Status.PROCESSING,
        target=Status.FULFILLING,
        conditions=[edge_to(Status.FULFILLING), may_go_on, has_work, may_ship_apart],
        custom={"verb": pgettext_lazy("verb", "start the fulfillment of")},
    )
    def start_fulfillment(self) -> None:
        """The first unit is in somebody's hands."""

    @transition(
        "status",
        source=Status.FULFILLING,
        target=Status.SHIPPED,
        conditions=[edge_to(Status.SHIPPED), all_sent, something_sent],
        custom={"verb": pgettext_lazy("verb", "ship")},
    )
    def ship(self) -> None:
        """The last wanted unit has left."""

    @transition(
        "status",
        source=Status.SHIPPED,
        target=Status.DELIVERED,
        conditions=[edge_to(Status.DELIVERED), all_arrived],
        custom={"verb": pgettext_lazy("verb", "deliver")},
    )
    def deliver(self) -> None:
        """Every shipment has arrived or come back."""

    @transition(
        "status",
        source=Status.DELIVERED,
        target=Status.COMPLETED,
        conditions=[
            edge_to(Status.COMPLETED),
            may_go_on,
            nothing_blocks,
            all_invoiced,
            paid_or_within_terms,
            nothing_comes_back,
        ],
        custom={"verb": pgettext_lazy("verb", "complete")},
    )
    def complete(self, *, at: datetime) -> None:
        """The order is closed in the books; only returns and money may still follow."""
        _order(self).completed_at = at

    @transition(
        "status",
        source=[
            Status.DRAFT,
            Status.SUBMITTED,
            Status.IN_REVIEW,
            Status.VALIDATED,
            Status.PROCESSING,
            Status.FULFILLING,
        ],
        target=Status.CANCELLED,
        conditions=[edge_to(Status.CANCELLED), nothing_sent, nothing_picked],
        custom={"verb": pgettext_lazy("verb", "cancel")},
    )
    def cancel(self, *, reason: str, at: datetime) -> None:
        """The order will not be fulfilled: open units, promises and commitments are given back."""
        order = _order(self)
        order.cancel_reason, order.cancelled_at = reason, at
        for line in self.facts.lines:
            order.give_up(line, line.open)

    @transition(
        "status",
        source=[
            Status.SUBMITTED,
            Status.IN_REVIEW,
            Status.VALIDATED,
            Status.PROCESSING,
            Status.FULFILLING,
        ],
        conditions=[wanted_is_open],
        custom={"verb": pgettext_lazy("verb", "cancel units of")},
    )
    def cancel_units(self) -> None:
        """Some units are no longer wanted; the rest of the order goes on."""
        for line in self.facts.lines:
            if quantity := self.facts.wanted.get(line.pk):
                _order(self).give_up(line, quantity)

    @transition(
        "status",
        source=[
            Status.SUBMITTED,
            Status.IN_REVIEW,
            Status.VALIDATED,
            Status.PROCESSING,
            Status.FULFILLING,
            *GONE,
        ],
        conditions=[],
        custom={"verb": pgettext_lazy("verb", "amend")},
    )
    def amend(self) -> None:
        """What was agreed changes; the order stands where it stood."""

    @transition(
        "status",
        source=[Status.PROCESSING, Status.FULFILLING],
        conditions=[may_go_on, may_ship_apart],
        custom={"verb": pgettext_lazy("verb", "pick")},
    )
    def pick(self) -> None:
        """Units are taken from their bins to staging."""

    @transition(
        "status",
        source=Status.FULFILLING,
        conditions=[],
        custom={"verb": pgettext_lazy("verb", "recall")},
    )
    def recall(self) -> None:
        """Picked units go back to their bins."""

    @transition(
        "status",
        source=[Status.PROCESSING, Status.FULFILLING],
        conditions=[may_go_on, may_ship_apart],
        custom={"verb": pgettext_lazy("verb", "pack")},
    )
    def pack(self) -> None:
        """What is picked is put into a shipment."""

    @transition(
        "status",
        source=[Status.PROCESSING, Status.FULFILLING],
        conditions=[may_go_on, nothing_blocks],
        custom={"verb": pgettext_lazy("verb", "dispatch")},
    )
    def dispatch(self) -> None:
        """A packed shipment leaves the house."""

    @transition(
        "status",
        source=[Status.FULFILLING, Status.SHIPPED],
        conditions=[],
        custom={"verb": pgettext_lazy("verb", "report the delivery of")},
    )
    def arrive(self) -> None:
        """A shipment is reported delivered."""

    @transition(
        "status",
        source=Status.DRAFT,
        conditions=[],
        custom={"verb": pgettext_lazy("verb", "edit")},
    )
    def revise(self) -> None:
        """What a draft says is typed anew."""

    @transition(
        "status",
        source=Status.DRAFT,
        conditions=[],
        custom={"verb": pgettext_lazy("verb", "move to the newest rules")},
    )
    def adopt(self) -> None:
        """The draft goes by the newest rules from now on."""

    @transition(
        "status",
        source=OPEN_STATES,
        conditions=[],
        custom={"verb": pgettext_lazy("verb", "put a label on")},
    )
    def label(self) -> None:
        """What the order is waiting for within its state gets a name of the house."""

    @transition(
        "status",
        source=OPEN_STATES,
        conditions=[],
        custom={"verb": pgettext_lazy("verb", "hold")},
    )
    def hold(self) -> None:
        """The order stops where it stands."""

    @transition(
        "status",
        source=OPEN_STATES,
        conditions=[],
        custom={"verb": pgettext_lazy("verb", "release")},
    )
    def release_hold(self) -> None:
        """What stopped the order is over."""

    @transition(
        "status",
        source=[*OPEN_STATES, Status.COMPLETED, Status.CANCELLED],
        conditions=[],
        custom={"verb": pgettext_lazy("verb", "record a payment on")},
    )
    def take_payment(self) -> None:
        """Money for the order has come in; that of a cancelled one is there to be given back."""

    @transition(
        "status",
        source=[Status.FULFILLING, Status.SHIPPED, Status.DELIVERED, Status.COMPLETED],
        conditions=[something_can_come_back],
        custom={"verb": pgettext_lazy("verb", "ask for a return of")},
    )
    def ask_back(self) -> None:
        """Goods that have left are to come back; the order stands where it stood."""
