"""What cannot be an order is said where it was typed or read, and nothing is made of it."""

from __future__ import annotations

from decimal import Decimal
from html import unescape
from pathlib import Path

import pytest
from django.contrib.auth.models import Group, User
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from config.kernel.actors import WORKER
from finance.models import PaymentTerms
from fulfillment.models import PickTask
from fulfillment.services import picking as floor
from orders.lifecycle import amendment, validation
from orders.lifecycle.amendment import Operation
from orders.models import Customer, Order, OrderException, OrderImportRow
from tests import builders as b

pytestmark = pytest.mark.django_db
ADDRESS = {"ship_to_line1": "Hafenstraße 1", "ship_to_city": "Leipzig", "ship_to_country": "DE"}


@pytest.fixture
def sales() -> Client:
    user = User.objects.create(username="sales")
    user.groups.add(Group.objects.get(name="Sales rep"))
    client = Client()
    client.force_login(user, backend="config.accounts.Accounts")
    return client


def placed(
    client: Client, buyer: Customer, *, price: str = "", units: str = "1", **head: str
) -> str:
    """What the page says after an order of one line was typed and placed."""
    thing = b.product()
    data = {
        "customer": buyer.code,
        "lines-TOTAL_FORMS": "1",
        "lines-INITIAL_FORMS": "0",
        "lines-0-sku": thing.sku,
        "lines-0-quantity": units,
        "lines-0-unit_price": price,
        "place": "1",
        **head,
    }
    return unescape(client.post(reverse("orders:new"), data, follow=True).content.decode())


def read(folder: Path, buyer: Customer, **cells: str) -> list[tuple[str | None, str]]:
    """What is said of the one row of a file that is read and placed at once."""
    row = {"order": "A", "customer": buyer.code, "sku": b.product().sku, "quantity": "1", **cells}
    path = folder / "orders.csv"
    path.write_text(f"{';'.join(row)}\n{';'.join(row.values())}\n")
    call_command("import_orders", path, submit=True)
    return list(OrderImportRow.objects.values_list("error_code", "message"))


def test_an_incomplete_address_keeps_a_typed_order_a_draft(sales: Client) -> None:
    buyer = b.customer()
    buyer.addresses.update(city="")

    page = placed(sales, buyer)

    assert "Still missing: the city of the delivery address." in page
    assert Order.objects.get().status == "draft"


def test_an_incomplete_address_keeps_an_order_of_a_file_a_draft(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said = read(tmp_path, b.customer(), ship_to_line1="Hafenstraße 1", ship_to_country="DE")

    order = Order.objects.get()
    words = f"{order} was not placed: Still missing: the city of the delivery address."
    assert said == [(None, words)]
    assert order.status == "draft"
    assert words in capsys.readouterr().out


def test_a_closed_customer_is_named(sales: Client, tmp_path: Path) -> None:
    buyer = b.customer(is_active=False)

    page, said = placed(sales, buyer), read(tmp_path, buyer)

    words = f"{buyer} is closed and takes no new orders."
    assert words in page
    assert said == [("closed_customer", words)]
    assert not Order.objects.exists()


def test_a_currency_that_nobody_sells_in_is_named(sales: Client, tmp_path: Path) -> None:
    buyer = b.customer()

    page, said = placed(sales, buyer, currency="XXX"), read(tmp_path, buyer, currency="XXX")

    assert "Select a valid choice" in page
    assert [code for code, _ in said] == ["unknown_currency"]
    assert "“XXX” is not a currency we sell in; use one of" in said[0][1]
    assert not Order.objects.exists()


def test_a_currency_without_a_price_wants_one_typed(sales: Client, tmp_path: Path) -> None:
    buyer = b.customer()

    page, said = placed(sales, buyer, currency="USD"), read(tmp_path, buyer, currency="USD")

    assert "has no price in USD; type one." in page
    assert [code for code, _ in said] == ["no_price"]
    assert not Order.objects.exists()


def test_a_currency_in_which_the_customer_does_not_buy_goes_to_a_person(sales: Client) -> None:
    buyer = b.customer()
    placed(sales, buyer, price="10", currency="USD")
    order = Order.objects.get()

    validation.validate([order.pk], by=WORKER)

    finding = OrderException.objects.blocking().get(rule="terms")
    assert finding.message == f"The order is in USD, {buyer} buys in EUR."
    assert b.order(order.pk).status == "in_review"


def test_terms_longer_than_were_granted_go_to_a_person() -> None:
    longer = PaymentTerms.objects.create(code="NET90", name="90 days", days=90)
    [pk] = b.submitted((b.product(), 1), terms=longer.code)

    validation.validate([pk], by=WORKER)

    assert "are longer than" in OrderException.objects.blocking().get(rule="terms").message


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        (
            {"price": "99999999.9999", "units": "1000000"},
            "a line comes to 1,000,000,000,000 at",
        ),
        ({"po_number": "P" * 61}, "at most 60 characters"),
        ({**ADDRESS, "ship_to_country": "Germany"}, "at most 2 characters"),
        ({**ADDRESS, "ship_to_city": "C" * 101}, "at most 100 characters"),
    ],
)
def test_what_does_not_fit_is_said_at_its_field(
    sales: Client, typed: dict[str, str], words: str
) -> None:
    page = placed(sales, b.customer(), **typed)

    assert words in page
    assert not Order.objects.exists()


