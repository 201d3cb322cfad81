"""The list of orders: narrowed, sorted, searched, saved, shown as each person likes it."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.db import connection
from django.http import QueryDict
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from config.kernel.actors import WORKER
from config.kernel.errors import TooBroad
from config.kernel.lists import counted, impatient, in_words
from fulfillment.models import Carrier
from orders import filters, listing
from orders.filters import narrowed
from orders.lifecycle import dispatch, holds, labels, searching, validation
from orders.models import Address, Order, OrderException, OrderSearch
from orders.neighbours import neighbours
from tests import builders as b

pytestmark = pytest.mark.django_db
STATEMENTS = 26  # the list with its figures, whatever its length


def person(name: str, role: str = "Sales rep") -> tuple[Client, User]:
    user = User.objects.create(username=name, first_name=name.title())
    user.groups.add(Group.objects.get(name=role))
    client = Client()
    client.force_login(user, backend="config.accounts.Accounts")
    return client, user


def found(query: str) -> list[int]:
    return sorted(narrowed(QueryDict(query), Order.objects.all()).values_list("pk", flat=True))


def listed(client: Client, query: str = "") -> Any:
    return client.get(f"{reverse('orders:list')}?{query}").context["listing"]


def shown(client: Client, query: str = "") -> list[int]:
    return [row.order.pk for row in listed(client, query).rows]


def test_each_axis_finds_its_orders_and_no_others() -> None:
    rep = User.objects.create(username="olga")
    mine, thing, scarce = b.customer(sales_rep=rep), b.product("NUT-1"), b.product("NUT-10")
    b.stocked(10, of=thing)
    b.stocked(5, at=b.warehouse("ROT", "NL"), of=scarce)
    [draft] = b.drafted((thing, 1), buyer=mine)
    [reserved] = b.processed((thing, 1))
    [far] = b.processed((scarce, 1), channel="import")
    b.done(holds.place([reserved], reason="Customer asked", by=WORKER))

    assert found("") == [draft, reserved, far]
    assert found("status=draft") == [draft]
    assert found("status=draft&status=processing") == [draft, reserved, far]
    assert found("hold=any") == found("hold=manual") == [reserved]
    assert found("hold=system") == []
    assert found("channel=import") == [far]
    assert found("warehouse=ROT") == [far]
    assert found("warehouse=LEI&warehouse=ROT") == [reserved, far]
    assert found("rep=olga") == [draft]
    assert found(f"customer={mine.code.lower()}") == [draft]
    assert found("sku=nut-1") == [draft, reserved]
    assert found("payment=none&channel=manual") == [draft, reserved]
    assert found("payment=paid") == []


@pytest.mark.unsound("orders are made older by hand")
def test_dates_lateness_and_risk_are_days_of_the_promise() -> None:
    thing = b.product()
    b.stocked(1, of=thing)
    today = timezone.localdate()
    kept, short = b.processed((thing, 1)) + b.processed((thing, 1))
    Order.objects.filter(pk=kept).update(promised_on=today - timedelta(days=1))
    Order.objects.filter(pk=short).update(promised_on=today + timedelta(days=1))
    [old] = b.drafted((thing, 1))
    past = timezone.now() - timedelta(days=200)
    Order.objects.filter(pk=old).update(created_at=past)
    b.order(old).stages.update(entered_at=past)

    assert found("late=true") == [kept]
    assert found("at_risk=true") == [short]  # nothing is in stock for it
    assert found(f"promised_from={today}") == [short]
    assert found(f"promised_from={today - timedelta(days=1)}&promised_to={today}") == [kept]
    assert found(f"entered_from={today}") == [kept, short]
    assert found(f"entered_to={today - timedelta(days=100)}") == [old]
    assert found(f"entered_from={today + timedelta(days=1)}") == []


def test_a_filter_without_index_looks_at_the_newest_orders_and_says_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    thing = b.product()
    [old] = b.validated((thing, 1))
    client, _ = person("amara")
    asked = {"channel": "manual"}
    whole = client.get(reverse("orders:list"), asked).content.decode()
    assert ("only the newest are read" in whole, found("channel=manual")) == (False, [old])

    monkeypatch.setattr(filters, "NEWEST", 2)
    new = b.drafted((thing, 1), times=2)
    page = client.get(reverse("orders:list"), asked).content.decode()

    assert "only the newest are read, those entered since" in page
    assert found("channel=manual") == new
    assert found("channel=manual&status=validated") == [old]  # the status leads there by its index
    assert found("channel=manual&entered_from=2000-01-01") == [old, *new]


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("status=lost", "State: there is no “lost”."),
        ("entered_from=yesterday", "“yesterday” is no date"),
        ("promised_to=2026-02-31", "“2026-02-31” is no date"),
        ("q=-", "at least three letters or digits"),
        ("payment=maybe&status=draft", "Payment: there is no “maybe”."),
    ],
)
def test_a_mistake_in_a_filter_finds_nothing_and_is_said(query: str, words: str) -> None:
    b.drafted((b.product(), 1))
    client, _ = person("amara")

    answer = client.get(f"{reverse('orders:list')}?{query}")

    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert found(query) == []


@pytest.mark.parametrize("query", ["after=x", "after=~²", "sort=promise&after=x~1", "q=%00abc"])
def test_a_place_or_word_that_cannot_be_is_passed_over(query: str) -> None:
    b.drafted((b.product(), 1))
    client, _ = person("amara")

    assert client.get(f"{reverse('orders:list')}?{query}").status_code == 200


def test_one_box_finds_by_number_po_customer_item_tracking_telephone_and_mail() -> None:
    buyer = b.customer(phone="+49 341 555-0199", email="goods@nordhavn.example")
    thing = b.product("BOLT-M8")
    b.stocked(5, of=thing)
    [pk] = b.packed((thing, 1), buyer=buyer)
    b.drafted((b.product(), 1))
    carrier = Carrier.objects.create(code="DHL", name="DHL")

    assert found("q=JD014600") == []
    sent = dispatch.dispatch([pk], carrier=carrier.pk, tracking_number="JD014600123", by=WORKER)
    b.done(sent)

    order = b.order(pk)
    assert found("q=0341 5550198") == []
    for text in (
        order.number.lower(),
        order.po_number,
        buyer.code,
        "bolt-m8",
        "JD014600123",
        "%2B49 341 555-0199",
        "0341 5550199",
        "0049 341 5550199",
        "nordhavn %2B49 (0)341 555 01 99",
        "0341/5550199",
        "(0341)5550199",
        "goods@nordhavn.example",
        "nordhavn bolt",
    ):
        assert found(f"q={text}") == [pk], text


def test_a_telephone_number_kept_as_it_is_dialled_at_home_is_found_from_abroad() -> None:
    [pk] = b.drafted((b.product(), 1), buyer=b.customer(phone="0341 5550199"))
    b.drafted((b.product(), 1), buyer=b.customer(phone="0341 5550198"))

    for text in ("%2B493415550199", "%2B49 341 555-0199", "(0341) 555 0199", "03415550199"):
        assert found(f"q={text}") == [pk], text


def test_words_are_written_from_the_facts_in_one_statement_for_any_number() -> None:
    ids = b.drafted((b.product(), 1), times=30)
    OrderSearch.objects.filter(order__in=ids).update(words="stale")

    with CaptureQueriesContext(connection) as queries:
        searching.write_words(ids)

    assert len(queries) == 1
    first = b.order(ids[0])
    assert f" {first.po_number.lower()} " in first.search.words
    assert not OrderSearch.objects.filter(words="stale").exists()


def test_a_customer_with_a_new_name_is_found_by_it() -> None:
    buyer = b.customer()
    [pk] = b.drafted((b.product(), 1), buyer=buyer)
    User.objects.create_superuser("sam", password="a long word for tests")  # noqa: S106
    client = Client()
    client.force_login(User.objects.get(username="sam"), backend="config.accounts.Accounts")
    address = reverse("admin:orders_customer_change", args=[buyer.pk])
    inline = {f"addresses-{name}": 0 for name in ("TOTAL_FORMS", "INITIAL_FORMS")}
    data = {"code": buyer.code, "name": "Sydhavn", "currency": "EUR", "fill_policy": "partial"}

    answer = client.post(address, {**data, "is_active": "on", **inline})

    assert answer.status_code == 302
    assert found("q=sydhavn") == [pk]
    assert found("q=nordhavn") == []


def test_pages_of_every_sort_hold_each_order_once() -> None:
    thing = b.product()
    b.stocked(100, of=thing)
    for _ in range(4):
        b.processed((thing, 1), times=8)
    client, _ = person("amara")

    for sort in ("newest", "oldest", "promise", "customer"):
        first = listed(client, f"sort={sort}")
        second = listed(client, first.page.next_query[1:])
        seen = [row.order.pk for row in (*first.rows, *second.rows)]
        assert len(seen) == len(set(seen)) == 32, sort
        back = listed(client, second.page.previous_query[1:])
        assert [row.order.pk for row in back.rows] == seen[:25]


def test_the_list_knows_the_order_before_and_after_in_two_statements_of_its_own() -> None:
    ids = b.drafted((b.product(), 1), times=3)
    other = b.order(b.submitted((b.product(), 1))[0])
    first, middle, last = (b.order(pk) for pk in ids)
    user = User.objects.create(username="whole")

    assert neighbours("sort=newest&status=draft", middle, user) == (last.number, first.number)
    assert neighbours("status=draft&sort=oldest", first, user) == ("", middle.number)
    assert neighbours("", last, user) == (other.number, middle.number)
    assert neighbours("sort=promise", middle, user) == ("", "")
    assert neighbours("status=nonsense", middle, user) == ("", "")
    with CaptureQueriesContext(connection) as queries:
        neighbours("status=draft", middle, user)
    assert len([q for q in queries if "orders_order" in q["sql"]]) == 2


def test_rows_lead_to_the_order_with_the_list_they_stand_in() -> None:
    [pk] = b.drafted((b.product(), 1))
    client, _ = person("amara")

    page = client.get(f"{reverse('orders:list')}?status=draft").content.decode()

    assert f"{b.order(pk).get_absolute_url()}?in=status%3Ddraft%26sort%3Dnewest" in page


def test_the_list_takes_as_many_statements_for_a_full_page_as_for_one_row() -> None:
    thing = b.product()
    b.stocked(100, of=thing)
    b.processed((thing, 1))
    client, _ = person("amara")
    listed(client)
    with CaptureQueriesContext(connection) as few:
        listed(client)
    b.processed((thing, 1), times=30)

    with CaptureQueriesContext(connection) as many:
        listed(client)

    assert len(many) == len(few) + 1 <= STATEMENTS  # a list on one page counts itself


def test_a_total_that_no_index_tells_is_asked_for_by_the_shown_page() -> None:
    b.drafted((b.product(), 1), times=30)
    client, _ = person("amara")
    by_index = client.get(f"{reverse('orders:list')}?status=draft").content.decode()
    page = client.get(f"{reverse('orders:list')}?channel=manual").content.decode()
    asked = re.search(r'hx-get="(/orders/views/counts/\?list=[^"]+)"', page)
    assert asked

    answer = client.get(asked[1], headers={"HX-Request": "true"}).content.decode()

    assert ">of 30<" in by_index
    assert "/orders/views/counts/" not in by_index
    assert (">of many<" in page, "Select all that match" in page) == (True, True)
    assert ">of 30<" in answer
    assert "Select all 30 that match" in answer
    assert "All 30 orders of this list" in answer


def test_counts_are_exact_and_capped() -> None:
    b.drafted((b.product(), 1), times=5)
    client, _ = person("amara")

    tabs = {tab.label: tab.count for tab in listed(client).tabs}

    assert (tabs["All"], tabs["Draft"], tabs["Completed"]) == ("5", "5", "0")
    assert counted([Order.objects.all(), Order.objects.none()], most=3) == [4, 0]
    assert in_words(4, most=3) == "3+"


def test_what_takes_too_long_is_answered_with_a_sentence() -> None:
    words = "Narrow the search"
    with pytest.raises(TooBroad, match=words), impatient(50), connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(5)")


def test_figures_that_take_too_long_leave_the_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    b.drafted((b.product(), 1), times=30)
    client, _ = person("amara")
    with monkeypatch.context() as slow:
        slow.setattr(listing, "COUNTING", 50)
        slow.setattr(listing, "_counting", lambda *_: "SELECT pg_sleep(5)")
        late = listed(client)

    assert (len(late.rows), late.counts, late.total, late.failure) == (25, [], -1, "")
    assert listed(client).counts[0] == 30


@pytest.mark.unsound("a finding is closed by hand")
def test_a_finding_finds_the_orders_that_have_it_open_and_no_others() -> None:
    poor, far, thing = b.customer(limit="5"), b.customer(), b.product()
    Address.objects.filter(customer=far).update(country="DK")
    b.stocked(10, of=thing)
    [over, ended] = b.submitted((thing, 1), times=2, buyer=poor)
    [astray] = b.submitted((thing, 1), buyer=far)
    [fine] = b.submitted((thing, 1))
    validation.validate([over, ended, astray, fine], by=WORKER)
    OrderException.objects.filter(order=ended).update(status="resolved", closed_at=timezone.now())

    assert found("exception=credit") == [over]
    assert found("exception=address") == [astray]
    assert found("exception=any") == [over, astray]
    assert found("exception=stock") == []
    client, _ = person("amara")
    assert shown(client, "exception=credit") == [over]


def test_no_match_says_what_would() -> None:
    b.drafted((b.product("PIN-1"), 1), times=2)
    client, _ = person("amara")

    page = client.get(f"{reverse('orders:list')}?status=draft&sku=PIN-2").content.decode()

    assert "No order matches" in page
    assert "2 without SKU PIN-2" in page


def test_the_first_run_offers_the_first_order() -> None:
    client, _ = person("amara")

    assert "Enter the first one" in client.get(reverse("orders:list")).content.decode()


def test_the_selection_is_handed_over_with_the_query_of_the_list() -> None:
    b.drafted((b.product(), 1), times=30)
    client, _ = person("amara")

    page = client.get(f"{reverse('orders:list')}?status=draft&after=~999999999").content.decode()

    assert 'action="/orders/bulk/"' in page
    assert '<input type="hidden" name="query" value="status=draft&amp;sort=newest">' in page
    assert "Select all 30 that match" in page
    offered = [name for name in ("hold", "cancel", "process") if f'value="{name}"' in page]
    assert offered == ["hold", "cancel"]  # a sales rep does not allocate stock


def test_the_panel_keeps_the_filters_in_force_until_it_is_opened_and_then_shows_them() -> None:
    [pk] = b.processed((b.product(), 1))
    b.done(labels.put([pk], code="waiting-for-goods", by=WORKER))
    client, _ = person("amara")
    query = "sub_status=waiting-for-goods&status=processing&q=SO-"
    page = client.get(f"{reverse('orders:list')}?{query}").content.decode()
    assert '<input type="hidden" name="sub_status" value="waiting-for-goods">' in page
    assert "Waiting for goods" in page  # the filter in force, by its label

    whole = client.get(f"{reverse('orders:filters')}?{query}").content.decode()
    part = client.get(f"{reverse('orders:filters')}?{query}", headers={"HX-Request": "true"})

    option = '<option value="waiting-for-goods" selected>Waiting for goods</option>'
    assert option in whole and option in part.content.decode()  # noqa: PT018
    assert '<input type="hidden" name="q" value="SO-">' in whole
    assert "<html" not in part.content.decode()
    assert found("sub_status=waiting-for-goods") == [pk]
