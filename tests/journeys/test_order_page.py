"""The order page: what it shows, in how few statements, however long the order."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.template.loader import render_to_string
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from config import shortcuts
from config.kernel.actors import WORKER, Actor
from fulfillment.models import Package
from orders.lifecycle import dispatch, holds, notes
from orders.models import Order, OrderEvent
from orders.permissions import ROLES
from tests import builders as b
from tests.journeys.test_pages import signed_in

pytestmark = pytest.mark.django_db
MOST = 25


def page(client: Client, order: Order, tab: str = "order", **query: str) -> str:
    return client.get(reverse(f"orders:{tab}", args=[order.number]), query).content.decode()


def statements(client: Client, order: Order, tab: str = "order") -> int:
    page(client, order, tab)
    with CaptureQueriesContext(connection) as queries:
        page(client, order, tab)
    return len(queries)


def busy_order(lines: int, notes_: int) -> Order:
    """Partly sent, partly waiting, on hold, with notes: everything there is to read."""
    things = [b.product() for _ in range(lines)]
    for thing in things:
        b.stocked(2, of=thing)
    [pk] = b.packed(*[(thing, 3) for thing in things])
    dispatch.dispatch([pk], by=WORKER, tracking_number="JD01")
    writer = Actor.of(User.objects.create(username=f"writer-{pk}"))
    for number in range(notes_):
        notes.add([pk], words=f"Note {number}", by=writer)
    holds.place([pk], reason="Wait", by=writer)
    return b.order(pk)


@pytest.mark.parametrize("tab", ["order", "money", "allocation", "ledger"])
def test_a_long_order_takes_as_many_statements_as_a_short_one(tab: str) -> None:
    client = signed_in("Finance")
    short, long = busy_order(1, 1), busy_order(40, 60)

    few, many = statements(client, short, tab), statements(client, long, tab)

    assert few == many
    assert many <= (MOST if tab == "order" else MOST + 3)


@pytest.mark.parametrize("role", ROLES)
def test_no_role_needs_more_statements_than_the_budget(role: str) -> None:
    assert statements(signed_in(role), busy_order(2, 2)) <= MOST


def test_what_is_not_possible_says_why_on_the_page() -> None:
    [pk] = b.submitted((b.product(), 1))
    holds.place([pk], reason="Wait for the bank", by=WORKER)

    shown = page(signed_in("Warehouse"), b.order(pk))

    assert "Your role does not include this." in shown
    assert 'aria-disabled="true"' in shown


def test_a_step_that_comes_next_but_may_not_be_taken_is_shown_with_its_reason() -> None:
    [pk] = b.validated((b.product(), 1))
    holds.place([pk], reason="Wait for the bank", by=WORKER)

    shown = page(signed_in("Admin"), b.order(pk))

    assert 'aria-describedby="why-first"' in shown
    assert "On hold: Wait for the bank. Release the hold." in shown


def test_the_customer_sees_is_said_of_what_the_customer_sees_alone() -> None:
    [pk] = b.drafted((b.product(), 1))
    client = signed_in("Sales rep")
    assert "The customer sees this" not in page(client, b.order(pk))

    notes.add([pk], words="It leaves tomorrow", shared=True, by=WORKER)

    assert page(client, b.order(pk)).count("The customer sees this") == 1


def test_a_note_is_written_on_the_page_and_refused_without_words() -> None:
    [pk] = b.submitted((b.product(), 1))
    order, client = b.order(pk), signed_in("Support")
    address = reverse("orders:note", args=[order.number])

    client.post(address, {"words": "<b>Gate 5</b>", "shared": "1"})
    refused = client.post(address, {"words": " "}, follow=True).content.decode()

    assert "A note needs words." in refused
    assert "&lt;b&gt;Gate 5&lt;/b&gt;" in refused
    assert OrderEvent.objects.get(type="note.added").visible_to_customer


def test_activity_is_filtered_by_kind_and_earlier_events_can_be_shown() -> None:
    [pk] = b.submitted((b.product(), 1))
    for number in range(40):
        notes.add([pk], words=f"Note {number}.", by=WORKER)
    order, client = b.order(pk), signed_in("Support")

    first = page(client, order)
    assert "“Note 39.”" in first
    assert "“Note 9.”" not in first
    assert "entered the order" not in first
    earlier = page(client, order, "activity", before="13")
    assert "“Note 9.”" in earlier
    assert "entered the order" in earlier
    assert "“Note" not in page(client, order, show="changes")


def test_a_look_for_news_is_empty_until_something_happens() -> None:
    [pk] = b.submitted((b.product(), 1))
    order, client = b.order(pk), signed_in("Support")
    address = reverse("orders:activity", args=[order.number])

    assert client.get(address, {"after": order.last_seq}).status_code == 204
    notes.add([pk], words="News", by=WORKER)
    answer = client.get(address, {"after": order.last_seq})

    assert answer.status_code == 200
    assert "“News”" in answer.content.decode()
    assert "Something new has happened" in answer.content.decode()


def test_the_way_back_remembers_the_list_and_leads_nowhere_else() -> None:
    [pk] = b.submitted((b.product(), 1))

    shown = page(signed_in("Support"), b.order(pk), **{"in": 'status=submitted&q="><x'})

    assert 'href="/orders/?status=submitted&amp;q=&quot;&gt;&lt;x"' in shown


def test_the_head_leads_to_the_orders_beside_this_one_where_a_list_is_known() -> None:
    [pk] = b.submitted((b.product(), 1))
    answer = signed_in("Support").get(b.order(pk).get_absolute_url())
    names = ("order", "label", "first", "actions", "steps", "sentences", "tab", "perms")
    known = {name: answer.context[name] for name in names}

    shown = render_to_string(
        "orders/_head.html", {**known, "next": "/orders/SO-000009/", "position": "3 of 25"}
    )

    assert 'href="/orders/SO-000009/" rel="next" data-next' in shown
    assert "data-previous" not in shown
    assert "3 of 25" in shown


def test_the_allocation_tab_tells_scores_rejections_and_promises() -> None:
    thing, other = b.product(), b.warehouse("ROT", "NL")
    b.stocked(3, of=thing)
    b.stocked(1, other, b.product())
    [pk] = b.processed((thing, 3))

    shown = page(signed_in("Support"), b.order(pk), "allocation")

    assert "Chosen" in shown
    assert "first promised for" in shown


def found(client: Client, words: str) -> str:
    return client.get(reverse("orders:search"), {"q": words}).content.decode()


def test_the_palette_finds_orders_customers_items_and_pages() -> None:
    thing, buyer = b.product("GLV-NIT-L"), b.customer(code="C-2041", phone="0116 496 0182")
    b.stocked(1, of=thing)
    [pk] = b.packed((thing, 1), buyer=buyer)
    dispatch.dispatch([pk], by=WORKER, tracking_number="JD0146000062")
    order, client = b.order(pk), signed_in("Sales rep")

    for words in (
        order.number,
        order.number.lower(),
        order.po_number,
        "JD0146",
        "496 0182",
        "glv-nit",
        "nordhavn",
    ):
        assert f'href="{order.get_absolute_url()}"' in found(client, words), words
    assert buyer.get_absolute_url() in found(client, "nord")
    assert "/orders/?q=GLV-NIT-L" in found(client, "GLV")
    assert Package.objects.get().tracking_number == "JD0146000062"


def test_the_palette_offers_only_what_the_role_may_do() -> None:
    assert reverse("orders:new") in found(signed_in("Sales rep"), "> new")
    assert reverse("orders:new") not in found(signed_in("Warehouse"), "> new")
    assert "Nothing is called" in found(signed_in("Support"), "zzzz")


def test_the_palette_marks_what_was_typed_and_escapes_it() -> None:
    b.customer(code="C-1")

    shown = found(signed_in("Sales rep"), "nord<b>")
    marked = found(signed_in("Support"), "nord")

    assert "<b>" not in shown
    assert "<mark>Nord</mark>havn" in marked


def test_the_palette_keeps_within_eight_statements() -> None:
    [pk] = b.submitted((b.product(), 1))
    client, number = signed_in("Finance"), b.order(pk).number
    found(client, "nord")

    with CaptureQueriesContext(connection) as queries:
        found(client, number)

    assert len(queries) <= 8


def test_the_help_names_every_key_once_and_only_what_the_person_may_do() -> None:
    shown = signed_in("Warehouse").get(reverse("orders:list")).content.decode()

    assert "New order" not in shown
    for shortcut in (*shortcuts.LISTS, shortcuts.NOTE, shortcuts.PRINT):
        assert f"<dt>{shortcut.does}</dt>" in shown
