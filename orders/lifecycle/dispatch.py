"""Dispatch: what is packed leaves the house, and is billed as it leaves.

One transaction: allocations are consumed, stock moves out, its cost is booked, the invoice is
written and the commitment becomes a receivable.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy

from config.kernel import sets
from config.kernel.actors import Actor
from config.kernel.money import ZERO
from config.kernel.reading import worded
from config.kernel.steps import Effect, Outcomes, asked, reasons, step
from finance.models import Invoice
from finance.services import credit, invoicing, ledger, postings
from finance.services.costs import Costs, currency
from finance.services.credit import Check
from finance.services.invoicing import Bill, Item
from fulfillment.models import Shipment, ShipmentLine, ShipmentStatus
from fulfillment.services import shipping
from inventory import services as stock
from inventory.models import MoveKind, StockLevel
from orders import history
from orders.lifecycle import findings, searching, settlement
from orders.lifecycle.checks import context
from orders.lifecycle.loading import (
    load,
    moved,
    save,
    save_allocations,
    save_credit,
    save_lines,
)
from orders.lifecycle.validation import evidence_of
from orders.models import Allocation, Order, OrderLine


@dataclass(slots=True)
class Load:
    """One shipment about to leave: its lines, what it costs and what is billed for it."""

    order: Order
    shipment: Shipment
    lines: list[ShipmentLine]
    bill: Bill
    cost: Decimal = ZERO
    effects: list[Effect] = field(default_factory=list)


@step
def dispatch(
    ids: Sequence[int],
    *,
    by: Actor,
    shipments: Collection[int] | None = None,
    carrier: int | None = None,
    tracking_number: str = "",
    at: datetime | None = None,
) -> Outcomes:
    """Send the packed shipments of the orders, or these of them, and bill what they hold."""
    at = at or timezone.now()
    orders = load(ids, by=by, with_credit=True, with_stock=True)
    packed = [
        shipment
        for shipment in shipping.of_orders((o.pk for o in orders), [ShipmentStatus.PACKED])
        if shipments is None or shipment.pk in shipments
    ]
    contents = shipping.lines_of(packed)
    taken, outcomes = asked(orders, Order.dispatch, ids)
    loads = _may_leave(_loads(taken, packed, contents), outcomes)
    loads = _on_credit(taken, loads, outcomes, by=by, at=at)
    loaded = {each.order.pk for each in loads}
    for order in taken:
        if order.pk not in outcomes.refused and order.pk not in loaded:
            words = gettext("No shipment of %(order)s is packed.")
            outcomes.refuse(order.pk, words % {"order": order})
    outcomes.done = [pk for pk in outcomes.done if pk not in outcomes.refused]
    if loads:
        _send(loads, carrier=carrier, tracking_number=tracking_number, at=at)
        _close(loads, outcomes, by=by, at=at)
    return outcomes


def _loads(
    orders: Sequence[Order],
    shipments: Sequence[Shipment],
    contents: dict[int, list[ShipmentLine]],
) -> list[Load]:
    """What each shipment holds, and the bill that is to be written for it."""
    by_pk = {order.pk: order for order in orders}
    loads = []
    for shipment in shipments:
        order = by_pk.get(shipment.order_id)
        if order is None:
            continue
        bill = Bill(order.pk, order.customer_id, shipment.pk, order.currency_id, order.terms_days)
        loads.append(Load(order, shipment, contents[shipment.pk], bill))
    return loads


def _may_leave(loads: Sequence[Load], outcomes: Outcomes) -> list[Load]:
    """What is sent before a pick starts the fulfillment, which the rules may refuse."""
    for order in {each.order.pk: each.order for each in loads}.values():
        if order.status == "processing" and (why := reasons(order, Order.start_fulfillment)):
            outcomes.refuse(order.pk, " ".join(why))
    return [each for each in loads if each.order.pk not in outcomes.refused]


def _on_credit(
    orders: Sequence[Order], loads: list[Load], outcomes: Outcomes, *, by: Actor, at: datetime
) -> list[Load]:
    """Credit is looked at once more; an order over the limit stays, with its exception."""
    known = context(orders, at=at, with_repeats=False)
    loaded = {each.order.pk for each in loads}
    checks, stopped = [], []
    for order in orders:
        if order.pk not in loaded:
            continue
        findings.examine(order, known, "credit")
        check = evidence_of(order, "dispatch", ZERO)
        if check.decision == "refused":
            stopped.append(order)
            found = findings.of_rule(order, "credit")
            outcomes.refuse(order.pk, found.said if found else gettext("Over the credit limit."))
        checks.append((order, check))
    findings.save([order for order, _ in checks])
    history.record(
        [history.Happening(order, "credit.refused", reason="credit") for order in stopped],
        by=by,
        at=at,
    )
    save(stopped)
    credit.keep([_named(order, check) for order, check in checks], at=at)
    gone = {order.pk for order in stopped}
    return [each for each in loads if each.order.pk not in gone]


def _named(order: Order, check: Check) -> Check:
    """The decision with the exception that it opened or that was waived for it."""
    found = findings.of_rule(order, "credit")
    check.exception = found.pk if found and check.decision != "passed" else None
    return check


def _send(
    loads: Sequence[Load], *, carrier: int | None, tracking_number: str, at: datetime
) -> None:
    """The goods leave: moves, allocations, counters, cost, and what is billed."""
    _start([each.order for each in loads])
    staging = stock.staging_bins({each.shipment.warehouse_id for each in loads})
    costs = Costs(a.stock_level_id for x in loads for a in x.order.facts.allocations)
    leaving: dict[int, int] = defaultdict(int)
    moves = [
        move
        for each in loads
        for move in _leave(each, staging[each.shipment.warehouse_id], costs, leaving)
    ]
    stock.book(moves, at=at)
    costs.save()
    shipping.dispatch(
        [each.shipment for each in loads],
        [item for each in loads for item in each.lines],
        carrier=carrier,
        tracking_number=tracking_number,
        at=at,
    )
    if tracking_number:
        searching.write_words({each.order.pk for each in loads})


def _leave(each: Load, bin_: int, costs: Costs, leaving: dict[int, int]) -> Iterable[stock.Move]:
    """Count what one shipment holds on its lines, its allocations and its bill, in memory.

    What has stock moves out, at its cost.
    """
    lines = {line.pk: line for line in each.order.facts.lines}
    allocations = {a.pk: a for a in each.order.facts.allocations}
    for item in each.lines:
        line, quantity = lines[item.order_line_id], item.quantity
        each.bill.items.append(_bill(line, quantity, each.order.minor_units))
        line.shipped += quantity
        line.invoiced += quantity
        each.effects.append(Effect(each.order.pk, "ship", line.sku, quantity))
        allocation = allocations.get(item.allocation_id or 0)
        if allocation is None:
            continue
        level = each.order.facts.levels[allocation.stock_level_id]
        item.cost_amount = costs.take(level.pk, quantity, level.on_hand - leaving[level.pk])
        leaving[level.pk] += quantity
        each.cost += item.cost_amount
        _consume(line, allocation, level, quantity)
        key = f"ship:{item.pk}"
        yield stock.Move(
            level, MoveKind.SHIP, quantity, "shipment_line", item.pk, key, from_bin=bin_
        )


def _start(orders: Sequence[Order]) -> None:
    """The first dispatch of what is not stocked starts fulfillment; no stage is passed over."""
    starting = {order.pk: order for order in orders if order.status == "processing"}
    for order in starting.values():
        Order.start_fulfillment(order)
    sets.update(Order, ["status"], starting.values())


def _bill(line: OrderLine, quantity: int, minor_units: int) -> Item:
    amounts = line.amounts(quantity, minor_units)
    return Item(line.pk, line.sku, quantity, amounts.net, amounts.shipping, amounts.tax)


def _consume(line: OrderLine, allocation: Allocation, level: StockLevel, quantity: int) -> None:
    line.allocated -= quantity
    line.picked -= quantity
    level.reserved -= quantity
    allocation.shipped += quantity
    allocation.follow()


def _close(loads: Sequence[Load], outcomes: Outcomes, *, by: Actor, at: datetime) -> None:
    """History, then invoices (their numbers last), the ledger, the credit and the orders."""
    orders = list({each.order.pk: each.order for each in loads}.values())
    save_allocations(orders)
    happenings = [_event(each) for each in loads]
    for order in orders:
        if order.status == "fulfilling" and not reasons(order, Order.ship):
            Order.ship(order)
            happenings.append(moved(order, "order.shipped"))
    events = history.record(happenings, by=by, at=at)
    invoices = invoicing.issue([each.bill for each in loads], on=at.date())
    _post(loads, events[: len(loads)], invoices, at=at)
    settlement.use_deposits(orders, invoices, at=at)
    settlement.settle(orders)
    save_lines(orders, "allocated", "picked", "shipped", "invoiced")
    save_credit(orders)
    save(orders, *settlement.AXES)
    for each in loads:
        outcomes.effects += each.effects
        total = each.bill.total
        what = worded(gettext_lazy("for %(shipment)s"), shipment=each.shipment.number)
        outcomes.effects.append(
            Effect(each.order.pk, "invoice", what, amount=total, currency=each.bill.currency)
        )
    outcomes.created = [each.shipment.pk for each in loads]


def _event(each: Load) -> history.Happening:
    order = each.order
    waiting = sum(line.open for line in order.facts.lines)
    data = {
        "shipment": history.changed(None, each.shipment.number),
        "effects": history.told(each.effects),
        "remains": history.changed(None, waiting),
        "invoiced": history.changed(None, each.bill.total),
    }
    return moved(order, "shipment.dispatched", data=data)


def _post(
    loads: Sequence[Load], events: Sequence[int], invoices: Sequence[Invoice], *, at: datetime
) -> None:
    """Commitments become receivables, and the goods' cost leaves the inventory."""
    entries = []
    for each, event, invoice in zip(loads, events, invoices, strict=True):
        bill, standing = each.bill, each.order.facts.credit
        if standing:
            standing.committed -= bill.total
            standing.receivable += bill.total
        key = (bill.order, bill.customer, bill.currency)
        entries += [
            postings.commitment_release(*key, bill.total, event),
            postings.invoice(*key, bill.parts, invoice.pk),
            postings.cost_of_goods(bill.order, currency(), each.cost, each.shipment.pk),
        ]
    ledger.post(entries, at=at)
