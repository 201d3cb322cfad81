"""The axes that lists of orders are narrowed by; each names the index that serves it.

An axis without an index of its own is read along one that has, or among the newest orders alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from operator import itemgetter

from django.contrib.auth.models import User
from django.db import connection
from django.db.models import Exists, OuterRef, Q
from django.db.models.expressions import RawSQL
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from config.kernel.lists import Among
from inventory.models import Warehouse
from orders.lifecycle.checks import CHECKS
from orders.lifecycle.searching import known_under
from orders.models import (
    BLOCKING,
    LABELS,
    OPEN_ALLOCATIONS,
    TERMINAL,
    Channel,
    Customer,
    Hold,
    Order,
    OrderException,
    OrderLine,
    OrderQuerySet,
    OrderSearch,
    PaymentStatus,
    Status,
    SubStatus,
)

NUMBER = re.compile(r"so-?0*(\d{1,9})", re.IGNORECASE)
VERSION = re.compile(r"\d{1,6}")
RISK = timedelta(days=2)
STOCKED = (Status.PROCESSING, Status.FULFILLING)  # what has goods reserved stands in these alone
# The lowest and the highest id of a period. Where few are left out at one end, 0: the list may as
# well pass over them as that what is in the period is read to find its bounds. It is read whole
# (OFFSET 0): the planner would rather walk up from the first order.
ENTERED = """
WITH entry AS NOT MATERIALIZED
 (SELECT order_id, entered_at FROM orders_stageinterval WHERE stage = 'draft'),
period AS NOT MATERIALIZED
 (SELECT order_id FROM entry WHERE entered_at >= %(since)s AND entered_at < %(until)s OFFSET 0)
SELECT
 CASE WHEN (SELECT count(*) FROM (SELECT FROM entry WHERE entered_at < %(since)s LIMIT %(few)s) t)
  < %(few)s THEN 0 ELSE
  (SELECT min(order_id) FROM period) END,
 CASE WHEN (SELECT count(*) FROM (SELECT FROM entry WHERE entered_at >= %(until)s LIMIT %(few)s) t)
  < %(few)s THEN 0 ELSE
  (SELECT max(order_id) FROM period) END
"""
FEW = 5_000
# The orders from an id on of which something has left some warehouses, or is reserved there. In
# words of our own: building them anew took longer than finding the orders.
FROM_THERE = """
ARRAY(
 SELECT order_id FROM fulfillment_shipment
 WHERE order_id >= %s AND status <> 'cancelled'
  AND warehouse_id = ANY(ARRAY(SELECT id FROM inventory_warehouse WHERE code = ANY(%s)))
 UNION ALL
 SELECT o.id FROM orders_order o JOIN orders_orderline l ON l.order_id = o.id
 JOIN orders_allocation a ON a.line_id = l.id
 JOIN inventory_stocklevel s ON s.id = a.stock_level_id
 WHERE o.id >= %s AND o.status = ANY(%s) AND a.state = ANY(%s)
  AND s.warehouse_id = ANY(ARRAY(SELECT id FROM inventory_warehouse WHERE code = ANY(%s))))
