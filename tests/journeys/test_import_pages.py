"""Importing by pages: looked at first, taken once, every row answered, and only what one may."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import Workbook, load_workbook

from config.env import ROOT
from config.kernel import queues
from orders.channels import runs
from orders.models import (
    ImportFile,
    Order,
    OrderEvent,
    OrderImport,
    StaffNotice,
)
from tests import builders as b
from tests.orders.test_bulk_pages import signed_in

pytestmark = pytest.mark.django_db
HEAD = "order,customer,sku,quantity"
SHARED = ROOT.parent / "shared" / "data"


def sent(
    client: Client, *rows: str, name: str = "orders.csv", content: bytes | None = None, **more: Any
) -> Any:
    """The answer to a file that is sent in by the form."""
    file = SimpleUploadedFile(name, "\n".join(rows).encode() if content is None else content)
    data = {"profile": "plain", "file": file, **more}
    return client.post(reverse("orders:import_new"), data)


def looked(client: Client, *rows: str, **more: Any) -> OrderImport:
    """What a look at a file found."""
    answer = sent(client, *rows, **more)
    assert answer.status_code == 302, answer.content.decode()
    return OrderImport.objects.get(pk=answer["Location"].rstrip("/").split("/")[-1])


def started(client: Client, seen: OrderImport) -> OrderImport:
    """The import that was started after a look, worked to its end."""
    client.post(reverse("orders:import_start", args=[seen.pk]))
    runs.work()
    return OrderImport.objects.get(preview=seen)


def page(client: Client, made: OrderImport, query: str = "") -> str:
    return client.get(made.get_absolute_url() + query).content.decode()


def row(number: str, sku: str = "", customer: str = "") -> str:
    return f"{number},{customer or b.customer().code},{sku or b.product().sku},2"


def codes(made: OrderImport) -> list[str | None]:
    return list(made.rows.order_by("row_no").values_list("error_code", flat=True))


@pytest.fixture
def sales() -> Client:
    return signed_in("Sales rep")


def user_of(client: Client) -> int:
    return int(client.session["_auth_user_id"])


def test_a_look_says_how_much_it_is_and_what_is_refused_and_makes_no_order(sales: Client) -> None:
    buyer, thing = b.customer(), b.product(price="10.00")
    good = [f"A,{buyer.code},{thing.sku},2", f"A,{buyer.code},{thing.sku},1"]
    with connection.cursor() as cursor:
        cursor.execute("SELECT last_value FROM order_number")
        before = cursor.fetchone()

    seen = looked(sales, HEAD, *good, row("B"), row("C", sku="NO-SUCH"), "D,NOBODY,X,1")

    assert (seen.total, seen.taken, seen.refused, seen.known) == (4, 2, 2, 0)
    assert (seen.accepted_rows, seen.customers, seen.sums) == (3, 2, {"EUR": "50.00"})
    words = page(sales, seen)
    assert "Import the 2 good orders" in words
    assert "2 orders with 3 rows, of 2 customers, come to" in words
    assert "€50.00" in words
    assert "There is no item “NO-SUCH”." in words
    assert "There is no customer “NOBODY”." in words
    assert not Order.objects.exists()
    with connection.cursor() as cursor:
        cursor.execute("SELECT last_value FROM order_number")
        assert cursor.fetchone() == before


def test_each_refused_row_is_named_with_its_column_and_a_sentence(sales: Client) -> None:
    buyer, thing = b.customer(), b.product()
    seen = looked(
        sales,
        "Order ID,Account,Item,Qty,Price,requested_on,ship_to_line1,ship_to_country",
        f"A,{buyer.code},{thing.sku},none,,,,",
        f"B,{buyer.code},{thing.sku},1,x,,,",
        f"H,{buyer.code},{thing.sku},,,,,",
        f"C,{buyer.code},{thing.sku},1,,tomorrow,,",
        f"D,{buyer.code},NO-SUCH,1,,,,",
        f"E,NOBODY,{thing.sku},1,,,,",
        f",{buyer.code},{thing.sku},1,,,,",
        f"F,{buyer.code},{thing.sku},1,,,Hafenstraße 1,Germany",
        f"G,{buyer.code},{thing.sku},1,-3,,,",
    )

    said = seen.rows.order_by("row_no").values_list("row_no", "column", "error_code")
    assert list(said) == [
        (2, "Qty", "bad_quantity"),
        (3, "Price", "bad_price"),
        (4, "Qty", "bad_quantity"),
        (5, "requested_on", "bad_date"),
        (6, "Item", "unknown_sku"),
        (7, "Account", "unknown_customer"),
        (8, "Order ID", "no_order"),
        (9, "ship_to_country", "too_long"),
        (10, "Price", "bad_price"),
    ]
    assert seen.rows.get(row_no=4).message == "The row has no quantity."
    assert "“tomorrow” is not a date; write it as 2026-11-30." in page(sales, seen)
    assert "No order of this file can be taken" in page(sales, seen)


def test_the_good_orders_are_taken_and_every_row_says_what_became_of_it(sales: Client) -> None:
    seen = looked(sales, HEAD, row("A"), row("B"), row("C", sku="NO-SUCH"))

    made = started(sales, seen)

    assert (made.status, made.taken, made.refused, made.pending) == ("done", 2, 1, 0)
    assert codes(made) == [None, None, "unknown_sku"]
    orders = Order.objects.order_by("pk")
    assert [(o.external_id, o.status, o.created_by_id) for o in orders] == [
        ("A", "draft", user_of(sales)),
        ("B", "draft", user_of(sales)),
    ]
    events = OrderEvent.objects.filter(type="order.created")
    assert set(events.values_list("source", flat=True)) == {"import"}
    words = page(sales, made, "?show=taken")
    assert all(order.number in words for order in orders)
    assert not ImportFile.objects.exists()
    notice = StaffNotice.objects.get(user=user_of(sales))
    assert notice.sentence == "Your file is imported: 2 orders were taken, 1 refused."
    answer = sales.get(reverse("orders:notice", args=[notice.pk]))
    assert answer["Location"] == made.get_absolute_url()


def test_a_large_file_is_looked_at_by_a_worker(
    sales: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runs, "INLINE", 1)
    seen = looked(sales, HEAD, row("A"), row("B"), row("C", sku="NO-SUCH"))
    assert "Waits for a worker" in page(sales, seen)
    sales.post(reverse("orders:import_start", args=[seen.pk]))
    assert not OrderImport.objects.filter(preview=seen).exists()
    part = {"HX-Request": "true"}
    assert sales.get(seen.get_absolute_url(), headers=part).status_code == 200

    runs.work()

    answer = sales.get(seen.get_absolute_url(), headers=part)
    assert (answer.status_code, answer["HX-Refresh"]) == (286, "true")
    assert "Import the 2 good orders" in page(sales, seen)
    assert not Order.objects.exists()
    assert started(sales, seen).taken == 2


def test_what_was_refused_at_the_look_is_not_taken_though_it_could_be_by_then(
    sales: Client,
) -> None:
    seen = looked(sales, HEAD, row("A"), row("B", sku="LATER"))
    b.product("LATER")

    made = started(sales, seen)

    assert (made.taken, made.refused, Order.objects.get().external_id) == (1, 1, "A")


def test_the_same_file_twice_makes_nothing_twice_and_says_what_was_there(sales: Client) -> None:
    rows = (HEAD, row("A"), row("B"))
    first = started(sales, looked(sales, *rows))

    again = looked(sales, *rows)

    assert (again.taken, again.known, again.refused) == (0, 2, 0)
    words = page(sales, again)
    assert "Every order of this file is there already" in words
    assert "This same file was imported before" in words
    assert first.get_absolute_url() in words
    assert "import has sent order A already; it is taken once." in words
    sales.post(reverse("orders:import_start", args=[again.pk]))
    assert (Order.objects.count(), OrderImport.objects.filter(is_dry_run=False).count()) == (2, 1)


def test_one_look_is_started_once(sales: Client) -> None:
    seen = looked(sales, HEAD, row("A"))
    address = reverse("orders:import_start", args=[seen.pk])

    sales.post(address)
    answer = sales.post(address, follow=True)

    assert OrderImport.objects.filter(preview=seen).count() == 1
    assert "nothing was started twice" in answer.content.decode()
    assert "This was started already" in page(sales, seen)


def test_orders_are_placed_at_once_where_asked_and_drafts_say_what_is_missing(
    sales: Client,
) -> None:
    homeless = b.customer()
    homeless.addresses.all().delete()
    seen = looked(sales, HEAD, row("A"), row("B", customer=homeless.code), submits="on")

    assert (seen.taken, seen.unplaced) == (2, 1)
    assert "It stays a draft. Still missing: a complete delivery address." in page(sales, seen)
    made = started(sales, seen)

    assert list(Order.objects.order_by("pk").values_list("status", flat=True)) == [
        "submitted",
        "draft",
    ]
    assert made.unplaced == 1
    assert "was not placed: Still missing: a complete delivery address." in page(
        sales, made, "?show=unplaced"
    )


def test_refused_rows_can_be_mended_and_sent_again_without_becoming_formulas(
    sales: Client,
) -> None:
    buyer = b.customer()
    head = f"{HEAD},note"
    seen = looked(sales, head, row("A") + ",", f"B,{buyer.code},NO-SUCH,1,=1+1")
    started(sales, seen)

    answer: Any = sales.get(reverse("orders:import_refused", args=[seen.pk]))

    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text)))
    assert rows == [
        ["order", "customer", "sku", "quantity", "note", "error"],
        ["B", buyer.code, "NO-SUCH", "1", "'=1+1", "There is no item “NO-SUCH”."],
    ]
    b.product("NO-SUCH")
    started(sales, looked(sales, content=text.encode()))
    assert Order.objects.get(external_id="B").note == "=1+1"


def test_a_spreadsheet_is_imported_like_a_csv_file(sales: Client) -> None:
    book, content = Workbook(), io.BytesIO()
    book.active.append(HEAD.split(","))  # type: ignore[union-attr]
    book.active.append(row("A").split(","))  # type: ignore[union-attr]
    book.save(content)

    made = started(sales, looked(sales, name="orders.xlsx", content=content.getvalue()))

    assert (made.taken, Order.objects.count()) == (1, 1)


def test_an_import_goes_on_after_its_worker_was_killed(
    sales: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("orders.channels.intake.CHUNK", 2)
    seen = looked(sales, HEAD, *(row(f"A{n}") for n in range(5)))
    sales.post(reverse("orders:import_start", args=[seen.pk]))
    run = OrderImport.objects.claimed()
    content = bytes(ImportFile.objects.get().content)
    source = runs._source(run.file_name, content, "plain")
    by = runs._actor(run.requested_by, run)
    assert runs.Intake(run, source.parsed, by).take(queues.Slice(-1)) is False

    runs.work()  # somebody has it, as far as one can see
    assert Order.objects.count() == 2
    OrderImport.objects.filter(pk=run.pk).update(heartbeat_at="2020-01-01T00:00Z")
    runs.work()

    run.refresh_from_db()
    assert (run.status, run.taken, run.accepted_rows) == ("done", 5, 5)
    assert Order.objects.count() == 5


def test_an_import_that_never_gets_further_is_given_up_with_a_sentence(sales: Client) -> None:
    seen = looked(sales, HEAD, row("A"))
    sales.post(reverse("orders:import_start", args=[seen.pk]))
    OrderImport.objects.filter(preview=seen).update(attempts=runs.MOST_ATTEMPTS)

    runs.work()

    made = OrderImport.objects.get(preview=seen)
    assert made.status == "failed"
    assert "broken off 5 times; import the same file again" in page(sales, made)


def test_a_chunk_costs_the_same_statements_whatever_its_size(sales: Client) -> None:
    buyer, thing = b.customer(), b.product()

    def statements(name: str, orders: int) -> int:
        rows = (f"{name}{n},{buyer.code},{thing.sku},1" for n in range(orders))
        seen = looked(sales, HEAD, *rows, submits="on")
        sales.post(reverse("orders:import_start", args=[seen.pk]))
        with CaptureQueriesContext(connection) as spent:
            runs.work()
        assert OrderImport.objects.get(preview=seen).taken == orders
        return len(spent)

    assert statements("A", 3) == statements("B", 40)


def test_the_template_names_every_column_and_explains_them(sales: Client) -> None:
    answer: Any = sales.get(reverse("orders:import_template", args=["csv"]))
    names = b"".join(answer.streaming_content).decode("utf-8-sig").strip().split(",")
    workbook: Any = sales.get(reverse("orders:import_template", args=["xlsx"]))
    book = load_workbook(io.BytesIO(b"".join(workbook.streaming_content)))

    assert names[:4] == HEAD.split(",")
    assert "ship_to_country" in names
    assert [cell.value for cell in book["Orders"][1]] == names
    assert [line[0].value for line in book["Columns"].rows] == names
    assert sales.get(reverse("orders:import_template", args=["exe"])).status_code == 404
    text = ",".join(names) + "\n" + ",".join([*row("A").split(","), *[""] * (len(names) - 4)])
    assert looked(sales, content=text.encode()).taken == 1


def test_a_file_of_the_command_stands_in_the_history_too(tmp_path: Path) -> None:
    chief, file = signed_in("Sales manager"), tmp_path / "by-command.csv"
    file.write_text(f"{HEAD}\n{row('A')}\n")

    call_command("import_orders", file)

    listed = chief.get(reverse("orders:imports")).content.decode()
    assert "by-command.csv" in listed
    assert "The system" in listed
    assert page(chief, OrderImport.objects.get()).count("Taken") >= 1


def test_what_was_only_looked_at_is_dropped_after_a_week(sales: Client) -> None:
    old, young = looked(sales, HEAD, row("A")), looked(sales, HEAD, row("B"))
    OrderImport.objects.filter(pk=old.pk).update(created_at="2020-01-01T00:00Z")

    runs.sweep(at=young.created_at)

    assert list(OrderImport.objects.all()) == [young]
    assert ImportFile.objects.get().order_import == young
