"""What order entry offers and keeps: items with their stock, problems at fields, every field."""

from __future__ import annotations

import re
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from config.kernel.reading import day
from finance.models import CustomerTerms, Invoice, Price, PriceList
from inventory.models import Supply, Warehouse
from orders.models import Customer, Order, Staff
from tests import builders as b
from tests.journeys.test_entry import signed_in, typed

pytestmark = pytest.mark.django_db


def offered(client: Client, words: str, **more: str) -> list[str]:
    """The options for what is typed, each as its text."""
    page = client.get(reverse("orders:items"), {"q": words, **more}).content.decode()
    options = page.split('<div role="option"')[1:]
    texts = (re.sub(r"<[^>]+>", " ", option.partition(">")[2]) for option in options)
    return [" ".join(text.split()).replace(" ,", ",") for text in texts]


def available(client: Client, buyer: Customer, *rows: tuple[str, ...]) -> str:
    """The text beside the first line of what is typed."""
    data = typed(*rows, customer=buyer.code)
    page = client.post(reverse("orders:outlook"), data).content.decode()
    cell = page.partition('data-into="lines-0-atp"')[2].partition("</div>")[0].partition(">")[2]
    return " ".join(re.sub(r"<[^>]+>", " ", cell).split()).replace(" ,", ",")


def expected(thing: object, code: str, units: int, on: date) -> None:
    Supply.objects.create(
        product=thing, warehouse=Warehouse.objects.get(code=code), quantity=units, expected_on=on
    )


def test_an_item_says_what_each_warehouse_has_and_what_comes_there_next() -> None:
    thing, soon = b.product("GLV-1"), timezone.localdate() + timedelta(days=5)
    for code, units in (("LEI", 12), ("ROT", 40), ("WAW", 3)):
        b.stocked(units, at=b.warehouse(code), of=thing)
    b.warehouse("MAD")
    b.stocked(9, at=b.warehouse("OLD", is_sellable=False), of=thing)
    expected(thing, "LEI", 30, soon)
    expected(thing, "LEI", 20, soon)
    expected(thing, "LEI", 99, soon + timedelta(days=9))
    expected(thing, "MAD", 7, soon)
    expected(thing, "OLD", 7, soon)

    [text] = offered(signed_in(), "glv")

    assert text == (
        f"GLV-1 A thing 40 at ROT 12 at LEI, 50 on {day(soon)} 3 at WAW 0 at MAD, 7 on {day(soon)}"
    )


def test_a_line_says_what_every_warehouse_has_and_what_comes_when() -> None:
    thing, buyer, client = b.product("GLV-1"), b.customer(), signed_in()
    soon = timezone.localdate() + timedelta(days=5)
    for code, units in (("LEI", 12), ("ROT", 40), ("WAW", 3)):
        b.stocked(units, at=b.warehouse(code), of=thing)
    b.warehouse("MAD")
    b.warehouse("OLD", is_sellable=False)
    expected(thing, "WAW", 9, soon + timedelta(days=1))
    expected(thing, "MAD", 70, soon)

    cell = available(client, buyer, (thing.sku, "60"))
    assert cell == (
        f"40 at ROT, 12 at LEI 5 short 70 more {day(soon)} All 4 warehouses 40 at ROT 12 at LEI"
        f" 3 at WAW, 9 on {day(soon + timedelta(days=1))} 0 at MAD, 70 on {day(soon)}"
    )
    few = available(client, buyer, (thing.sku, "6"))
    assert few == cell.replace(" 5 short", "")


def test_stock_in_more_warehouses_takes_no_more_statements() -> None:
    buyer, client, counts, rows = b.customer(), signed_in(), [], []
    for number in range(4):
        thing = b.product()
        b.stocked(3, at=b.warehouse(f"W{number}"), of=thing)
        expected(thing, f"W{number}", 3, timezone.localdate())
        rows.append((thing.sku, "2"))
        available(client, buyer, *rows)
        with CaptureQueriesContext(connection) as queries:
            available(client, buyer, *rows)
        counts.append(len(queries))

    assert set(counts) == {counts[0]}