def test_an_order_of_many_large_lines_is_kept_within_what_can_be_booked(sales: Client) -> None:
    thing = b.product()
    data = {"customer": b.customer().code, "lines-INITIAL_FORMS": "0", "lines-TOTAL_FORMS": "3"}
    for number in range(3):
        data |= {
            f"lines-{number}-sku": thing.sku,
            f"lines-{number}-quantity": "1000000",
            f"lines-{number}-unit_price": "900000",
        }

    for button in ("place", "draft", "autosave"):
        answer = sales.post(reverse("orders:new"), data | {button: "1"})
        assert answer.status_code == 422
        assert "An order comes to 1,000,000,000,000 at most" in answer.content.decode()

    assert not Order.objects.exists()


def test_an_amendment_beyond_what_can_be_booked_is_refused() -> None:
    thing = b.product()
    [pk] = b.validated((thing, 1000))
    [line] = b.order(pk).lines.all()
    price = Operation("set_price", line=line.pk, unit_price=Decimal(9_999_999_999))

    outcomes = amendment.amend([pk], operations={pk: [price]}, reason="error", by=WORKER)

    assert "An order comes to 1,000,000,000,000 at most" in outcomes.refused[pk]
    assert b.order(pk).grand_total == 10_000


def test_what_no_page_of_ours_sends_as_a_number_names_nothing() -> None:
    client = Client()
    boss = User.objects.create_superuser("boss")
    client.force_login(boss, backend="config.accounts.Accounts")
    [pk] = b.processed((b.stocked(9).product, 3))
    order, task = b.order(pk), PickTask.objects.get()
    place = task.bin.warehouse_id
    picks = floor.make_list(place, [task.pk], at=timezone.now())
    draft = {"customer": order.customer.code, "lines-TOTAL_FORMS": "0", "lines-INITIAL_FORMS": "0"}

    for odd in ("²", "abc", "9" * 5000):
        for name, asked in (
            ("orders:policy_matrix", {"cell": f"a-{odd}"}),
            ("orders:policy_versions", {"of": odd}),
            ("orders:review", {"owner": odd}),
            ("orders:list", {"after": odd}),
        ):
            assert client.get(reverse(name), asked).status_code == 200, (name, odd)
        for name in ("versions", "activity", "order"):
            asked = {"from": odd, "whole": odd, "before": odd}
            url = reverse(f"orders:{name}", args=[order.number])
            assert client.get(url, asked).status_code == 200, (name, odd)
        for url, sent in (
            (reverse("orders:end_sessions"), {"session": odd}),
            (reverse("orders:policy_labels"), {"remove": odd}),
            (reverse("orders:bulk"), {"job": odd, "o": odd}),
            (reverse("orders:new"), {**draft, "version": odd, "draft": "1"}),
            (reverse("fulfillment:pick", args=[picks.number]), {"task": odd}),
        ):
            assert client.post(url, sent).status_code in {302, 404, 422}, (url, odd)
    task.refresh_from_db()
    assert task.picked == 0
