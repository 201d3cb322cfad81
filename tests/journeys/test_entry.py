"""Order entry without a script: typed, kept, taken up again, placed; and the pages around it."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal
from html import unescape

import pytest
from django.contrib.auth.models import Group, User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from config.kernel.actors import WORKER
from config.kernel.reading import day
from finance.models import Price
from fulfillment.models import Carrier, ShippingRate
from orders.lifecycle import cancellation, quotes, recurring, searching
from orders.models import Order, OrderLine, Quote, RecurringOrder, RecurringRun
from tests import builders as b

pytestmark = pytest.mark.django_db
Rows = list[tuple[str, ...]]
CELLS = ("sku", "quantity", "unit_price", "discount_percent", "requested_on", "parts")


def signed_in(role: str = "Sales rep") -> Client:
    user = User.objects.create(username=f"{role}-{User.objects.count()}")
    user.groups.add(Group.objects.get(name=role))
    client = Client()
    client.force_login(user, backend="config.accounts.Accounts")
    return client


def typed(*rows: tuple[str, ...], **head: str) -> dict[str, str]:
    data = {"lines-TOTAL_FORMS": str(len(rows)), "lines-INITIAL_FORMS": "0", **head}
    for number, row in enumerate(rows):
        data |= {f"lines-{number}-{n}": text for n, text in zip(CELLS, row, strict=False)}
    return data


def hidden(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found
    return unescape(found[1])


def kept(client: Client, **head: str) -> Order:
    """A draft of one line as the form made it."""
    thing = b.product()
    client.post(reverse("orders:new"), typed((thing.sku, "3"), draft="1", key="k", **head))
    return Order.objects.get()


def test_an_incomplete_draft_is_kept_and_says_what_is_missing() -> None:
    thing, buyer, client = b.product(), b.customer(), signed_in()
    rows = [(thing.sku, "3"), ("NO-SUCH", "2"), (thing.sku, "many")]

    answer = client.post(
        reverse("orders:new"), typed(*rows, customer=buyer.code, draft="1"), follow=True
    )

    order, page = Order.objects.get(), answer.content.decode()
    assert answer.redirect_chain[-1][0] == reverse("orders:edit", args=[order.number])
    assert "Still missing: 2 rows that are no line yet." in page
    assert all(text in page for text in ("NO-SUCH", "many", thing.sku))
    assert (order.status, order.lines.count(), order.grand_total) == ("draft", 1, 30)


def test_a_draft_is_taken_up_again_changed_and_placed() -> None:
    buyer, client = b.customer(), signed_in()
    order = kept(client, customer=buyer.code)
    url = reverse("orders:edit", args=[order.number])
    page = client.get(url).content.decode()
    data = typed(
        (order.lines.get().sku, "7", "9.50", "10"),
        customer=buyer.code,
        po_number="PO-7",
        version=hidden(page, "version"),
        place="1",
    )

    answer = client.post(url, data)

    order.refresh_from_db()
    line = order.lines.get()
    assert answer["Location"] == order.get_absolute_url()
    assert (order.status, order.po_number) == ("submitted", "PO-7")
    assert (line.ordered, line.unit_price, line.discount_percent) == (7, Decimal("9.5"), 10)


def test_the_same_form_sent_twice_makes_one_order() -> None:
    thing, buyer, client = b.product(), b.customer(), signed_in()
    data = typed((thing.sku, "3"), customer=buyer.code, place="1")
    data["key"] = hidden(client.get(reverse("orders:new")).content.decode(), "key")

    first = client.post(reverse("orders:new"), data)
    second = client.post(reverse("orders:new"), data)

    assert Order.objects.get().status == "submitted"
    assert first["Location"] == second["Location"]


def test_a_draft_saves_itself_and_goes_on_from_there() -> None:
    thing, buyer, client = b.product(), b.customer(), signed_in()
    data = typed((thing.sku, "3"), customer=buyer.code, key="form", autosave="1")

    first = client.post(reverse("orders:new"), data).json()
    second = client.post(first["url"], data | {"lines-0-quantity": "5", "version": "1"}).json()
    stale = client.post(first["url"], data | {"lines-0-quantity": "6", "version": "1"})

    assert (first["version"], second["version"], second["missing"]) == (1, 2, [])
    assert second["saved"].startswith("Saved ")
    assert stale.status_code == 409
    assert (Order.objects.count(), OrderLine.objects.get().ordered) == (1, 5)
    nobody = client.post(reverse("orders:new"), typed(autosave="1"))
    assert (nobody.status_code, Order.objects.count()) == (422, 1)


def test_the_last_order_and_usual_items_are_copied_into_rows() -> None:
    thing, buyer, client = b.product(), b.customer(), signed_in()
    b.processed((thing, 6), buyer=buyer)

    copied = client.post(reverse("orders:new"), typed(customer=buyer.code, copy="1"))
    usual = client.post(reverse("orders:new"), typed(customer=buyer.code, usual=f"{thing.sku}|6"))

    for answer in (copied, usual):
        page = answer.content.decode()
        assert f'value="{thing.sku}"' in page
        assert "6 at a time" in page or "6, once lately" in page
    assert Order.objects.count() == 1


def test_entry_shows_stock_promise_prices_floor_and_what_credit_is_left() -> None:
    thing, buyer, client = b.product(), b.customer(limit="1000"), signed_in()
    Price.objects.update(floor=8)
    b.stocked(4, of=thing)
    data = typed((thing.sku, "6", "7.00"), customer=buyer.code)

    page = client.post(reverse("orders:outlook"), data).content.decode()

    assert "4 at LEI" in page
    assert "2 short" in page
    assert "list €10.00, floor €8.00" in page
    assert "Below the floor of €8.00" in page
    assert 'data-value="8.00"' in page
    assert "€958.00" in page
    assert "Full order promised" in page
    cell = page.partition('data-into="lines-0-promise">')[2].partition("</div>")[0]
    here, rest = (day(timezone.localdate() + timedelta(days=n)) for n in (1, 15))
    assert " ".join(re.sub(r"<[^>]+>", " ", cell).split()) == f"{here} rest {rest}"


def test_a_quantity_that_is_no_whole_pack_offers_what_would_be() -> None:
    thing, buyer, client = b.product(order_multiple=10), b.customer(), signed_in()

    page = client.post(
        reverse("orders:outlook"), typed((thing.sku, "84"), customer=buyer.code)
    ).content.decode()

    assert "multiples of 10. Use 80 or 90." in page
    assert 'data-value="90"' in page


def test_an_item_is_found_by_barcode_case_or_its_only_name() -> None:
    first = b.product(sku="GLV-1", gtin="04012345678901")
    second = b.product(sku="GLV-2")
    second.name = "Quite another thing"
    second.save()
    buyer, client = b.customer(), signed_in()
    rows = [("04012345678901", "1"), ("glv-1", "2"), ("quite another", "3")]

    client.post(reverse("orders:new"), typed(*rows, customer=buyer.code, draft="1"))

    assert list(OrderLine.objects.values_list("sku", flat=True)) == [first.sku] * 2 + [second.sku]


def test_parts_and_the_carriers_rate_are_kept_with_the_draft() -> None:
    thing, buyer, client = b.product(), b.customer(), signed_in()
    carrier = Carrier.objects.create(code="ROAD", name="Road")
    ShippingRate.objects.create(carrier=carrier, currency_id="EUR", amount=Decimal("9.50"))
    row = (thing.sku, "100", "", "", "", "2027-01-04 60\n2027-02-01 × 40")

    client.post(
        reverse("orders:new"),
        typed(row, customer=buyer.code, shipping_method="ROAD", draft="1"),
    )

    order = Order.objects.get()
    parts = order.lines.get().schedule.values_list("due_on__month", "quantity")
    assert list(parts) == [(1, 60), (2, 40)]
    assert order.shipping_total == Decimal("9.50")
    page = client.get(reverse("orders:edit", args=[order.number])).content.decode()
    assert "2027-01-04 60\n2027-02-01 40" in page


def test_a_customer_is_found_by_name_mail_and_the_po_number_of_an_earlier_order() -> None:
    buyer, client = b.customer(email="buyer@nordhavn.example"), signed_in()
    [pk] = b.drafted((b.product(), 1), buyer=buyer)
    po = "SPRINGDEAL"
    Order.objects.filter(pk=pk).update(po_number=po)
    searching.write_words([pk])

    for words in (buyer.code.lower(), "hav", "buyer@nord", po):
        page = client.get(reverse("orders:customers"), {"q": words}).content.decode()
        assert buyer.code in page, words
    client.post(reverse("orders:new"), typed(customer=po, draft="1"))
    assert Order.objects.latest("pk").customer == buyer


def test_a_quote_goes_from_the_draft_to_the_customer_and_becomes_an_order() -> None:
    buyer, client = b.customer(), signed_in()
    order = kept(client, customer=buyer.code)
    url = reverse("orders:quote", args=[order.number])
    day = timezone.localdate() + timedelta(days=7)

    page = client.post(url, {"send": "1", "expires_on": str(day)}, follow=True).content.decode()

    quote = Quote.objects.get()
    assert quote.get_public_url() in page
    assert quote.number in client.get(reverse("orders:quotes")).content.decode()
    assert quote.number in client.get(f"{url}paper/").content.decode()
    stranger, link = Client(), quote.get_public_url()
    assert "€30.00" in stranger.get(link).content.decode()
    assert stranger.post(link, {"name": "Marian"}).status_code == 422
    data = {"name": "Marian", "may_order": "on", "po_number": "PO-77"}
    thanks = stranger.post(link, data, follow=True).content.decode()
    order.refresh_from_db()
    assert "Your order is placed" in thanks
    assert (order.status, order.po_number) == ("submitted", "PO-77")
    assert stranger.get("/quote/guessed/").status_code == 404


def test_an_expired_quote_is_refused_on_its_page() -> None:
    [pk] = b.drafted((b.product(), 3))
    quotes.send([pk], expires_on=timezone.localdate(), by=WORKER)
    Quote.objects.update(expires_on=timezone.localdate() - timedelta(days=1))
    link = Quote.objects.get().get_public_url()

    page = Client().get(link).content.decode()
    answer = Client().post(link, {"name": "Marian", "may_order": "on"})

    assert "expired on" in page
    assert (answer.status_code, b.order(pk).status) == (422, "draft")


def test_a_recurring_order_is_set_up_seen_ahead_and_run() -> None:
    thing, buyer, client = b.product(), b.customer(), signed_in()
    today = timezone.localdate()
    data = {
        "name": "Gloves and gel",
        "customer": buyer.code,
        "pattern": "days",
        "every": "7",
        "weekday": "0",
        "nth": "1",
        "month_day": "1",
        "weekend": "keep",
        "starts_on": str(today),
        "is_active": "on",
        "lines-TOTAL_FORMS": "1",
        "lines-INITIAL_FORMS": "0",
        "lines-0-sku": thing.sku,
        "lines-0-quantity": "12",
        "lines-0-every": "1",
    }

    client.post(reverse("orders:recurring_new"), data)

    made = RecurringOrder.objects.get()
    page = client.get(made.get_absolute_url()).content.decode()
    assert page.count("€120.00") == 6
    assert page.count(f"12 × {thing.sku} short today") == 1
    b.stocked(20, of=thing)
    assert client.get(made.get_absolute_url()).content.decode().count("In stock today") == 1
    assert "Every 7 days" in client.get(reverse("orders:recurring")).content.decode()
    client.post(reverse("orders:recurring_runs"))
    page = client.get(reverse("orders:recurring_runs")).content.decode()
    order = Order.objects.get()
    assert order.number in page
    assert (order.status, RecurringRun.objects.get().due_on) == ("submitted", today)
    seen = re.findall(r'name="seen" value="(\w+)"', client.get(made.get_absolute_url()).text)
    mine = {"seen": seen[0], "lines-0-quantity": "15", "note": "Mine"}
    data |= {"lines-INITIAL_FORMS": "1"}
    client.post(made.get_absolute_url(), data | {"seen": seen[0], "note": "Theirs"})
    late = client.post(made.get_absolute_url(), data | mine)
    assert (late.status_code, RecurringOrder.objects.get().note) == (409, "Theirs")
    assert "was changed after you opened it" in late.text
    assert ">\nMine</textarea>" in late.text
    mine["seen"] = re.findall(r'name="seen" value="(\w+)"', late.text)[0]
    assert client.post(made.get_absolute_url(), data | mine).status_code == 302
    assert RecurringOrder.objects.get().note == "Mine"
    wrong = client.post(made.get_absolute_url(), data | {"lines-0-sku": "NO-SUCH", "every": "0"})
    assert wrong.status_code == 422
    assert "There is no item “NO-SUCH”." in wrong.content.decode()
    made.refresh_from_db()
    assert (made.every, made.next_on) == (7, today + timedelta(days=7))


PAGES = {
    "orders:edit": ("orders.change_order", 50),
    "orders:quote": ("orders.view_order", 13),
    "orders:quote_paper": ("orders.view_order", 16),
    "orders:quotes": ("orders.view_order", 13),
    "orders:recurring": ("orders.view_order", 8),
    "orders:recurring_new": ("orders.change_order", 7),
    "orders:recurring_order": ("orders.view_order", 17),
    "orders:recurring_runs": ("orders.view_order", 9),
}


@pytest.mark.parametrize("name", PAGES)
def test_pages_keep_within_their_statements_and_permissions(name: str) -> None:
    thing = b.product()
    [pk] = b.drafted((thing, 3), (b.product(), 1))
    quotes.send([pk], expires_on=timezone.localdate(), by=WORKER)
    template = RecurringOrder(name="x", customer=b.customer(), starts_on=timezone.localdate())
    recurring.plan(template, timezone.localdate())
    template.save()
    template.lines.create(product=thing)
    arguments = {"edit": b.order(pk).number, "quote": b.order(pk).number}
    arguments |= {"quote_paper": b.order(pk).number, "recurring_order": template.pk}
    short = name.partition(":")[2]
    url = reverse(name, args=[arguments[short]] if short in arguments else [])
    client = signed_in("Sales manager")
    client.get(url)

    with CaptureQueriesContext(connection) as statements:
        assert client.get(url).status_code == 200

    permission, most = PAGES[name]
    assert len(statements) <= most
    allowed = permission == "orders.view_order"
    assert signed_in("Warehouse").get(url).status_code == (200 if allowed else 403)
    assert Client().get(url).status_code == 302


def test_an_order_is_ordered_again_with_its_customer_and_what_was_wanted_of_it() -> None:
    one, two, gone = b.product(), b.product(), b.product()
    [pk] = b.validated((one, 3), (two, 5), (gone, 2))
    order = b.order(pk)
    lines = {line.sku: line.pk for line in OrderLine.objects.all()}
    given_up = {lines[gone.sku]: 2, lines[two.sku]: 1}
    b.done(cancellation.cancel([pk], quantities=given_up, reason="error", by=WORKER))
    client = signed_in()

    offered = client.get(order.get_absolute_url()).content.decode()
    page = client.get(reverse("orders:new"), {"like": order.number}).content.decode()

    assert f'href="{reverse("orders:new")}?like={order.number}"' in offered
    assert f'value="{order.customer.code} · {order.customer.name}"' in page
    wanted = typed(customer=order.customer.code, copy="1")
    copied = client.post(reverse("orders:new"), wanted).content.decode()
    for shown in (page, copied):
        rows = re.findall(r'name="lines-(\d+)-(sku|quantity)" value="([^"]+)"', shown)
        assert [text for _, _, text in rows] == [one.sku, "3", two.sku, "4"]
    assert Order.objects.count() == 1
    assert client.get(reverse("orders:new"), {"like": "SO-NONE"}).status_code == 404


def test_whoever_enters_no_orders_is_not_offered_to_order_again() -> None:
    [pk] = b.validated((b.product(), 3))

    page = signed_in("Support").get(b.order(pk).get_absolute_url()).content.decode()

    assert "?like=" not in page