def test_an_item_says_that_there_is_none_or_that_it_is_no_longer_sold() -> None:
    b.product("GLV-1")
    b.product("GLV-2", is_active=False)
    b.product("GLV-3", is_stocked=False)

    assert offered(signed_in(), "glv") == [
        "GLV-1 A thing None",
        "GLV-2 A thing No longer sold",
        "GLV-3 A thing",
    ]
    assert offered(signed_in(), "g") == []


def test_an_item_has_the_price_that_the_customer_agreed_on() -> None:
    thing, buyer, client = b.product("GLV-1", price="10.00"), b.customer(), signed_in()
    own = PriceList.objects.create(code="OWN", name="Own", currency_id="EUR")
    Price.objects.create(price_list=own, product=thing, unit_price=Decimal("8.5"))
    other = b.customer()
    CustomerTerms.objects.filter(customer=buyer).update(price_list=own)

    assert offered(client, "glv", customer=f"{buyer.code} · x") == ["GLV-1 A thing None €8.50"]
    assert offered(client, "glv", customer=other.code) == ["GLV-1 A thing None €10.00"]
    assert "€" not in offered(client, "glv")[0]


def test_many_items_in_many_places_take_as_many_statements_as_one() -> None:
    client, counts = signed_in(), []
    soon = timezone.localdate()
    for number in range(6):
        thing = b.product(f"GLV-{number}")
        b.stocked(3, at=b.warehouse(f"W{number}"), of=thing)
        expected(thing, f"W{number}", 3, soon)
        offered(client, "glv")
        with CaptureQueriesContext(connection) as queries:
            offered(client, "glv")
        counts.append(len(queries))

    assert set(counts) == {counts[0]}


def test_what_is_wrong_is_listed_first_and_leads_to_its_field() -> None:
    data = typed(("NO-SUCH", "many"), customer="", order_discount="-1", place="1")

    answer = signed_in().post(reverse("orders:new"), data)

    page = answer.content.decode()
    summary = page.partition('class="notice error-summary"')[2].partition("</ul>")[0]
    targets = re.findall(r'href="#([^"]+)"', summary)
    assert answer.status_code == 422
    assert {"id_customer", "id_order_discount", "id_lines-0-quantity"} <= set(targets)
    for target in targets:
        assert f'id="{target}"' in page, target


def test_discount_note_and_the_day_of_a_line_are_kept_through_the_form() -> None:
    thing, buyer, client = b.product(), b.customer(), signed_in()
    wanted = timezone.localdate() + timedelta(days=20)
    row = (thing.sku, "10", "", "", str(wanted), "")
    head = {"order_discount": "12.50", "note": "Ring before noon", "customer": buyer.code}

    client.post(reverse("orders:new"), typed(row, draft="1", **head))

    order = Order.objects.get()
    assert (order.order_discount, order.grand_total) == (Decimal("12.5"), Decimal("87.5"))
    assert (order.note, order.lines.get().requested_on) == ("Ring before noon", wanted)
    page = client.get(reverse("orders:edit", args=[order.number])).content.decode()
    for words in ('value="12.50"', "Ring before noon", f'value="{wanted}"'):
        assert words in page, words


def test_the_agreed_terms_are_shown_beside_what_is_typed() -> None:
    thing, buyer = b.product(), b.customer()

    page = (
        signed_in()
        .post(reverse("orders:outlook"), typed((thing.sku, "1"), customer=buyer.code))
        .content.decode()
    )

    panel = page.partition('id="at-h"')[2].partition("</section>")[0]
    assert "30 days" in panel
    assert "<dd>EUR</dd>" in panel
    assert "Hafenstraße 1, Leipzig DE" in panel


def test_the_panel_says_prices_discount_last_order_and_the_oldest_unpaid_invoice() -> None:
    thing, buyer = b.product(), b.customer()
    own = PriceList.objects.create(code="GOLD", name="Gold list", currency_id="EUR")
    CustomerTerms.objects.update(price_list=own, discount_percent=Decimal("2.5"))
    b.stocked(9, of=thing)
    [first, _] = [b.dispatched((thing, n), buyer=buyer)[0] for n in (2, 3)]
    billed = timezone.localdate() - timedelta(days=40)
    Invoice.objects.filter(order=first).update(issued_on=billed, due_on=billed + timedelta(days=30))
    data = typed((thing.sku, "1"), customer=buyer.code)

    page = signed_in().post(reverse("orders:outlook"), data).content.decode()

    credit = page.partition('id="cr-h"')[2].partition("</section>")[0]
    assert "€19.50" in credit
    assert "10 days overdue" in credit
    panel = page.partition('id="at-h"')[2].partition("</section>")[0]
    assert "Gold list" in panel
    assert "2.5 %" in panel
    assert str(Order.objects.latest("pk")) in panel


