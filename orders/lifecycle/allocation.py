"""Goods that arrive or are given back: they go to the lines that wait for them, in their turn.

Waiting lines are served by their order's priority, then by promised date, then by when the order
was placed; each from the warehouses that are best for its order, by the rules of sourcing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy, gettext_noop

from config.kernel import pipeline
from config.kernel.actors import Actor
from config.kernel.errors import DomainError, TryLater
from config.kernel.reading import worded
from config.kernel.steps import Effect, Outcomes, step
from config.kernel.wake import wake
from finance.services import ledger, postings
from finance.services.costs import Costs, currency
from inventory import services as stock
from inventory.models import MoveKind, StockLevel
from inventory.services.sourcing import MOST_WAREHOUSES, Candidate, Want, rank, take
from orders import history
from orders.lifecycle import promising, sourcing, tasks
from orders.lifecycle.loading import load, lock_stock, save, save_lines
from orders.models import Order, OrderLine

MOST_STARTS = 3
AT_ONCE = 50  # products
FREE_AND_WANTED = """
SELECT DISTINCT l.product_id FROM orders_orderline l
JOIN inventory_stocklevel s ON s.product_id = l.product_id
 AND (l.warehouse_id IS NULL AND s.on_hand - s.reserved - s.safety_stock > 0
  OR l.warehouse_id = s.warehouse_id AND s.on_hand - s.reserved > 0)
JOIN inventory_warehouse w ON w.id = s.warehouse_id AND w.is_sellable AND w.is_active
CROSS JOIN LATERAL (
 SELECT count(DISTINCT a.stock_level_id) AS places,
  count(*) FILTER (WHERE a.stock_level_id = s.id) > 0 AS is_one
 FROM orders_allocation a
 WHERE a.line_id = l.id AND a.state NOT IN ('released', 'expired')) serving
