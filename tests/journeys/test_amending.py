"""Amending and cancelling over HTTP: foreseen, applied once, never over somebody else's change."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from config.kernel.actors import WORKER
from fulfillment.models import Carrier
from inventory.models import StockLevel
from orders.lifecycle import amendment, cancellation
from orders.lifecycle.amendment import Operation
from orders.models import Amendment, Order, OrderLine
from orders.permissions import ROLES
from tests import builders as b

pytestmark = pytest.mark.django_db

HALLE = {"line1": "Weg 2", "postal_code": "06108", "city": "Halle", "country": "DE"}
# page → permission that it takes, most statements that it may need
PAGES = {
    "orders:amend": ("orders.amend_order", 32),
    "orders:versions": ("orders.view_order", 34),
    "orders:cancel": ("orders.cancel_order", 75),
}


def signed_in(role: str) -> Client:
    user = User.objects.create(username=role.replace(" ", "."), is_superuser=role == "Admin")
    user.groups.add(Group.objects.get(name=role))
    client = Client()
    client.force_login(user, backend="config.accounts.Accounts")
    return client


@pytest.fixture
def order() -> Order:
    thing = b.product(price="10.00")
    b.stocked(10, of=thing)
    [pk] = b.processed((thing, 4))
    return b.order(pk)


def page(order: Order, name: str = "amend") -> str:
    return reverse(f"orders:{name}", args=[order.number])


def filled(client: Client, order: Order) -> dict[str, Any]:
    """The form as the page offers it: every field that is shown, with what stands in it."""
    text = client.get(page(order)).content.decode()
    fields = re.findall(r"<input([^>]*)>", text)
    data: dict[str, Any] = {"reason": "customer_request", "terms": order.terms_code}
    for tag in fields:
        name, value = re.search(r'name="([^"]+)"', tag), re.search(r'value="([^"]*)"', tag)
        if name and "__prefix__" not in name[1] and 'type="checkbox"' not in tag:
            data[name[1]] = unescape(value[1]) if value else ""
    return data


def line(order: Order) -> OrderLine:
    return OrderLine.objects.get(order=order, line_no=1)


@pytest.mark.parametrize("role", ROLES)
def test_pages_answer_as_the_permission_table_says(role: str, order: Order) -> None:
    client = signed_in(role)

    for name, (permission, _) in PAGES.items():
        answer = client.get(reverse(name, args=[order.number]))
        allowed = role == "Admin" or permission in ROLES[role]
        assert answer.status_code == (200 if allowed else 403), name


@pytest.mark.parametrize("name", PAGES)
def test_a_stranger_is_asked_to_sign_in(name: str, order: Order) -> None:
    assert Client().get(reverse(name, args=[order.number])).status_code == 302


@pytest.mark.parametrize("name", PAGES)
def test_pages_need_few_statements(name: str, order: Order) -> None:
    client = signed_in("Admin")
    client.get(reverse(name, args=[order.number]))

    with CaptureQueriesContext(connection) as captured:
        client.get(reverse(name, args=[order.number]))

    assert len(captured) <= PAGES[name][1]


def test_an_amendment_is_foreseen_then_applied_as_the_version_it_names(order: Order) -> None:
    client = signed_in("Sales rep")
    data = filled(client, order) | {f"quantity-{line(order).pk}": "6"}

    seen = client.post(page(order), {**data, "preview": "1"}, headers={"HX-Request": "true"})
    text = seen.content.decode()
    assert "Reserve" in text
    assert "€60.00" in text
    assert line(order).ordered == 4
    [foreseen] = re.findall(r'name="plan_hash" value="(\w+)"', text)
    answer = client.post(page(order), {**data, "plan_hash": foreseen, "apply": "1"})

    assert answer["Location"] == page(order, "versions")
    assert (line(order).ordered, Amendment.objects.get().version_to) == (6, 2)
    shown = client.get(answer["Location"]).content.decode()
    assert "€40.00 → €60.00" in shown
    assert "Sales.rep" in shown


def test_without_a_preview_it_is_applied_on_the_version_that_was_opened(order: Order) -> None:
    client = signed_in("Sales rep")
    data = filled(client, order) | {"added-0-sku": line(order).sku, "added-0-quantity": "2"}

    client.post(page(order), {**data, "apply": "1"})

    assert list(OrderLine.objects.order_by("line_no").values_list("ordered", flat=True)) == [4, 2]


def test_the_same_form_sent_twice_is_applied_once(order: Order) -> None:
    client = signed_in("Sales rep")
    data = filled(client, order) | {"added-0-sku": line(order).sku, "added-0-quantity": "2"}

    answers = [client.post(page(order), {**data, "apply": "1"}) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [302, 302]
    assert (OrderLine.objects.count(), Amendment.objects.count()) == (2, 1)


def test_what_somebody_else_changed_is_shown_beside_ones_own_and_nothing_is_lost(
    order: Order,
) -> None:
    client, name = signed_in("Sales rep"), f"quantity-{line(order).pk}"
    data = filled(client, order) | {name: "9", "words": "As agreed", "ship_to_city": "Halle"}
    theirs = [Operation("set_quantity", line=line(order).pk, quantity=7)]
    amendment.amend([order.pk], operations={order.pk: theirs}, reason="error", by=WORKER)

    answer = client.post(page(order), {**data, "apply": "1"})

    text = answer.content.decode()
    assert answer.status_code == 409
    assert (line(order).ordered, b.order(order.pk).ship_to_city) == (7, "Leipzig")
    assert f'name="{name}" value="7" checked' in text
    assert f'name="{name}" value="9"' in text
    assert 'name="ship_to_city" value="Halle" checked' in text
    assert 'name="words" value="As agreed"' in text
    carried = dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', text))
    chosen = {key: unescape(value) for key, value in carried.items()}
    chosen |= {name: "7", "ship_to_city": "Halle"}
    done = client.post(page(order), {**chosen, "apply": "1"})
    assert done.status_code == 302
    assert (line(order).ordered, b.order(order.pk).ship_to_city) == (7, "Halle")


def test_a_plan_that_does_not_fit_any_more_is_shown_anew(order: Order) -> None:
    client = signed_in("Sales rep")
    data = filled(client, order) | {f"quantity-{line(order).pk}": "10"}
    seen = client.post(page(order), {**data, "preview": "1"}, headers={"HX-Request": "true"})
    [foreseen] = re.findall(r'name="plan_hash" value="(\w+)"', seen.content.decode())
    StockLevel.objects.update(safety_stock=3)

    answer = client.post(page(order), {**data, "plan_hash": foreseen, "apply": "1"})

    assert answer.status_code == 409
    assert "Look once more" in answer.content.decode()
    assert "Backorder" in answer.content.decode()
    assert line(order).ordered == 4


def test_what_a_rule_locks_is_no_field(order: Order) -> None:
    b.rules(lambda draft: draft.amendments.filter(field_group="quantity").update(is_allowed=False))
    Order.objects.update(rules_version=2)
    client = signed_in("Support")

    text = client.get(page(order)).content.decode()

    assert f"quantity-{line(order).pk}&" in text  # only in what travels along
    assert f'name="quantity-{line(order).pk}"' not in text
    assert f'name="price-{line(order).pk}"' not in text
    assert "Quantities are not changed at “Processing”" in text


def test_a_mistake_is_named_and_what_was_typed_is_kept(order: Order) -> None:
    client = signed_in("Sales rep")
    data = filled(client, order) | {f"quantity-{line(order).pk}": "0", "words": "By phone"}

    answer = client.post(page(order), {**data, "apply": "1"})

    assert answer.status_code == 422
    assert "at least 1 stay" in answer.content.decode()
    assert "By phone" in answer.content.decode()


def test_a_finding_is_let_pass_with_the_amendment_by_whoever_may() -> None:
    thing, buyer = b.product(price="100.00"), b.customer("250")
    [pk] = b.validated((thing, 2), buyer=buyer)
    order = b.order(pk)
    manager, client = signed_in("Sales manager"), signed_in("Finance")
    User.objects.get(groups__name="Finance").groups.add(Group.objects.get(name="Support"))
    data = filled(client, order) | {f"quantity-{line(order).pk}": "3", "words": "Paid tomorrow"}

    theirs = manager.post(page(order), {**data, "preview": "1"}, headers={"HX-Request": "true"})
    assert "“Credit limit” is for Finance: it takes the permission to" in theirs.text
    assert 'name="waive"' not in theirs.text

    seen = client.post(page(order), {**data, "preview": "1"}, headers={"HX-Request": "true"})
    text = seen.content.decode()
    [mark] = re.findall(r'name="waive" value="([^"]+)"', text)
    refused = client.post(page(order), {**data, "apply": "1"})
    assert "above the credit limit" in refused.content.decode()
    client.post(page(order), {**data, "waive": mark, "apply": "1"})

    assert line(order).ordered == 3


def test_the_order_is_shown_as_it_was_at_any_version_and_moment(order: Order) -> None:
    client = signed_in("Support")
    first = order.last_event_at
    asked = [
        Operation("set_quantity", line=line(order).pk, quantity=6),
        Operation("set_ship_to", ship_to=HALLE),
    ]
    amendment.amend([order.pk], operations={order.pk: asked}, reason="error", by=WORKER)
    units = {line(order).pk: 1}
    cancellation.cancel([order.pk], quantities=units, reason="error", by=WORKER)

    compared = client.get(page(order, "versions")).content.decode()
    whole = client.get(page(order, "versions"), {"whole": "1"}).content.decode()
    then = first.astimezone().strftime("%Y-%m-%dT%H:%M:%S.%f%z")
    moment = client.get(page(order, "versions"), {"at": then}).content.decode()

    assert "<del>4</del>" in compared
    assert "<ins>5</ins>" in compared
    assert "Hafenstraße 1" in compared
    assert "Weg 2, 06108, Halle" in compared
    for shown in (whole, moment):
        table = shown.partition('id="sn-h"')[2].partition("</section>")[0]
        assert '<td class="num">4</td>' in table
        assert "Leipzig" in table


def test_a_cancellation_opens_as_a_dialog_and_foresees_as_one_types(order: Order) -> None:
    client, field = signed_in("Support"), f"line-{line(order).pk}"

    dialog = client.get(page(order, "cancel"), headers={"X-Dialog": "1"}).content.decode()
    seen = client.post(
        page(order, "cancel"),
        {field: "3", "recall": "on", "preview": "1"},
        headers={"HX-Request": "true", "HX-Target": "cancel-preview"},
    ).content.decode()

    assert dialog.lstrip().startswith("<dialog")
    assert "€40.00" in seen
    assert "€10.00" in seen
    assert "<form" not in seen
    assert line(order).cancelled == 0


def test_picked_goods_go_back_with_the_cancellation() -> None:
    thing = b.product()
    b.stocked(5, of=thing)
    [pk] = b.picked((thing, 3))
    order, client = b.order(pk), signed_in("Support")
    data = {f"line-{line(order).pk}": "3", "reason": "error", "confirm": "1"}
    data["version"] = str(order.version)

    shown = client.get(page(order, "cancel")).content.decode()
    client.post(page(order, "cancel"), data)
    assert b.order(pk).status == "fulfilling"
    client.post(page(order, "cancel"), {**data, "recall": "on"})

    assert "3 picked at LEI: they go back to their bins" in shown
    assert b.order(pk).status == "cancelled"


def test_an_order_that_was_never_amended_has_nothing_to_compare(order: Order) -> None:
    client = signed_in("Sales manager")
    whole = client.get(page(order, "versions")).content.decode()
    assert "Nothing was amended yet" in whole
    assert "From version" not in whole

    row = line(order)
    asked = {order.pk: [Operation("set_quantity", line=row.pk, quantity=3)]}
    b.done(amendment.amend([order.pk], operations=asked, reason="error", by=WORKER))

    whole = client.get(page(order, "versions")).content.decode()
    assert "Nothing was amended yet" not in whole
    assert "From version" in whole


def test_number_charge_carrier_and_days_are_fields_of_the_form(order: Order) -> None:
    Carrier.objects.create(code="SNAIL", name="Snail Post")
    client, row = signed_in("Sales rep"), line(order)
    days = [timezone.localdate() + timedelta(days=each) for each in (20, 27)]
    typed = {
        "po_number": "PO-77",
        "note": "Gate 5\r\nRing twice",
        "carrier": "SNAIL",
        "shipping": "4.50",
        "order_discount": "1.50",
        f"day-{row.pk}": days[0].isoformat(),
        f"parts-{row.pk}": f"{days[0]} 1\r\n{days[1]} 3",
    }
    data = filled(client, order) | typed

    seen = client.post(page(order), {**data, "preview": "1"}, headers={"HX-Request": "true"})
    client.post(page(order), {**data, "apply": "1"})

    assert "carrier: any carrier → Snail Post" in seen.content.decode()
    assert "€43.00" in seen.content.decode()
    changed = b.order(order.pk)
    assert (changed.po_number, changed.note) == ("PO-77", "Gate 5\nRing twice")
    assert (changed.shipping_method, changed.grand_total) == ("SNAIL", 43)
    assert list(row.schedule.values_list("due_on", "quantity")) == [(days[0], 1), (days[1], 3)]
    kinds = set(Amendment.objects.get().operations.values_list("kind", flat=True))
    assert len(kinds) == 7
    again = client.post(page(changed), {**filled(client, changed), **typed, "apply": "1"})
    assert "Nothing of" in again.content.decode()


def test_what_has_left_shows_its_note_and_number_as_the_only_fields() -> None:
    thing = b.product()
    b.stocked(4, of=thing)
    [pk] = b.dispatched((thing, 4))
    client = signed_in("Support")

    text = client.get(page(b.order(pk))).content.decode()

    assert 'name="po_number"' in text
    assert 'name="carrier"' not in text
    assert f'name="day-{line(b.order(pk)).pk}"' not in text
    assert "only its notes and PO number can change" in text


def test_what_has_shipped_whole_is_asked_back_and_nothing_is_typed_for_it() -> None:
    thing = b.product()
    b.stocked(4, of=thing)
    [pk] = b.dispatched((thing, 4), buyer=b.customer(email="byg@example.com"))

    text = signed_in("Support").get(page(b.order(pk), "cancel")).content.decode()

    assert "Ask for a return of 4 shipped units" in text
    for name in ("reason", "words", "tell", "recall", "preview", "confirm"):
        assert f'name="{name}"' not in text, name


def test_the_warehouse_of_a_line_stands_in_a_column_of_its_own(order: Order) -> None:
    text = signed_in("Sales manager").get(page(order)).content.decode()

    heads = re.findall(r'<th scope="col"[^>]*>([^<]+)</th>', text.partition('id="am-n"')[0])
    cells = re.findall(r'<td class="wh[^>]*>(.*?)</td>', text, re.DOTALL)
    assert heads[4] == "Warehouse"
    assert [f'name="warehouse-{line(order).pk}"' in cell for cell in cells] == [True]
