"""Ways out of findings about goods: what is free elsewhere, what arrives, what can go without."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace

from django.utils.translation import gettext, ngettext

from config.kernel.reading import amount, near_day, number
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
    if line.warehouse_id:  # chosen by somebody: what lies elsewhere does not count
        here = case.known.whole.get((line.product_id, line.warehouse_id), 0)
        missing = max(0, line.short - here)
    free = [x for x in levels if x.warehouse.is_sellable and x.available > 0]
    there = ", ".join(
        gettext("%(units)s in %(code)s") % {"units": number(x.available), "code": x.warehouse.code}
        for x in free
    )
    was = str(case.row.data.get("short", ""))
    facts = [
        Fact(gettext("Wanted"), f"{number(line.ordered - line.cancelled)} × {line.sku}"),
        Fact(gettext("Free"), there or gettext("nowhere")),
        Fact(gettext("Missing"), number(missing), was),
    ]
    ways = [
        *_elsewhere(case, line, levels, missing),
        *_arriving(case, line),
        *_less(case, line, missing),
    ]
    return Situation(case.row, "", facts=facts, remedies=ways)


def deliverable(case: Case) -> Situation:
    """The order cannot be delivered as it is."""
    if not case.line():
        country = case.order.ship_to_country
        change = case.amend(
            "set_address",
            gettext("Change the delivery address to a country that we send to"),
            gettext("We do not send to %(country)s; the check then passes.") % {"country": country},
        )
        facts = [Fact(gettext("Country"), country)]
        return Situation(case.row, "", facts=facts, remedies=[change])
    situation = short(case)
    if case.order.fill_policy == FillPolicy.SHIP_COMPLETE:
        total = sum(line.open for line in case.order.facts.lines)
        missing = int(case.row.data.get("short", 0))
        change = case.amend(
            "ship_what_is_there",
            gettext("Ship what is there instead of everything at once"),
            ngettext(
                "%(units)s of %(total)s unit can leave; “Not enough stock” still wants a "
                "decision on the rest.",
                "%(units)s of %(total)s units can leave; “Not enough stock” still wants a "
                "decision on the rest.",
                total,
            )
            % {"units": number(total - missing), "total": number(total)},
            fill_policy=FillPolicy.PARTIAL.value,
        )
        situation.remedies = [change, *situation.remedies]
    return situation


def _line(case: Case) -> OrderLine | None:
    return next((x for x in case.order.facts.lines if x.line_no == case.line()), None)


def _wanted(case: Case, line: OrderLine) -> int:
    """Units of the item that the whole order still needs."""
    lines = case.order.facts.lines
    return sum(x.short for x in lines if x.product_id == line.product_id and x.is_stocked)


def _elsewhere(
    case: Case, line: OrderLine, levels: list[StockLevel], missing: int
) -> Iterable[Remedy]:
    """Units that are not for sale: safety stock, and warehouses that do not sell."""
    for level in levels:
        code, idle = level.warehouse.code, level.on_hand - level.reserved
        spare = idle - max(0, level.available) if level.warehouse.is_sellable else idle
        take = min(missing, spare)
        if take <= 0:
            continue
        if level.warehouse.is_sellable:
            yield _from_safety(case, line, level, take)
        else:
            then = ngettext(
                "%(code)s does not sell; %(units)s unit lies free there. Have it transferred.",
                "%(code)s does not sell; %(units)s units lie free there. Have them transferred.",
                idle,
            ) % {"code": code, "units": number(idle)}
            title = ngettext(
                "Take %(units)s unit of %(sku)s from %(code)s",
                "Take %(units)s units of %(sku)s from %(code)s",
                take,
            ) % {"units": number(take), "sku": line.sku, "code": code}
            yield Remedy("take_elsewhere", title, then, quantity=take, units={level.pk: take})


def _from_safety(case: Case, line: OrderLine, level: StockLevel, take: int) -> Remedy:
    """Serve the line from there, where all of it lies; else its safety stock has to be lowered."""
    code, idle = level.warehouse.code, level.on_hand - level.reserved
    title = ngettext(
        "Take %(units)s unit from %(code)s, out of the safety stock",
        "Take %(units)s units from %(code)s, out of the safety stock",
        take,
    ) % {"units": number(take), "code": code}
    if idle >= _wanted(case, line):
        then = gettext("All of %(sku)s then comes from %(code)s; the check passes.")
        named = {f"warehouse-{line.pk}": code}
        way = case.amend(
            "take_safety", title, then % {"sku": line.sku, "code": code}, None, **named
        )
        return replace(way, quantity=take, besides="orders.assign_order")
    left = idle - max(0, level.available) - take
    then = gettext("Lower its safety stock from %(now)s to %(then)s.") % {
        "now": number(level.safety_stock),
        "then": number(left),
    }
    return Remedy("take_safety", title, then, quantity=take, units={level.pk: left})


def _arriving(case: Case, line: OrderLine) -> Iterable[Remedy]:
    for supply in case.shelves.supplies.get(line.product_id, [])[:MOST_SUPPLIES]:
        title = ngettext(
            "Wait: %(units)s unit arrives in %(code)s on %(day)s by %(supply)s",
            "Wait: %(units)s units arrive in %(code)s on %(day)s by %(supply)s",
            supply.outstanding,
        ) % {
            "units": number(supply.outstanding),
            "code": supply.warehouse.code,
            "day": near_day(supply.expected_on),
            "supply": supply,
        }
        then = gettext("The order goes on by itself once enough has been received.")
        yield Remedy("await_supply", title, then, quantity=supply.outstanding)


def _less(case: Case, line: OrderLine, missing: int) -> Iterable[Remedy]:
    """Give up what is missing, if something of the order is left."""
    order, most = case.order, line.open - line.picked
    units = min(missing, most)
    if not units or sum(x.open for x in order.facts.lines) <= units:
        return
    worth = line.amounts(units, order.minor_units).total
    yield Remedy(
        "cancel",
        gettext("Cancel the missing %(units)s × %(sku)s and ship what is there")
        % {"units": number(units), "sku": line.sku},
        gettext("That takes %(amount)s off the order; the rest goes on by itself.")
        % {"amount": amount(worth, order.currency_id, order.minor_units)},
        case.cancelling({line.pk: units}, "out_of_stock"),
        "orders.cancel_order",
        worth,
        units,
        {line.pk: units},
    )
