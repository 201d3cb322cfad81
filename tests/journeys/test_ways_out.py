"""What a finding offers is done where it leads: exactly that, by whoever may, and back again."""

from __future__ import annotations

import re
from decimal import Decimal
from html import unescape
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from django.urls import reverse

from config.kernel.actors import WORKER, Actor
from finance.models import CreditAccount, CustomerTerms, PaymentTerms
from inventory.models import Product, StockLevel
from orders import people
from orders.lifecycle import capture, picking, submission, validation
from orders.lifecycle.drafts import LineDraft, OrderDraft
from orders.models import Order, OrderException, OrderLine, Staff
from orders.tasks import work
from tests import builders as b

pytestmark = pytest.mark.django_db


def person(role: str, language: str = "en-gb") -> Client:
    user = User.objects.create(username=role, email=f"{len(role)}@x.example")
    boss = User.objects.create_superuser("boss")
    people.set_roles(user, [role], by=Actor.of(boss), reason="For a test")
    Staff.objects.update_or_create(user=user, defaults={"language": language})
    client = Client()
    client.force_login(user, backend="config.accounts.Accounts")
    return client


def finding(rule: str) -> OrderException:
    return OrderException.objects.blocking().filter(rule=rule).latest("pk")


def in_review(*lines: tuple[Product, int], **more: Any) -> Order:
    [pk] = b.submitted(*lines, **more)
    validation.validate([pk], by=WORKER)
    return b.order(pk)


def way(client: Client, row: OrderException, words: str) -> str:
    """Where a way out leads, by what it says."""
    page = client.get(reverse("orders:finding", args=[row.pk])).text
    links = re.findall(r'<a class="choice way" href="([^"]+)">.*?<b>(.*?)</b>', page)
    return next(unescape(url) for url, title in links if words in unescape(title))


def shown(page: str) -> dict[str, str]:
    """What stands in the fields of a page."""
    found = {}
    for tag in re.findall(r"<input([^>]*)>", page):
        name, value = re.search(r'name="([^"]+)"', tag), re.search(r'value="([^"]*)"', tag)
        if name and 'type="checkbox"' not in tag:
            found[name[1]] = unescape(value[1]) if value else ""
    selects = re.findall(r'<select name="([^"]+)".*?</select>', page, re.DOTALL)
    for name in selects:
        options = page.partition(f'<select name="{name}"')[2].partition("</select>")[0]
        chosen = re.search(r'<option value="([^"]*)" selected', options)
        found[name] = chosen[1] if chosen else ""
    return found


def lacking() -> Order:
    """An order of two items, of which four units of the second are missing for good."""
    there, gone = b.product(price="10.00"), b.product(price="5.00", can_backorder=False)
    b.stocked(10, of=there)
    b.stocked(2, of=gone)
    return in_review((there, 3), (gone, 6), fill_policy="ship_complete")


def test_what_is_missing_is_cancelled_and_nothing_else() -> None:
    order, client = lacking(), person("Support")
    row = finding("deliverable")
    url = way(client, row, "Cancel the missing 4 ×")

    page = client.get(url).text
    client_sent = {**shown(page), "confirm": "1"}
    answer = client.post(reverse("orders:cancel", args=[order.number]), client_sent)

    assert ">Cancel 4 units</span>" in page
    assert client_sent["reason"] == "out_of_stock"
    assert answer["Location"] == reverse("orders:finding", args=[row.pk])
    assert list(order.lines.order_by("line_no").values_list("cancelled", flat=True)) == [0, 4]
    assert b.order(order.pk).status != "cancelled"


def test_the_button_says_how_many_units_go_as_they_are_typed() -> None:
    order = lacking()
    client, url = person("Support"), reverse("orders:cancel", args=[order.number])
    first, second = order.lines.order_by("line_no")
    data = {f"line-{first.pk}": "1", f"line-{second.pk}": "0", "preview": "1"}

    whole = client.get(url).text
    seen = client.post(url, data, headers={"HX-Request": "true", "HX-Target": "cancel-preview"})

    assert ">Cancel 9 units</span>" in whole
    assert '<span id="cancel-units" hx-swap-oob="true">Cancel 1 unit</span>' in seen.text


def test_without_a_recall_the_preview_leaves_what_is_picked_on_the_order() -> None:
    thing = b.product(price="10.00")
    b.stocked(4, of=thing)
    [pk] = b.dispatched((thing, 10))
    b.stocked(3, of=thing)
    b.done(picking.pick([pk], by=WORKER))
    client, url = person("Support"), reverse("orders:cancel", args=[b.order(pk).number])
    data = {**shown(client.get(url).text), "reason": "error"}
    htmx = {"HX-Request": "true", "HX-Target": "cancel-preview"}

    kept = client.post(url, {**data, "preview": "1"}, headers=htmx).text
    back = client.post(url, {**data, "preview": "1", "recall": "on"}, headers=htmx).text
    client.post(url, {**data, "confirm": "1"})

    for page, units, left, state in ((kept, 3, 70, "Fulfilling"), (back, 6, 40, "Shipped, the")):
        assert f">Cancel {units} units</span>" in page
        assert f'<dd class="total">€{left}.00' in page
        assert f"<dd>{state}" in page
    assert (b.order(pk).status, b.order(pk).lines.get().cancelled) == ("fulfilling", 3)


