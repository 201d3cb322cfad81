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
from orders.bulk import engine, jobs
from orders.bulk.actions import BY_NAME
from orders.bulk.selection import Selection
from orders.lifecycle import holds, notes, picking
from orders.models import (
    Address,
    BulkJob,
    Hold,
    Order,
    OrderException,
    OrderImport,
    RecurringOrder,
    SavedView,
    Staff,
    StaffNotice,
)
from orders.scope import visible
from tests import builders as b
from tests.architecture.test_permissions import BACKEND, PLACES, as_asked
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
    """An order of Paris, on a pick list, on hold, with a finding and a shipment.

    Its number is beyond those that a page might name as an example, as that of what is not found.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT setval('order_number', greatest(1000, nextval('order_number')))")
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
OF_CUSTOMERS |= {"orders:customer", "orders:recurring", "orders:recurring_order"}
OUTSIDE = ("Outside Sarl", "Outside hold", "Outside finding")
SCOPES = [{"countries": ["DE"]}, {"warehouses": ["LEI"]}]


@pytest.fixture
def keys(outside: Order) -> dict[str, int]:
    """By address: the key of something that hangs on the order outside, or is a colleague's."""
    boss = somebody()
    job = jobs.look(BY_NAME["export-csv"], Selection.of_ids([outside.pk], boss), boss)
    made = OrderImport.objects.create(profile="orders", file_name="outside.csv", requested_by=boss)
    notes.add([outside.pk], words=f"@{boss.username} look", by=b.WORKER)
    view = SavedView.objects.create(owner=boss, name="Outside view")
    found = {
        "customer": outside.customer_id,
        "recurring_order": template((b.product(), 1), buyer=outside.customer).pk,
        "notice": StaffNotice.objects.get(user=boss).pk,
    }
    of_finding = ("finding", "finding_owner", "finding_raise", "finding_looking")
    finding = OrderException.objects.get(order=outside).pk
    found |= dict.fromkeys(of_finding, finding)
    of_job = ("job", "job_start", "job_stop", "job_retry", "job_results", "job_file")
    found |= dict.fromkeys(of_job, job.pk)
    found |= dict.fromkeys(("import", "import_start", "import_refused"), made.pk)
    found |= dict.fromkeys(("change_view", "replace_view", "delete_view"), view.pk)
    return {f"orders:{name}": pk for name, pk in found.items()}


def read(answer: Any) -> str:
    return "" if answer.streaming else answer.content.decode()


@pytest.mark.usefixtures("inside")
@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("role", ["Sales manager", "Warehouse lead", "Finance"])
@pytest.mark.parametrize("scope", SCOPES)
def test_no_address_leads_outside(
    scope: dict[str, list[str]],
    role: str,
    method: str,
    outside: Order,
    keys: dict[str, int],
) -> None:
    user = somebody(role, **scope)
    before = list(Order.objects.filter(pk=outside.pk).values())
    given = {"number": outside.number, "uidb36": "1", "key": "a-b", "name": "hold"}
    task = PickTask.objects.get(allocation__line__order=outside)
    listed = given | {"number": task.pick_list.number}
    data = {"q": "outside", "warehouse": "ROT", "all": "1", "customer": "outside"}
    closed = {"account_logout", "orders:integrity"}
    if "warehouses" in scope:
        closed |= OF_CUSTOMERS  # a customer belongs to no warehouse
    reached = {}

    for place in PLACES:
        if place.name in closed or "admin" in place.name:
            continue
        on_list = place.name.startswith("fulfillment:pick")
        values = (listed if on_list else given) | {"pk": keys.get(place.name, user.pk)}
        where = reverse(place.name, kwargs={name: values.get(name, 1) for name in place.arguments})
        answer = getattr(signed_in(user), method)(where, data)
        refusals = {403, 404, 405} if "number" in place.arguments else set()
        if place.name in keys and as_asked(place, role, method) == "page":
            refusals = {404, 405}
        leaks = [word for word in (outside.number, *OUTSIDE) if word in read(answer)]
        if leaks or (refusals and answer.status_code not in refusals):
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


def test_jobs_tell_of_orders_inside_alone(inside: Order, outside: Order) -> None:
    boss, reader = somebody(), somebody()
    both, addresses = [inside.pk, outside.pk], []
    b.done(holds.place([inside.pk], reason="Wait", by=b.WORKER))
    for user in (boss, reader):
        chosen = Selection.of_ids(both, user)
        file = jobs.look(BY_NAME["export-csv"], chosen, user)
        dry = jobs.look(BY_NAME["release"], chosen, user)
        pages = [file.get_absolute_url(), dry.get_absolute_url()]
        pages += [reverse("orders:job_results", args=[job.pk]) for job in (file, dry)]
        addresses.append([*pages, reverse("orders:job_file", args=[file.pk])])
    Staff.objects.filter(user=reader).update(countries=["DE"])
    client, theirs, mine = signed_in(reader), *addresses

    assert [client.get(where).status_code for where in theirs] == [404] * 5
    for where in mine:
        answer = client.get(where)
        text = b"".join(answer).decode() if answer.streaming else answer.text
        assert (inside.number in text, outside.number in text) == (True, False), where
        assert answer.streaming or "Some orders of this job are outside your scope." in text
        assert answer.streaming or "of 1 " in text
    assert "Release 1 order?" in client.get(mine[1]).text
    [row] = client.get(reverse("orders:jobs")).context["rows"]
    assert (row["title"], row["job"].total) == ("Export 1 order as CSV", 1)

    client.post(reverse("orders:job_start", args=[dry.pk]), {"reason": "Sorted"})
    run = BulkJob.objects.latest("pk")
    assert [item.order_id for item in run.items.all()] == [inside.pk]
    engine.work()
    assert not Hold.objects.filter(order=inside, released_at=None).exists()
    assert Hold.objects.filter(order=outside, released_at=None).exists()


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
