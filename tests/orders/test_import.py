"""Files become orders: whole, once, with every row answered for."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from openpyxl import Workbook

from config.env import ROOT
from orders.channels import archives, reading
from orders.lifecycle import limits
from orders.models import Order, OrderImport, OrderImportRow, OrderLine
from tests import builders as b

pytestmark = pytest.mark.django_db
SHARED = ROOT.parent / "shared" / "data"


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


def test_marks_in_numbers_are_read_or_asked_about_but_never_guessed(tmp_path: Path) -> None:
    thing, buyer = b.product(), b.customer("1000000000")
    prices = ("9,50", "1.200,50", "1,200.50", "1,200,000", "12.5", "1,200")
    rows = (f"P{n};{buyer.code};{thing.sku};1;{price}" for n, price in enumerate(prices))
    path = csv(tmp_path, "order;customer;sku;qty;price", *rows)

    assert [code for _, code in said(path)] == [None] * 5 + ["bad_price"]

    taken = OrderLine.objects.order_by("order__external_id").values_list("unit_price", flat=True)
    assert [str(price.normalize()) for price in taken] == [
        "9.5",
        "1200.5",
        "1200.5",
        "1.2E+6",
        "12.5",
    ]
    assert "two ways" in OrderImportRow.objects.get(error_code="bad_price").message


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


@pytest.mark.parametrize(
    ("column", "text", "code", "words"),
    [
        ("order", "A" * 81, "too_long", "external_id has 81 characters; at most 80 are kept."),
        ("po", "P" * 61, "too_long", "po_number has 61 characters; at most 60 are kept."),
        ("ship_to_country", "Germany", "too_long", "“Germany” is not a country code"),
        ("ship_to_city", "C" * 101, "too_long", "ship_to_city has 101 characters"),
        ("price", "999999999", "too_large", "a line comes to 1,000,000,000,000 at most"),
        ("price", "1E+999999", "bad_price", "“1E+999999” in column price is not a number."),
        ("shipping", "99999999999999", "too_large", "An order comes to"),
        ("quantity", "1E+999999999", "bad_quantity", "in column quantity is not a number."),
    ],
)
def test_what_does_not_fit_is_said_of_its_row_and_the_others_are_taken(
    tmp_path: Path, column: str, text: str, code: str, words: str
) -> None:
    thing, buyer = b.product(), b.customer()
    good = {
        "order": "A",
        "customer": buyer.code,
        "sku": thing.sku,
        "quantity": "900000",
        "price": "1",
        "po": "",
        "shipping": "",
        "ship_to_line1": "Hafenstraße 1",
        "ship_to_city": "Leipzig",
        "ship_to_country": "DE",
    }
    bad = good | {"order": "B", column: text}
    rows = [";".join(row) for row in (good, good.values(), bad.values())]

    assert said(csv(tmp_path, *rows)) == [(2, None), (3, code)]

    assert words in OrderImportRow.objects.get(row_no=3).message
    assert Order.objects.get().external_id == "A"


def test_the_longest_words_are_those_that_an_order_keeps() -> None:
    kept = {name: Order._meta.get_field(name).max_length for name in limits.LONGEST}  # type: ignore[union-attr]

    assert kept == limits.LONGEST


def test_what_the_database_alone_turns_down_is_found_and_keeps_nothing_else_back(
    tmp_path: Path,
) -> None:
    thing, buyer = b.product(), b.customer()
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE orders_order ADD CHECK (external_id <> 'C')")
    rows = [f"{name},{buyer.code},{thing.sku},1" for name in "ABCDE"]

    answers = said(csv(tmp_path, "order,customer,sku,quantity", *rows))

    assert answers == [(2, None), (3, None), (4, "not_taken"), (5, None), (6, None)]
    made = OrderImport.objects.get()
    assert (made.status, made.accepted_rows, made.rejected_rows) == ("done", 4, 1)
    assert "This order could not be taken" in made.rows.get(row_no=4).message
    assert list(Order.objects.order_by("pk").values_list("external_id", flat=True)) == list("ABDE")


def test_placed_at_once_the_orders_that_stay_drafts_are_named_with_why(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    thing, buyer, homeless = b.product(), b.customer(), b.customer()
    homeless.addresses.all().delete()
    path = csv(
        tmp_path,
        "order,customer,sku,quantity",
        f"A,{buyer.code},{thing.sku},1",
        f"B,{homeless.code},{thing.sku},1",
    )

    call_command("import_orders", path, submit=True)

    drafted = Order.objects.get(external_id="B")
    assert Order.objects.get(external_id="A").status == "submitted"
    assert drafted.status == "draft"
    assert (
        f"{drafted} was not placed: Still missing: a complete delivery address."
        in capsys.readouterr().out
    )


@pytest.mark.parametrize("name", ["orders.xlsx", "orders.xlsm"])
def test_what_only_calls_itself_a_spreadsheet_is_refused_in_words(
    tmp_path: Path, name: str
) -> None:
    with pytest.raises(CommandError, match=f"{name} is not a spreadsheet that can be read"):
        call_command("import_orders", csv(tmp_path, "order,customer", "A,B", name=name))


def test_a_damaged_utf_16_file_is_refused_in_words(tmp_path: Path) -> None:
    path = tmp_path / "orders.csv"
    path.write_bytes("order,note".encode("utf-16")[:-1])

    with pytest.raises(CommandError, match=r"orders.csv is damaged"):
        call_command("import_orders", path)


def test_characters_that_no_database_keeps_are_left_out(tmp_path: Path) -> None:
    thing, buyer = b.product(), b.customer()
    rows = ("order,customer,sku,quantity,note", f"A\0,{buyer.code},{thing.sku},1,a\0b")

    assert said(csv(tmp_path, *rows, encoding="utf-16")) == [(2, None)]
    assert Order.objects.get().note == "ab"


@pytest.mark.skipif(not (SHARED / "nasty").is_dir(), reason="The nasty files are not here.")
def test_nasty_files_are_read_or_refused_but_never_break() -> None:
    seen, refused = set(), []
    for path in sorted((SHARED / "nasty").rglob("*")):
        if path.suffix.lower() not in {".csv", ".tsv", ".xlsx", ".xlsm"}:
            continue
        seen.add(path.suffix.lower())
        try:
            reading.rows(path)
        except archives.UnreadableFile as refusal:
            refused.append(str(refusal))

    assert seen >= {".csv", ".xlsx"}
    assert refused
    assert all(refused)


def test_rows_of_one_order_that_disagree_are_refused_with_both_values(tmp_path: Path) -> None:
    said_twice = {
        "currency": ("EUR", "USD"),
        "po_number": ("PO-1", "PO-2"),
        "requested_on": ("2027-01-04", "2027-01-05"),
        "shipping": ("9.50", "0"),
        "ship_to_line1": ("Weg 2", "Weg 3"),
    }
    buyer, thing, rows = b.customer(), b.product(), []
    for place, (name, values) in enumerate(said_twice.items()):
        for value in (values[0], "", values[1]):
            cells = ["", "", "", "", ""]
            cells[place] = value
            rows.append(";".join([name, buyer.code, thing.sku, "1", *cells]))
    path = csv(tmp_path, ";".join(["order", "customer", "sku", "qty", *said_twice]), *rows)

    assert [code for _, code in said(path)] == [
        "order_rejected",
        "order_rejected",
        "two_values",
    ] * 5

    found = OrderImportRow.objects.filter(error_code="two_values").order_by("row_no")
    assert [row.message for row in found] == [
        f"Order {name} has “{one}” in column {name} above and “{two}” here."
        for name, (one, two) in said_twice.items()
    ]
    assert not Order.objects.exists()


def test_rows_of_one_order_agree_in_what_they_mean_and_keep_every_note(tmp_path: Path) -> None:
    row = f"A;{b.customer().code};{b.product().sku};1"
    names = "product;order;customer;sku;qty;shipping;note"
    path = csv(tmp_path, names, f"OTHER;{row};0;Ring", f"OTHER;{row};0.00;Wait", f"OTHER;{row};;")

    assert said(path) == [(2, None), (3, None), (4, None)]

    order = Order.objects.get()
    assert (order.lines.count(), order.note, order.shipping_total) == (3, "Ring\nWait", 0)


def test_an_address_of_a_file_without_a_street_is_refused_by_its_column(tmp_path: Path) -> None:
    row = f"A;{b.customer().code};{b.product().sku};1;;Halle"
    path = csv(tmp_path, "order;customer;sku;qty;ship_to_line1;ship_to_city", row)

    assert said(path) == [(2, "no_street")]

    found = OrderImportRow.objects.get()
    assert found.column == "ship_to_line1"
    assert "has no street; fill in ship_to_line1" in found.message
    assert not Order.objects.exists()
