"""Who imports what: by the permission table, within one's scope, and only one's own files."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from orders.channels import runs
from orders.models import Order, OrderImport, Staff
from tests import builders as b
from tests.journeys.test_import_pages import (
    HEAD,
    codes,
    looked,
    page,
    row,
    sales,
    sent,
    user_of,
)
from tests.orders.test_bulk_pages import signed_in

__all__ = ["sales"]
pytestmark = pytest.mark.django_db


def test_whoever_lost_the_right_meanwhile_imports_nothing_more(sales: Client) -> None:
    seen = looked(sales, HEAD, row("A"))
    sales.post(reverse("orders:import_start", args=[seen.pk]))
    OrderImport.objects.get(preview=seen).requested_by.groups.clear()  # type: ignore[union-attr]

    runs.work()

    made = OrderImport.objects.get(preview=seen)
    assert (made.status, Order.objects.exists()) == ("failed", False)
    assert "may no longer import files" in made.error


def test_a_file_brings_orders_of_ones_own_customers_and_countries_alone(sales: Client) -> None:
    ours, theirs, thing = b.customer(), b.customer(), b.product()
    theirs.addresses.update(country="FR")
    rows = [
        f"{HEAD},ship_to_line1,ship_to_city,ship_to_country",
        f"A,{ours.code},{thing.sku},1,,,",
        f"B,{theirs.code},{thing.sku},1,Hafenstraße 1,Leipzig,DE",
        f"C,{ours.code},{thing.sku},1,Rue 1,Lyon,FR",
    ]
    seen = looked(sales, *rows)
    assert seen.taken == 3
    sales.post(reverse("orders:import_start", args=[seen.pk]))
    Staff.objects.update_or_create(user_id=user_of(sales), defaults={"countries": ["DE"]})

    runs.work()  # the scope counts when an order is made
    narrow = looked(sales, *rows, "D,ours,none,1,,,")

    made = OrderImport.objects.get(preview=seen)
    assert codes(made) == [None, "outside_scope", "outside_scope"]
    assert [order.external_id for order in Order.objects.all()] == ["A"]
    assert codes(narrow)[1:3] == ["outside_scope", "outside_scope"]
    assert f"Customer {theirs.code} is outside your scope. Countries: DE" in page(sales, narrow)
    assert "this one goes to FR" in page(sales, narrow)


def test_whoever_looks_after_other_channels_imports_no_file(sales: Client) -> None:
    Staff.objects.create(user_id=user_of(sales), channels=["manual"])

    seen = looked(sales, HEAD, row("A"))

    assert codes(seen) == ["outside_scope"]
    assert "You look after orders of manual; this one is of import." in page(sales, seen)


def test_a_file_is_seen_by_whoever_sent_it_and_by_those_who_answer_for_the_desk() -> None:
    mine, other, chief = (
        signed_in("Sales rep"),
        signed_in("Sales rep", "other"),
        signed_in("Sales manager"),
    )
    seen = looked(mine, HEAD, row("A"))

    for client, status in ((mine, 200), (other, 404), (chief, 200)):
        assert client.get(seen.get_absolute_url()).status_code == status
        listed = client.get(reverse("orders:imports")).content.decode()
        assert (seen.get_absolute_url() in listed) is (status == 200)
    assert other.post(reverse("orders:import_start", args=[seen.pk])).status_code == 404
    assert other.get(reverse("orders:import_refused", args=[seen.pk])).status_code == 404


def test_only_those_who_may_import_find_the_way_there(sales: Client) -> None:
    support, address = signed_in("Support"), reverse("orders:import_new")

    for client, there in ((sales, True), (support, False)):
        listed = client.get(reverse("orders:list")).content.decode()
        found = client.get(reverse("orders:search"), {"q": ">import"}).content.decode()
        assert (address in listed, address in found) == (there, there)
    assert sent(support, HEAD, row("A")).status_code == 403


def test_a_file_takes_the_token_of_its_form() -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = signed_in("Sales rep").cookies

    assert sent(strict, HEAD, row("A")).status_code == 403
    assert not OrderImport.objects.exists()
