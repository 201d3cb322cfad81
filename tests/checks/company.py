"""A company in which every table that has a check has a row to try it on."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from django.contrib.auth.models import User

from config.kernel.actors import WORKER, Actor
from finance.models import CreditNote, CreditNoteLine, Invoice, Refund, TaxRate
from finance.services.payments import Received
from fulfillment.models import Carrier, PickTask, ShippingRate
from inventory.models import Product, Supply
from orders import models as orders
from orders import sealing
from orders.lifecycle import (
    amendment,
    cancellation,
    holds,
    payment,
    picking,
    quotes,
    review,
    validation,
)
from orders.lifecycle.amendment import Operation
from orders.policies import versions
from returns import lifecycle as returns
from tests import builders as b
from tests.checks.cases import NOW

DAY = date(2099, 1, 1)


def found() -> None:
    """Orders in every state that matters, and what belongs to them."""
    boss = User.objects.create_superuser("boss")
    by = Actor.of(boss)
    goods(by)
    stopped(by)
    money(boss)
    around(boss)
    versions.start(by=WORKER)
    orders.SubStatus.objects.create(
        rules=orders.RuleSet.objects.get(published_at=None), status="draft", code="x", label="X"
    )
    sealing.seal_all()


def stocked(quantity: int) -> Product:
    return b.stocked(quantity).product


def goods(by: Actor) -> None:
    """A delivered, a packed, a partly picked and a waiting order; supply and a return."""
    [delivered] = b.delivered((stocked(10), 3))
    returns.request([delivered], reason="damaged", by=by)
    b.packed((stocked(10), 3))
    [partly] = b.processed((stocked(10), 5))
    task = PickTask.objects.get(allocation__line__order=partly)
    b.done(picking.pick([partly], quantities={task.pk: 2}, by=WORKER))
    thing = stocked(5)
    [waiting] = b.processed((thing, 8))
    line = orders.OrderLine.objects.get(order=waiting)
    asked = {waiting: [Operation("set_quantity", line=line.pk, quantity=9)]}
    b.done(amendment.amend([waiting], operations=asked, reason="error", by=WORKER))
    b.done(holds.place([waiting], reason="Wait", by=WORKER))
    orders.LineSchedule.objects.create(line=line, due_on=DAY, quantity=9)
    Supply.objects.create(
        product=thing, warehouse=b.warehouse(), status="confirmed", quantity=5, expected_on=DAY
    )


def stopped(by: Actor) -> None:
    """Orders that went no further: a draft with a quote, one that was waived, one cancelled."""
    thing = b.product(price="2000.00")
    [quoted] = b.drafted((thing, 1))
    b.done(quotes.send([quoted], expires_on=DAY, by=WORKER))
    reviewed = b.submitted((thing, 1), buyer=b.customer("0"))
    b.done(validation.validate(reviewed, by=WORKER))
    b.done(review.waive(reviewed, reason="Agreed", by=by))
    b.done(cancellation.cancel(b.drafted((thing, 1)), reason="error", by=WORKER))


def money(boss: User) -> None:
    """A payment that was applied, a credit note, a refund that waits, a rate of tax."""
    invoice = Invoice.objects.get()
    whose = {"order": invoice.order, "customer": invoice.customer, "currency_id": "EUR"}
    received = Received(invoice.customer_id, "EUR", Decimal(10), "p-1", invoice.order_id)
    payment.receive([received], by=WORKER)
    note = CreditNote.objects.create(
        number="CN-1", invoice=invoice, amount=1, created_by=boss, **whose
    )
    line = invoice.lines.get()
    CreditNoteLine.objects.create(
        credit_note=note, order_line=line.order_line, sku=line.sku, quantity=1, net_amount=1,
        amount=1,
    )  # fmt: skip
    Refund.objects.create(
        payment=invoice.applications.get().payment,
        amount=1,
        source="deposits",
        created_by=boss,
        created_at=NOW,
        **whose,
    )
    TaxRate.objects.get_or_create(country="XX", defaults={"rate": 0})
    ShippingRate.objects.create(
        carrier=Carrier.objects.create(code="X", name="X"), currency_id="EUR", amount=1
    )


def around(boss: User) -> None:
    """Jobs, files, templates, and what people are told and have arranged."""
    order = orders.Order.objects.latest("pk")
    job = orders.BulkJob.objects.create(action="hold", fingerprint="x")
    orders.BulkItem.objects.create(job=job, order=order, reference=order.number)
    file = orders.OrderImport.objects.create(profile="plain", file_name="x", file_sha256="x")
    orders.OrderImportRow.objects.create(order_import=file, row_no=1)
    recurring = orders.RecurringOrder.objects.create(
        name="Gloves", customer=order.customer, starts_on=DAY
    )
    product = Product.objects.latest("pk")
    orders.RecurringLine.objects.create(recurring=recurring, product=product)
    orders.RecurringRun.objects.create(
        recurring=recurring, due_on=DAY, outcome="refused", ran_at=NOW
    )
    event = orders.OrderEvent.objects.latest("pk")
    orders.CustomerMessage.objects.create(event=event, recipient="a@example.com", subject="x")
    orders.StaffNotice.objects.create(user=boss, kind="x", sentence="x", created_at=NOW)
    orders.SavedView.objects.create(owner=boss, name="Mine")
    orders.RoleGrant.objects.create(user=boss, action="granted", role="Finance", at=NOW)
