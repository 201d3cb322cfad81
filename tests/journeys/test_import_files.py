"""Files that come in by a page: what is no file of orders is refused in a sentence, never worse."""

from __future__ import annotations

import io
import struct
from collections.abc import Callable
from html import unescape
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from django.conf import LazySettings
from django.test import Client
from django.urls import reverse
from openpyxl import Workbook

from config.env import ROOT
from orders.channels import archives, northwind_files, runs
from orders.models import Customer, Order, OrderImport, Staff
from tests import builders as b
from tests.journeys.test_import_pages import HEAD, looked, page, row, sent, started
from tests.orders.test_bulk_pages import signed_in

pytestmark = pytest.mark.django_db
SHARED = ROOT.parent / "shared" / "data"
NASTY = sorted(
    file
    for file in (SHARED / "nasty").rglob("*")
    if file.suffix.lower() in {".csv", ".tsv", ".txt", ".xlsx", ".xlsm", ".xls"}
)


@pytest.fixture
def sales() -> Client:
    return signed_in("Sales rep")


@pytest.fixture
def chief() -> Client:
    return signed_in("Sales manager")


def said(answer: Any) -> str:
    """What the form says of a file that it does not take."""
    assert answer.status_code == 422
    assert not OrderImport.objects.exists()
    return unescape(answer.content.decode())


def zipped(files: dict[str, bytes]) -> bytes:
    content = io.BytesIO()
    with ZipFile(content, "w", ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return content.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("orders.csv", b"", "The file is empty."),
        ("orders.csv", HEAD.encode(), "The file has no rows below its column names."),
        ("orders.csv", b"\n\n", "The file has no row of column names."),
        ("orders.csv", b"a,b\n1,2", "no column order and no column customer"),
        ("orders.csv", b'order,customer\nA,"B', "not a well-formed CSV file"),
        ("orders.csv", b"%PDF-1.7 and more", "orders.csv is no text with rows"),
        ("orders.csv", b"PK\x03\x04 and more", "orders.csv is no text with rows"),
        ("orders.csv", b"\x89PNG\r\n\x1a\n\x00\x00", "orders.csv is no text with rows"),
        ("orders.csv", b"\xd0\xcf\x11\xe0 of old", "orders.csv is no text with rows"),
        ("orders.csv", "order".encode("utf-16")[:-1], "orders.csv is damaged"),
        ("orders.xlsx", b"order,customer\nA,B", "is not a spreadsheet that can be read"),
        ("orders.xlsx", zipped({"a.txt": b"a"}), "is not a spreadsheet that can be read"),
        ("orders.exe", b"order,customer\nA,B", "takes CSV, TXT, TSV, XLSX, XLSM"),
        ("orders", b"order,customer\nA,B", "orders is no file of this kind"),
    ],
)
def test_what_is_no_file_of_orders_is_refused_in_a_sentence(
    sales: Client, name: str, content: bytes, words: str
) -> None:
    assert words in said(sent(sales, name=name, content=content))


def test_a_form_without_a_file_says_so(sales: Client) -> None:
    answer = sales.post(reverse("orders:import_new"), {"profile": "plain"})

    assert "File is required." in said(answer)


def test_a_file_that_is_too_large_is_dropped_while_it_comes_in(
    sales: Client, settings: LazySettings
) -> None:
    settings.LARGEST_UPLOAD = 1024 * 1024

    assert "larger than 1 MB; split it" in said(sent(sales, HEAD, "x" * 1024 * 1024))


def test_a_file_with_too_many_rows_or_columns_is_refused(
    sales: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runs, "MOST_ROWS", 2)

    assert "more than 2 rows; split it" in said(sent(sales, HEAD, *[row("A")] * 3))
    wide = ",".join(f"c{n}" for n in range(501))
    assert "more than 500 columns" in said(sent(sales, wide, "1"))


def lying(size: int) -> bytes:
    """An archive that says of a large member that it is small."""
    content = bytearray(zipped({"customers.csv": b"x" * 1_000_000}))
    for mark, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        at = content.index(mark) + offset
        content[at : at + 4] = struct.pack("<I", size)
    return bytes(content)


