"""What the customer changes of a quote before accepting it: quantities, at the quoted prices.

Prices, discounts in percent and delivery stay as they were offered; an amount taken off the order
keeps its share of the goods.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from config.kernel import sets
from config.kernel.money import ZERO, rounded
from config.kernel.reading import worded
from config.kernel.steps import Effect
from inventory.models import Product
from orders import history
from orders.lifecycle import limits, reading, schedules
from orders.lifecycle.amendment.change import reprice
from orders.lifecycle.drafts import LineDraft
from orders.lifecycle.loading import save_lines
from orders.models import LineSchedule, Order, OrderLine, Quote

Wanted = Mapping[int, int]  # line → units; 0: not wanted at all
LINE = (
    *("ordered", "gross_amount", "discount_amount", "order_discount_share"),
    *("shipping_amount", "tax_amount", "line_total"),
)
ORDER = (
    *("subtotal", "order_discount", "discount_total", "shipping_total", "tax_total"),
    "grand_total",
)


def changed(order: Order, wanted: Wanted) -> dict[int, int]:
    """What differs from the offer."""
    offered = {line.pk: line.ordered for line in order.facts.lines}
    return {pk: units for pk, units in wanted.items() if offered.get(pk) != units}


def objection(order: Order, quote: Quote, wanted: Wanted, products: Mapping[int, Product]) -> str:
    """Why the customer cannot have these quantities instead of those offered, or ''."""
    units = changed(order, wanted)
    if not units:
        return ""
    if not quote.may_change:
        return gettext("The quantities of %(quote)s are fixed; ask for another quote.") % {
            "quote": quote
        }
    lines = {line.pk: line for line in order.facts.lines}
    if units.keys() - lines.keys():
        return gettext("%(quote)s has other items by now; read it again.") % {"quote": quote}
    if not any(units.get(pk, line.ordered) for pk, line in lines.items()):
        return gettext("Keep at least one item; to order nothing, leave the quote as it is.")
    wrong = (_wrong(lines[pk], number, products) for pk, number in units.items() if number)
    return next(filter(None, wrong), "")


def _wrong(line: OrderLine, units: int, products: Mapping[int, Product]) -> str:
    draft = LineDraft(line.sku, units, line.unit_price)
    product = products.get(line.product_id)
    problems = (words for _, words in reading.quantity_problems(draft, product))
    return next(problems, "") or limits.of_line(draft)


def apply(order: Order, wanted: Wanted) -> dict[str, Any]:
    """Change the order in memory and answer what its event says: every fact as old → new.

    A line of which nothing is wanted is gone from the order.
    """
    units, before, total = changed(order, wanted), _goods(order), order.grand_total
    facts, effects = {}, []
    pattern = _("%(sku)s: %(new)s instead of %(old)s")
    for line in order.facts.lines:
        if line.pk in units:
            old, line.ordered = line.ordered, units[line.pk]
            facts[str(line.line_no)] = {"ordered": history.changed(old, line.ordered)}
            what = worded(pattern, sku=line.sku, new=line.ordered, old=old)
            effects.append(Effect(order.pk, "set", what))
    if not facts:
        return {}
    order.facts.lines = [line for line in order.facts.lines if line.ordered]
    if before:
        share = order.order_discount * _goods(order) / before
        order.order_discount = rounded(share, order.minor_units)
    reprice(order)
    return {
        "lines": facts,
        "grand_total": history.changed(total, order.grand_total),
        "effects": history.told(effects),
    }


def write(orders: Sequence[Order]) -> None:
    """Write what was changed of locked drafts; lines of which nothing is wanted are deleted."""
    if not orders:
        return
    keys = [order.pk for order in orders]
    kept = [line.pk for order in orders for line in order.facts.lines]
    dropped = OrderLine.objects.filter(order__in=keys).exclude(pk__in=kept)
    LineSchedule.objects.filter(line__in=dropped).delete()
    dropped.delete()
    save_lines(orders, *LINE)
    schedules.settle(orders)
    sets.update(Order, ORDER, orders)


def _goods(order: Order) -> Decimal:
    """What the goods come to after the discounts of their lines."""
    return sum(
        (x.unit_price * x.ordered * (1 - x.discount_percent / 100) for x in order.facts.lines), ZERO
    )
