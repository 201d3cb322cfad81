"""Settlement: after a step, the axes beside the status say what the facts say."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from config.kernel.money import ZERO
from finance.models import Invoice
from finance.services import ledger, payments, postings
from finance.services.payments import Applied
from finance.services.postings import Posting
from orders.models import FulfillmentStatus, Order

AXES = ("fulfillment_status", "payment_status")


def settle(orders: Sequence[Order]) -> None:
    """Derive how much has shipped and how the money stands, in memory."""
    positions = payments.positions(order.pk for order in orders)
    for order in orders:
        lines = order.facts.lines
        shipped, left = sum(line.shipped for line in lines), sum(line.open for line in lines)
        order.fulfillment_status = FulfillmentStatus.NONE
        if shipped:
            full, partial = FulfillmentStatus.FULL, FulfillmentStatus.PARTIAL
            order.fulfillment_status = partial if left else full
        due = sum((line.line_total - line.cancelled_amount for line in lines), ZERO)
        order.payment_status = positions[order.pk].status(due)


def use_deposits(orders: Sequence[Order], invoices: Sequence[Invoice], *, at: datetime) -> None:
    """Let deposits settle these new invoices; the ledger and the credit follow.

    First those for the orders, then what their customers paid for no order in particular; all of it
    is covered by the locks on the orders and on the credit accounts.
    """
    buyers = {order.customer_id for order in orders}
    waiting = payments.deposits((order.pk for order in orders), buyers)
    if not waiting:
        return
    owed = {invoice.pk: invoice.total for invoice in invoices}
    applied = payments.match(waiting, invoices, owed, payments.free(waiting))
    payments.apply(applied, owed, at=at)
    ledger.post([_deposit_applied(application) for application in applied], at=at)
    of_order = {order.pk: order for order in orders}
    for application in applied:
        standing = of_order[application.invoice.order_id].facts.credit
        if standing:
            standing.unapplied -= application.amount
            standing.receivable -= application.amount


def _deposit_applied(application: Applied) -> Posting:
    invoice = application.invoice
    return postings.deposit_applied(
        invoice.order_id,
        invoice.customer_id,
        invoice.currency_id,
        application.amount,
        application.pk,
    )
