"""Two people at one draft: what each typed is shown beside the other's, whatever became of it."""

from __future__ import annotations

from functools import partial
from html import unescape

import pytest
from django.contrib.auth.models import User
from django.urls import reverse

from config.kernel.actors import WORKER
from orders.lifecycle import cancellation, submission
from orders.models import Order, OrderLine, Staff
from tests import builders as b
from tests.journeys.test_entry import hidden, kept, signed_in, typed

pytestmark = pytest.mark.django_db


def test_another_tabs_change_is_shown_beside_mine_and_nothing_is_lost() -> None:
    buyer, client = b.customer(), signed_in()
    order = kept(client, customer=buyer.code, po_number="PO-OLD")
    url, sku = reverse("orders:edit", args=[order.number]), order.lines.get().sku
    page = client.get(url).content.decode()
    opened = {name: hidden(page, name) for name in ("version", "opened")}
    theirs = typed((sku, "4"), customer=buyer.code, po_number="PO-OLD", draft="1", **opened)
    mine = typed((sku, "9"), customer=buyer.code, po_number="PO-MINE", draft="1", **opened)
    client.post(url, theirs)

    answer = client.post(url, mine)

    page = answer.content.decode()
    assert answer.status_code == 409
    assert all(text in page for text in ("PO-OLD", "PO-MINE", "3 at 10", "4 at 10", "9 at 10"))
    assert OrderLine.objects.get().ordered == 4
    choice = {"head.po_number": "mine", f"row.{sku}": "theirs", "resolve": "chosen"}
    client.post(url, {**choice, "version": hidden(page, "version"), "mine": hidden(page, "mine")})
    order.refresh_from_db()
    assert (order.po_number, OrderLine.objects.get().ordered) == ("PO-MINE", 4)


def test_all_of_mine_can_be_kept() -> None:
    buyer, client = b.customer(), signed_in()
    order = kept(client, customer=buyer.code)
    url, sku = reverse("orders:edit", args=[order.number]), order.lines.get().sku
    client.post(url, typed((sku, "4"), customer=buyer.code, draft="1", version="1"))
    page = client.post(
        url, typed((sku, "9"), customer=buyer.code, draft="1", version="1")
    ).content.decode()

    client.post(
        url,
        {"resolve": "mine", "version": hidden(page, "version"), "mine": hidden(page, "mine")},
    )

    assert OrderLine.objects.get().ordered == 9


@pytest.mark.parametrize(("by", "state"), [("placed", "submitted"), ("cancelled", "cancelled")])
def test_what_is_typed_into_an_order_that_is_no_draft_any_more_is_shown_beside_it(
    by: str, state: str
) -> None:
    buyer, client = b.customer(), signed_in()
    order = kept(client, customer=buyer.code, po_number="PO-OLD")
    url, sku = reverse("orders:edit", args=[order.number]), order.lines.get().sku
    page = client.get(url).content.decode()
    opened = {name: hidden(page, name) for name in ("version", "opened")}
    end = submission.submit if by == "placed" else partial(cancellation.cancel, reason="error")
    b.done(end([order.pk], by=WORKER))
    mine = typed((sku, "9"), customer=buyer.code, po_number="PO-MINE", **opened)

    answer = client.post(url, mine | {"place": "1"})

    page = answer.content.decode()
    assert answer.status_code == 409
    assert f"Someone {by} this order" in page
    assert all(text in page for text in ("PO-OLD", "PO-MINE", "3 at 10", "9 at 10", "The system"))
    assert "Customer</th>" not in page
    amend = reverse("orders:amend", args=[order.number])
    line = order.lines.get()
    there = unescape(client.get(url_in(page, amend)).text) if by == "placed" else page
    assert (f'href="{amend}?' in page) is (by == "placed")
    assert 'value="PO-MINE"' in there
    assert by != "placed" or f'name="quantity-{line.pk}" value="9"' in there
    order.refresh_from_db()
    assert (order.status, order.po_number) == (state, "PO-OLD")
    for more in ({"draft": "1"}, {"recount": "1"}, {"place": "1", "lines-0-quantity": "many"}):
        assert "PO-MINE" in client.post(url, mine | more).content.decode()
    told = client.post(url, mine | {"autosave": "1"})
    sentence = "change it by an amendment" if by == "placed" else "is cancelled; enter a new order"
    assert (told.status_code, sentence in told.json()["error"]) == (409, True)
    assert sentence in unescape(client.get(url, follow=True).content.decode())
    fresh = client.post(reverse("orders:new"), mine | {"recount": "1", "key": "fresh"})
    assert 'value="PO-MINE"' in fresh.content.decode()


def url_in(page: str, start: str) -> str:
    """The link of a page that begins so."""
    return unescape(page[page.index(f'href="{start}') + 6 :].partition('"')[0])


def test_the_key_of_somebody_elses_form_opens_nothing_outside_ones_scope() -> None:
    buyer, client = b.customer(), signed_in()
    order = kept(client, customer=buyer.code, po_number="SECRET")
    near = b.customer()
    Staff.objects.update_or_create(user=User.objects.get(), defaults={"countries": ["FR"]})
    mine = typed((order.lines.get().sku, "1"), customer=near.code, key="k")

    for answer in (
        client.post(reverse("orders:new"), mine | {"draft": "1"}),
        client.get(reverse("orders:new"), {"key": "k"}),
    ):
        assert answer.status_code == 404
        assert "SECRET" not in answer.text
    order.refresh_from_db()
    assert (order.po_number, Order.objects.count()) == ("SECRET", 1)


@pytest.mark.parametrize("rows", [0, 1])
def test_a_draft_that_was_cancelled_meanwhile_is_not_said_to_be_placed(rows: int) -> None:
    buyer, client = b.customer(), signed_in()
    lines = [(b.product().sku, "3")] * rows
    client.post(reverse("orders:new"), typed(*lines, customer=buyer.code, autosave="1"))
    order = Order.objects.get()
    b.done(cancellation.cancel([order.pk], reason="error", by=WORKER))
    same = typed(*lines, customer=buyer.code, version="1", draft="1")

    answer = client.post(reverse("orders:edit", args=[order.number]), same, follow=True)

    page = answer.content.decode()
    said = "reads the same as the order" if rows else "is cancelled; enter a new order instead"
    assert said in page
    assert "placed already" not in page
    assert "kept as a draft" not in page
