"""The buttons of an order are what the server takes: every state, every role, every action."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from html import unescape
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from config.kernel.actors import WORKER
from fulfillment.models import ShipmentLine
from orders.lifecycle import cancellation as cancelling
from orders.lifecycle import completion, holds, payment, validation
from orders.lifecycle.actions import ACTIONS
from orders.lifecycle.payment import Received
from orders.models import Order, OrderException, Status, SubStatus
from orders.permissions import ROLES
from orders.views.order import PAGES_OF_THEIR_OWN
from tests import builders as b
from tests.journeys.test_amending import filled

pytestmark = pytest.mark.django_db
BACKEND = "config.accounts.Accounts"


def _stocked() -> tuple[Any, int]:
    thing = b.product()
    b.stocked(10, of=thing)
    return thing, 4


def _in_review() -> int:
    [pk] = b.submitted((b.product(), 5), buyer=b.customer("10"))
    b.done(validation.validate([pk], by=WORKER))
    return pk


def _misaddressed() -> int:
    buyer = b.customer()
    buyer.addresses.update(postal_code="ABC")
    [pk] = b.submitted((b.product(), 1), buyer=buyer)
    b.done(validation.validate([pk], by=WORKER))
    return pk


def _held() -> int:
    [pk] = b.processed(_stocked())
    b.done(holds.place([pk], reason="Wait", by=WORKER))
    return pk


def _incomplete() -> int:
    [pk] = b.drafted((b.product(), 1))
    Order.objects.filter(pk=pk).update(ship_to_line1="", ship_to_city="")
    return pk


def _backordered() -> int:
    b.warehouse()
    return b.processed((b.product(), 2))[0]


def _completed() -> int:
    [pk] = b.delivered(_stocked())
    owed = b.order(pk)
    money = Received(owed.customer_id, "EUR", owed.grand_total, "bank-1", pk)
    payment.receive([money], by=WORKER)
    return b.done(completion.complete([pk], by=WORKER))[0]


def _cancelled() -> int:
    [pk] = b.submitted((b.product(), 1))
    return b.done(cancelling.cancel([pk], reason="error", by=WORKER))[0]


STATES: dict[str, Callable[[], int]] = {
    "draft": lambda: b.drafted((b.product(), 1))[0],
    "incomplete draft": _incomplete,
    "submitted": lambda: b.submitted((b.product(), 1))[0],
    "in review": _in_review,
    "must be fixed": _misaddressed,
    "own order": _in_review,
    "validated": lambda: b.validated(_stocked())[0],
    "processing": lambda: b.processed(_stocked())[0],
    "backordered": _backordered,
    "held": _held,
    "picked": lambda: b.picked(_stocked())[0],
    "packed": lambda: b.packed(_stocked())[0],
    "shipped": lambda: b.dispatched(_stocked())[0],
    "delivered": lambda: b.delivered(_stocked())[0],
    "completed": _completed,
    "cancelled": _cancelled,
}


def person(role: str) -> Client:
    user = User.objects.create(username=role)
    user.groups.add(Group.objects.get(name=role))
    client = Client()
    client.force_login(user, backend=BACKEND)
    return client


# What is over the limit is let pass by whoever decides on credit.
BESIDES = {"waive": {"orders.waive_credit"}}


def entered_by(name: str, order: Order) -> None:
    Order.objects.filter(pk=order.pk).update(created_by=User.objects.get(username=name))


def buttons(client: Client, order: Order) -> dict[str, str]:
    """What can be pressed on the page (''), and what cannot, with why not; by address."""
    page = client.get(order.get_absolute_url()).text.partition('<div class="actions">')[2]
    page = page.partition('<nav class="tabs"')[0]
    found = dict.fromkeys(re.findall(r'(?:href|action)="([^"]+)"', page), "")
    why = re.findall(
        r'aria-disabled="true"[^>]*><svg.*?</svg><span>(.*?)<span class="sub">(.*?)<', page
    )
    first = re.search(r'aria-describedby="why-first"><svg.*?</svg>(.*?)</button>', page)
    if first:
        words = re.search(r'id="why-first">.*?</svg>(.*?)</p>', page)
        why.append((first[1], words[1] if words else ""))
    return found | {unescape(label): unescape(words) for label, words in why}


@contextmanager
def undone() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def address(order: Order, name: str) -> str:
    if name in PAGES_OF_THEIR_OWN:
        return reverse(PAGES_OF_THEIR_OWN[name], args=[order.number])
    return reverse("orders:step", args=[order.number, name])


def asked(client: Client, order: Order, name: str) -> dict[str, Any]:
    """Everything that an action takes."""
    lines = {f"line-{line.pk}": line.ordered for line in order.lines.all()}
    blocking = OrderException.objects.blocking().values_list("pk", flat=True)
    parcels = ShipmentLine.objects.filter(shipment__order=order)
    given: dict[str, Callable[[], dict[str, Any]]] = {
        "return": lambda: {
            **{f"parcel-{parcel.pk}": 1 for parcel in parcels},
            "version": order.version,
            "reason": "damaged",
            "confirm": "1",
        },
        "quote": lambda: {"send": "1", "expires_on": str(timezone.localdate())},
        "payment": lambda: {"amount": "1.00", "reference": "bank-2"},
        "waive": lambda: {"exceptions": list(blocking)},
        "release": lambda: {"holds": list(order.holds.in_force().values_list("pk", flat=True))},
        "assign": lambda: {"warehouse": b.warehouse("ROT", "NL").pk},
        "cancel": lambda: {"version": order.version, "reason": "error", "confirm": "1", **lines},
        "amend": lambda: {**filled(client, order), "note": "Gate 5", "apply": "1"},
    }
    label = SubStatus.objects.filter(rules=order.rules_version, status=order.status).first()
    codes = {"code": label.code if label else "none"}
    return {"reason": "error", "recall": "on", **codes, **given.get(name, dict)()}


def taken(client: Client, order: Order, name: str) -> bool:
    """Whether the server does it, when it is asked with everything that it takes."""
    url = address(order, name)
    if name == "edit":
        return client.get(url).status_code == 200
    with undone():
        if name == "assign":
            for line in order.lines.filter(backordered=0):
                b.stocked(10, b.warehouse("ROT", "NL"), line.product)
        before = order.events.count()
        client.post(url, asked(client, order, name))
        return bool(order.events.count() > before)


@pytest.mark.parametrize("state", STATES)
def test_what_can_be_pressed_is_what_the_server_does(state: str) -> None:
    order, boss = b.order(STATES[state]()), Client()
    boss.force_login(User.objects.create_superuser("boss"), backend=BACKEND)
    if state == "own order":
        entered_by("boss", order)
    possible = {action.name: taken(boss, order, action.name) for action in ACTIONS}
    if state == "submitted":
        possible["validate"] = False  # the system does it by itself: nobody is offered to
    wrong: dict[tuple[str, str], str] = {}

    for role in ROLES:
        client = person(role)
        if state == "own order":
            entered_by(role, order)
        shown = buttons(client, order)
        for action in ACTIONS:
            asked = {action.permission} | BESIDES.get(action.name, set())
            may = possible[action.name] and asked <= set(ROLES[role])
            if (address(order, action.name) in shown) != may:
                wrong[role, action.name] = shown.get(str(action.label), "not shown")

    assert wrong == {}


@pytest.mark.parametrize("state", STATES)
def test_every_button_that_cannot_be_pressed_says_why(state: str) -> None:
    order = b.order(STATES[state]())

    for role in ROLES:
        shown = buttons(person(role), order)
        for action in ACTIONS:
            if str(action.label) in shown:
                assert shown[str(action.label)].endswith("."), (role, action.name)


@pytest.mark.parametrize("state", ["shipped", "delivered", "completed"])
def test_what_has_left_is_not_cancelled_and_a_return_is_offered(state: str) -> None:
    order = b.order(STATES[state]())
    words = "4 units have already shipped; raise a return instead."

    assert buttons(person("Support"), order)["Cancel…"] == words
    assert cancelling.cancel([order.pk], reason="error", by=WORKER).refused == {order.pk: words}


def test_a_draft_that_lacks_something_cannot_be_offered_and_says_what_is_missing() -> None:
    order = b.order(_incomplete())

    shown = buttons(person("Sales rep"), order)

    assert "Still missing: " in shown["Quote…"]
    assert reverse("orders:edit", args=[order.number]) in shown


def test_what_the_rules_rule_out_altogether_is_said_on_the_button() -> None:
    order = b.order(STATES["processing"]())
    b.rules(
        lambda draft: [
            rows.filter(status="processing").update(is_allowed=False)
            for rows in (draft.amendments, draft.cancellations)
        ]
    )
    Order.objects.update(rules_version=2)

    shown = buttons(person("Sales manager"), order)

    assert shown["Amend…"] == "Quantities are not changed at “Processing” (rules version 2)."
    assert shown["Cancel…"].startswith("The whole order: not cancelled at “Processing”")


def test_what_nobody_may_let_pass_is_checked_again_first() -> None:
    order = b.order(_misaddressed())

    page = person("Sales manager").get(order.get_absolute_url())

    assert page.context["first"]["action"].name == "recheck"
    shown = buttons(person("Finance"), order)
    assert shown["Let pass…"] == "“Address” must be fixed; it cannot be waived."


def test_whoever_entered_an_order_reads_that_somebody_else_decides() -> None:
    order, client = b.order(_in_review()), person("Finance")
    entered_by("Finance", order)

    words = f"You entered {order} yourself; somebody else has to waive “Credit limit”."
    assert buttons(client, order)["Let pass…"] == words
    order = b.order(_in_review())
    assert address(order, "waive") in buttons(client, order)
    words = "“Credit limit” is for Finance: it takes the permission to decide on credit and terms"
    assert words in buttons(person("Sales manager"), order)["Let pass…"]


def test_every_state_is_walked() -> None:
    walked = {b.order(make()).status for make in STATES.values()}

    assert walked == set(Status.values)