def test_an_address_that_names_lines_selects_no_others_and_no_more_than_is_open() -> None:
    order = lacking()
    client, url = person("Support"), reverse("orders:cancel", args=[order.number])
    first, second = order.lines.order_by("line_no")

    for asked, stands in (("999", "6"), ("-2", "0"), ("many", "0"), ("9" * 5000, "0")):
        found = shown(client.get(url, {f"line-{second.pk}": asked}).text)
        assert (found[f"line-{first.pk}"], found[f"line-{second.pk}"]) == ("0", stands)


def test_a_cancellation_that_is_sent_twice_cancels_once_and_says_so() -> None:
    order = b.order(b.validated((b.product(), 9))[0])
    client, url = person("Support"), reverse("orders:cancel", args=[order.number])
    field = f"line-{order.lines.get().pk}"
    data = {**shown(client.get(url).text), field: "3", "reason": "error", "confirm": "1"}

    first, again = client.post(url, data), client.post(url, data)

    assert (first.status_code, again.status_code) == (302, 409)
    assert "was changed after you opened it. Nothing was cancelled now" in again.text
    assert order.lines.get().cancelled == 3
    more = client.post(url, {**data, field: "8"})
    assert (more.status_code, "was changed after you opened it" in more.text) == (409, True)
    said = f"{order.lines.get().sku}: at most 6 can still be cancelled."
    assert said in client.post(url, {**data, **shown(again.text), field: "8"}).text
    client.post(url, {**data, **shown(again.text)})
    assert order.lines.get().cancelled == 6


def test_a_cancellation_that_does_not_say_what_it_was_read_from_is_refused() -> None:
    order = b.order(b.validated((b.product(), 9))[0])
    client, url = person("Support"), reverse("orders:cancel", args=[order.number])

    answer = client.post(url, {"reason": "error", "confirm": "1"})

    assert answer.status_code == 422
    assert b.order(order.pk).status == "validated"


def test_finance_raises_the_limit_as_it_is_said_and_the_order_goes_on() -> None:
    order, client = in_review((b.product(), 5), buyer=b.customer("20")), person("Finance")
    url = way(client, finding("credit"), "Raise the credit limit by 30.00 EUR")

    page = client.get(url)
    client.post(url, {**shown(page.text), "credit_limit": "50.00"})

    assert page.status_code == 200
    assert CreditAccount.objects.get(customer=order.customer_id).credit_limit == 50
    work("recheck")
    work("validation")
    assert b.order(order.pk).status == "validated"


def test_finance_hired_before_there_were_credit_limits_raises_them_too() -> None:
    in_review((b.product(), 5), buyer=b.customer("20"))
    user, client = User.objects.create(username="ada"), Client()
    user.groups.add(Group.objects.get(name="Finance"))
    client.force_login(user, backend="config.accounts.Accounts")
    url = reverse("admin:finance_creditaccount_change", args=[CreditAccount.objects.get().pk])

    assert client.get(url).status_code == 200
    client.post(url, {"credit_limit": "60.00"})

    assert CreditAccount.objects.get().credit_limit == 60


def test_finance_grants_the_terms_that_an_order_has() -> None:
    order, client = in_review((b.product(), 1)), person("Finance")
    known = CustomerTerms.objects.get(customer=order.customer_id)
    known.payment_terms = PaymentTerms.objects.get(code="PREPAID")
    known.save()
    url = reverse("admin:finance_customerterms_change", args=[order.customer_id])

    assert client.get(url).status_code == 200


@pytest.mark.parametrize("role", ["Sales rep", "Sales manager", "Support", "Warehouse lead"])
def test_nobody_else_raises_a_limit(role: str) -> None:
    in_review((b.product(), 5), buyer=b.customer("20"))
    account = CreditAccount.objects.get()

    answer = person(role).get(reverse("admin:finance_creditaccount_change", args=[account.pk]))

    assert answer.status_code == 403


@pytest.mark.parametrize(("role", "may"), [("Support", True), ("Finance", False)])
def test_whoever_may_amend_is_led_to_it(role: str, may: bool) -> None:  # noqa: FBT001
    order = lacking()
    address = reverse("orders:amend", args=[order.number])

    page = person(role).get(reverse("orders:finding", args=[finding("deliverable").pk])).text

    assert (f'<a class="btn" href="{address}?next=' in page) is may
    assert (f'<a class="choice way" href="{address}?fill_policy=partial' in page) is may


def test_shipping_what_is_there_is_looked_at_applied_and_leads_back() -> None:
    order, client = lacking(), person("Support")
    row = finding("deliverable")
    url = way(client, row, "Ship what is there")

    data = shown(client.get(url).text)
    seen = client.post(url, {**data, "preview": "1"}, headers={"HX-Request": "true"}).text
    answer = client.post(reverse("orders:amend", args=[order.number]), {**data, "apply": "1"})

    assert data["fill_policy"] == "partial"
    assert "if stock is short: Ship everything at once → Ship what is there" in seen
    assert b.order(order.pk).fill_policy == "partial"
    assert answer["Location"] == reverse("orders:finding", args=[row.pk])
    assert client.get(answer["Location"]).status_code == 200


