"""Every page answers for every role as the permission table says, in few statements."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
from django.contrib.auth.models import Group, User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from config.kernel.actors import WORKER
from fulfillment.models import PickTask
from fulfillment.services import picking as floor
from orders.lifecycle import picking
from orders.models import Order
from orders.permissions import ROLES
from tests import builders as b

pytestmark = pytest.mark.django_db

# page → permission that it takes, most statements that it may need
PAGES: dict[str, tuple[str, int]] = {
    "orders:today": ("orders.view_order", 27),
    "orders:list": ("orders.view_order", 26),
    "orders:review": ("orders.view_order", 9),
    "orders:new": ("orders.add_order", 8),
    "orders:customers": ("orders.add_order", 4),
    "orders:items": ("orders.amend_order", 5),
    "orders:order": ("orders.view_order", 25),
    "orders:activity": ("orders.view_order", 5),
    "orders:ledger": ("orders.view_order", 25),
    "orders:allocation": ("orders.view_order", 25),
    "orders:money": ("orders.view_order", 25),
    "orders:search": ("orders.view_order", 6),
    "orders:notices": ("orders.view_order", 6),
    "orders:notices_menu": ("orders.view_order", 5),
    "orders:notices_unread": ("orders.view_order", 5),
    "orders:cancel": ("orders.cancel_order", 75),
    "orders:payment": ("finance.record_payment", 22),
    "orders:integrity": ("finance.view_journalentry", 440),
    "fulfillment:pick_lists": ("fulfillment.view_picklist", 9),
    "fulfillment:pick_list": ("fulfillment.view_picklist", 9),
    "fulfillment:shipments": ("fulfillment.view_shipment", 8),
}


@pytest.fixture
def order() -> Order:
    thing = b.product()
    b.stocked(10, of=thing)
    [pk] = b.processed((thing, 3))
    floor.make_list(
        b.warehouse().pk, PickTask.objects.values_list("pk", flat=True), at=b.order(pk).created_at
    )
    return b.order(pk)


def address(name: str, order: Order) -> str:
    if name == "fulfillment:pick_list":
        return reverse(name, args=[PickTask.objects.get().pick_list.number])
    needs_number = {"order", "activity", "ledger", "allocation", "cancel", "payment", "money"}
    return reverse(name, args=[order.number] if name.partition(":")[2] in needs_number else [])


def signed_in(role: str) -> Client:
    user = User.objects.create(username=role.replace(" ", "."), is_superuser=role == "Admin")
    user.groups.add(Group.objects.get(name=role))
    client = Client()
    client.force_login(user, backend="config.accounts.Accounts")
    return client


@pytest.mark.parametrize("role", ROLES)
def test_pages_answer_as_the_permission_table_says(role: str, order: Order) -> None:
    client = signed_in(role)

    answers = {name: client.get(address(name, order)).status_code for name in PAGES}

    granted = set(ROLES[role])
    expected = {
        name: 200 if role == "Admin" or permission in granted else 403
        for name, (permission, _) in PAGES.items()
    }
    assert answers == expected


@pytest.mark.parametrize("role", ROLES)
def test_steps_answer_as_the_permission_table_says(role: str, order: Order) -> None:
    client = signed_in(role)
    steps = {
        "submit": "orders.submit_order",
        "waive": "orders.waive_exception",
        "process": "orders.process_order",
        "pick": "orders.pick_order",
        "pack": "orders.pack_order",
        "dispatch": "orders.dispatch_order",
        "deliver": "orders.deliver_order",
        "complete": "orders.complete_order",
        "hold": "orders.hold_order",
    }

    for step, permission in steps.items():
        answer = client.get(reverse("orders:step", args=[order.number, step]))
        allowed = role == "Admin" or permission in ROLES[role]
        assert answer.status_code == (200 if allowed else 403), step


@pytest.mark.parametrize("name", PAGES)
def test_a_stranger_is_asked_to_sign_in(name: str, order: Order) -> None:
    answer = Client().get(address(name, order))

    assert answer.status_code == 302
    assert answer["Location"].startswith("/accounts/login/")


@pytest.mark.parametrize("name", PAGES)
def test_a_page_keeps_within_its_statements(name: str, order: Order) -> None:
    client = signed_in("Admin")
    client.get(address(name, order))

    with CaptureQueriesContext(connection) as queries:
        client.get(address(name, order))

    assert len(queries) <= PAGES[name][1]


def test_the_address_of_a_form_opened_as_a_page_says_so_and_leads_back() -> None:
    client = signed_in("Admin")
    order = b.order(b.drafted((b.product(), 1))[0])

    answer = client.get(reverse("orders:note", args=[order.number]))

    assert (answer.status_code, answer["Allow"]) == (405, "POST")
    assert "Nothing was changed" in answer.content.decode()
    assert f'href="{order.get_absolute_url()}"' in answer.content.decode()


def test_an_order_is_found_by_number_po_customer_and_item(order: Order) -> None:
    client = signed_in("Sales rep")

    exact = client.get(reverse("orders:list"), {"q": order.number})
    assert exact.status_code == 302
    for words in (order.po_number, "nordhavn", order.lines.get().sku.lower()):
        assert order.number in client.get(reverse("orders:list"), {"q": words}).content.decode()
    assert order.number not in client.get(reverse("orders:list"), {"q": "zzz"}).content.decode()


def test_pages_follow_each_other_without_gap_or_repeat() -> None:
    thing = b.product()
    b.drafted((thing, 1), times=60)
    client, seen, query = signed_in("Sales rep"), [], ""

    for _ in range(3):
        page = client.get(reverse("orders:list") + query).context["page"]
        seen += [row.pk for row in page.rows]
        query = page.next_query

    assert seen == sorted(Order.objects.values_list("pk", flat=True), reverse=True)
    back = client.get(reverse("orders:list") + page.previous_query).context["page"]
    assert [row.pk for row in back.rows] == seen[25:50]


def lines(*rows: tuple[str, str]) -> dict[str, str]:
    data = {"lines-TOTAL_FORMS": str(len(rows)), "lines-INITIAL_FORMS": "0"}
    for i, (sku, quantity) in enumerate(rows):
        data |= {f"lines-{i}-sku": sku, f"lines-{i}-quantity": quantity}
    return data


def test_an_order_is_typed_and_placed() -> None:
    thing, buyer, client = b.product(), b.customer(), signed_in("Sales rep")
    data = {"customer": buyer.code, "po_number": "PO-9", "place": "1", **lines((thing.sku, "3"))}

    answer = client.post(reverse("orders:new"), data)

    made = Order.objects.get()
    assert answer["Location"] == made.get_absolute_url()
    assert (made.status, made.grand_total, made.po_number) == ("submitted", Decimal(30), "PO-9")


@pytest.mark.parametrize(
    ("sku", "quantity", "words"),
    [
        ("NO-SUCH", "1", "There is no item “NO-SUCH”."),
        ("{sku}", "0", "greater than or equal to 1"),
        ("{sku}", "-4", "greater than or equal to 1"),
        ("{sku}", "99999999", "less than or equal to"),
        ("{sku}", "", "type a quantity"),
    ],
)
def test_a_wrong_line_says_so_and_keeps_what_was_typed(sku: str, quantity: str, words: str) -> None:
    thing, buyer, client = b.product(), b.customer(), signed_in("Sales rep")
    typed = sku.format(sku=thing.sku)
    data = {
        "customer": buyer.code,
        "po_number": "PO-KEEP",
        "place": "1",
        **lines((typed, quantity)),
    }

    answer = client.post(reverse("orders:new"), data)

    page = answer.content.decode()
    assert answer.status_code == 422
    assert words in page
    assert "PO-KEEP" in page
    assert typed in page
    assert not Order.objects.exists()


def test_a_step_is_previewed_taken_and_refused_in_words(order: Order) -> None:
    client = signed_in("Admin")
    pick = reverse("orders:step", args=[order.number, "pick"])

    assert "Pick" in client.get(pick).content.decode()
    assert b.order(order.pk).status == "processing"
    client.post(pick)
    assert b.order(order.pk).status == "fulfilling"

    page = client.post(pick, follow=True).content.decode()
    assert "Nothing of" in page


def test_part_of_an_order_is_cancelled_after_its_preview(order: Order) -> None:
    client, line = signed_in("Support"), order.lines.get()
    data = {"reason": "customer_request", f"line-{line.pk}": "2"}

    seen = client.post(reverse("orders:cancel", args=[order.number]), data).content.decode()
    assert "Release" in seen
    line.refresh_from_db()
    assert line.cancelled == 0
    data |= {"version": str(order.version), "confirm": "1"}
    client.post(reverse("orders:cancel", args=[order.number]), data)

    line.refresh_from_db()
    assert line.cancelled == 2


def test_a_picker_confirms_a_pick_and_a_wrong_item_stops(order: Order) -> None:
    client, task = signed_in("Warehouse"), PickTask.objects.get()
    url = reverse("fulfillment:pick", args=[task.pick_list.number])

    wrong = client.post(url, {"task": task.pk, "sku": "OTHER"}, follow=True).content.decode()
    assert "Wrong item" in wrong
    slip = {"task": task.pk, "quantity": "3x"}
    assert "is not a whole number" in client.post(url, slip, follow=True).content.decode()
    task.refresh_from_db()
    assert task.picked == 0
    listed = reverse("fulfillment:pick_list", args=[task.pick_list.number])
    sku = {"task": task.pk, "sku": order.lines.get().sku}
    for _ in range(2):  # what was recalled is picked again, and counts again
        [scan] = re.findall(r'name="scan_id" value="([^"]+)"', client.get(listed).text)
        for _ in range(2):  # sent twice, it counts once
            client.post(url, {**sku, "quantity": "2", "scan_id": scan})
        task.refresh_from_db()
        assert task.picked == 2
        b.done(picking.recall([order.pk], by=WORKER))
    client.post(url, {**sku, "quantity": "3"})

    task.refresh_from_db()
    assert (task.picked, task.status) == (3, "picked")


@pytest.mark.parametrize("name", PAGES)
def test_no_page_stumbles_over_a_nul_in_its_address(name: str, order: Order) -> None:
    client = signed_in("Admin")
    asked = ("q", "customer", "show", "group", "role", "status", "after", "before", "state")

    answer = client.get(address(name, order), dict.fromkeys(asked, "a\0b"))

    assert answer.status_code in {200, 422}
    assert client.get(f"/orders/{order.number}\0/").status_code == 200


def test_a_form_from_before_signing_in_again_is_refused_in_a_sentence() -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(User.objects.create_superuser("again"))

    answer = client.post(reverse("orders:new"), {"customer": "C-1"})

    assert answer.status_code == 403
    assert "so nothing was saved" in answer.content.decode()


def test_health_says_what_is_away() -> None:
    assert Client().get("/healthz").status_code == 200
    answer = Client().get("/readyz")
    assert (answer.status_code, answer.json()["away"]) == (503, ["broker"])


def test_nothing_but_our_own_scripts_styles_and_frames_is_let_in() -> None:
    policy = Client().get("/healthz").headers["Content-Security-Policy"]

    assert sorted(policy.split("; ")) == [
        "base-uri 'none'",
        "default-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "img-src 'self'",
        "object-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
    ]


def test_money_is_recorded_once(order: Order) -> None:
    client, url = signed_in("Finance"), reverse("orders:payment", args=[order.number])
    data = {"amount": "30.00", "reference": "bank-77"}

    client.post(url, data)
    again = client.post(url, data, follow=True).content.decode()

    assert "booked before" in again
    assert b.order(order.pk).payment_status == "paid"
