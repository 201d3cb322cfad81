"""Northwind: a company's whole history, replayed day by day, as it was and as a whole."""

from __future__ import annotations

import csv
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from babel import Locale
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection
from django.db.models import F, Min, Sum

from config.env import ROOT
from finance.models import CreditAccount, Invoice, Payment, PaymentApplication
from inventory.models import Product, StockLevel, StockMove, Warehouse
from orders.channels import northwind_files
from orders.models import Address, Customer, Order, OrderEvent, OrderImport, OrderLine

BUYERS = ("VINET", "HANAR")  # of the first order and of the third
NORTHWIND = ROOT.parent / "shared" / "data" / "business" / "northwind"
pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(not NORTHWIND.is_dir(), reason="The Northwind folder is not here."),
]


def part(folder: Path, *, orders: int) -> Path:
    """The folder with its first orders only, and those lines of them."""
    for name in northwind_files.FILES:
        rows = (NORTHWIND / f"{name}.csv").read_bytes().splitlines(keepends=True)
        kept = rows[: orders + 1] if name == "orders" else rows
        if name == "order_details":
            last = 10248 + orders
            kept = [rows[0], *(row for row in rows[1:] if int(row.split(b",")[0]) < last)]
        (folder / f"{name}.csv").write_bytes(b"".join(kept))
    return folder


def taken(folder: Path) -> OrderImport:
    call_command("import_orders", folder, profile="northwind")
    return OrderImport.objects.latest("pk")


def test_a_history_is_taken_as_a_whole_or_nothing_of_it_is_there(tmp_path: Path) -> None:
    folder = part(tmp_path, orders=6)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE orders_order ADD CONSTRAINT no CHECK (external_id <> '10252')")

    with pytest.raises(IntegrityError):
        taken(folder)

    assert not Order.objects.exists()
    assert not Product.objects.exists()
    assert not OrderImport.objects.exists()
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE orders_order DROP CONSTRAINT no")
    assert (taken(folder).rejected_rows, Order.objects.count()) == (0, 6)


def test_a_history_that_is_there_is_not_taken_again_and_none_is_added_to_it(tmp_path: Path) -> None:
    made = taken(part(tmp_path, orders=3))
    again = taken(tmp_path)

    with pytest.raises(CommandError, match="was taken without order 10251"):
        taken(part(tmp_path, orders=5))

    assert (made.rejected_rows, again.accepted_rows, Order.objects.count()) == (0, 0, 3)
    assert set(again.rows.values_list("error_code", flat=True)) == {"taken_before"}


def test_an_order_that_stops_is_named_and_whoever_is_there_gets_an_account(tmp_path: Path) -> None:
    folder = part(tmp_path, orders=3)
    vinet, hanar = (Customer.objects.create(code=c, name=c, currency_id="EUR") for c in BUYERS)
    CreditAccount.objects.create(customer=hanar, currency_id="USD", credit_limit=100)

    with pytest.raises(CommandError, match=r"Order 10250 cannot be taken.*credit limit of 100"):
        taken(folder)

    assert not Order.objects.exists()
    CreditAccount.objects.update(credit_limit=1_000_000)
    assert (taken(folder).rejected_rows, Order.objects.count()) == (0, 3)
    assert CreditAccount.objects.get(customer=vinet, currency="USD").credit_limit == 1_000_000


def test_northwind_goes_through_its_whole_history(sound: None) -> None:
    call_command("import_orders", NORTHWIND, profile="northwind")

    whole_history()


def whole_history() -> None:
    """Every fact of the company is there, whichever way it came in."""
    net = OrderLine.objects.aggregate(
        net=Sum(F("gross_amount") - F("discount_amount")), units=Sum("ordered")
    )
    statuses = Order.objects.order_by().values_list("status", flat=True)
    assert (Order.objects.count(), OrderLine.objects.count(), net["units"]) == (830, 2155, 51317)
    assert net["net"] == Decimal("1265793.29")
    assert Order.objects.aggregate(freight=Sum("shipping_total"))["freight"] == Decimal("64942.69")
    assert (list(statuses).count("completed"), list(statuses).count("processing")) == (809, 21)
    assert Order.objects.earliest("created_at").created_at.date().isoformat() == "1996-07-04"
    delivered_when_they_were_shipped()
    paid_on_the_due_day_by_imported_payments()
    sold_in_dollars_without_tax()
    received_before_the_first_order_at_sixty_percent()
    short_lines_wait()
    opened_with_what_was_shipped_and_what_is_left()
    countries_are_written_as_codes()