"""
Values = Sequence[str]
Choices = Sequence[tuple[str, StrOrPromise]]
Narrow = Callable[..., OrderQuerySet]
ANY = ("any", _("Any"))


@dataclass(frozen=True, slots=True)
class Axis:
    """One way to narrow the list: its name in addresses, what it asks, and what serves it."""

    name: str
    label: StrOrPromise
    index: str  # none: read along another one, or among the newest
    narrow: Narrow  # of the orders and the values; and of a bound or a place, where one is needed
    kind: str = "text"  # text, day, flag, one, many
    offered: Callable[[], Choices] = tuple
    is_fixed: bool = True  # what is offered is all there can be
    needs_bound: bool = False  # looks beside the orders, at all that happened to so many
    needs_place: bool = False  # looks at rows beside the orders, which have the same keys
    counts: bool = False  # the index alone tells how many there are, without a look at the orders

    def problem(self, values: Values) -> str:
        """What is wrong with the values of an address, in words; '' if nothing is."""
        for value in values:
            if self.kind == "day" and not _day(value):
                return gettext("%(label)s: “%(value)s” is no date. Write it as %(day)s.") % {
                    "label": self.label,
                    "value": value,
                    "day": timezone.localdate(),
                }
            if self.kind in {"one", "many"} and self.is_fixed and value not in dict(self.offered()):
                return gettext("%(label)s: there is no “%(value)s”.") % {
                    "label": self.label,
                    "value": value,
                }
        if self.name == "q" and sum(map(str.isalnum, values[0])) < 3:
            return gettext("Search for at least three letters or digits.")
        return ""

    def serves(self, values: Values) -> bool:
        """Whether the index alone leaves few enough rows for every other axis to look at."""
        return bool(self.index) and not (self.name == "status" and set(values) & set(TERMINAL))


def _day(value: str) -> date | None:
    try:
        day = parse_date(value)
    except ValueError:
        return None
    return day if day and 1970 <= day.year < 3000 else None


def _search(orders: OrderQuerySet, values: Values, place: Q) -> OrderQuerySet:
    """By order number exactly, else by every word that the order is known under.

    Words are looked for from the place of the page on, not from the top of the list.
    """
    text = values[0]
    if found := NUMBER.fullmatch(text):
        return orders.filter(number=f"SO-{int(found[1]):06}")
    known = OrderSearch.objects.filter(place, known_under(text))
    return orders.filter(pk__in=known.values("order"))


def _status(orders: OrderQuerySet, values: Values) -> OrderQuerySet:
    return orders.filter(status__in=values)


def _sub_status(orders: OrderQuerySet, values: Values) -> OrderQuerySet:
    return orders.filter(sub_status__in=values)


def _rules_version(orders: OrderQuerySet, values: Values) -> OrderQuerySet:
    """Orders by the version of the rules that they keep."""
    return orders.filter(rules_version__in=[int(v) for v in values if VERSION.fullmatch(v)])


def _hold(orders: OrderQuerySet, values: Values) -> OrderQuerySet:
    holds = Hold.objects.in_force()
    if values[0] != "any":
        holds = holds.filter(kind=values[0])
    return orders.filter(Among(holds.values("order")))


def _exception(orders: OrderQuerySet, values: Values) -> OrderQuerySet:
    found = OrderException.objects.open()
    if values[0] != "any":
        found = found.filter(rule=values[0])
    return orders.filter(Among(found.values("order")))


def _channel(orders: OrderQuerySet, values: Values) -> OrderQuerySet:
    return orders.filter(channel__in=list(Channel.objects.filter(code__in=values)))


def _warehouse(orders: OrderQuerySet, values: Values, lowest: int) -> OrderQuerySet:
    """Orders of which goods are reserved or picked there, or have left from there."""
    codes = list(values)
    asked = [lowest, codes, lowest, list(STOCKED), list(OPEN_ALLOCATIONS), codes]
    return orders.filter(Among(RawSQL(FROM_THERE, asked)))  # noqa: S611 - a text of our own


def _rep(orders: OrderQuerySet, values: Values) -> OrderQuerySet:
    """Orders of the customers of a sales rep, by user name; as keys, so that it is known how many
    orders each of them has.
    """
    customers = Customer.objects.filter(sales_rep__username=values[0])
    return orders.filter(Among(list(customers.values_list("pk", flat=True)), "customer"))


def _customer(orders: OrderQuerySet, values: Values) -> OrderQuerySet:
    customers = Customer.objects.filter(code__in=[*values, *map(str.upper, values)])
    return orders.filter(Among(list(customers.values_list("pk", flat=True)), "customer"))


def _sku(orders: OrderQuerySet, values: Values) -> OrderQuerySet:
    lines = OrderLine.objects.filter(sku__iexact=values[0])
    return orders.filter(Among(lines.values("order")))


def entered(first: date | None, last: date | None) -> tuple[int, Q]:
    """Orders entered from one day to another: their lowest id, and what they all have.

    Ids rise with time, so a period is a range of ids, whatever else is asked for.
    """
    since = _midnight(first or date(1970, 1, 1))
    until = _midnight((last or date(3000, 1, 1)) + timedelta(days=1))
    with connection.cursor() as cursor:
        cursor.execute(ENTERED, {"since": since, "until": until, "few": FEW})
        lowest, highest = cursor.fetchone() or (None, None)
    if lowest is None or highest is None:
        return 0, Q(pk__in=[])
    within = Q(created_at__gte=since, created_at__lt=until, pk__gte=lowest)
    return lowest, within & Q(pk__lte=highest) if highest else within


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


def _entered_from(orders: OrderQuerySet, values: Values) -> OrderQuerySet:
    return orders.filter(entered(_day(values[0]), None)[1])


def _entered_to(orders: OrderQuerySet, values: Values) -> OrderQuerySet:
    return orders.filter(entered(None, _day(values[0]))[1])


def _promised_from(orders: OrderQuerySet, values: Values) -> OrderQuerySet:
    return orders.open().filter(promised_on__gte=_day(values[0]))


def _promised_to(orders: OrderQuerySet, values: Values) -> OrderQuerySet:
    return orders.open().filter(promised_on__lte=_day(values[0]))


def _late(orders: OrderQuerySet, _values: Values) -> OrderQuerySet:
    return orders.filter(Among(Order.objects.late().values("pk")))


def at_risk(orders: OrderQuerySet) -> OrderQuerySet:
    """Open orders promised within two days that wait for goods, a decision or somebody's hold."""
    today, mine = timezone.localdate(), {"order": OuterRef("pk")}
    waiting = Q(Exists(OrderLine.objects.filter(**mine, backordered__gt=0)))
    undecided = Q(Exists(OrderException.objects.open().filter(**mine, severity__in=BLOCKING)))
    held = Q(Exists(Hold.objects.in_force().filter(**mine)))
    soon = orders.open().filter(promised_on__range=(today, today + RISK))
    left = soon.exclude(status__in=[Status.SHIPPED, Status.DELIVERED])
    return left.filter(waiting | undecided | held)


