"""What is printed of an order: figures of the books, for whoever may see the order."""

from __future__ import annotations

import re
from decimal import Decimal
from html import unescape

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from config.kernel.actors import WORKER
from finance.models import CreditNote, CreditNoteLine, Invoice, TaxRate
from finance.services.payments import Received
from fulfillment.models import Carrier, Shipment
from orders.lifecycle import amendment, cancellation, dispatch, packing, payment, picking
from orders.lifecycle.amendment import Operation
from orders.models import Order, Staff
from tests import builders as b
from tests.journeys.test_pages import signed_in

pytestmark = pytest.mark.django_db


def partly_sent() -> Order:
    """5 of 10.00 less 10 %, with 19 % tax and 4.99 for delivery: 2 sent, 1 cancelled, 2 to come."""
    TaxRate.objects.update_or_create(
        country="DE", category="standard", defaults={"rate": Decimal("0.19")}
    )
    thing = b.product("NUT-8", price="10.00")
    b.stocked(2, of=thing)
    carrier = Carrier.objects.create(code="dhl-x", name="DHL")
    [pk] = b.processed((thing, 5), order_discount=Decimal("5.00"), shipping=Decimal("4.99"))
    b.done(picking.pick([pk], by=WORKER))
    b.done(packing.pack([pk], by=WORKER))
    b.done(dispatch.dispatch([pk], carrier=carrier.pk, tracking_number="JD01", by=WORKER))
    line = b.order(pk).lines.get()
    b.done(cancellation.cancel([pk], reason="error", quantities={line.pk: 1}, by=WORKER))
    return b.order(pk)


def paper(client: Client, name: str, order: Order, *of: object) -> str:
    answer = client.get(reverse(f"orders:{name}", args=[order.number, *of]))
    assert answer.status_code == 200
    return unescape(answer.text.partition("<main")[2])


def figures(page: str) -> dict[str, str]:
    return dict(re.findall(r"<dt>([^<]+)</dt><dd>([^<]+)</dd>", page))


def cells(page: str) -> list[list[str]]:
    body = page.partition("<tbody>")[2].partition("</tbody>")[0]
    return [re.findall(r'<td class="num">([^<]*)</td>', row) for row in body.split("</tr>")[:-1]]


def test_a_confirmation_is_what_was_ordered_without_what_was_cancelled() -> None:
    order = partly_sent()

    page = paper(signed_in("Sales rep"), "confirmation", order)

    assert cells(page)[0] == ["4", "€10.00", "—", "€36.00"]
    assert figures(page) == {
        "Goods": "€36.00",
        "Delivery": "€4.00",
        "Tax 19 %": "€7.60",
        "Total": "€47.60",
    }
    assert order.grand_total - order.lines.get().cancelled_amount == Decimal("47.60")
    assert "Order confirmation" in page
    assert order.po_number in page


def test_an_invoice_is_as_it_was_issued_with_what_is_still_to_pay() -> None:
    order = partly_sent()
    bill = Invoice.objects.get(order=order)
    money = Received(order.customer_id, "EUR", Decimal("5.00"), "BANK-1", order.pk)
    payment.receive([money], by=WORKER)

    page = paper(signed_in("Finance"), "invoice", order, bill)

    assert cells(page)[0] == ["2", "€10.00", "—", "€18.00"]
    assert figures(page) == {
        "Goods": "€18.00",
        "Delivery": "€2.00",
        "Tax 19 %": "€3.80",
        "Total": "€23.80",
        "Paid or credited": "−€5.00",
        "Still to pay": "€18.80",
    }
    assert bill.total == Decimal("23.80")
    assert str(Shipment.objects.get()) in page