def test_what_is_due_later_and_what_lies_outside_ones_scope_is_not_overdue() -> None:
    thing, buyer = b.product(), b.customer()
    b.stocked(9, of=thing)
    b.dispatched((thing, 2), buyer=buyer)
    client = signed_in()
    data = typed((thing.sku, "1"), customer=buyer.code)

    page = client.post(reverse("orders:outlook"), data).content.decode()

    assert "Oldest of them" in page
    assert "overdue" not in page
    user = User.objects.get()
    Staff.objects.update_or_create(user=user, defaults={"channels": ["api"]})
    page = client.post(reverse("orders:outlook"), data).content.decode()
    assert "Oldest of them" not in page
    assert "Last order" not in page


def test_a_customer_whose_orders_need_a_po_number_places_none_without() -> None:
    thing, buyer = b.product(), b.customer(needs_po_number=True)
    client = signed_in()
    data = typed((thing.sku, "1"), customer=buyer.code)

    page = client.post(reverse("orders:outlook"), data).content.decode()
    assert "required, still missing" in page
    page = client.post(reverse("orders:new"), data | {"place": "1"}, follow=True).content.decode()

    order = Order.objects.get()
    assert "Still missing: the customer’s PO number." in page
    assert order.status == "draft"
    url = reverse("orders:edit", args=[order.number])
    client.post(url, data | {"place": "1", "version": "1", "po_number": "PO-1"})
    order.refresh_from_db()
    assert (order.status, order.po_number) == ("submitted", "PO-1")


def test_twelve_digits_on_file_are_found_by_the_thirteen_that_a_scanner_reads() -> None:
    b.product(sku="BOOK-1", gtin="412345678905")

    [option] = offered(signed_in(), "0412345678905")

    assert option.startswith("BOOK-1")


def test_an_item_is_offered_by_its_barcode_with_or_without_zeros_in_front() -> None:
    b.product(sku="GLV-1", gtin="04012345678901")
    b.product(sku="BOX-1", gtin="4098765432109")
    buyer, client = b.customer(), signed_in()

    for words in ("04012345678901", "4012345678901", "040123"):
        [option] = offered(client, words)
        assert option.startswith("GLV-1"), words
    for words in ("4098765432109", "04098765432109"):
        [option] = offered(client, words)
        assert option.startswith("BOX-1"), words
    assert offered(client, "4012345678902") == []
    rows = [("4012345678901", "1"), ("04098765432109", "2")]
    client.post(reverse("orders:new"), typed(*rows, customer=buyer.code, draft="1"))
    skus = Order.objects.get().lines.order_by("line_no").values_list("sku", flat=True)
    assert list(skus) == ["GLV-1", "BOX-1"]


@pytest.mark.parametrize(
    ("floor", "discount", "off", "set_to"),
    [("8.004", "", "", "8.01"), ("8", "10", "", "8.89"), ("8", "10", "5", "10.00")],
)
def test_the_price_set_to_the_floor_reaches_it_after_every_discount(
    floor: str, discount: str, off: str, set_to: str
) -> None:
    thing, buyer, client = b.product(), b.customer(), signed_in()
    Price.objects.update(floor=Decimal(floor))
    row = (thing.sku, "5", "7", discount)
    data = typed(row, customer=buyer.code, order_discount=off)

    page = client.post(reverse("orders:outlook"), data).text

    assert f'data-value="{set_to}"' in page
    more = {"lines-0-unit_price": set_to}
    assert "Below the floor" not in client.post(reverse("orders:outlook"), data | more).text
    less = {"lines-0-unit_price": str(Decimal(set_to) - Decimal("0.01"))}
    assert "Below the floor" in client.post(reverse("orders:outlook"), data | less).text
