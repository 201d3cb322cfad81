"""The money of an order by line: columns add up, whatever the order has been through."""

from __future__ import annotations

import re
from decimal import ROUND_DOWN, Decimal

import pytest
from django.db.models import F, Sum
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from config.kernel.actors import WORKER
from finance.models import CreditNote, CreditNoteLine, Invoice, JournalLine, Role
from finance.services.payments import Received
from orders.lifecycle import cancellation, dispatch, packing, payment, picking
from orders.lifecycle.actions import look
from orders.models import Order
from orders.money import OrderMoney, order_money
from tests import builders as b
from tests.journeys.test_pages import signed_in

pytestmark = pytest.mark.django_db
CENT = Decimal("0.01")


def matrix(pk: int) -> OrderMoney:
    order = Order.objects.get(pk=pk)
    look(order)
    return order_money(order)


def receivable(pk: int) -> Decimal:
    """What the ledger says the customer owes for the order."""
    lines = JournalLine.objects.filter(entry__order=pk, account__role=Role.ACCOUNTS_RECEIVABLE)
    return lines.aggregate(n=Sum(F("debit") - F("credit")))["n"] or Decimal(0)


def holds_together(pk: int) -> None:
    """Rows add up to the order, columns to their documents, the balance to the ledger."""
    order, money = Order.objects.get(pk=pk), matrix(pk)
    total = money.total
    assert total.ordered.amount == order.grand_total
    assert order.grand_total == (
        total.cancelled.amount + total.invoiced.amount + total.to_invoice.amount
    )
    for row in money.rows:
        assert row.ordered.units == (
            row.cancelled.units + row.invoiced.units + row.to_invoice.units
        )
        assert row.allocated.amount <= row.to_invoice.amount
        assert row.paid.amount + row.credited.amount <= row.invoiced.amount
        for cell in row.cells():
            assert cell.amount == cell.amount.quantize(CENT)
    billed = Invoice.objects.filter(order=pk).aggregate(n=Sum("total"))["n"] or 0
    assert total.invoiced.amount == billed
    assert total.shipped.amount == billed
    assert money.owed == receivable(pk)


def pay(pk: int, amount: str) -> None:
    order = Order.objects.get(pk=pk)
    reference = f"bank-{pk}-{amount}-{order.payments.count()}"
    money = Received(order.customer_id, "EUR", Decimal(amount), reference, pk)
    payment.receive([money], by=WORKER)


class RandomLives(TestCase):
    """Orders that were partly picked, sent, cancelled and paid, in whatever measure."""

    @given(
        wanted=st.lists(st.integers(1, 9), min_size=1, max_size=4),
        price=st.sampled_from(["0.10", "3.33", "10.00", "99.99"]),
        sent=st.integers(0, 9),
        cancelled=st.integers(0, 9),
        paid=st.integers(0, 4),
    )
    def test_rows_columns_and_ledger_agree(
        self, wanted: list[int], price: str, sent: int, cancelled: int, paid: int
    ) -> None:
        things = [b.product(price=price) for _ in wanted]
        for thing, units in zip(things, wanted, strict=True):
            b.stocked(units, of=thing)
        lines = list(zip(things, wanted, strict=True))
        off = min(Decimal("0.07"), sum(wanted) * Decimal(price) / 10)  # no price below what passes
        [pk] = b.processed(
            *lines, order_discount=off.quantize(CENT, ROUND_DOWN), shipping=Decimal("4.99")
        )
        if paid % 2:
            pay(pk, "0.05")  # a deposit
        tasks = {
            task.pk: min(sent, task.quantity)
            for line in Order.objects.get(pk=pk).lines.all()
            for row in line.allocations.all()
            for task in row.tasks.all()
            if min(sent, task.quantity)
        }
        if tasks:
            b.done(picking.pick([pk], quantities=tasks, by=WORKER))
            b.done(packing.pack([pk], by=WORKER))
            b.done(dispatch.dispatch([pk], by=WORKER))
        holds_together(pk)
        order = Order.objects.get(pk=pk)
        quantities = {line.pk: min(cancelled, line.open) for line in order.lines.all() if line.open}
        quantities = {line: units for line, units in quantities.items() if units}
        if quantities:
            cancellation.cancel([pk], reason="customer_request", quantities=quantities, by=WORKER)
        if paid:
            pay(pk, f"{paid}.03")
        holds_together(pk)


