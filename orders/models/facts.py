"""What is known of an order while a step works on it: what was loaded, locked and asked for."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Protocol

from config.kernel.actors import Actor
from inventory.models import StockLevel
from orders.models.rules import TransitionRule

if TYPE_CHECKING:
    from orders.models.allocations import Allocation
    from orders.models.lines import OrderLine
    from orders.models.review import Hold, OrderException


class CreditStanding(Protocol):
    """The running figures of a customer in one currency, as finance keeps and locks them."""

    pk: int
    credit_limit: Decimal
    committed: Decimal
    receivable: Decimal
    unapplied: Decimal

    @property
    def exposure(self) -> Decimal: ...


@dataclass(slots=True)
class Facts:
    """What a step loaded and locked of an order; guards read it, transitions change it."""

    came_from: str = ""  # the status in which the step found the order
    by: Actor | None = None  # who takes the step; nobody in particular while it is only read
    reason: str | None = None  # why, in the words of whoever acts; None: not asked yet
    lines: list[OrderLine] = field(default_factory=list)
    allocations: list[Allocation] = field(default_factory=list)
    holds: list[Hold] = field(default_factory=list)
    exceptions: list[OrderException] = field(default_factory=list)
    rules: dict[tuple[str | None, str], TransitionRule] = field(default_factory=dict)
    levels: dict[int, StockLevel] = field(default_factory=dict)
    credit: CreditStanding | None = None
    wanted: dict[int, int] = field(default_factory=dict)  # units asked for, by line
    leaving: dict[int, int] = field(default_factory=dict)  # units that change places, by line
    boxed: dict[int, int] = field(default_factory=dict)  # packed units that are here, by line
    in_transit: list[str] = field(default_factory=list)  # shipments still to arrive
    overdue: list[str] = field(default_factory=list)  # invoices past their terms
    returns: list[str] = field(default_factory=list)  # returns that are open
    is_offered: bool = False  # its customer still has to say yes, and gives the PO number then
    offered_by: int | None = None  # who sent the quote that is being accepted