def table(name: str) -> list[dict[str, str]]:
    with (NORTHWIND / f"{name}.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def delivered_when_they_were_shipped() -> None:
    sent = {
        row["orderID"]: row["shippedDate"][:10]
        for row in table("orders")
        if row["shippedDate"] not in {"", "NULL"}
    }
    for kind in ("order.shipped", "order.delivered"):
        events = OrderEvent.objects.filter(type=kind).values_list(
            "order__external_id", "occurred_at"
        )
        assert {number: f"{at:%Y-%m-%d}" for number, at in events} == sent, kind


def paid_on_the_due_day_by_imported_payments() -> None:
    assert set(Payment.objects.values_list("method", flat=True)) == {"imported"}
    assert Payment.objects.count() == Invoice.objects.count()
    for application in PaymentApplication.objects.select_related("invoice", "payment"):
        assert application.payment.received_at.date() == application.invoice.due_on


def sold_in_dollars_without_tax() -> None:
    assert set(Order.objects.values_list("currency", flat=True)) == {"USD"}
    assert set(Customer.objects.values_list("currency", flat=True)) == {"USD"}
    assert set(Order.objects.values_list("tax_total", flat=True)) == {Decimal(0)}


def received_before_the_first_order_at_sixty_percent() -> None:
    first = Order.objects.aggregate(first=Min("created_at"))["first"]
    opening = StockMove.objects.filter(kind="receipt")
    assert set(opening.values_list("moved_at", flat=True)) == {first - timedelta(days=1)}
    listed = {f"NW-{row['productID']}": Decimal(row["unitPrice"]) for row in table("products")}
    levels = StockLevel.objects.filter(on_hand__gt=0)
    worth = levels.values_list("product__sku", "on_hand", "cost__value")
    for sku, units, value in worth:
        assert abs(value - units * listed[sku] * Decimal("0.6")) < Decimal("0.02"), sku


def short_lines_wait() -> None:
    open_lines = OrderLine.objects.filter(order__status="processing")
    assert open_lines.filter(backordered__gt=0).exists()
    assert not open_lines.exclude(ordered=F("allocated") + F("backordered")).exists()


def opened_with_what_was_shipped_and_what_is_left() -> None:
    sent = {row["orderID"] for row in table("orders") if row["shippedDate"] not in {"", "NULL"}}
    units = {f"NW-{row['productID']}": int(row["unitsInStock"]) for row in table("products")}
    for row in table("order_details"):
        units[f"NW-{row['productID']}"] += int(row["quantity"]) if row["orderID"] in sent else 0

    received = StockMove.objects.filter(kind="receipt")
    opening = received.values_list("stock_level__product__sku").annotate(Sum("quantity"))
    assert dict(opening) == {sku: quantity for sku, quantity in units.items() if quantity}
    left = StockLevel.objects.values_list("product__sku", "on_hand")
    in_stock = {f"NW-{row['productID']}": int(row["unitsInStock"]) for row in table("products")}
    assert dict(left) == {sku: in_stock[sku] for sku, _ in left}


def countries_are_written_as_codes() -> None:
    names = Locale("en").territories
    by_name = {names[code]: code for code in names if len(code) == 2}
    by_name |= {"UK": "GB", "USA": "US"}
    orders = {row["orderID"]: by_name[row["shipCountry"]] for row in table("orders")}
    customers = {row["customerID"]: by_name[row["country"]] for row in table("customers")}

    assert dict(Order.objects.values_list("external_id", "ship_to_country")) == orders
    assert dict(Address.objects.values_list("customer__code", "country")) == customers
    assert set(Warehouse.objects.values_list("country", flat=True)) == {"US"}