def test_a_payment_is_spread_over_the_lines_of_its_invoice_to_the_cent() -> None:
    things = [b.product(price="10.00") for _ in range(3)]
    for thing in things:
        b.stocked(1, of=thing)
    [pk] = b.dispatched(*[(thing, 1) for thing in things])

    pay(pk, "10.00")

    shares = [row.paid.amount for row in matrix(pk).rows]
    assert shares == [Decimal("3.34"), Decimal("3.33"), Decimal("3.33")]
    assert matrix(pk).owed == Decimal(20)


def test_money_that_no_invoice_has_used_is_a_deposit() -> None:
    [pk] = b.validated((b.product(), 3))
    pay(pk, "12.00")

    money = matrix(pk)

    assert (money.deposits, money.total.paid.amount, money.owed) == (12, 0, 0)


@pytest.mark.unsound("credits no line")
def test_a_posted_credit_note_stands_on_its_line_and_a_draft_does_not() -> None:
    thing = b.product()
    b.stocked(3, of=thing)
    [pk] = b.dispatched((thing, 3))
    order, invoice = Order.objects.get(pk=pk), Invoice.objects.get(order=pk)
    for number, status in (("CN-1", "posted"), ("CN-2", "draft")):
        note = CreditNote.objects.create(
            number=number,
            order=order,
            invoice=invoice,
            customer=order.customer,
            currency=order.currency,
            amount=10,
            status=status,
        )
        CreditNoteLine.objects.create(
            credit_note=note,
            order_line=order.lines.get(),
            sku=thing.sku,
            quantity=1,
            net_amount=10,
            amount=10,
        )

    total = matrix(pk).total

    assert (total.credited.units, total.credited.amount, matrix(pk).owed) == (1, 10, 20)


def test_the_matrix_takes_as_many_statements_for_thirty_lines_as_for_one(
    django_assert_num_queries: object,
) -> None:
    things = [b.product() for _ in range(30)]
    for thing in things:
        b.stocked(1, of=thing)
    for lines in (things[:1], things[1:]):
        [pk] = b.dispatched(*[(thing, 1) for thing in lines])
        order = Order.objects.get(pk=pk)
        look(order)
        with django_assert_num_queries(4):  # type: ignore[operator]
            order_money(order)


def test_the_money_of_a_line_stands_in_the_column_that_it_is_called_by() -> None:
    thing = b.product(price="10.00")
    b.stocked(3, of=thing)
    [pk] = b.dispatched((thing, 8))
    buyer = b.order(pk).customer
    payment.receive([Received(buyer.pk, "EUR", Decimal(12), "bank-1", pk)], by=WORKER)
    cancellation.cancel([pk], quantities={b.order(pk).lines.get().pk: 1}, reason="error", by=WORKER)

    shown = signed_in("Finance").get(reverse("orders:money", args=[b.order(pk).number])).text
    table = shown.partition('class="tbl matrix"')[2].partition("</table>")[0]
    heads = re.findall(r'<th scope="col" class="num">(.*?)</th>', table)
    [cells] = re.findall(r"<tbody><tr>.*?</th>(.*?)</tr></tbody>", table, re.DOTALL)
    amounts = re.findall(r"<td[^>]*>(?:<span[^>]*>)?(—|€[\d.]+)", cells)

    assert dict(zip(heads, amounts, strict=True)) == {
        "Ordered": "€80.00",
        "Cancelled": "€10.00",
        "Allocated": "—",
        "Shipped": "€30.00",
        "Invoiced": "€30.00",
        "Paid": "€12.00",
        "Returned": "—",
        "Credited": "—",
        "To invoice": "€40.00",
    }
