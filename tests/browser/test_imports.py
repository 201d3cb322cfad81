"""Importing a file in a real browser: sent, looked at, imported, found; without scripts as well."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.urls import reverse
from openpyxl import load_workbook
from playwright.sync_api import Page, expect

from orders.channels import runs
from orders.models import Order, OrderImport, Staff
from tests import builders as b
from tests.browser.looking import THEMES, walk
from tests.browser.test_desk import home
from tests.journeys.test_import_files import company, zipped

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
HEAD = "order,customer,sku,quantity"


@pytest.fixture(autouse=True)
def _over() -> Iterator[None]:
    yield
    OrderImport.objects.filter(status="running").update(status="failed", error="Over.")


def file(folder: Path) -> Path:
    """Two good orders, one that is there already once it was taken, and one that is refused."""
    buyer, thing = b.customer(), b.product(price="10.00")
    rows = [f"{number},{buyer.code},{thing.sku},2" for number in ("A-1", "A-2")]
    found = folder / "orders of today.csv"
    found.write_text("\n".join([HEAD, *rows, f"A-3,{buyer.code},NO-SUCH,1"]))
    return found


def send(page: Page, path: Path) -> None:
    page.get_by_label("File").set_input_files(path)
    page.get_by_role("button", name="Look at the file").click()


def test_a_file_is_sent_looked_at_imported_and_its_orders_are_found(
    desk: Page, tmp_path: Path
) -> None:
    desk.goto(home(desk) + reverse("orders:list"))
    desk.get_by_role("link", name="Import", exact=True).click()
    send(desk, file(tmp_path))
    expect(desk.get_by_role("heading", level=1)).to_have_text("Import orders of today.csv?")
    expect(desk.locator("main")).to_contain_text("come to €40.00")
    expect(desk.locator("#rows")).to_contain_text("There is no item “NO-SUCH”.")
    assert not Order.objects.exists()

    desk.get_by_role("button", name="Import the 2 good orders").click()
    expect(desk.locator("#import")).to_contain_text("Waits for a worker")
    runs.work()
    expect(desk.locator("#import")).to_contain_text("Finished", timeout=8000)
    desk.get_by_role("navigation", name="By outcome").get_by_role("link", name="Taken").click()
    number = Order.objects.earliest("pk").number
    desk.get_by_role("link", name=number).click()

    expect(desk.get_by_role("heading", level=1)).to_contain_text(number)
    with desk.expect_download() as download:
        desk.goto(home(desk) + OrderImport.objects.latest("pk").get_absolute_url())
        desk.get_by_role("link", name="Refused rows as CSV").click()
    assert "NO-SUCH" in Path(download.value.path()).read_text("utf-8-sig")


def test_the_way_there_is_in_the_palette_and_works_by_keyboard(desk: Page, tmp_path: Path) -> None:
    desk.keyboard.press("Control+k")
    desk.keyboard.type(">import")
    expect(desk.get_by_role("option", name="Import orders")).to_be_visible()
    desk.keyboard.press("Enter")
    expect(desk.get_by_role("heading", level=1)).to_have_text("Import orders")
    desk.get_by_label("File").set_input_files(file(tmp_path))
    desk.keyboard.press("Control+Enter")
    expect(desk.get_by_role("heading", level=1)).to_contain_text("orders of today.csv?")
    desk.keyboard.press("Control+Enter")

    expect(desk.locator("#import")).to_contain_text("Waits for a worker")
    assert OrderImport.objects.filter(is_dry_run=False).count() == 1


def test_a_file_that_is_refused_says_why_at_its_field(desk: Page, tmp_path: Path) -> None:
    wrong = tmp_path / "picture.csv"
    wrong.write_bytes(b"\x89PNG\r\n\x1a\n\x00\x01")

    desk.goto(home(desk) + reverse("orders:import_new"))
    send(desk, wrong)

    expect(desk.get_by_role("alert")).to_contain_text("picture.csv is no text with rows")
    expect(desk.get_by_label("File")).to_have_attribute("aria-invalid", "true")


def test_without_scripts_a_file_is_imported_all_the_same(
    desk: Page, browser: Any, tmp_path: Path
) -> None:
    state = desk.context.storage_state()
    plain = browser.new_context(java_script_enabled=False, storage_state=state).new_page()

    plain.goto(home(desk) + reverse("orders:import_new"))
    with plain.expect_download() as download:
        plain.get_by_role("link", name="Template as XLSX").click()
    send(plain, file(tmp_path))
    plain.get_by_role("button", name="Import the 2 good orders").click()
    runs.work()
    plain.reload()

    expect(plain.locator("#import")).to_contain_text("Finished")
    assert Order.objects.count() == 2
    book = load_workbook(io.BytesIO(Path(download.value.path()).read_bytes()))
    assert book["Orders"]["A1"].value == "order"


def open_company(path: Path) -> Path:
    """The history of a company as a ZIP: one order went out, the next one is still open."""
    files = company()
    sent = files["northwind/orders.csv"].splitlines()[-1]
    waiting = sent.replace(b"1,ALFKI", b"2,ALFKI", 1).replace(b"1996-07-16", b"NULL")
    files["northwind/orders.csv"] += b"\n" + waiting
    files["northwind/order_details.csv"] += b"\n2,1,18,4,0"
    path.write_bytes(zipped(files))
    return path


def test_a_company_comes_in_and_its_open_order_goes_out_by_clicks(
    desk: Page, tmp_path: Path
) -> None:
    desk.goto(home(desk) + reverse("orders:import_new"))
    desk.get_by_label("What is in it").select_option("northwind")
    send(desk, open_company(tmp_path / "company.zip"))
    desk.get_by_role("button", name="Import").click()
    expect(desk.locator("#import")).to_contain_text("Waits for a worker")
    runs.work()
    expect(desk.locator("#import")).to_contain_text("Finished", timeout=8000)

    waiting = Order.objects.get(status="processing")
    desk.goto(home(desk) + waiting.get_absolute_url())
    label = desk.locator(".order-head .title")
    for step, after in (
        ("Pick", "Packing"),
        ("Pack", "Packed"),
        ("Dispatch…", "In transit"),
        ("Report delivered", "Delivered"),
        ("Complete", "Completed"),
    ):
        desk.locator(".order-head .primary", has_text=step).click()
        if step == "Dispatch…":
            desk.get_by_role("button", name="Dispatch").click()
        expect(label).to_contain_text(after)

    waiting.refresh_from_db()
    line = waiting.lines.get()
    assert (waiting.status, line.ordered, line.shipped, line.delivered) == ("completed", 4, 4, 4)
    assert waiting.invoices.get().total == waiting.grand_total


@pytest.mark.parametrize("theme", THEMES)
def test_pages_of_imports_are_accessible_and_never_scroll_sideways(
    desk: Page, tmp_path: Path, theme: str
) -> None:
    user, given = User.objects.get(username="boss"), file(tmp_path)
    content = given.read_bytes()
    seen = runs.look(given.name, content, "plain", user=user, submits=True)
    run = runs.start(seen, user)
    runs.work()
    again = runs.look(given.name, content, "plain", user=user, submits=False)
    other = runs.look("next.csv", content.replace(b"A-", b"B-"), "plain", user=user, submits=False)
    waiting = runs.start(other, user)
    homeless, thing = b.customer(), b.product(price="1234.50")
    homeless.addresses.all().delete()
    more = [f"D-{n},{homeless.code},{thing.sku},{n + 1}" for n in range(3)]
    third = content.replace(b"A-", b"C-") + "\n".join(["", *more, "A-1,,,"]).encode()
    open_look = runs.look("a third file.csv", third, "plain", user=user, submits=True)
    pages = [made.get_absolute_url() for made in (open_look, again, run, waiting)]
    pages += [reverse("orders:imports"), reverse("orders:import_new")]
    addresses = [home(desk) + page for page in pages]

    assert walk(desk, addresses, theme=theme) == {}
    Staff.objects.update_or_create(user=user, defaults={"language": "de"})
    assert walk(desk, addresses, theme=theme) == {}
