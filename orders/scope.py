"""What somebody may see: rows of every kind, narrowed by the scope of a member of staff.

A row belongs to an order, to a warehouse or to both, and is seen when each of them is. Whoever has
no scope pays nothing: the rows come back as they were.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, TypeVar, cast

from django.contrib.auth.models import AnonymousUser, User
from django.db.models import Exists, Model, OuterRef, Q, QuerySet
from django.utils.translation import gettext

from finance.models import Invoice, Payment
from fulfillment.models import PickList, PickTask, Shipment
from inventory.models import StockLevel, Warehouse
from orders.lifecycle.reading import Reading
from orders.models import (
    Customer,
    Hold,
    Order,
    OrderException,
    OrderQuerySet,
    Quote,
    RecurringOrder,
    Staff,
)

Rows = TypeVar("Rows", bound=QuerySet[Any])

MOST_NEAR = 100  # customers that are looked at to find those of a scope
SHORTEST_PO = 4  # letters of a PO number that somebody means
# Where a row's order stands, and where its warehouse does.
ORDER: dict[type[Model], str] = {
    OrderException: "order",
    Hold: "order",
    Shipment: "order",
    PickTask: "allocation__line__order",
    Quote: "order",
    Invoice: "order",
    Payment: "order",
}
WAREHOUSE: dict[type[Model], str] = {
    Warehouse: "code",
    StockLevel: "warehouse__code",
    Shipment: "warehouse__code",
    PickList: "warehouse__code",
    PickTask: "bin__warehouse__code",
}


def visible(rows: Rows, user: User | AnonymousUser) -> Rows:
    """Those of the rows that lie within the user's scope."""
    staff = Staff.of(user)
    if not staff.is_scoped:
        return rows
    if rows.model is Order:
        return cast("Rows", cast("OrderQuerySet", rows).visible_to(user))
    if rows.model is Customer:
        return rows.filter(_customers(staff))
    if rows.model is RecurringOrder:
        return rows.filter(customer__in=visible(Customer.objects.all(), user))
    return _along(rows, staff, user)


def _along(rows: Rows, staff: Staff, user: User | AnonymousUser) -> Rows:
    """Rows whose order and whose warehouse lie within the scope."""
    found = rows
    if staff.warehouses and (place := WAREHOUSE.get(rows.model)):
        found = found.filter(**{f"{place}__in": staff.warehouses})
    if path := ORDER.get(rows.model):
        found = found.filter(**{f"{path}__in": Order.objects.visible_to(user)})
    if rows.model is PickList and (staff.countries or staff.channels):
        tasks = visible(PickTask.objects.exclude(pick_list=None), user)
        found = found.filter(pk__in=tasks.values("pick_list"))
    return found


def within(model: type[Model], path: str, user: User | AnonymousUser) -> Q:
    """For counting what hangs on a row: that which lies within the user's scope."""
    if not Staff.of(user).is_scoped:
        return Q(**{f"{path}__isnull": False})
    return Q(**{f"{path}__in": visible(model._default_manager.all(), user)})  # noqa: SLF001


def _customers(staff: Staff) -> Q:
    """Customers with an address in one of the countries; channels and warehouses have none."""
    if not staff.countries:
        return Q()
    here = Customer.objects.filter(addresses__country__in=staff.countries)
    return Q(pk__in=here.order_by().values("pk"))


def not_yours(
    user: User | AnonymousUser, readings: Sequence[Reading]
) -> Iterator[tuple[int, str, str]]:
    """Orders on their way in that are not the user's to bring: their place, the field and why."""
    buyers = {reading.customer.pk for reading in readings}
    mine = visible(Customer.objects.filter(pk__in=buyers), user)
    allowed = set(mine.values_list("pk", flat=True))
    for reading in readings:
        channel, country = reading.draft.channel, reading.ship_to["country"]
        if reading.customer.pk not in allowed:
            words = gettext("Customer %(code)s is outside your scope. %(scope)s")
            words %= {"code": reading.draft.customer, "scope": Staff.of(user).scope}
            yield reading.index, "customer", words
        elif why := objection(user, country=country, channel=channel):
            yield reading.index, "ship_to.country", why


def objection(user: User | AnonymousUser, *, country: str, channel: str = "manual") -> str:
    """Why an order that goes there is not the user's to enter, or ''."""
    staff = Staff.of(user)
    if staff.countries and country and country not in staff.countries:
        return gettext("You enter orders for %(countries)s; this one goes to %(country)s.") % {
            "countries": ", ".join(staff.countries),
            "country": country,
        }
    if staff.channels and channel not in staff.channels:
        words = gettext("You look after orders of %(channels)s; this one is typed by hand.")
        if channel != "manual":
            words = gettext("You look after orders of %(channels)s; this one is of %(channel)s.")
        return words % {"channels": ", ".join(staff.channels), "channel": channel}
    return ""


def customers_known(user: User | AnonymousUser) -> QuerySet[Customer]:
    """The customers whose pages somebody opens: of their countries, and of the orders they see."""
    everybody: QuerySet[Customer] = Customer.objects.all()
    staff = Staff.of(user)
    if not staff.is_scoped:
        return everybody
    buys = Q(Exists(Order.objects.visible_to(user).filter(customer=OuterRef("pk"))))
    return everybody.filter(_customers(staff) | buys if staff.countries else buys)


def customers_meant(
    words: str,
    user: User | AnonymousUser,
    *,
    limit: int,
    known: bool = False,
    active: bool = True,
) -> list[Customer]:
    """Customers that somebody who is still typing may mean, within the scope.

    Those to sell to; or those that are ``known``, whose pages open.  Closed ones only when that
    is asked for.
    """
    if not Staff.of(user).is_scoped:
        return Customer.matching(words, limit=limit, active=active)
    near = Customer.matching(words, limit=MOST_NEAR, active=active)
    allowed = customers_known(user) if known else visible(Customer.objects.all(), user)
    mine = allowed.filter(pk__in=[customer.pk for customer in near])
    kept = set(mine.values_list("pk", flat=True))
    return [customer for customer in near if customer.pk in kept][:limit]


def bought_under(words: str, user: User | AnonymousUser, *, limit: int) -> list[Customer]:
    """Customers to sell to who ordered under a PO number with these words in it.

    Asked only where no name is meant; fewer letters stand in too many numbers.
    """
    if len(words) < SHORTEST_PO:
        return []
    orders = (
        Order.objects.visible_to(user)
        .filter(search__words__contains=words.lower(), po_number__icontains=words)
        .values("customer")[:MOST_NEAR]
    )
    known = visible(Customer.objects.active(), user)
    return list(known.filter(pk__in=orders).order_by("name")[:limit])