WHERE l.backordered > 0 AND (l.warehouse_id IS NOT NULL OR is_one OR places < %s)
AND NOT EXISTS (SELECT FROM orders_hold h WHERE h.order_id = l.order_id AND h.released_at IS NULL)
ORDER BY 1 LIMIT %s
"""


class ReceiptRefused(DomainError):
    """Goods cannot be received as they were announced."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """Goods that came in without being announced: what, where to, how many, at what cost each."""

    product: int
    warehouse: int
    quantity: int
    unit_cost: Decimal
    bin: int


@step
def receive(
    receipts: Sequence[Receipt],
    *,
    reference: str,
    by: Actor,
    at: datetime | None = None,
) -> Outcomes:
    """Book the goods and serve the lines that wait for them; the outcomes name those orders.

    Which orders are concerned is read first, then they are locked, then read again; if another
    one is concerned by then, it starts over.
    """
    at = at or timezone.now()
    if any(receipt.quantity < 1 or receipt.unit_cost < 0 for receipt in receipts):
        raise ReceiptRefused(gettext("A receipt is of at least one unit, at a cost of 0 or more."))
    products = {receipt.product for receipt in receipts}
    for _ in range(MOST_STARTS):
        concerned = _waiting(products)
        with transaction.atomic():
            orders = load(sorted(concerned), by=by)
            levels = _lock(orders, receipts)
            if set(_waiting(products)) <= concerned:
                return _receive(orders, levels, receipts, reference=reference, by=by, at=at)
            transaction.set_rollback(True)
    raise TryLater(
        gettext("Orders for these items keep coming in; receive them again in a moment.")
    )


@step
def share_out(*, by: Actor, at: datetime | None = None) -> Outcomes:
    """Give what lies free to the lines that wait for it: units that others have given back.

    The products are read first, then their waiting orders and their levels are locked; who came
    to wait meanwhile is served the next time.
    """
    at = at or timezone.now()
    with pipeline.cursor() as cursor:
        cursor.execute(FREE_AND_WANTED, [MOST_WAREHOUSES, AT_ONCE])
        products = [pk for (pk,) in cursor.fetchall()]
    if not products:
        return Outcomes()
    orders = load(sorted(_waiting(set(products))), by=by)
    levels = lock_stock(orders, more=[level.pk for level in stock.levels(products)])
    return serve(orders, _of(products, levels), by=by, at=at)


def _waiting(products: set[int]) -> set[int]:
    """The orders with a line that waits for one of the products."""
    rows = OrderLine.objects.filter(product__in=products, backordered__gt=0)
    return set(rows.values_list("order", flat=True))


def _lock(orders: Sequence[Order], receipts: Sequence[Receipt]) -> dict[int, StockLevel]:
    """Lock where the goods arrive, and where else the waiting lines could have them from."""
    arriving = stock.level_ids((receipt.product, receipt.warehouse) for receipt in receipts)
    elsewhere = stock.levels(receipt.product for receipt in receipts)
    return lock_stock(orders, more={*arriving.values(), *(level.pk for level in elsewhere)})


def _of(products: Iterable[int], levels: Mapping[int, StockLevel]) -> list[StockLevel]:
    """Of the locked levels those of these products, all that there are of them."""
    wanted = set(products)
    return [level for level in levels.values() if level.product_id in wanted]


def _receive(
    orders: Sequence[Order],
    levels: dict[int, StockLevel],
    receipts: Sequence[Receipt],
    *,
    reference: str,
    by: Actor,
    at: datetime,
) -> Outcomes:
    """Book the goods in, then hand them out."""
    number = stock.receipt_number()
    at_place = {(level.product_id, level.warehouse_id): level for level in levels.values()}
    moves = [
        stock.Move(
            at_place[receipt.product, receipt.warehouse],
            MoveKind.RECEIPT,
            receipt.quantity,
            "receipt",
            number,
            f"receipt:{number}:{position}",
            to_bin=receipt.bin,
            reason=reference,
        )
        for position, receipt in enumerate(receipts)
    ]
    ids = stock.book(moves, at=at)
    costs = Costs(move.level.pk for move in moves)
    entries = []
    for pk, move, receipt in zip(ids, moves, receipts, strict=True):
        amount = (receipt.unit_cost * receipt.quantity).quantize(Decimal("0.01"))
        costs.add(move.level.pk, amount)
        entries.append(postings.goods_received(currency(), amount, pk))
    costs.save()
    ledger.post(entries, at=at)
    wake("recheck")
    served = _of((receipt.product for receipt in receipts), levels)
    return serve(orders, served, by=by, at=at)


def serve(
    orders: Sequence[Order], levels: Sequence[StockLevel], *, by: Actor, at: datetime
) -> Outcomes:
    """Give free units of these levels to the waiting lines of locked orders, in their turn.

    The levels are all there are of their products. Warehouses are ranked for a whole order, by
    what is free when its first line has its turn.
    """
    outcomes, rows = Outcomes(), []
    sourcing.recall(orders)
    level_of = {(level.product_id, level.warehouse_id): level for level in levels}
    free, sites, ranked = sourcing.free_on(levels), stock.sites(), dict[int, list[Candidate]]()
    wanted = {order.pk: _wanted(order, {level.product_id for level in levels}) for order in orders}
    waiting = [(order, line) for order in orders for line in wanted[order.pk]]
    for order, line in sorted(waiting, key=_turn):
        wants = wanted[order.pk]
        if order.pk not in ranked:
            ranked[order.pk] = rank(wants.values(), free, sites, order.ship_to_country)
        for candidate, quantity in take(wants[line], ranked[order.pk], free):
            level = level_of[line.product_id, candidate.site.pk]
            level.reserved += quantity
            line.allocated += quantity
            line.backordered -= quantity
            rows.append((order, line.pk, level.pk, quantity))
            outcomes.effects.append(Effect(order.pk, "reserve", line.sku, quantity))
    _write(rows, levels, ranked, outcomes, by=by, at=at)
    return outcomes


def _wanted(order: Order, products: Collection[int]) -> dict[OrderLine, Want]:
    """What the lines of an order wait for of these products; on hold it waits on."""
    return {
        line: sourcing.want_of(order, line, line.backordered)
        for line in ([] if order.facts.holds else order.facts.lines)
        if line.backordered and line.product_id in products
    }


def _turn(entry: tuple[Order, OrderLine]) -> tuple[int, date, datetime, int]:
    order, line = entry
    placed = order.submitted_at or order.created_at
    return (-order.priority, line.promised_on or date.max, placed, line.pk)


def _write(
    rows: Sequence[tuple[Order, int, int, int]],
    levels: Sequence[StockLevel],
    ranked: Mapping[int, Sequence[Candidate]],
    outcomes: Outcomes,
    *,
    by: Actor,
    at: datetime,
) -> None:
    served = list({row[0].pk: row[0] for row in rows}.values())
    sourcing.write_allocations(rows, at=at)
    _promise(served, {line for _, line, _, _ in rows}, outcomes, at=at)
    stock.save(levels)
    sourcing.decide({order.pk: ranked[order.pk] for order in served}, at=at)
    tasks.plan(served, at=at)
    effects = history.told_by_order(outcomes)
    happenings = [
        history.Happening(order, "stock.allocated", data={"effects": effects[order.pk]})
        for order in served
    ]
    history.record(happenings, by=by, at=at)
    save_lines(served, "allocated", "backordered", "first_promised_on", "promised_on")
    save(served, "promised_on")
    outcomes.done = [order.pk for order in served]


def _promise(
    orders: Sequence[Order], lines: Collection[int], outcomes: Outcomes, *, at: datetime
) -> None:
    """The dates of the lines that got units are promised anew, from what there is now."""
    causes = dict.fromkeys(lines, gettext_noop("Goods came in"))
    for order, line, _ in promising.remake(orders, causes, at=at):
        day = f"{line.promised_on:%d %b %Y}"
        words = worded(gettext_lazy("%(sku)s for %(day)s"), sku=line.sku, day=day)
        outcomes.effects.append(Effect(order.pk, "promise", words))
    for order in orders:
        order.promised_on = promising.latest(order.facts.lines)
