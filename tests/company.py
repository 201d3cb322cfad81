"""A small company with something on every screen: an order in every state, and what hangs on it."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.contrib.auth.models import Group, User
from django.utils import timezone

from config.kernel.actors import WORKER, Actor
from finance.services.payments import Received
from fulfillment.models import PickTask
from fulfillment.services import picking as floor
from orders.bulk import engine, jobs
from orders.bulk.actions import BY_NAME
from orders.bulk.recurring import run_due
from orders.bulk.selection import Selection
from orders.channels import runs
from orders.lifecycle import (
    cancellation,
    completion,
    delivery,
    holds,
    notes,
    payment,
    picking,
    quotes,
    recurring,
    validation,
)
from orders.models import (
    Order,
    OrderException,
    Quote,
    RecurringLine,
    RecurringOrder,
    SavedView,
    Status,
)
from orders.policies import versions
from returns import lifecycle as returns
from tests import builders as b

FILE = b"order,customer,sku,quantity\nA-1,C-NONE,SKU-NONE,0\n"


def orders() -> dict[str, Order]:
    """An order in every state, by its state; and one that is on hold."""
    thing, buyer = b.product(), b.customer(email="buyer@nordhavn.example")
    b.stocked(200, of=thing)
    (shipped, delivered, completed) = b.dispatched((thing, 2), buyer=buyer, times=3)
    b.done(delivery.deliver([delivered, completed], by=WORKER))
    payment.receive([Received(buyer.pk, "EUR", Decimal(20), "bank-1", completed)], by=WORKER)
    b.done(completion.complete([completed], by=WORKER))
    (held, validated) = b.validated((thing, 2), buyer=buyer, times=2)
    b.done(holds.place([held], reason="Waits for a call", by=WORKER))
    (cancelled, fulfilling) = b.processed((thing, 2), buyer=buyer, times=2)
    b.done(cancellation.cancel([cancelled], reason="customer_request", by=WORKER))
    b.done(picking.pick([fulfilling], by=WORKER))
    (in_review,) = b.submitted((b.product(price="9000000"), 1), buyer=buyer)
    b.done(validation.validate([in_review], by=WORKER))
    found = {
        "draft": b.drafted((thing, 1), buyer=buyer)[0],
        "submitted": b.submitted((thing, 1), buyer=buyer)[0],
        "in_review": in_review,
        "validated": validated,
        "processing": b.processed((thing, 4), (b.product(), 20), buyer=buyer)[0],
        "fulfilling": fulfilling,
        "shipped": shipped,
        "delivered": delivered,
        "completed": completed,
        "cancelled": cancelled,
    }
    made = {state: b.order(pk) for state, pk in found.items()}
    assert {state: order.status for state, order in made.items()} == {
        state: state for state in Status.values
    }
    return {**made, "held": b.order(held)}


def things(boss: User) -> dict[str, str | int]:
    """What stands in the addresses of screens, by its name."""
    made = orders()
    by = Actor.of(boss)
    [packed] = b.packed((made["draft"].lines.get().product, 1), buyer=made["draft"].customer)
    tasks = PickTask.objects.filter(pick_list=None, status="ready")
    list_ = floor.make_list(b.warehouse().pk, tasks.values_list("pk", flat=True), at=timezone.now())
    notes.add([made["processing"].pk], words="Gate 5", shared=True, by=by)
    return {
        **{state: order.number for state, order in made.items()},
        "packed": b.order(packed).number,
        "customer": made["draft"].customer_id,
        "finding": OrderException.objects.blocking().earliest("pk").pk,
        "pick-list": list_.number,
        "quoted": _quote(boss),
        "secret": Quote.objects.get().get_public_url().strip("/").split("/")[-1],
        "recurring": _recurring(made),
        "view": SavedView.objects.create(owner=boss, name="Drafts", query="status=draft").pk,
        "person": _person(),
        **_jobs(boss, made),
        "check": versions.start(by=by).validations.get(code="price").pk,
        "import": runs.look("orders.csv", FILE, "plain", user=boss, submits=False).pk,
        "return": _return(made["delivered"]),
        "invoice": made["completed"].invoices.get().number,
        "shipment": made["completed"].shipments.get().number,
    }


def _return(order: Order) -> str:
    b.done(returns.request([order.pk], reason="damaged", by=WORKER))
    return str(order.returns.get().number)


def _quote(boss: User) -> str:
    [pk] = b.drafted((b.product(), 3))
    until = timezone.localdate() + timedelta(days=7)
    b.done(quotes.send([pk], expires_on=until, message="As agreed", by=Actor.of(boss)))
    return b.order(pk).number


def _recurring(made: dict[str, Order]) -> int:
    template = RecurringOrder(
        name="Gloves",
        customer=made["draft"].customer,
        starts_on=timezone.localdate(),
        pattern="days",
    )
    recurring.plan(template, template.starts_on)
    template.save()
    thing = made["draft"].lines.get().product
    RecurringLine.objects.create(recurring=template, product=thing, quantity=2)
    run_due(timezone.localdate(), by=WORKER)
    return int(template.pk)


def _person() -> int:
    amara = User.objects.create(username="amara", first_name="Amara", email="amara@x.example")
    amara.groups.add(Group.objects.get(name="Sales rep"))
    return int(amara.pk)


def link(invited: User) -> dict[str, str | int]:
    """What stands in the link by which somebody sets a password."""
    key = default_token_generator.make_token(invited)
    return {"uid": user_pk_to_url_str(invited), "key": key}


def _jobs(boss: User, made: dict[str, Order]) -> dict[str, int]:
    """A dry run, a job that is over with orders it could not change, and one that waits."""
    chosen = Selection.of_ids([made[state].pk for state in ("validated", "draft", "held")], boss)
    dry = jobs.look(BY_NAME["process"], chosen, boss)
    over = jobs.start(dry, boss, arguments={}, detail="")
    engine.work()
    held = jobs.look(BY_NAME["release"], chosen, boss)
    waiting = jobs.start(held, boss, arguments={}, detail="Called back")
    asked = jobs.look(BY_NAME["cancel"], chosen, boss)
    return {"dry-run": asked.pk, "job": over.pk, "waiting": waiting.pk}
