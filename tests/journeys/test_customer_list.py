"""The list of customers: found by whatever names them, narrowed, and taken along as a file."""

from __future__ import annotations

import csv
import io
import re
from datetime import timedelta
from html import unescape

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from finance.models import CustomerTerms, PaymentTerms
from orders.models import Address, Customer, Order
from tests import builders as b
from tests.journeys.test_customers import buyer, listed, signed_in
from tests.journeys.test_entry import typed

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
    assert re.search(rf"Last order \w+ \d+ \w+ {b.order(pk).created_at.year}", first)
    assert "data-value" not in second
    assert 'aria-disabled="true"' in second
    assert "Closed" in second


def test_closed_customers_do_not_crowd_out_those_one_may_sell_to() -> None:
    for n in range(9):
        buyer(f"Nordhavn {n}", code=f"A-{n}")
    Customer.objects.update(is_active=False)
    open_ = buyer("Nordhavn Ost", code="Z-1")

    page = signed_in().get(reverse("orders:customers"), {"q": "nordhavn"}).text

    options = page.split('<div role="option"')[1:]
    assert f'data-value="Z-1 · {open_.name}"' in options[0]
    assert len(options) == 8


def test_a_closed_customer_is_not_taken_for_a_name_that_only_one_open_one_has() -> None:
    buyer("Nordhavn Byg", code="N-1")
    closed = buyer("Nordhavn alt", code="N-2")
    Customer.objects.filter(pk=closed.pk).update(is_active=False)
    rows = {"lines-TOTAL_FORMS": "0", "lines-INITIAL_FORMS": "0"}

    signed_in().post(reverse("orders:new"), {"customer": "nordhavn", "draft": "1", **rows})

    assert Order.objects.get().customer.code == "N-1"


def commands(client: Client, words: str) -> dict[str, str]:
    """The commands that the palette finds, with where they lead."""
    page = client.get(reverse("orders:search"), {"q": words}).content.decode()
    rows = page.partition(">Commands<")[2].split('<a role="option"')[1:]
    found = {}
    for row in rows:
        title = re.sub(r"<[^>]+>", "", row.partition('class="num">')[2].partition("</span>")[0])
        found[title] = unescape(row.partition('href="')[2].partition('"')[0])
    return found


def test_the_palette_starts_an_order_for_a_customer_and_lists_those_under_way() -> None:
    found, thing = buyer("Nordhavn", code="N-1"), b.product()
    [open_] = b.submitted((thing, 1), buyer=found)
    [draft] = b.drafted((thing, 1), buyer=found)
    client = signed_in()

    shown = commands(client, "nordhavn")

    new = client.get(shown["New order for Nordhavn"]).content.decode()
    assert 'value="N-1 · Nordhavn"' in new
    under_way = client.get(shown["Open orders of Nordhavn"]).content.decode()
    assert b.order(open_).number in under_way
    assert b.order(draft).number not in under_way
    assert "New order for Nordhavn" not in commands(signed_in("Warehouse lead"), "nordhavn")
    assert "New order for Nordhavn" not in commands(client, ">nordhavn")


def test_the_palette_starts_no_order_for_a_customer_whom_one_only_knows() -> None:
    found, thing = buyer("Nordhavn", code="N-1"), b.product()
    [pk] = b.submitted((thing, 1), buyer=found)
    Order.objects.filter(pk=pk).update(ship_to_country="AT")

    shown = commands(signed_in(countries=["AT"]), "nordhavn")

    assert list(shown) == ["Open orders of Nordhavn"]


def test_the_page_tells_what_happened_last_in_the_customers_orders() -> None:
    found, thing = buyer("Nordhavn", code="N-1"), b.product()
    [pk] = b.submitted((thing, 1), buyer=found)
    b.submitted((thing, 1), buyer=buyer("Another"))

    page = signed_in().get(found.get_absolute_url()).content.decode()

    lately = page.partition('id="hp-h"')[2].partition("</section>")[0]
    assert lately.index("placed the order") < lately.index("entered the order")
    assert lately.count(f">{b.order(pk)}</a>") == lately.count("<li") == 2


def test_an_order_that_is_typed_goes_straight_into_a_quote() -> None:
    thing, buyer, client = b.product(), b.customer(), signed_in()
    page = client.get(buyer.get_absolute_url()).content.decode()
    start = f"{reverse('orders:new')}?customer={buyer.code}&amp;quote=1"
    assert f'href="{start}"' in page
    assert "New quote" in client.get(unescape(start)).content.decode()

    data = typed((thing.sku, "3"), customer=buyer.code, quote="1")
    answer = client.post(reverse("orders:new"), data)

    order = Order.objects.get()
    assert answer["Location"] == reverse("orders:quote", args=[order.number])
    assert (order.status, order.lines.count()) == ("draft", 1)