def test_papers_stay_as_they_went_whatever_is_amended_since() -> None:
    order = partly_sent()
    went = order.po_number
    number = Operation("set_po_number", text="PO-LATER")
    place = Operation("set_ship_to", ship_to=b.LEIPZIG | {"line1": "New Street 9"})
    for each in (number, place):
        b.done(
            amendment.amend([order.pk], operations={order.pk: [each]}, reason="error", by=WORKER)
        )
    client = signed_in("Sales manager")

    bill, box = Invoice.objects.get(order=order), Shipment.objects.get()
    for page in (paper(client, "invoice", order, bill), paper(client, "slip", order, box)):
        assert went in page
        assert "PO-LATER" not in page
        assert "New Street 9" not in page
    now = paper(client, "confirmation", order)
    assert "PO-LATER" in now
    assert "New Street 9" in now
    assert "30 days" in now


def test_a_packing_slip_names_units_and_parcels_and_no_price() -> None:
    order = partly_sent()

    page = paper(signed_in("Warehouse"), "slip", order, Shipment.objects.get())

    assert cells(page) == [["4", "2"]]
    assert "JD01" in page
    assert "€" not in page


@pytest.mark.unsound("the note is written by hand: no step makes one yet")
def test_a_credit_note_is_printed_once_it_is_posted() -> None:
    order, client = partly_sent(), signed_in("Finance")
    bill, line = Invoice.objects.get(order=order), order.lines.get()
    note = CreditNote.objects.create(
        number="CN-1",
        order=order,
        invoice=bill,
        customer=order.customer,
        currency=order.currency,
        amount=9,
    )
    CreditNoteLine.objects.create(
        credit_note=note, order_line=line, sku=line.sku, quantity=1, net_amount=9, amount=9
    )
    address = reverse("orders:credit_note", args=[order.number, note])
    assert client.get(address).status_code == 404
    CreditNote.objects.update(status="posted", posted_at=timezone.now())

    page = paper(client, "credit_note", order, note)

    assert (cells(page)[0][0], figures(page)["Total"]) == ("1", "€9.00")
    assert str(bill) in page


def test_papers_are_linked_from_the_documents_of_the_order_and_its_money() -> None:
    order, client = partly_sent(), signed_in("Sales manager")
    bill, shipment = Invoice.objects.get(), Shipment.objects.get()
    papers = [("confirmation", ()), ("invoice", (bill,)), ("slip", (shipment,))]

    shown = client.get(order.get_absolute_url()).text.partition('id="dc-h"')[2]

    for name, of in papers:
        assert f'href="{reverse(f"orders:{name}", args=[order.number, *of])}"' in shown
    money = client.get(reverse("orders:money", args=[order.number])).text
    assert f'href="{reverse("orders:invoice", args=[order.number, bill])}"' in money


def test_what_has_not_passed_the_checks_is_not_confirmed() -> None:
    order, client = b.order(b.submitted((b.product(), 1))[0]), signed_in("Sales rep")
    address = reverse("orders:confirmation", args=[order.number])

    assert client.get(address).status_code == 404
    assert address not in client.get(order.get_absolute_url()).text


def test_a_paper_is_seen_by_whoever_sees_its_order() -> None:
    order, other = partly_sent(), b.order(b.validated((b.product(), 1))[0])
    client = signed_in("Sales rep")
    bill = Invoice.objects.get()
    assert client.get(reverse("orders:invoice", args=[other.number, bill])).status_code == 404

    rep = User.objects.get(groups__name="Sales rep")
    Staff.objects.update_or_create(user=rep, defaults={"warehouses": ["ROT"]})
    for name, of in (
        ("confirmation", ()),
        ("invoice", (bill,)),
        ("slip", (Shipment.objects.get(),)),
    ):
        url = reverse(f"orders:{name}", args=[order.number, *of])
        assert client.get(url).status_code == 404


def test_a_paper_is_in_the_language_of_whoever_prints_it() -> None:
    order, client = partly_sent(), signed_in("Sales rep")
    Staff.objects.create(user=User.objects.get(groups__name="Sales rep"), language="de")

    page = paper(client, "confirmation", order)

    assert "Auftragsbestätigung" in page
    assert cells(page)[0][1] == "10,00 €".replace(" ", "\N{NO-BREAK SPACE}")
