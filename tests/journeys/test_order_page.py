"""The order page: what it shows, in how few statements, however long the order."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from config import shortcuts
from config.kernel.actors import WORKER, Actor
from config.kernel.reading import day
from finance.models import Invoice
from finance.services.payments import Received
from fulfillment.models import Carrier, Package
from orders.lifecycle import amendment, cancellation, capture, dispatch, holds, notes, payment
from orders.lifecycle.amendment import Operation
from orders.lifecycle.drafts import LineDraft, OrderDraft
from orders.models import Order, OrderEvent, SourcingCandidate, Staff
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


def test_what_the_customer_is_told_is_said_of_mails_alone() -> None:
    [pk] = b.submitted((b.product(), 1), buyer=b.customer(email="buyer@nordhavn.example"))
    client = signed_in("Sales rep")
    assert "buyer@nordhavn.example</div>" not in page(client, b.order(pk))

    notes.add([pk], words="It leaves tomorrow", shared=True, by=WORKER)

    shown = page(client, b.order(pk))
    assert shown.count("On its way to buyer@nordhavn.example</div>") == 1
    assert "The customer sees" not in shown


def test_a_note_is_written_on_the_page_and_refused_without_words() -> None:
    [pk] = b.submitted((b.product(), 1))
    order, client = b.order(pk), signed_in("Support")
    address = reverse("orders:note", args=[order.number])

    client.post(address, {"words": "<b>Gate 5</b>"})
    refused = client.post(address, {"words": " "})

    assert (refused.status_code, "A note needs words." in refused.content.decode()) == (422, True)
    shown = page(client, order)
    assert "&lt;b&gt;Gate 5&lt;/b&gt;" in shown
    told = re.findall(r'<b>[^<]*</b> ([^<]+?) ?(<span class="seen"|</span>)', shown)
    seen = {words: "seen" in mark for words, mark in told}
    assert (seen["placed the order"], seen["wrote a note"]) == (True, False)
    assert "The customer may read this" in shown
    assert not OrderEvent.objects.get(type="note.added").visible_to_customer


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


@pytest.mark.parametrize(
    ("language", "why", "changed"),
    [
        ("en-gb", "It was ordered twice", "What version 2 changed"),
        ("de", "Doppelt bestellt", "Was Version 2 geändert hat"),
    ],
)
def test_a_change_says_its_reason_from_the_list_and_leads_to_what_it_changed(
    language: str, why: str, changed: str
) -> None:
    [pk] = b.validated((b.product(), 4))
    line, client = b.order(pk).lines.get(), signed_in("Support")
    Staff.objects.create(user=User.objects.get(), language=language)
    fewer = Operation("set_quantity", line=line.pk, quantity=3)
    b.done(amendment.amend([pk], operations={pk: [fewer]}, by=WORKER))
    b.done(cancellation.cancel([pk], reason="duplicate", quantities={line.pk: 1}, by=WORKER))
    order = b.order(pk)

    shown = page(client, order)

    assert f'<div class="detail">{why}</div>' in shown
    versions = f"{reverse('orders:versions', args=[order.number])}?from=1&amp;to=2"
    assert f'<a href="{versions}">{changed}</a>' in shown
    assert client.get(versions.replace("&amp;", "&")).context["groups"]


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


def test_the_list_is_kept_by_tabs_filters_news_and_steps() -> None:
    thing = b.product()
    first, pk, _last = b.submitted((thing, 1), times=3)
    order, client, kept = (
        b.order(pk),
        signed_in("Sales rep"),
        {"in": "status=submitted&sort=oldest"},
    )
    query = "in=status%3Dsubmitted%26sort%3Doldest"
    client.get(order.get_absolute_url(), kept)

    shown = page(client, order, **kept)
    hold = reverse("orders:step", args=[order.number, "hold"])
    note = reverse("orders:note", args=[order.number])
    news = page(client, order, "activity", after="1", **kept)
    held = client.post(f"{hold}?{query}", {"reason": "Wait", "kind": "payment"})
    noted = client.post(f"{note}?{query}", {"words": "Gate 5"})

    assert f'href="{b.order(first).get_absolute_url()}?{query}" rel="prev"' in shown
    assert f'href="?show=notes&amp;{query}#tl-h"' in shown
    assert f'href="{hold}?{query}"' in shown
    assert f'action="{note}?{query}"' in shown
    assert f'href="{order.get_absolute_url()}?{query}">Show it as it is now' in news
    assert f'href="{order.get_absolute_url()}?{query}"' in page(client, order, "versions", **kept)
    assert held["Location"] == f"{order.get_absolute_url()}?{query}"
    assert noted["Location"] == f"{order.get_absolute_url()}?{query}#tl-h"
    assert "?in=" not in page(client, order)


def test_a_cancelled_order_has_no_stage_still_to_come() -> None:
    [pk] = b.validated((b.product(), 1))
    client = signed_in("Support")
    assert page(client, b.order(pk)).count("to come") == 4

    cancellation.cancel([pk], reason="customer_request", by=WORKER)

    answer = client.get(b.order(pk).get_absolute_url())
    shown = answer.content.decode()
    assert (shown.count("to come"), shown.count("not reached")) == (0, 4)
    assert [step["done"] for step in answer.context["steps"]] == [True] + [False] * 5
    assert 'aria-current="step"' not in shown


def test_lines_say_by_when_they_are_wanted_and_the_head_which_carrier() -> None:
    once, parted, plain = (b.product() for _ in range(3))
    Carrier.objects.create(code="ROAD", name="Road and rail")
    first, later = date(2027, 1, 4), date(2027, 2, 1)
    lines = [
        LineDraft(once.sku, 3, requested_on=first),
        LineDraft(parted.sku, 100, parts=[(first, 60), (later, 40)]),
        LineDraft(plain.sku, 1),
    ]
    draft = OrderDraft(b.customer().code, lines, shipping_method="ROAD")
    [pk] = capture.create([draft], by=WORKER).orders.values()
    client = signed_in("Support")

    shown = page(client, b.order(pk))

    assert f"Wanted by {day(first)}" in shown
    assert f"In parts: 60 by {day(first)}, 40 by {day(later)}" in shown
    assert shown.count("Wanted by") == 1
    assert "<dt>Carrier</dt><dd>Road and rail</dd>" in shown
    [bare] = b.drafted((plain, 1))
    assert "<dt>Carrier</dt>" not in page(client, b.order(bare))


def test_bars_say_what_became_of_the_units() -> None:
    sent, waiting = b.product(), b.product()
    b.stocked(2, of=sent)
    b.stocked(1, of=waiting)
    [pk] = b.dispatched((sent, 2), (waiting, 5))

    shown = page(signed_in("Support"), b.order(pk))

    assert 'aria-label="2 in transit"' in shown
    assert 'aria-label="1 in transit, 4 backordered"' in shown
    assert '<rect class="q-shipped" x="0.00" y="0" width="19.40" height="8"/>' in shown
    assert '<rect class="q-back" x="20.00" y="0" width="79.40" height="8"/>' in shown


def test_the_panel_of_money_and_the_documents_say_what_was_billed_and_paid() -> None:
    thing = b.product(price="10.00")
    b.stocked(3, of=thing)
    [pk] = b.processed((thing, 5))
    client = signed_in("Finance")
    before = page(client, b.order(pk))
    b.done(b.picking.pick([pk], by=WORKER))
    b.done(b.packing.pack([pk], by=WORKER))
    b.done(b.dispatch.dispatch([pk], by=WORKER))
    order = b.order(pk)
    paid = Received(order.customer_id, "EUR", Decimal(12), "BANK-1", pk)
    payment.receive([paid], by=WORKER)

    shown = page(client, b.order(pk))

    panel = shown.partition('id="mo-h"')[2].partition("</section>")[0]
    figures = re.findall(r"<dd[^>]*>([^<]+)</dd>", panel)
    assert figures == ["€50.00", "€30.00", "€12.00", "€18.00", "€20.00"]
    assert "No invoice and no payment yet." in before
    documents = shown.partition('id="dc-h"')[2].partition("</section>")[0]
    assert f"Invoice {Invoice.objects.get()}" in documents
    assert "€30.00, due" in documents
    assert "€12.00," in documents
    assert "No invoice" not in documents


def test_the_allocation_tab_tells_scores_rejections_and_promises() -> None:
    thing, other = b.product(), b.warehouse("ROT", "NL")
    b.stocked(3, of=thing)
    b.stocked(1, other, b.product())
    b.stocked(3, b.warehouse("QUA", is_sellable=False), thing)
    [pk] = b.processed((thing, 3))

    shown = page(signed_in("Support"), b.order(pk), "allocation")

    assert "Chosen" in shown
    score = SourcingCandidate.objects.get(is_chosen=True).score
    assert score is not None
    assert f">{score}</td>" in shown
    assert "Does not sell from stock." in shown
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
    assert f'href="{reverse("orders:security")}"' in found(client, ">security")
    assert f'href="{reverse("orders:preferences")}"' in found(client, ">preferences")
    admin = signed_in("Admin")
    for command, name in (("polic", "orders:policies"), ("users", "orders:people")):
        link = f'href="{reverse(name)}"'
        answers = [link in found(each, f">{command}") for each in (client, admin)]
        assert answers == [False, True], command


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
    for shortcut in shortcuts.ENTRY:
        assert f"<dt>{shortcut.does}</dt>" not in shown


def test_whoever_enters_orders_finds_the_keys_of_the_grid_in_the_help() -> None:
    shown = signed_in("Sales rep").get(reverse("orders:new")).content.decode()

    assert "<dt>Save the draft</dt><dd><kbd>⌘</kbd><kbd>S</kbd></dd>" in shown
    assert "<dt>Choose the rows up to here</dt><dd><kbd>⇧</kbd><kbd>X</kbd></dd>" in shown
    for shortcut in shortcuts.ENTRY:
        assert f"<dt>{shortcut.does}</dt>" in shown