def _at_risk(orders: OrderQuerySet, _values: Values) -> OrderQuerySet:
    return orders.filter(Among(at_risk(Order.objects.all()).values("pk")))


def _payment(orders: OrderQuerySet, values: Values) -> OrderQuerySet:
    return orders.filter(payment_status__in=values)


def _channels() -> Choices:
    return [(c, gettext(name)) for c, name in Channel.objects.values_list("code", "name")]


def _warehouses() -> Choices:
    return list(Warehouse.objects.values_list("code", "name"))


def _reps() -> Choices:
    """Those who look after a customer."""
    reps = User.objects.filter(pk__in=Customer.objects.values("sales_rep")).order_by("username")
    return [(rep.username, rep.get_full_name() or rep.username) for rep in reps]


def _rules() -> Choices:
    return [ANY, *((code, gettext(LABELS.get(code, code))) for code in CHECKS)]


def _holds() -> Choices:
    return [ANY, *Hold.Kind.choices]


def _statuses() -> Choices:
    return Status.choices


def _sub_statuses() -> Choices:
    """The labels that any version of the rules has, as the newest of them says it."""
    rows = SubStatus.objects.order_by("code", "-rules").distinct("code")
    return sorted(((row.code, str(row)) for row in rows), key=itemgetter(1))


def _payments() -> Choices:
    return PaymentStatus.choices


def _yes() -> Choices:
    return [("true", gettext("Yes"))]


AXES = (
    Axis("q", _("Search"), "order_search_by_trigram", _search, needs_place=True),
    Axis("status", _("State"), "order_by_status", _status, "many", _statuses, counts=True),
    Axis("sub_status", _("Sub-status"), "", _sub_status, "one", _sub_statuses, is_fixed=False),
    Axis("hold", _("Hold"), "hold_in_force", _hold, "one", _holds, counts=True),
    Axis(
        "exception",
        _("Finding"),
        "order_exception_open_by_rule",
        _exception,
        "one",
        _rules,
        counts=True,
    ),
    Axis("channel", _("Channel"), "", _channel, "many", _channels, is_fixed=False),
    Axis(
        "warehouse",
        _("Ships from"),
        "",
        _warehouse,
        "many",
        _warehouses,
        is_fixed=False,
        needs_bound=True,
    ),
    Axis(
        "rep", _("Sales rep"), "order_by_customer", _rep, "one", _reps, is_fixed=False, counts=True
    ),
    Axis("customer", _("Customer code"), "order_by_customer", _customer, counts=True),
    Axis("sku", _("SKU"), "order_line_by_sku", _sku),
    Axis("entered_from", _("Entered from"), "stage_of_entry_by_time", _entered_from, "day"),
    Axis("entered_to", _("Entered to"), "stage_of_entry_by_time", _entered_to, "day"),
    Axis(
        "promised_from",
        _("Promised from"),
        "order_open_by_promise",
        _promised_from,
        "day",
        counts=True,
    ),
    Axis(
        "promised_to", _("Promised to"), "order_open_by_promise", _promised_to, "day", counts=True
    ),
    Axis("at_risk", _("At risk"), "order_open_by_promise", _at_risk, "flag", _yes, counts=True),
    Axis("late", _("Late"), "order_open_by_promise", _late, "flag", _yes, counts=True),
    Axis("rules_version", _("Rules version"), "", _rules_version),
    Axis("payment", _("Payment"), "", _payment, "many", _payments),
)
