"""The demo company: the same seed gives the same numbers, and every rule holds on it."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.db.models import Count, F

from finance.models import CustomerTerms, Invoice, PriceList
from inventory.models import Bin, BinStock, Product, StockLevel, Warehouse
from orders.models import Customer, Order, OrderEvent, OrderLine
from orders.models.graph import Status
from returns.models import Return, ReturnLine

pytestmark = pytest.mark.django_db


FIGURES = (
    Order.objects.order_by("pk").values_list(
        "number", "customer__code", "status", "payment_status", "grand_total", "po_number"
    ),
    OrderLine.objects.order_by("pk").values_list(
        "order__number", "line_no", "sku", "ordered", "shipped", "cancelled", "line_total"
    ),
    Invoice.objects.order_by("pk").values_list("number", "order__number", "total", "status"),
    StockLevel.objects.order_by("pk").values_list(
        "product__sku", "warehouse__code", "on_hand", "reserved"
    ),
    ReturnLine.objects.order_by("pk").values_list(
        "sales_return__order__number",
        "sales_return__reason",
        "sales_return__status",
        "shipment_line__sku",
        "requested",
    ),
)


Books = list[list[tuple[object, ...]]]


def company(seed: int, today: str) -> tuple[Books, date]:
    """What stands in the books of a seed's company, and its last day; undone afterwards."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("ALTER SEQUENCE order_number RESTART")
        call_command("seed_demo", "--orders=60", f"--seed={seed}", f"--today={today}")
        books = [list(rows.all()) for rows in FIGURES]
        last: datetime = OrderEvent.objects.latest("occurred_at").occurred_at
        transaction.set_rollback(True)
    return books, last.date()


def test_the_same_seed_gives_the_same_company_whatever_day_it_is() -> None:
    books, last = company(3, "2026-03-01")

    assert last == date(2026, 3, 1)
    assert company(3, "2025-11-18") == (books, date(2025, 11, 18))
    assert company(4, "2026-03-01")[0] != books


def test_a_day_is_written_as_one() -> None:
    with pytest.raises(CommandError, match="“1 March” is no day: write it as YYYY-MM-DD"):
        call_command("seed_demo", "--today=1 March")


def test_the_company_has_its_size_and_orders_in_every_state() -> None:
    call_command("seed_demo")

    assert (Warehouse.objects.count(), Product.objects.count()) == (4, 400)
    assert set(Warehouse.objects.values_list("country", flat=True)) == {"GB", "NL", "DE"}
    assert set(Customer.objects.values_list("currency", flat=True)) == {"EUR", "GBP", "USD"}
    assert (Customer.objects.count(), Order.objects.count()) == (300, 300)
    bins = Bin.objects.order_by().values_list("warehouse__code", "kind").annotate(Count("pk"))
    places = Warehouse.objects.values_list("code", flat=True)
    assert set(bins) == {(c, k, n) for c in places for k, n in (("shelf", 40), ("staging", 1))}
    assert not BinStock.objects.exclude(bin__warehouse=F("stock_level__warehouse")).exists()
    terms = CustomerTerms.objects.values_list("payment_terms__code", flat=True)
    assert (len(terms), set(terms)) == (300, {"NET14", "NET30", "NET60", "PREPAID"})
    lists = PriceList.objects.annotate(Count("prices")).in_bulk(field_name="code")
    assert set(lists) == {
        f"{kind}-{c}" for kind in ("LIST", "TRADE") for c in ("EUR", "GBP", "USD")
    }
    for code, each in lists.items():
        assert each.is_default == code.startswith("LIST"), code
        assert 0 < each.prices__count <= 400, code
        assert each.prices__count == 400 or not each.is_default, code
    found = set(Order.objects.values_list("status", flat=True))
    assert found == set(Status.values)
    assert Order.objects.count() > Order.objects.not_on_hold().count()
    returns = set(Return.objects.values_list("status", flat=True))
    assert returns == {"requested", "authorized", "rejected", "cancelled"}


def test_every_rule_holds_on_the_demo_company(sound: None) -> None:
    call_command("seed_demo", orders=120, seed=1)

    statuses = set(Order.objects.values_list("status", flat=True))
    assert {"draft", "completed", "fulfilling", "shipped", "cancelled"} <= statuses


def test_the_demo_company_is_not_poured_over_real_orders() -> None:
    call_command("seed_demo", orders=5, seed=1)

    with pytest.raises(CommandError, match="empty database"):
        call_command("seed_demo", orders=5, seed=1)
