"""Somebody with a scope reaches nothing outside it, by any address, in any count."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from fulfillment.models import PickTask, Shipment
from fulfillment.services import picking as floor
from inventory.models import Warehouse
from orders.lifecycle import holds, picking
from orders.models import Address, Hold, Order, OrderException, RecurringOrder, Staff
from orders.scope import visible
from tests import builders as b
from tests.architecture.test_permissions import BACKEND, PLACES, address
from tests.lifecycle.test_recurring import template

pytestmark = pytest.mark.django_db


def somebody(role: str = "Sales manager", **scope: Any) -> User:
    user = User.objects.create(username=f"somebody-{next(b.serial)}")
    user.groups.add(Group.objects.get(name=role))
    Staff.objects.create(user=user, **scope)
    return user


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user, backend=BACKEND)
    return client


def buyer(country: str, name: str) -> Any:
    made = b.customer()
    made.name = name
    made.save()
    Address.objects.filter(customer=made).update(country=country)
    return made


@pytest.fixture
def outside() -> Order:
    """An order of Paris, on a pick list, on hold, with a finding and a shipment."""
    thing, other = b.product(), buyer("FR", "Outside Sarl")
    b.stocked(40, at=b.warehouse("ROT", "NL"), of=thing)
    [pk] = b.picked((thing, 3), buyer=other)
    [pk2] = b.processed((thing, 4), buyer=other)
    made = floor.make_list(
        b.warehouse("ROT").pk,
        PickTask.objects.filter(allocation__line__order=pk2).values_list("pk", flat=True),
        at=b.order(pk).created_at,
    )
    b.done(holds.place([pk2], reason="Outside hold", by=b.WORKER))
    OrderException.objects.create(
        order_id=pk2,
        rule="credit",
        severity="review",
        fingerprint="outside",
        message="Outside finding",
        opened_at=b.order(pk2).created_at,
    )
    assert made.number
    return b.order(pk2)


@pytest.fixture
def inside() -> Order:
    thing = b.product()
    b.stocked(40, at=b.warehouse("LEI", "DE"), of=thing)
    [pk] = b.processed((thing, 3), buyer=buyer("DE", "Inside GmbH"))
    floor.make_list(
        b.warehouse("LEI").pk,
        PickTask.objects.filter(allocation__line__order=pk).values_list("pk", flat=True),
        at=b.order(pk).created_at,
    )
    return b.order(pk)


OF_CUSTOMERS = {"orders:customers", "orders:new", "orders:outlook"}
SCOPES = [{"countries": ["DE"]}, {"warehouses": ["LEI"]}]


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("role", ["Sales manager", "Warehouse lead", "Finance"])
@pytest.mark.parametrize("scope", SCOPES)
def test_no_address_leads_outside(
    scope: dict[str, list[str]], role: str, method: str, inside: Order, outside: Order
) -> None:
    user = somebody(role, **scope)
    lists = PickTask.objects.filter(allocation__line__order=outside)
    before = list(Order.objects.filter(pk=outside.pk).values())
    reached = {}

    for place in PLACES:
        if place.name in {"account_logout", "orders:integrity"} or "admin" in place.name:
            continue
        client = signed_in(user)
        given = {"number": outside.number, "pk": user.pk, "uidb36": "1", "key": "a-b"}
        given["name"] = "hold"
        where = address(place, given) if "fulfillment:pick" not in place.name else None
        if where is None:
            number = lists.get().pick_list.number
            where = reverse(place.name, args=[number] if place.arguments else [])
        data = {"q": "outside", "warehouse": "ROT", "all": "1", "customer": "outside"}
        answer = getattr(client, method)(where, data)
        text = answer.content.decode() if not answer.streaming else ""
        leaks = [
            word
            for word in (outside.number, "Outside Sarl", "Outside hold", "Outside finding")
            if word in text
        ]
        if place.name in OF_CUSTOMERS and "warehouses" in scope:
            continue  # a customer belongs to no warehouse
        if leaks or ("number" in place.arguments and answer.status_code not in {403, 404, 405}):
            reached[place.name] = (answer.status_code, leaks)

    assert reached == {}
    assert list(Order.objects.filter(pk=outside.pk).values()) == before
    assert PickTask.objects.filter(allocation__line__order=outside, picked__gt=0).count() == 0


@pytest.mark.parametrize("scope", SCOPES)
def test_counts_are_of_what_lies_inside(
    scope: dict[str, list[str]], inside: Order, outside: Order
) -> None:
    client = signed_in(somebody(**scope))

    today = client.get(reverse("orders:today"))
    assert sum(int(stage["count"]) for stage in today.context["stages"]) == 1
    assert today.context["waiting_count"] == "0"
    assert client.get(reverse("orders:review")).context["count"] == "0"
    rows = client.get(reverse("orders:list")).context["listing"].rows
    assert [row.order.pk for row in rows] == [inside.pk]
    floor_client = signed_in(somebody("Warehouse lead", **scope))
    lists = floor_client.get(reverse("fulfillment:pick_lists")).context["page"].rows
    assert [(row.warehouse.code, row.tasks_total) for row in lists] == [("LEI", 1)]


def test_the_channel_is_a_scope_too(inside: Order) -> None:
    assert (
        signed_in(somebody(channels=["manual"])).get(inside.get_absolute_url()).status_code == 200
    )
    assert signed_in(somebody(channels=["api"])).get(inside.get_absolute_url()).status_code == 404


def test_scopes_narrow_each_other(inside: Order, outside: Order) -> None:
    both = somebody(countries=["DE"], warehouses=["ROT"])

    assert list(Order.objects.visible_to(both)) == []
    assert set(Order.objects.visible_to(somebody())) == set(Order.objects.all())


def test_a_warehouse_sees_an_order_from_its_first_allocation_on() -> None:
    thing, user = b.product(), somebody(warehouses=["LEI"])
    b.stocked(10, at=b.warehouse("LEI"), of=thing)
    [pk] = b.validated((thing, 3))
    assert not Order.objects.visible_to(user).exists()
    assert not visible(Shipment.objects.all(), user).exists()

    b.done(b.processing.process([pk], by=b.WORKER))
    b.done(picking.pick([pk], by=b.WORKER))
    b.done(b.packing.pack([pk], by=b.WORKER))
    b.done(b.dispatch.dispatch([pk], by=b.WORKER))

    assert [order.pk for order in Order.objects.visible_to(user)] == [pk]
    assert visible(Shipment.objects.all(), user).count() == 1


def test_a_draft_without_address_is_seen_by_whoever_entered_it() -> None:
    author, other = somebody(countries=["DE"]), somebody(countries=["DE"])
    [pk] = b.drafted((b.product(), 1))
    Order.objects.filter(pk=pk).update(ship_to_country="", created_by=author)

    assert Order.objects.visible_to(author).exists()
    assert not Order.objects.visible_to(other).exists()


def test_customers_outside_are_neither_offered_nor_taken() -> None:
    other, thing = buyer("FR", "Outside Sarl"), b.product()
    client = signed_in(somebody("Sales rep", countries=["DE"]))

    offered = client.get(reverse("orders:customers"), {"q": "outside"}).content.decode()
    data = {"customer": other.code, "place": "1", "lines-0-sku": thing.sku, "lines-0-quantity": "1"}
    data |= {"lines-TOTAL_FORMS": "1", "lines-INITIAL_FORMS": "0"}
    answer = client.post(reverse("orders:new"), data)

    assert "Outside Sarl" not in offered
    assert answer.status_code == 422
    assert f"No customer matches “{other.code}”" in answer.content.decode()
    assert not Order.objects.exists()


def test_nobody_enters_an_order_that_goes_outside() -> None:
    known, thing = buyer("DE", "Inside GmbH"), b.product()
    client = signed_in(somebody("Sales rep", countries=["DE"]))
    data = {"customer": known.code, "place": "1", "lines-0-sku": thing.sku, "lines-0-quantity": "1"}
    data |= {"lines-TOTAL_FORMS": "1", "lines-INITIAL_FORMS": "0", "ship_to_line1": "Rue 1"}
    data |= {"ship_to_city": "Paris", "ship_to_country": "fr", "ship_to_postal_code": "75001"}

    answer = client.post(reverse("orders:new"), data)

    assert "You enter orders for DE; this one goes to FR." in answer.content.decode()
    assert not Order.objects.exists()


def test_pages_of_the_whole_company_are_closed_to_a_scope() -> None:
    finance = signed_in(somebody("Finance", countries=["DE"]))

    answer = finance.get(reverse("orders:integrity"))

    assert answer.status_code == 403
    assert "you see a part of it (Countries: DE)" in answer.content.decode()
    admin = somebody("Admin", countries=["DE"])
    assert signed_in(admin).get("/admin/").status_code == 403


def test_whoever_has_no_scope_pays_for_none(inside: Order) -> None:
    free = User.objects.create(username="free")
    Staff.of(free)

    assert str(Order.objects.visible_to(free).query) == str(Order.objects.all().query)
    for rows in (Hold.objects.all(), Warehouse.objects.all(), PickTask.objects.all()):
        assert visible(rows, free) is rows


def test_staff_is_read_once_for_a_request(inside: Order) -> None:
    client = signed_in(somebody(countries=["DE"]))
    client.get(reverse("orders:list"))

    with CaptureQueriesContext(connection) as queries:
        client.get(reverse("orders:list"))

    asked = [query["sql"] for query in queries if '"orders_staff"' in query["sql"]]
    assert len(asked) == 1


def test_recurring_orders_outside_are_neither_counted_nor_placed() -> None:
    thing = b.product()
    mine = template((thing, 1), buyer=buyer("DE", "Inside GmbH"))
    other = template((thing, 1), buyer=buyer("FR", "Outside Sarl"))
    client, address = signed_in(somebody(countries=["DE"])), reverse("orders:recurring_runs")

    assert client.get(address).context["due"] == 1
    client.post(address)

    assert list(Order.objects.values_list("customer", flat=True)) == [mine.customer_id]
    assert client.get(address).context["due"] == 0
    assert "Outside Sarl" not in client.get(address).content.decode()
    assert list(RecurringOrder.objects.due(timezone.localdate())) == [other]