def test_the_address_on_file_is_looked_at_applied_and_the_finding_is_gone() -> None:
    wrong = b.LEIPZIG | {"name": "Back door", "postal_code": "ABC"}
    order, client = in_review((b.product(), 1), ship_to=wrong), person("Support")
    row = finding("address")
    url = way(client, row, "Use the address on file")

    page = client.get(url).text
    data = shown(page)
    answer = client.post(reverse("orders:amend", args=[order.number]), {**data, "apply": "1"})

    assert re.search(r'<details class="mt-2" open>', page)
    assert (data["ship_to_postal_code"], data["ship_to_name"]) == ("04103", "Goods in")
    assert answer["Location"] == reverse("orders:finding", args=[row.pk])
    assert b.order(order.pk).ship_to_postal_code == "04103"
    work("validation")
    assert b.order(order.pk).status == "validated"
    assert not OrderException.objects.blocking().filter(order=order).exists()


def safety() -> Order:
    """An order of which three units lie in the safety stock of Leipzig only."""
    thing = b.product(can_backorder=False)
    b.stocked(10, of=thing)
    StockLevel.objects.update(safety_stock=8)
    return in_review((thing, 5))


def test_units_out_of_the_safety_stock_are_taken_and_the_finding_is_gone() -> None:
    order, client = safety(), person("Sales manager")
    row = finding("stock_final")
    url = way(client, row, "Take 3 units from LEI, out of the safety stock")

    data = shown(client.get(url).text)
    seen = client.post(url, {**data, "preview": "1"}, headers={"HX-Request": "true"}).text
    answer = client.post(reverse("orders:amend", args=[order.number]), {**data, "apply": "1"})

    line = order.lines.get()
    assert data[f"warehouse-{line.pk}"] == "LEI"
    assert "warehouse: where it is best → LEI" in seen
    assert answer["Location"] == reverse("orders:finding", args=[row.pk])
    work("validation")
    assert not OrderException.objects.blocking().filter(order=order).exists()
    work("processing")
    line.refresh_from_db()
    assert (b.order(order.pk).status, line.allocated, line.backordered) == ("processing", 5, 0)


@pytest.mark.parametrize("role", ["Support", "Warehouse lead"])
def test_whoever_may_not_both_amend_and_assign_reads_the_way_and_is_not_led(role: str) -> None:
    order, client = safety(), person(role)

    page = client.get(reverse("orders:finding", args=[finding("stock_final").pk])).text

    assert "Take 3 units from LEI, out of the safety stock" in page
    assert "?warehouse-" not in page
    if role == "Support":
        amend = client.get(reverse("orders:amend", args=[order.number])).text
        assert f'name="warehouse-{order.lines.get().pk}"' not in amend
        assert "Warehouses of lines: your role does not include changing this" in amend


@pytest.mark.parametrize("language", ["en-gb", "de"])
def test_the_agreed_price_is_set_and_the_discount_taken_off(language: str) -> None:
    thing = b.product(price="10.00")
    line = LineDraft(thing.sku, 4, unit_price=Decimal("10.00"), discount_percent=Decimal("33.3"))
    draft = OrderDraft(customer=b.customer().code, lines=[line], po_number="one")
    [pk] = capture.create([draft], by=WORKER).orders.values()
    validation.validate(b.done(submission.submit([pk], by=WORKER)), by=WORKER)
    client = person("Sales manager", language)
    words = {"en-gb": "take off the discount of 33.3 %", "de": "den Rabatt von 33,3 % entfernen"}
    url = way(client, finding("price"), words[language])

    data = shown(client.get(url).text)
    client.post(reverse("orders:amend", args=[b.order(pk).number]), {**data, "apply": "1"})

    kept = OrderLine.objects.get()
    zero = {"en-gb": "0.00", "de": "0,00"}[language]
    assert data[f"discount-{kept.pk}"] == zero
    assert (kept.discount_percent, kept.line_total) == (0, 40)
    work("validation")
    assert b.order(pk).status == "validated"


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:1", ""]
)
def test_only_a_page_of_ours_is_led_back_to(elsewhere: str) -> None:
    order = b.order(b.validated((b.product(), 9))[0])
    client, url = person("Support"), reverse("orders:cancel", args=[order.number])
    data = shown(client.get(url, {"next": elsewhere}).text)

    answer = client.post(url, {**data, "next": elsewhere, "reason": "error", "confirm": "1"})

    assert answer["Location"] == order.get_absolute_url()


def test_support_finds_items_while_amending() -> None:
    order, thing = b.order(b.validated((b.product(), 9))[0]), b.product("FIND-ME")
    client = person("Support")

    page = client.get(reverse("orders:amend", args=[order.number])).text
    found = client.get(reverse("orders:items"), {"q": "FIND"})

    assert f'data-source="{reverse("orders:items")}"' in page
    assert thing.sku in found.text