def protected() -> bytes:
    """An archive that says it takes a password."""
    content = bytearray(zipped({"customers.csv": b"a"}))
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(mark) + offset] |= 1
    return bytes(content)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (lambda: zipped({"x.bin": bytes(3_000_000)}), "unpacks to more than 200 MB"),
        (lambda: zipped({f"{n}.csv": b"" for n in range(40)}), "more than 1,000 files"),
        (lambda: zipped({"../customers.csv": b"a"}), "leads out of its folder"),
        (lambda: zipped({"/etc/customers.csv": b"a"}), "leads out of its folder"),
        (lambda: zipped({"..\\customers.csv": b"a"}), "leads out of its folder"),
        (lambda: zipped({"C:customers.csv": b"a"}), "leads out of its folder"),
        (lambda: zipped({"a/orders.csv": b"a", "b/orders.csv": b"b"}), "two files orders.csv"),
        (lambda: zipped({"notes.csv": b"a"}), "The folder has no customers.csv, no products.csv"),
        (lambda: lying(10), "damaged: it cannot be unpacked"),
        (protected, "protected by a password"),
        (lambda: b"no archive at all", "damaged: it cannot be unpacked"),
        (lambda: zipped({"customers.csv": b"a"})[:40], "damaged: it cannot be unpacked"),
    ],
)
def test_archives_are_bounded_and_lead_nowhere(
    chief: Client, monkeypatch: pytest.MonkeyPatch, content: Callable[[], bytes], words: str
) -> None:
    monkeypatch.setattr(archives, "LARGEST_CONTENT", 2_000_000)
    monkeypatch.setattr(archives, "MOST_MEMBERS", 30)

    answer = sent(chief, name="company.zip", content=content(), profile="northwind")

    assert words in said(answer)
    assert not Customer.objects.exists()


def test_a_spreadsheet_that_unpacks_to_something_huge_is_not_opened(
    sales: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    book, content = Workbook(), io.BytesIO()
    book.active.append(["x" * 30_000] * 40)  # type: ignore[union-attr]
    book.save(content)
    monkeypatch.setattr(archives, "LARGEST_CONTENT", 20_000)

    answer = sent(sales, name="bomb.xlsx", content=content.getvalue())

    assert "bomb.xlsx unpacks to more than 200 MB" in said(answer)


@pytest.mark.skipif(not NASTY, reason="The nasty files are not here.")
@pytest.mark.parametrize("file", NASTY, ids=lambda file: file.name)
def test_a_nasty_file_is_looked_at_or_refused_in_a_sentence(sales: Client, file: Path) -> None:
    answer = sent(sales, name=file.name, content=file.read_bytes())

    if answer.status_code == 302:
        assert sales.get(answer["Location"]).status_code == 200
    else:
        assert 'data-tone="red"' in said(answer)
    assert not Order.objects.exists()


@pytest.mark.skipif(not NASTY, reason="The nasty files are not here.")
def test_naughty_strings_are_kept_as_they_are_said(sales: Client) -> None:
    strings = (SHARED / "nasty" / "blns" / "blns.txt").read_text(encoding="utf-8").splitlines()
    kept = [text.replace("\x00", "").strip() for text in strings if not text.startswith("#")]
    buyer, thing = b.customer(), b.product()
    book, content = Workbook(), io.BytesIO()
    book.active.append([*HEAD.split(","), "note"])  # type: ignore[union-attr]
    texts = [text for text in kept if text.isprintable() and text]
    for number, text in enumerate(texts):
        cells = [f"N{number}", buyer.code, thing.sku, 1, text]
        book.active.append(cells)  # type: ignore[union-attr]
        book.active.cell(number + 2, 5).data_type = "s"  # type: ignore[union-attr]
    book.save(content)

    made = started(sales, looked(sales, name="naughty.xlsx", content=content.getvalue()))

    assert (made.taken, made.refused) == (len(texts), 0)
    assert list(Order.objects.order_by("pk").values_list("note", flat=True)) == texts
    assert page(sales, made, "?show=all")


def company(**changes: bytes) -> dict[str, bytes]:
    """A very small company in the Northwind files."""
    files = {
        "customers": b"customerID,companyName,address,city,region,postalCode,country,phone\n"
        b"ALFKI,Alfreds,Obere Str. 57,Berlin,NULL,12209,Germany,030",
        "products": b"productID,productName,quantityPerUnit,unitPrice,unitsInStock\n"
        b"1,Chai,10 boxes,18,39",
        "shippers": b"shipperID,companyName\n1,Speedy",
        "orders": b"orderID,customerID,orderDate,requiredDate,shippedDate,shipVia,freight,shipName,"
        b"shipAddress,shipCity,shipRegion,shipPostalCode,shipCountry\n"
        b"1,ALFKI,1996-07-04,1996-08-01,1996-07-16,1,3.5,Alfreds,Obere Str. 57,Berlin,NULL,12209,"
        b"Germany",
        "order_details": b"orderID,productID,unitPrice,quantity,discount\n1,1,18,5,0.1",
    }
    return {f"northwind/{name}.csv": text for name, text in (files | changes).items()}


def test_a_small_company_is_imported_with_its_history(chief: Client) -> None:
    content = zipped(company() | {"__MACOSX/northwind/orders.csv": b"junk"})
    seen = looked(chief, name="company.zip", content=content, profile="northwind")
    assert (seen.taken, seen.sums, Customer.objects.count()) == (1, {"USD": "84.50"}, 0)

    made = started(chief, seen)

    assert (made.status, made.taken, Order.objects.get().status) == ("done", 1, "completed")
    again = looked(chief, name="company.zip", content=content, profile="northwind")
    assert (again.taken, again.known) == (0, 1)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"orders": b"orderID\n1"}, "orders.csv, row 2: “” in customerID cannot be read."),
        ({"products": company()["northwind/products.csv"].replace(b",18,", b",x,")}, "“x” in"),
        ({"products": company()["northwind/products.csv"].replace(b"39", b"9" * 12)}, "999”"),
        ({"customers": company()["northwind/customers.csv"].replace(b"Germany", b"?")}, "“?”"),
        ({"order_details": company()["northwind/order_details.csv"].replace(b"\n1,", b"\n2,")},
         "orders.csv, row 2: order 1 has no lines."),
        ({"customers": company()["northwind/customers.csv"].replace(b"Alfreds", b"A" * 900)},
         "The company of these files cannot be made"),
        ({"shippers": b"shipperID,companyName\n"}, "shippers.csv has no rows."),
    ],
)  # fmt: skip
def test_a_company_that_cannot_be_read_is_refused_in_a_sentence(
    chief: Client, changes: dict[str, bytes], words: str
) -> None:
    content = zipped(company(**changes))

    answer = sent(chief, name="company.zip", content=content, profile="northwind")

    assert words in said(answer)
    assert not Customer.objects.exists()


