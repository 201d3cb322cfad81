"""Ways out of findings about goods: what is free elsewhere, what arrives, what can go without."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from config.kernel.money import text
from inventory.models import StockLevel, Supply
from orders.models import FillPolicy, Order, OrderLine
from orders.remedies.cases import Case, Fact, Remedy, Shelves, Situation

MOST_SUPPLIES = 3


def shelves(order: Order) -> Shelves:
    """What lies and what is expected of the items that the order's findings say are short."""
    short_of = {row.data.get("line") for row in order.facts.exceptions if row.is_blocking}
    products = {line.product_id for line in order.facts.lines if line.line_no in short_of}
    levels: dict[int, list[StockLevel]] = defaultdict(list)
    supplies: dict[int, list[Supply]] = defaultdict(list)
    if products:
        lying = StockLevel.objects.filter(product__in=products, warehouse__is_active=True)
        for level in lying.select_related("warehouse").order_by("warehouse__code"):
            levels[level.product_id].append(level)
        coming = Supply.objects.open().filter(
            product__in=products, warehouse__is_sellable=True, warehouse__is_active=True
        )
        for supply in coming.select_related("warehouse").order_by("expected_on", "pk"):
            supplies[supply.product_id].append(supply)
    return Shelves(levels, supplies)


def short(case: Case) -> Situation:
    """More is wanted of an item than can be promised."""
    line = _line(case)
    if line is None:
        return Situation(case.row, "")
    levels = case.shelves.levels.get(line.product_id, [])
    missing = max(0, _wanted(case, line) - case.known.free.get(line.product_id, 0))
    free = [x for x in levels if x.warehouse.is_sellable and x.available > 0]
    there = ", ".join(f"{x.available:,} in {x.warehouse.code}" for x in free) or "nowhere"
    was = str(case.row.data.get("short", ""))
    facts = [
        Fact("Wanted", f"{line.ordered - line.cancelled:,} × {line.sku}"),
        Fact("Free", there),
        Fact("Missing", f"{missing:,}", was),
    ]
    ways = [*_elsewhere(line, levels, missing), *_arriving(case, line), *_less(case, line, missing)]
    return Situation(case.row, "", facts=facts, remedies=ways)


def deliverable(case: Case) -> Situation:
    """The order cannot be delivered as it is."""
    if not case.line():
        country = case.order.ship_to_country
        change = case.amend(
            "set_address",
            "Change the delivery address to a country that we send to",
            f"We do not send to {country}; the check then passes.",
        )
        return Situation(case.row, "", facts=[Fact("Country", country)], remedies=[change])
    situation = short(case)
    if case.order.fill_policy == FillPolicy.SHIP_COMPLETE:
        total = sum(line.open for line in case.order.facts.lines)
        missing = int(case.row.data.get("short", 0))
        change = case.amend(
            "ship_what_is_there",
            "Ship what is there instead of everything at once",
            f"{total - missing:,} of {total:,} units can leave; “Not enough stock” still wants a "
            "decision on the rest.",
        )
        situation.remedies = [change, *situation.remedies]
    return situation


def _line(case: Case) -> OrderLine | None:
    return next((x for x in case.order.facts.lines if x.line_no == case.line()), None)


def _wanted(case: Case, line: OrderLine) -> int:
    """Units of the item that the whole order still needs."""
    lines = case.order.facts.lines
    return sum(x.short for x in lines if x.product_id == line.product_id and x.is_stocked)


def _elsewhere(line: OrderLine, levels: list[StockLevel], missing: int) -> Iterable[Remedy]:
    """Units that are not for sale: safety stock, and warehouses that do not sell."""
    for level in levels:
        code, idle = level.warehouse.code, level.on_hand - level.reserved
        spare = idle - max(0, level.available) if level.warehouse.is_sellable else idle
        take = min(missing, spare)
        if take <= 0:
            continue
        if level.warehouse.is_sellable:
            left = idle - max(0, level.available) - take
            then = f"Lower its safety stock from {level.safety_stock:,} to {left:,}."
            title = f"Take {take:,} units from {code}, out of the safety stock"
            yield Remedy("take_safety", title, then, quantity=take, units={level.pk: left})
        else:
            then = f"{code} does not sell; {idle:,} units lie free there. Have them transferred."
            title = f"Take {take:,} units of {line.sku} from {code}"
            yield Remedy("take_elsewhere", title, then, quantity=take, units={level.pk: take})


def _arriving(case: Case, line: OrderLine) -> Iterable[Remedy]:
    for supply in case.shelves.supplies.get(line.product_id, [])[:MOST_SUPPLIES]:
        units, day = supply.outstanding, f"{supply.expected_on:%a %d %b}"
        yield Remedy(
            "await_supply",
            f"Wait: {units:,} units arrive in {supply.warehouse.code} on {day} by {supply}",
            "The order goes on by itself once enough has been received.",
            quantity=units,
        )


def _less(case: Case, line: OrderLine, missing: int) -> Iterable[Remedy]:
    """Give up what is missing, if something of the order is left."""
    order, most = case.order, line.open - line.picked
    units = min(missing, most)
    if not units or sum(x.open for x in order.facts.lines) <= units:
        return
    worth = line.amounts(units, order.minor_units).total
    yield Remedy(
        "cancel",
        f"Cancel the missing {units:,} × {line.sku} and ship what is there",
        f"That takes {text(worth, order.minor_units)} {order.currency_id} off the order; the rest "
        "goes on by itself.",
        case.cancel_url,
        "orders.cancel_order",
        worth,
        units,
        {line.pk: units},
    )
