"""What stands between an order and a step: each guard answers the sentence of refusal, or ''.

A guard reads what a step has loaded, and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext

from config.kernel.reading import closed
from config.kernel.steps import guard
from orders.models.customers import FillPolicy
from orders.models.demands import unmet

if TYPE_CHECKING:
    from orders.models.orders import Order


@guard
def may_go_on(order: Order) -> str:
    """A hold stops the order at its present stage."""
    if not order.facts.holds:
        return ""
    reasons = closed("; ".join(hold.reason for hold in order.facts.holds))
    return gettext("On hold: %(reasons)s Release the hold.") % {"reasons": reasons}


@guard
def is_complete(order: Order) -> str:
    """Whether everything is there that an order needs before it is placed."""
    missing = order.missing()
    if not missing:
        return ""
    return gettext("Still missing: %(names)s.") % {"names": ", ".join(missing)}


@guard
def customer_buys(order: Order) -> str:
    """A closed customer takes no new orders."""
    customer = order.customer
    if customer.is_active:
        return ""
    return gettext("%(found)s is closed and takes no new orders.") % {"found": customer}


@guard
def nothing_blocks(order: Order) -> str:
    """Open findings that block or want a decision stop the order."""
    blocking = [found.said for found in order.facts.exceptions if found.is_blocking]
    return " ".join(blocking)


@guard
def something_blocks(order: Order) -> str:
    """An order goes to review for a reason only."""
    if any(found.is_blocking for found in order.facts.exceptions):
        return ""
    return gettext("Nothing is open that needs a review.")


@guard
def has_work(order: Order) -> str:
    """Fulfillment starts with something that can be picked or sent."""
    lines = [line for line in order.facts.lines if line.open]
    if any(line.allocated or not line.is_stocked for line in lines):
        return ""
    return gettext("Nothing is allocated yet; every line waits for stock.")


@guard
def may_ship_apart(order: Order) -> str:
    """An order that ships at once waits for its last unit."""
    if order.fill_policy != FillPolicy.SHIP_COMPLETE:
        return ""
    short = sum(line.short for line in order.facts.lines if line.is_stocked)
    if not short:
        return ""
    words = gettext("It ships complete, and %(units)s units still wait for stock.")
    return words % {"units": short}


@guard
def all_sent(order: Order) -> str:
    """Shipped means that no wanted unit is left in the house."""
    left = sum(line.open for line in order.facts.lines)
    if not left:
        return ""
    return gettext("%(units)s units are still to be shipped.") % {"units": left}


@guard
def something_sent(order: Order) -> str:
    """An order of which nothing left was not shipped."""
    shipped = any(line.shipped for line in order.facts.lines)
    return "" if shipped else gettext("Nothing has shipped.")


@guard
def nothing_sent(order: Order) -> str:
    """What has left cannot be cancelled any more."""
    sent = sum(line.shipped for line in order.facts.lines)
    if not sent:
        return ""
    words = gettext("%(units)s units have already shipped; raise a return instead.")
    return words % {"units": sent}


@guard
def nothing_picked(order: Order) -> str:
    """Picked goods go back to their bins before their order is cancelled."""
    boxed = order.facts.boxed
    picked = sum(max(line.picked, boxed.get(line.pk, 0)) for line in order.facts.lines)
    if not picked:
        return ""
    words = gettext("%(units)s units are picked; recall them to their bins first.")
    return words % {"units": picked}


@guard
def wanted_is_open(order: Order) -> str:
    """Only what has neither left nor been picked can be cancelled."""
    lines = {line.pk: line for line in order.facts.lines}
    for pk, quantity in order.facts.wanted.items():
        line = lines.get(pk)
        if line is None:
            words = gettext("Line %(line)s is not a line of %(order)s.")
            return words % {"line": pk, "order": order}
        if quantity < 1:
            return gettext("%(sku)s: a quantity to cancel is at least 1.") % {"sku": line.sku}
        free = line.open - max(line.picked, order.facts.boxed.get(pk, 0))
        if quantity > free:
            return gettext(
                "%(sku)s: %(free)s of %(ordered)s can still be cancelled, not %(wanted)s."
            ) % {"sku": line.sku, "free": free, "ordered": line.ordered, "wanted": quantity}
    return ""


@guard
def all_arrived(order: Order) -> str:
    """Delivered means that no shipment is still on its way."""
    moving = order.facts.in_transit
    if not moving:
        return ""
    return gettext("Still on the way: %(shipments)s.") % {"shipments": ", ".join(moving)}


@guard
def all_invoiced(order: Order) -> str:
    """The books are closed on what shipped, no more and no less."""
    behind = sum(line.shipped - line.invoiced for line in order.facts.lines)
    if not behind:
        return ""
    return gettext("%(units)s shipped units are not invoiced.") % {"units": behind}


@guard
def paid_or_within_terms(order: Order) -> str:
    """An invoice past its due date keeps the order open."""
    late = order.facts.overdue
    if not late:
        return ""
    words = gettext("Overdue: %(invoices)s. Record the payment.")
    return words % {"invoices": ", ".join(late)}


@guard
def nothing_comes_back(order: Order) -> str:
    """What comes back is settled before the books are closed on an order."""
    coming = order.facts.returns
    if not coming:
        return ""
    words = gettext("Still open: %(returns)s. It completes when what comes back is settled.")
    return words % {"returns": ", ".join(coming)}


@guard
def something_can_come_back(order: Order) -> str:
    """Only what has left the house can be sent back, and only once."""
    lines = order.facts.lines
    if not any(line.shipped for line in lines):
        return gettext("Nothing has shipped, so nothing can come back.")
    if any(line.shipped > line.return_requested for line in lines):
        return ""
    return gettext("Everything that has shipped is asked back already.")


def edge_to(target: str) -> Callable[[Any], bool]:
    """The edge is there in the version of the rules that the order started with, and may be taken
    by whoever acts.
    """

    @guard
    def edge_is_open(order: Order) -> str:
        rule = order.facts.rules.get((order.status, target))
        if rule is None:
            return ""
        if not rule.is_enabled:
            words = gettext("Rules version %(version)s do not allow this step.")
            return words % {"version": order.rules_version}
        return unmet(order, rule)

    return edge_is_open
