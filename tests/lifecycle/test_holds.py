"""Holds: several at once, with owner and end; what they stop and which promises break."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from config.kernel.actors import WORKER, Actor
from config.kernel.reading import near_day
from config.kernel.steps import preview
from orders.lifecycle import cancellation, holds, picking, processing, submission
from orders.models import Hold, OrderEvent, OrderLine
from orders.tasks import work
from tests import builders as b

pytestmark = pytest.mark.django_db


def processed(quantity: int = 3, stock: int = 10) -> int:
    """An order with its stock allocated."""
    thing = b.product()
    b.stocked(stock, of=thing)
    [pk] = b.processed((thing, quantity))
    return pk


def effects(pk: int, until: datetime | None) -> list[tuple[str, str, int]]:
    seen = preview(holds.place, [pk], reason="wait", expires_at=until, by=WORKER)
    assert not Hold.objects.exists()
    return [(effect.kind, effect.what, effect.quantity) for effect in seen.effects]


def test_a_draft_on_hold_is_not_placed_until_it_is_released() -> None:
    [pk] = b.drafted((b.product(), 1))
    b.done(holds.place([pk], reason="Wait for the bank", by=WORKER))

    refused = submission.submit([pk], by=WORKER).refused
    assert refused == {pk: "On hold: Wait for the bank. Release the hold."}
    assert b.order(pk).status == "draft"

    b.done(holds.release([pk], reason="Paid", by=WORKER))
    assert preview(submission.submit, [pk], by=WORKER).done == [pk]


def test_a_hold_keeps_its_kind_owner_and_end() -> None:
    pk, lucia = processed(), User.objects.create(username="lucia")
    until = timezone.now() + timedelta(days=1)

    b.done(
        holds.place(
            [pk],
            reason="Card was refused",
            kind=Hold.Kind.PAYMENT,
            owner=lucia.pk,
            expires_at=until,
            by=Actor.of(lucia),
        )
    )
    b.done(holds.place([pk], reason="Stairs?", kind="address", team="Support", by=WORKER))

    first, second = Hold.objects.order_by("pk")
    assert (first.kind, first.owner, first.expires_at) == ("payment", lucia, until)
    assert (second.kind, second.team, second.owner, second.expires_at) == (
        "address",
        "Support",
        None,
        None,
    )
    event = OrderEvent.objects.filter(order=pk, type="hold.placed").earliest("seq")
    assert event.data["owner"] == [None, lucia.pk]
    assert event.reason == "payment"


def test_a_hold_says_what_it_stops_and_which_promises_break() -> None:
    pk = processed(quantity=5, stock=3)
    line = OrderLine.objects.get()
    promised = line.promised_on
    assert promised is not None

    day = datetime.combine(promised, datetime.min.time(), tzinfo=timezone.now().tzinfo)
    words = f"the promise for {near_day(promised)}"
    stops = [("stop", "reserved units are not picked", 3)]
    stops.append(("stop", "units wait for stock and get none", 2))

    assert effects(pk, day - timedelta(days=1)) == stops
    assert effects(pk, day + timedelta(hours=8)) == [*stops, ("miss", words, 5)]
    assert effects(pk, None) == [*stops, ("endanger", words, 5)]


def test_a_hold_ends_in_the_future_or_not_at_all() -> None:
    pk = processed()
    yesterday = timezone.now() - timedelta(days=1)

    refused = holds.place([pk], reason="wait", expires_at=yesterday, by=WORKER).refused

    assert refused == {pk: "A hold ends in the future."}
    assert not Hold.objects.exists()
    with pytest.raises(IntegrityError, match="hold_expires_after"), transaction.atomic():
        Hold.objects.create(
            order_id=pk, reason="wait", placed_at=timezone.now(), expires_at=yesterday
        )


def test_a_release_says_why_whatever_became_of_the_others() -> None:
    thing = b.product()
    b.stocked(2, of=thing)
    free, held = b.processed((thing, 1), times=2)
    b.done(holds.place([held], reason="Bank", by=WORKER))

    silent = holds.release([held], reason=" ", by=WORKER)
    assert silent.refused == {held: "Nothing was released: say why the hold may end."}
    assert Hold.objects.in_force().count() == 1
    outcomes = holds.release([free, held], reason="Paid", by=WORKER)

    event = OrderEvent.objects.get(type="hold.released")
    number = b.order(free).number
    assert outcomes.refused == {free: f"That hold is no longer in force on {number}."}
    assert (event.order_id, event.note.text) == (held, "Paid")


def test_one_of_two_holds_is_released_and_the_order_stays() -> None:
    pk = processed()
    b.done(holds.place([pk], reason="Address", by=WORKER))
    b.done(holds.place([pk], reason="Payment", by=WORKER))
    first, second = Hold.objects.order_by("pk")

    boss = Actor.of(User.objects.create(username="boss"))
    outcomes = holds.release([pk], holds=[first.pk], reason="Gate 5", by=boss)

    assert outcomes.done == [pk]
    assert "It stays on hold: Payment" in outcomes.effects[0].what
    assert "On hold: Payment." in picking.pick([pk], by=WORKER).refused[pk]
    event = OrderEvent.objects.filter(order=pk, type="hold.released").get()
    assert event.data["holds"] == [[first.pk, second.pk], [second.pk]]
    assert event.note.text == "Gate 5"
    first.refresh_from_db()
    assert first.released_by_id == boss.user_id

    b.done(holds.release([pk], holds=[second.pk], reason="Paid", by=boss))
    b.done(picking.pick([pk], by=WORKER))


def test_a_hold_that_is_over_is_not_released_again() -> None:
    pk = processed()
    b.done(holds.place([pk], reason="Address", by=WORKER))
    [hold] = Hold.objects.all()
    b.done(holds.release([pk], holds=[hold.pk], reason="Done", by=WORKER))
    version = b.order(pk).version

    again = holds.release([pk], holds=[hold.pk], reason="Done", by=WORKER)

    assert "no longer in force" in again.refused[pk]
    assert not again.done
    assert b.order(pk).version == version


def test_a_hold_whose_time_is_over_ends_by_itself_and_the_order_goes_on() -> None:
    thing = b.product()
    b.stocked(10, of=thing)
    [pk] = b.validated((thing, 3))
    soon = timezone.now() + timedelta(minutes=5)
    b.done(holds.place([pk], reason="Customer calls back", expires_at=soon, by=WORKER))
    assert work("expiry") == 0
    assert "On hold" in processing.process([pk], by=WORKER).refused[pk]

    an_hour_ago = timezone.now() - timedelta(hours=1)
    Hold.objects.update(placed_at=an_hour_ago, expires_at=an_hour_ago + timedelta(minutes=5))
    assert work("expiry") == 1
    work("processing")

    event = OrderEvent.objects.get(order=pk, type="hold.released")
    assert (event.reason, event.actor) == ("expired", "system")
    assert b.order(pk).status == "processing"
    assert work("expiry") == 0


def test_only_the_hold_that_expired_ends() -> None:
    pk = processed()
    b.done(holds.place([pk], reason="For good", by=WORKER))
    b.done(
        holds.place([pk], reason="Short", expires_at=timezone.now() + timedelta(hours=1), by=WORKER)
    )

    later = timezone.now() + timedelta(hours=2)
    b.done(holds.expire([pk], by=WORKER, at=later))

    assert [hold.reason for hold in Hold.objects.in_force()] == ["For good"]


def test_an_order_is_cancelled_while_it_is_held() -> None:
    pk = processed()
    b.done(holds.place([pk], reason="One", by=WORKER))
    b.done(holds.place([pk], reason="Two", by=WORKER))

    b.done(cancellation.cancel([pk], reason="customer_request", by=WORKER))

    assert b.order(pk).status == "cancelled"
    assert not Hold.objects.in_force().exists()


def test_holding_and_releasing_take_as_many_statements_for_many_orders_as_for_one() -> None:
    thing, buyer = b.product(), b.customer()
    b.stocked(100, of=thing)
    ids = b.processed((thing, 1), buyer=buyer, times=21)
    soon = timezone.now() + timedelta(hours=1)

    def counted(some: list[int], run: object, **arguments: object) -> int:
        with CaptureQueriesContext(connection) as queries:
            b.done(run(some, by=WORKER, **arguments))  # type: ignore[operator]
        return len(queries)

    one, many = ids[:1], ids[1:]
    placing = {"reason": "wait", "expires_at": soon}
    assert counted(one, holds.place, **placing) == counted(many, holds.place, **placing)
    ending = {"at": soon + timedelta(hours=1)}
    assert counted(one, holds.expire, **ending) == counted(many, holds.expire, **ending)
    holds.place(ids, reason="again", by=WORKER, at=soon + timedelta(hours=2))
    leaving = {"reason": "fine", "at": soon + timedelta(hours=3)}
    assert counted(one, holds.release, **leaving) == counted(many, holds.release, **leaving)
