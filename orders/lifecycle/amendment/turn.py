"""Turns: one order of a batch on its way through an amendment, and what came with the request."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from config.kernel.actors import Actor
from finance.services.credit import Check
from inventory.services.sourcing import Plan as Sources
from orders.lifecycle.amendment.change import Change
from orders.lifecycle.amendment.plan import Plan
from orders.lifecycle.schedules import Restaged
from orders.models import Order


@dataclass(slots=True)
class Turn:
    """One order of the batch that is being amended."""

    change: Change
    plan: Plan
    check: Check | None = None  # the evidence, when it takes more of the credit
    sources: Sources | None = None  # where additional units come from
    restaged: Sequence[Restaged] = ()  # lines whose parts follow what is wanted of them
    units: Mapping[int, tuple[int, int]] = field(default_factory=dict)  # allocated, backordered

    @property
    def order(self) -> Order:
        """The order that is amended."""
        return self.change.order


@dataclass(frozen=True, slots=True)
class Given:
    """What came with the operations: why, by whom, what may stand, whether the customer is told."""

    reason: str
    words: str
    by: Actor
    at: datetime
    waive: Collection[str]
    key: str | None
    tell: bool = False