def test_a_history_with_an_order_that_cannot_be_taken_is_not_begun(chief: Client) -> None:
    files = company()
    orders = files["northwind/orders.csv"]
    files["northwind/orders.csv"] = (
        orders + b"\n2" + orders.partition(b"\n1")[2].replace(b"ALFKI", b"NOBOD")
    )
    files["northwind/order_details.csv"] += b"\n2,1,18,5,0"
    seen = looked(chief, name="company.zip", content=zipped(files), profile="northwind")

    assert (seen.taken, seen.refused) == (1, 1)
    assert "A history is taken as a whole" in page(chief, seen)
    chief.post(reverse("orders:import_start", args=[seen.pk]))
    assert not OrderImport.objects.filter(is_dry_run=False).exists()


def test_a_history_is_for_those_who_may_found_a_company(sales: Client, chief: Client) -> None:
    address, content = reverse("orders:import_new"), zipped(company())
    assert "northwind" not in sales.get(address).content.decode()
    assert sent(sales, name="c.zip", content=content, profile="northwind").status_code == 422
    seen = looked(chief, name="company.zip", content=content, profile="northwind")
    user = seen.requested_by
    assert user is not None
    Staff.objects.update_or_create(user=user, defaults={"countries": ["DE"]})

    assert "northwind" not in chief.get(address).content.decode()
    assert chief.post(reverse("orders:import_start", args=[seen.pk])).status_code == 403
    assert not Order.objects.exists()


@pytest.mark.slow
@pytest.mark.skipif(not (SHARED / "business").is_dir(), reason="Northwind is not here.")
def test_northwind_comes_in_by_the_page_with_the_same_facts(chief: Client, sound: None) -> None:
    from tests.orders import test_northwind as by_command

    folder = by_command.NORTHWIND
    files = {f"{name}.csv": (folder / f"{name}.csv").read_bytes() for name in northwind_files.FILES}
    seen = looked(chief, name="northwind.zip", content=zipped(files), profile="northwind")
    assert (seen.total, seen.taken, seen.total_rows, seen.customers) == (830, 830, 2155, 89)
    assert not Order.objects.exists()

    made = started(chief, seen)

    assert (made.status, made.taken, made.accepted_rows) == ("done", 830, 2155)
    by_command.whole_history()
