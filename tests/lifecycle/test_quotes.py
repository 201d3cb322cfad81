"""Quotes: a draft offered until a day becomes an order at its prices, or says why not."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from config.kernel.actors import WORKER, Actor
from config.kernel.errors import StepRefused
from config.kernel.steps import single
from finance.models import Price
from orders import tasks
from orders.lifecycle import capture, quotes
from orders.lifecycle.drafts import Edit, LineDraft, OrderDraft
from orders.lifecycle.quotes import Acceptance
from orders.models import Order, Quote
from tests import builders as b

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _moved_on(sound: None) -> Iterator[None]:
    """The workers take what was placed, before the rules are held against it."""
    yield
    tasks.work("validation")
    tasks.work("processing")


def soon(days: int = 14) -> date:
    return timezone.localdate() + timedelta(days=days)


def sent(pk: int, days: int = 14) -> Quote:
    b.done(quotes.send([pk], expires_on=soon(days), by=WORKER))
    return Quote.objects.get(order=pk, withdrawn_at=None)


def accepted(quote: Quote, **more: object) -> None:
    said = {quote.order_id: Acceptance(quote.pk, "PO-YES", "Marian Hale")}
    single(quotes.accept, quote.order_id, acceptances=said, by=Actor("customer", "ui"), **more)


def test_an_accepted_quote_is_an_order_at_the_prices_it_was_offered_at() -> None:
    thing = b.product(price="10.00")
    [pk] = b.drafted((thing, 3))
    quote = sent(pk)
    Price.objects.update(unit_price=99)

    accepted(quote)

    order = b.order(pk)
    assert (order.status, order.po_number, order.grand_total) == ("submitted", "PO-YES", 30)
    assert order.lines.get().unit_price == Decimal(10)
    assert Quote.objects.get().accepted_at is not None
    assert [event.type for event in order.events.order_by("seq")] == [
        "order.created",
        "quote.sent",
        "quote.accepted",
        "order.submitted",
    ]
    assert "Marian" not in order.events.get(type="quote.accepted").canonical


def test_an_expired_quote_says_so_and_changes_nothing() -> None:
    [pk] = b.drafted((b.product(), 3))
    quote = sent(pk, days=2)
    late = datetime.combine(soon(3), datetime.min.time(), UTC)

    with pytest.raises(StepRefused, match="expired on"):
        accepted(quote, at=late)

    assert b.order(pk).status == "draft"
    assert Quote.objects.get().accepted_at is None


def test_a_draft_changed_after_its_quote_has_to_be_offered_anew() -> None:
    thing, buyer = b.product(), b.customer()
    [pk] = b.drafted((thing, 3), buyer=buyer)
    quote = sent(pk)
    draft = OrderDraft(buyer.code, [LineDraft(thing.sku, 4)])
    capture.revise([Edit(pk, b.order(pk).version, draft)], by=WORKER)

    with pytest.raises(StepRefused, match="was changed after"):
        accepted(quote)
    newer = sent(pk)
    with pytest.raises(StepRefused, match="replaced or withdrawn"):
        accepted(Quote.objects.get(pk=quote.pk))
    accepted(newer)

    assert (newer.number, b.order(pk).status) == (f"{quote.number[:-1]}2", "submitted")


def test_a_quote_is_accepted_once() -> None:
    [pk] = b.drafted((b.product(), 3))
    quote = sent(pk)
    accepted(quote)

    with pytest.raises(StepRefused, match="was accepted on"):
        accepted(quote)

    assert Order.objects.count() == 1


def test_a_withdrawn_quote_cannot_be_accepted() -> None:
    [pk] = b.drafted((b.product(), 3))
    quote = sent(pk)
    b.done(quotes.withdraw([pk], by=WORKER))

    with pytest.raises(StepRefused, match="withdrawn"):
        accepted(quote)
    assert quotes.withdraw([pk], by=WORKER).refused[pk].endswith("has no quote that stands.")


def test_only_what_could_be_placed_is_offered() -> None:
    [empty] = b.drafted()
    [placed] = b.submitted((b.product(), 1))
    [good] = b.drafted((b.product(), 1))

    refused = quotes.send([empty, placed], expires_on=soon(), by=WORKER).refused
    past = quotes.send([good], expires_on=soon(-1), by=WORKER).refused

    assert refused[empty] == "Still missing: a line."
    assert "it is not possible to submit it from there" in refused[placed]
    assert "that day has passed" in past[good]
    assert not Quote.objects.exists()


def test_the_secret_of_a_link_is_not_in_the_database() -> None:
    [pk] = b.drafted((b.product(), 3))

    quote = sent(pk)

    assert Quote.secret(quote.number) not in str(Quote.objects.values().get())
    assert quote.token_hash == Quote.hashed(Quote.secret(quote.number))
