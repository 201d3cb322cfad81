"""Files become orders: whole, once, with every row answered for."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db.models import F, Sum
from openpyxl import Workbook

from config.env import ROOT
from orders.channels import reading
from orders.models import Order, OrderImport, OrderImportRow, OrderLine
from tests import builders as b

pytestmark = pytest.mark.django_db
SHARED = ROOT.parent / "shared" / "data"
NORTHWIND = SHARED / "business" / "northwind"


def csv(folder: Path, *rows: str, name: str = "orders.csv", encoding: str = "utf-8") -> Path:
    file = folder / name
    file.write_bytes("\r\n".join(rows).encode(encoding))
    return file


def said(path: Path) -> list[tuple[int, str | None]]:
    """What became of each row of the file."""
    call_command("import_orders", path)
    found = OrderImportRow.objects.filter(order_import=OrderImport.objects.latest("pk"))
    return list(found.order_by("row_no").values_list("row_no", "error_code"))


def test_rows_of_one_order_become_its_lines(tmp_path: Path) -> None:
    first, second, buyer = b.product(price="10.00"), b.product(price="2.50"), b.customer()
    path = csv(
        tmp_path,
        "order;customer;sku;qty;price;discount",
        f"A-1;{buyer.code};{first.sku};2;;",
        f"A-1;{buyer.code};{second.sku};4;2,40;10",
    )

    assert said(path) == [(2, None), (3, None)]

    order = Order.objects.get()
    assert (order.external_id, order.status, order.channel.code) == ("A-1", "draft", "import")
    assert [line.gross_amount for line in order.lines.all()] == [Decimal(20), Decimal("9.60")]


def test_a_bad_row_takes_its_order_with_it_and_leaves_the_others(tmp_path: Path) -> None:
    thing, buyer = b.product(), b.customer()
    path = csv(
        tmp_path,
        "order,customer,sku,quantity",
        f"A,{buyer.code},{thing.sku},1",
        f"A,{buyer.code},NO-SUCH,1",
        f"B,{buyer.code},{thing.sku},1",
        f"C,{buyer.code},{thing.sku},none",
        f"D,NOBODY,{thing.sku},1",
        f"E,{buyer.code},{thing.sku},0",
    )

    assert said(path) == [
        (2, "order_rejected"),
        (3, "unknown_sku"),
        (4, None),
        (5, "bad_quantity"),
        (6, "unknown_customer"),
        (7, "bad_quantity"),
    ]
    assert list(Order.objects.values_list("external_id", flat=True)) == ["B"]


def test_the_same_file_again_changes_nothing(tmp_path: Path) -> None:
    thing, buyer = b.product(), b.customer()
    path = csv(tmp_path, "order,customer,sku,quantity", f"A,{buyer.code},{thing.sku},1")
    said(path)

    assert said(path) == [(2, "repeated_external_id")]
    assert Order.objects.count() == 1


def test_a_dry_run_answers_every_row_and_makes_no_order(tmp_path: Path) -> None:
    thing, buyer = b.product(), b.customer()
    path = csv(tmp_path, "order,customer,sku,quantity", f"A,{buyer.code},{thing.sku},1")

    call_command("import_orders", path, dry_run=True)

    made = OrderImport.objects.get()
    assert (made.is_dry_run, made.accepted_rows) == (True, 1)
    assert not Order.objects.exists()


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        (("customer,sku", "C,S"), "no column order and no column quantity"),
        (("order,customer,sku,quantity", 'A,"C,S,1'), "not a well-formed CSV file"),
        (("order,customer,sku,quantity", "A,C,S,1,extra"), "Row 2 has 5 columns"),
        (("",), "no row of column names"),
    ],
)
def test_a_malformed_file_is_refused_in_words(
    tmp_path: Path, rows: tuple[str, ...], words: str
) -> None:
    with pytest.raises(CommandError, match=words):
        call_command("import_orders", csv(tmp_path, *rows))

    assert not OrderImport.objects.exists()


def test_rejected_rows_are_written_with_why(tmp_path: Path) -> None:
    buyer, failed = b.customer(), tmp_path / "failed.csv"
    path = csv(tmp_path, "order,customer,sku,quantity", f"A,{buyer.code},NO-SUCH,1")

    call_command("import_orders", path, failed_rows=failed)

    head, row = failed.read_text().splitlines()
    assert head == "order,customer,sku,quantity,error"
    assert "There is no item “NO-SUCH”." in row


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_files_are_read_in_the_encodings_that_spreadsheets_write(
    tmp_path: Path, encoding: str
) -> None:
    path = csv(tmp_path, "order,note", "A,Grüße", encoding=encoding)

    assert reading.rows(path) == [(2, {"order": "A", "note": "Grüße"})]


def test_a_spreadsheet_is_read_like_a_csv_file(tmp_path: Path) -> None:
    book = Workbook()
    book.active.append(["order", "customer", "sku", "quantity"])  # type: ignore[union-attr]
    thing, buyer = b.product(), b.customer()
    book.active.append(["X-1", buyer.code, thing.sku, 3])  # type: ignore[union-attr]
    path = tmp_path / "orders.xlsx"
    book.save(path)

    assert said(path) == [(2, None)]
    assert OrderLine.objects.get().ordered == 3


@pytest.mark.skipif(not NORTHWIND.is_dir(), reason="The Northwind folder is not here.")
def test_northwind_goes_through_its_whole_history(sound: None) -> None:
    call_command("import_orders", NORTHWIND, profile="northwind")

    net = OrderLine.objects.aggregate(
        net=Sum(F("gross_amount") - F("discount_amount")), units=Sum("ordered")
    )
    statuses = Order.objects.order_by().values_list("status", flat=True)
    assert (Order.objects.count(), OrderLine.objects.count(), net["units"]) == (830, 2155, 51317)
    assert net["net"] == Decimal("1265793.29")
    assert Order.objects.aggregate(freight=Sum("shipping_total"))["freight"] == Decimal("64942.69")
    assert (list(statuses).count("completed"), list(statuses).count("processing")) == (809, 21)
    assert Order.objects.earliest("created_at").created_at.date().isoformat() == "1996-07-04"


@pytest.mark.skipif(not (SHARED / "nasty").is_dir(), reason="The nasty files are not here.")
def test_nasty_files_are_read_or_refused_but_never_break() -> None:
    refused = []
    for path in sorted((SHARED / "nasty").rglob("*.csv")):
        try:
            reading.rows(path)
        except reading.UnreadableFile as refusal:
            refused.append(str(refusal))

    assert all(refused)
