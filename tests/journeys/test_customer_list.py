"""The list of customers: found by whatever names them, narrowed, and taken along as a file."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from config.kernel.reading import day
from finance.models import CustomerTerms, PaymentTerms
from orders.models import Address, Customer, Order
from tests import builders as b
from tests.journeys.test_customers import buyer, listed, signed_in

pytestmark = pytest.mark.django_db


def exported(client: Client, **query: str) -> list[list[str]]:
    answer = client.get(reverse("orders:customer_export", args=["csv"]), query)
    text = b"".join(answer.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    return list(csv.reader(io.StringIO(text)))


def test_customers_are_found_by_phone_and_postal_code() -> None:
    first = buyer("Anders", code="A-1", phone="+49 341 555 010")
    buyer("Bode", code="B-1", phone="+49 30 100 200")
    Address.objects.filter(customer=first).update(postal_code="99817")
    client = signed_in()

    for words in ("341 555", "998", "99817"):
        assert listed(client, q=words) == ["A-1"], words


def test_customers_are_narrowed_by_group_terms_and_sales_rep() -> None:
    rep = User.objects.create(username="olga", first_name="Olga", last_name="Brandt")
    first = buyer("Anders", code="A-1", group="gold", sales_rep=rep)
    buyer("Bode", code="B-1", group="silver")
    CustomerTerms.objects.filter(customer=first).update(
        payment_terms=PaymentTerms.objects.get(code="PREPAID")
    )
    client = signed_in()

    for query in ({"group": "gold"}, {"terms": "PREPAID"}, {"rep": str(rep.pk)}):
        assert listed(client, **query) == ["A-1"], query
    assert listed(client, group="silver", terms="PREPAID") == []
    assert listed(client, rep="nobody") == ["A-1", "B-1"]
    page = client.get(reverse("orders:customer_list"), {"group": "gold"}).content.decode()
    assert '<option value="gold" selected>gold</option>' in page
    assert f'<option value="{rep.pk}">Olga Brandt</option>' in page
    assert "sort=name&amp;" in page or "group=gold&amp;sort=name" in page


def test_the_file_holds_the_customers_of_the_list_in_its_order() -> None:
    thing = b.product()
    first, second = buyer("=Anders", code="A-1", group="gold"), buyer("Bode", code="B-1")
    buyer("Carl", code="C-1", group="silver")
    Customer.objects.filter(pk=second.pk).update(group="gold")
    b.submitted((thing, 2), buyer=second)
    client = signed_in()

    heads, *rows = exported(client, group="gold", sort="open")

    assert [row[0] for row in rows] == ["B-1", "A-1"]
    assert heads[:5] == ["Code", "Customer", "E-mail", "Phone", "Group"]
    found = dict(zip(heads, rows[0], strict=True))
    assert (found["Open orders"], found["Terms"], found["Country"]) == ("1", "30 days", "DE")
    assert rows[1][1] == "'=Anders"
    answer = client.get(reverse("orders:customer_export", args=["xlsx"]), {"q": "A-1"})
    book = load_workbook(io.BytesIO(b"".join(answer.streaming_content)))  # type: ignore[attr-defined]
    cells = list(book.active.iter_rows(min_row=2))  # type: ignore[union-attr]
    assert [(row[0].value, row[1].value, row[1].data_type) for row in cells] == [
        ("A-1", "=Anders", "s")
    ]
    assert first.code == "A-1"
    assert client.get(reverse("orders:customer_export", args=["pdf"])).status_code == 404


def test_the_file_holds_nobody_outside_ones_scope() -> None:
    buyer("Anders", code="A-1")
    buyer("Bode", "AT", code="B-1")

    rows = exported(signed_in(countries=["AT"]))

    assert [row[0] for row in rows[1:]] == ["B-1"]


def test_an_option_says_that_a_customer_is_closed_and_when_it_ordered_last() -> None:
    open_, closed = buyer("Nordhavn Byg", code="N-1"), buyer("Nordhavn Byg alt", code="N-2")
    Customer.objects.filter(pk=closed.pk).update(is_active=False)
    [pk] = b.submitted((b.product(), 1), buyer=open_)
    b.drafted((b.product(), 1), buyer=open_)
    Order.objects.filter(pk=pk).update(created_at=timezone.now() - timedelta(days=400))

    page = signed_in().get(reverse("orders:customers"), {"q": "nordhavn"}).content.decode()

    first, second = page.split('<div role="option"')[1:]
    assert 'data-value="N-1 · Nordhavn Byg"' in first
    assert f"Last order {day(b.order(pk).created_at)}" in first
    assert "data-value" not in second
    assert 'aria-disabled="true"' in second
    assert "Closed" in second


def test_a_closed_customer_is_not_taken_for_a_name_that_only_one_open_one_has() -> None:
    buyer("Nordhavn Byg", code="N-1")
    closed = buyer("Nordhavn alt", code="N-2")
    Customer.objects.filter(pk=closed.pk).update(is_active=False)
    rows = {"lines-TOTAL_FORMS": "0", "lines-INITIAL_FORMS": "0"}

    signed_in().post(reverse("orders:new"), {"customer": "nordhavn", "draft": "1", **rows})

    assert Order.objects.get().customer.code == "N-1"
