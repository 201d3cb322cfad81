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
    """What a step loaded and locked of an order; guards read it, transitions change it.

    What was not loaded is not there: a guard that asks for it fails, instead of finding nothing in
    the way.
    """

    came_from: str = ""  # the status in which the step found the order
    by: Actor | None = None  # who takes the step; nobody in particular while it is only read
    reason: str | None = None  # why, in the words of whoever acts; None: not asked yet
    lines: list[OrderLine] = field(init=False, repr=False)
    allocations: list[Allocation] = field(init=False, repr=False)
    holds: list[Hold] = field(init=False, repr=False)
    exceptions: list[OrderException] = field(init=False, repr=False)
    rules: dict[tuple[str | None, str], TransitionRule] = field(init=False, repr=False)
    levels: dict[int, StockLevel] = field(init=False, repr=False)
    credit: CreditStanding | None = None
    wanted: dict[int, int] = field(default_factory=dict)  # units asked for, by line
    serving: dict[int, set[int]] = field(default_factory=dict)  # warehouses by line, if it has any
    leaving: dict[int, int] = field(default_factory=dict)  # units that change places, by line
    boxed: dict[int, int] = field(init=False, repr=False)  # packed units that are here, by line
    in_transit: list[str] = field(init=False, repr=False)  # shipments still to arrive
    overdue: list[str] = field(init=False, repr=False)  # invoices past their terms
    returns: list[str] = field(init=False, repr=False)  # returns that are open
    is_offered: bool = False  # its customer still has to say yes, and gives the PO number then
    offered_by: int | None = None  # who sent the quote that is being accepted
