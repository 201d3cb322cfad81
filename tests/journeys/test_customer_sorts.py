"""The list of customers: sorted by what is open, owed or overdue; who is late is said and found."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from config.kernel.actors import WORKER
from finance.models import CreditAccount, Invoice
from finance.services.payments import Received
from orders.lifecycle import payment
from orders.models import Customer, Order
from orders.reports.customers import SORTS
from tests import builders as b
from tests.journeys.test_customers import LIST, buyer, listed, signed_in, statements

pytestmark = [pytest.mark.django_db, pytest.mark.unsound("figures and dates are set by hand")]
YESTERDAY = timezone.localdate() - timedelta(days=1)


def billed(customer: Customer, units: int) -> Invoice:
    """An invoice of ten euro a unit whose day has passed."""
    thing = b.product()
    b.stocked(units, of=thing)
    [pk] = b.dispatched((thing, units), buyer=customer)
    long_ago = YESTERDAY - timedelta(days=30)
    Invoice.objects.filter(order=pk).update(issued_on=long_ago, due_on=YESTERDAY)
    return Invoice.objects.get(order=pk)


def text_of(name: str, **query: str) -> str:
    page = signed_in().get(reverse("orders:customer_list"), query).content.decode()
    row = page.partition(f">{name}</a>")[2].partition("</tr>")[0]
    assert row
    return row


def test_customers_are_sorted_by_name_open_orders_exposure_and_what_is_overdue() -> None:
    first, second, third = (buyer(name, code=name) for name in ("b", "A", "c"))
    thing = b.product()
    b.submitted((thing, 1), buyer=third, times=2)
    b.submitted((thing, 1), buyer=first, times=2)
    b.drafted((thing, 1), buyer=second)
    billed(second, 4)
    billed(third, 2)
    CreditAccount.objects.filter(customer=first).update(committed=500)
    client = signed_in()

    assert listed(client) == ["A", "b", "c"]
    assert listed(client, sort="name") == ["A", "b", "c"]
    assert listed(client, sort="open") == ["c", "b", "A"]
    assert listed(client, sort="exposure") == ["b", "A", "c"]
    assert listed(client, sort="overdue") == ["A", "c", "b"]
    assert listed(client, sort="no-such") == ["A", "b", "c"]


@pytest.mark.parametrize("sort", SORTS)
def test_every_sort_has_pages_that_follow_each_other(sort: str) -> None:
    many = [b.customer(code=f"P-{number:02}") for number in range(54)]
    for number, each in enumerate(many):
        CreditAccount.objects.filter(customer=each).update(committed=Decimal(number % 7))
    thing = b.product()
    for number in (3, 30, 50):
        b.submitted((thing, 1), buyer=many[number], times=number % 4 + 1)
        billed(many[number], number)
    client, url = signed_in(), reverse("orders:customer_list")

    pages, query = [], f"?sort={sort}"
    while query:
        answer = client.get(url + query).context
        pages.append([row for row, _ in answer["rows"]])
        query = answer["page"].next_query
    back = client.get(url + answer["page"].previous_query).context["rows"]

    assert [len(rows) for rows in pages] == [25, 25, 4]
    assert len({row.pk for rows in pages for row in rows}) == 54
    assert [row.pk for row, _ in back] == [row.pk for row in pages[1]]
    figures = [getattr(row, SORTS[sort].field) for rows in pages for row in rows]
    assert figures == sorted(figures, reverse=SORTS[sort].descending)


def test_a_customer_is_late_by_an_invoice_or_an_order_and_the_view_finds_both() -> None:
    owes, waits, fine = (buyer(name, code=name) for name in ("Owes", "Waits", "Fine"))
    invoice = billed(owes, 4)
    money = Received(owes.pk, "EUR", Decimal(15), "bank-1")
    payment.receive([money], by=WORKER)
    assert invoice.status == "open"
    thing = b.product()
    b.stocked(9, of=thing)
    late = b.processed((thing, 1), buyer=waits, times=2)
    Order.objects.filter(pk__in=late).update(promised_on=YESTERDAY)
    b.processed((thing, 1), buyer=fine)
    client = signed_in()

    assert listed(client, view="late") == ["Owes", "Waits"]
    assert listed(client, view="late", sort="overdue") == ["Owes", "Waits"]
    assert "€25.00 overdue" in text_of("Owes")
    assert "2 orders late" in text_of("Waits")
    assert 'data-tone="red"' not in text_of("Fine")
    tabs = client.get(reverse("orders:customer_list")).context["tabs"]
    assert tabs[2][1:] == ("late", "Late", "2")


def test_an_overdue_invoice_of_another_currency_makes_late_too() -> None:
    owes = buyer("Owes")
    billed(owes, 4)
    Customer.objects.filter(pk=owes.pk).update(currency="GBP")

    assert "1 invoice overdue" in text_of("Owes", view="late")


def test_a_customer_whose_late_orders_somebody_does_not_see_is_not_late_for_them() -> None:
    served, thing = buyer("Served"), b.product()
    b.stocked(9, of=thing)
    b.processed((thing, 1), buyer=served)
    far = b.product()
    b.stocked(9, at=b.warehouse("ROT", "NL"), of=far)
    late = b.processed((far, 1), buyer=served)
    Order.objects.filter(pk__in=late).update(promised_on=YESTERDAY)

    assert listed(signed_in("Sales manager", warehouses=["LEI"]), view="late") == []
    assert listed(signed_in("Sales manager", warehouses=["ROT"]), view="late") == [served.code]


@pytest.mark.parametrize("sort", SORTS)
def test_every_sort_takes_as_many_statements_as_the_list_itself(sort: str) -> None:
    billed(buyer("Owes"), 2)
    url = f"{reverse('orders:customer_list')}?sort={sort}&view=late"

    assert statements(signed_in(), url) <= LIST


def test_headings_sort_and_say_how_the_list_is_sorted() -> None:
    b.customer()
    page = signed_in().get(reverse("orders:customer_list"), {"sort": "open"}).content.decode()

    assert 'class="num" aria-sort="descending"><a href="?sort=code">Open orders' in page
    assert '<a href="?sort=overdue">Needs you</a>' in page
    assert 'href="?sort=open&amp;view=late"' in page
