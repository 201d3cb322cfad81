"""Notices: those whom an event concerns are told in its transaction, nobody else, and once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group, User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from config.kernel import steps
from config.kernel.actors import WORKER, Actor
from finance.models import CreditAccount
from orders import notices
from orders.lifecycle import amendment, cancellation, dispatch, holds, notes, ownership, validation
from orders.lifecycle.amendment import Operation
from orders.models import EventNote, Hold, Order, OrderEvent, Staff, StaffNotice
from tests import builders as b
from tests.orders.test_bulk import started, worked

pytestmark = pytest.mark.django_db


def person(name: str, *roles: str, **more: object) -> User:
    user = User.objects.create(username=name, **more)
    user.groups.set(Group.objects.filter(name__in=roles))
    return user


def entered_by(user: User, ids: list[int]) -> list[int]:
    Order.objects.filter(pk__in=ids).update(created_by=user)
    return ids


def over_limit(times: int = 1) -> list[int]:
    buyer = b.customer("1000")
    return b.submitted((b.product(price="2000.00"), 1), buyer=buyer, times=times)


def told(user: User) -> list[str]:
    return list(
        StaffNotice.objects.filter(user=user).order_by("pk").values_list("sentence", flat=True)
    )


def test_whoever_entered_an_order_hears_that_it_went_to_review_and_the_team_what_was_found() -> (
    None
):
    rep, finance, other = person("rep", "Sales rep"), person("fi", "Finance"), person("wh")
    [pk] = entered_by(rep, over_limit())

    validation.validate([pk], by=WORKER)

    number = b.order(pk).number
    assert told(rep) == [f"{number} needs a review before it goes on."]
    [finding] = told(finance)
    assert finding.startswith(f"{number}: ")
    assert "1,000.00 above the credit limit" in finding
    assert told(other) == []


def test_many_orders_that_say_the_same_are_one_sentence() -> None:
    rep, finance = person("rep"), person("fi", "Finance")
    ids = entered_by(rep, over_limit(times=12))

    validation.validate(ids, by=WORKER)

    assert told(rep) == ["12 of your orders need a review before they go on."]
    assert told(finance) == ["12 orders wait for Finance: Credit limit."]


def test_nobody_is_told_of_orders_outside_their_scope() -> None:
    free, thing = person("free", "Finance"), b.product()
    b.stocked(10, b.warehouse("LEI"), of=thing)
    scopes: list[dict[str, list[str]]] = [
        {"countries": ["FR"]},
        {"countries": ["DE"], "channels": ["manual"]},
        {"channels": ["api"]},
        {"warehouses": ["LEI"]},
        {"countries": ["NL"], "warehouses": ["LEI"]},
    ]
    team = [person(f"fi-{n}", "Finance") for n in range(len(scopes))]
    for user, scope in zip(team, scopes, strict=True):
        Staff.objects.create(user=user, **scope)
    ids = [*b.processed((thing, 1), times=2), *b.submitted((b.product(), 1), times=3)]
    Order.objects.filter(pk__in=ids[1:]).update(ship_to_country="FR")
    Order.objects.filter(pk=ids[4]).update(ship_to_country="", created_by=team[0])
    StaffNotice.objects.all().delete()

    with CaptureQueriesContext(connection) as queries:
        holds.place(ids, reason="Wait", team="Finance", by=WORKER)

    assert sum("orders_staffnotice" in query["sql"] for query in queries) == 1
    for user in (free, *team):
        mine = list(Order.objects.visible_to(user).filter(pk__in=ids).order_by("pk"))
        said = f"The holds on {len(mine)} orders are yours to take care of."
        if len(mine) == 1:
            said = f"The hold on {mine[0].number} is yours to take care of."
        held = [words for words in told(user) if "yours to take care of" in words]
        assert held == ([said] if mine else []), (user.username, held)
    assert len(told(team[1])) == 1
    assert len(told(team[4])) == 0
    assert [n.said for n in StaffNotice.objects.filter(user=free)] == told(free)


def test_whoever_acts_is_not_told_of_it_and_who_left_is_not_told_at_all() -> None:
    rep, gone = person("rep"), person("gone", "Finance", is_active=False)
    [pk] = entered_by(rep, over_limit())

    validation.validate([pk], by=Actor.of(rep))

    assert (told(rep), told(gone)) == ([], [])


def test_a_shipment_refused_for_credit_is_told_to_sales_and_finance() -> None:
    rep, finance, thing = person("rep"), person("fi", "Finance"), b.product(price="900.00")
    b.stocked(1, of=thing)
    [pk] = entered_by(rep, b.packed((thing, 1), buyer=b.customer("1000")))
    CreditAccount.objects.update(credit_limit=10)

    dispatch.dispatch([pk], by=WORKER)

    words = (
        f"{b.order(pk).number} is packed but may not leave: its customer is over the credit limit."
    )
    assert told(rep) == [words]
    assert told(finance) == [words]


def test_whoever_placed_a_hold_hears_that_it_is_over() -> None:
    rep, boss = person("rep"), person("boss")
    ids = b.submitted((b.product(), 1), times=2)
    holds.place(ids[:1], reason="Wait", by=Actor.of(rep))

    holds.place(ids[:1], reason="Audit", by=Actor.of(boss))
    first, second = Hold.objects.order_by("pk").values_list("pk", flat=True)

    holds.release(ids[:1], holds=[first], reason="Paid", by=Actor.of(boss))

    number = b.order(ids[0]).number
    assert told(rep) == [f"Your hold on {number} is over; another one still stops it."]
    holds.release(ids[:1], holds=[second], reason="Fine", by=Actor.of(boss))
    holds.place(ids[:1], reason="Wait", by=Actor.of(rep))
    StaffNotice.objects.all().delete()

    holds.release(ids[:1], reason="Paid", by=Actor.of(boss))

    assert told(rep) == [f"Your hold on {b.order(ids[0]).number} is over: it may go on."]
    assert told(boss) == []


def test_whoever_is_given_a_finding_or_a_hold_is_told_and_whoever_takes_it_is_not() -> None:
    finance, boss = person("fi", "Finance"), person("boss")
    [first, second] = over_limit(times=2)
    validation.validate([first], by=WORKER)
    StaffNotice.objects.all().delete()

    ownership.own([first], owner=finance.pk, by=Actor.of(boss))
    ownership.own([first], owner=boss.pk, by=Actor.of(boss))
    ownership.own([first], owner=None, by=Actor.of(boss))
    holds.place([second], reason="Wait", owner=finance.pk, by=Actor.of(boss))
    holds.place([second], reason="Wait", team="Finance", by=Actor.of(boss))

    hold = f"The hold on {b.order(second).number} is yours to take care of."
    assert told(finance) == [
        f"What was found on {b.order(first).number} is yours to decide.",
        hold,
        hold,
    ]
    assert told(boss) == []


def test_whoever_entered_an_order_hears_what_somebody_else_did_to_it() -> None:
    rep, boss, thing = person("rep"), Actor.of(person("boss")), b.product()
    held, cut, gone, amended, mine = entered_by(rep, b.validated((thing, 3), times=5))
    line = b.order(cut).lines.get()

    b.done(holds.place([held], reason="Wait", by=boss))
    b.done(cancellation.cancel([cut], reason="error", quantities={line.pk: 1}, by=boss))
    b.done(cancellation.cancel([gone], reason="error", by=boss))
    fewer = Operation("set_quantity", line=b.order(amended).lines.get().pk, quantity=2)
    b.done(amendment.amend([amended], operations={amended: [fewer]}, by=boss))
    b.done(cancellation.cancel([mine], reason="error", by=Actor.of(rep)))

    def number(pk: int) -> str:
        return b.order(pk).number

    assert told(rep) == [
        f"{number(held)}, which you entered, is on hold.",
        f"Units of {number(cut)}, which you entered, were cancelled.",
        f"{number(gone)}, which you entered, was cancelled.",
        f"{number(amended)}, which you entered, was amended.",
    ]


def test_many_holds_of_one_owner_are_one_sentence_in_as_many_statements() -> None:
    rep, finance = person("rep"), person("fi")
    ids = entered_by(rep, b.submitted((b.product(), 1), times=51))
    counts = []
    for chunk in (ids[:1], ids[1:]):
        with CaptureQueriesContext(connection) as queries:
            holds.place(chunk, reason="Audit", owner=finance.pk, by=WORKER)
        counts.append(len(queries))

    assert counts[0] == counts[1]
    assert told(finance)[1:] == ["The holds on 50 orders are yours to take care of."]
    assert told(rep)[1:] == ["50 orders that you entered are on hold."]


def test_a_note_is_an_event_with_words_that_can_be_erased_beside_it() -> None:
    rep = person("rep")
    [pk] = b.submitted((b.product(), 1))

    steps.single(notes.add, pk, words="  Gate 5, ask for Marian  ", by=Actor.of(rep))

    event = OrderEvent.objects.get(order=pk, type="note.added")
    assert (event.visible_to_customer, event.note.text) == (False, "Gate 5, ask for Marian")
    assert "Marian" not in event.canonical
    EventNote.objects.filter(pk=event.pk).update(text="")


def test_a_note_for_the_customer_is_flagged() -> None:
    [pk] = b.submitted((b.product(), 1), buyer=b.customer(email="buyer@nordhavn.example"))

    b.done(notes.add([pk], words="It leaves tomorrow.", shared=True, by=WORKER))

    assert OrderEvent.objects.get(order=pk, type="note.added").visible_to_customer


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ("   ", "A note needs words."),
        ("x" * 2001, "The note is 2,001 characters long; 2,000 fit. Shorten it."),
    ],
)
def test_a_note_without_words_or_with_too_many_is_refused(words: str, why: str) -> None:
    [pk] = b.submitted((b.product(), 1))
    before = b.order(pk).version

    outcomes = notes.add([pk], words=words, by=WORKER)

    assert outcomes.refused == {pk: why}
    assert b.order(pk).version == before
    assert not OrderEvent.objects.filter(type="note.added").exists()


def test_a_note_tells_whom_it_names_and_whoever_entered_the_order() -> None:
    rep, jonas, writer = person("rep"), person("jonas"), person("writer")
    [pk] = entered_by(rep, b.submitted((b.product(), 1)))

    notes.add([pk], words="@jonas, can we split it? mail@nobody", by=Actor.of(writer))

    number = b.order(pk).number
    assert told(jonas) == [f"You are mentioned in a note on {number}."]
    assert told(rep) == [f"There is a new note on {number}."]
    assert told(writer) == []


def test_notes_and_notices_take_as_many_statements_for_fifty_orders_as_for_one() -> None:
    rep = person("rep")
    ids = entered_by(rep, b.submitted((b.product(), 1), times=51))
    counts = []
    for chunk in (ids[:1], ids[1:]):
        with CaptureQueriesContext(connection) as queries:
            notes.add(chunk, words="@rep look", by=WORKER)
        counts.append(len(queries))

    assert counts[0] == counts[1]


def test_an_event_that_concerns_nobody_costs_no_statement() -> None:
    [pk] = b.submitted((b.product(), 1))
    order = b.order(pk)

    with CaptureQueriesContext(connection) as queries:
        notices.send([], by=WORKER, at=order.created_at)

    assert len(queries) == 0


def test_a_step_that_is_undone_has_told_nobody() -> None:
    rep = person("rep")
    [pk] = entered_by(rep, over_limit())

    steps.preview(validation.validate, [pk], by=WORKER)

    assert told(rep) == []


def test_read_notices_are_swept_after_a_month_and_unread_ones_stay() -> None:
    rep, now = person("rep"), timezone.now()
    then = now - timedelta(days=90)
    common = {"user": rep, "kind": "note", "created_at": then}
    StaffNotice.objects.create(sentence="old", read_at=now - timedelta(days=31), **common)
    StaffNotice.objects.create(sentence="lately", read_at=now - timedelta(days=29), **common)
    StaffNotice.objects.create(sentence="unread", **common)

    assert notices.sweep(at=now) == 1

    assert told(rep) == ["lately", "unread"]


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="config.accounts.Accounts")
    return client


def test_the_bell_counts_and_following_a_notice_reads_it() -> None:
    rep = person("rep", "Sales rep")
    [pk] = entered_by(rep, b.submitted((b.product(), 1)))
    notes.add([pk], words="Look at this", by=WORKER)
    client, notice = signed_in(rep), StaffNotice.objects.get()

    assert "Notifications, 1 unread" in client.get(reverse("orders:list")).content.decode()
    assert "There is a new note" in client.get(reverse("orders:notices_menu")).content.decode()
    answer = client.get(reverse("orders:notice", args=[notice.pk]))

    assert answer["Location"] == b.order(pk).get_absolute_url()
    assert client.get(reverse("orders:notices_unread"), {"known": "0"}).status_code == 204
    assert "Notifications, 1 unread" not in client.get(reverse("orders:list")).content.decode()


def test_all_are_marked_read_and_those_of_others_are_not_mine() -> None:
    rep, other = person("rep", "Sales rep"), person("other", "Sales rep")
    [pk] = entered_by(rep, b.submitted((b.product(), 1)))
    notes.add([pk], words="@other too", by=WORKER)
    theirs = StaffNotice.objects.get(user=other)
    client = signed_in(rep)

    client.post(reverse("orders:notices_read"))

    assert not StaffNotice.objects.unread().filter(user=rep).exists()
    assert StaffNotice.objects.unread().filter(user=other).count() == 1
    assert client.get(reverse("orders:notice", args=[theirs.pk])).status_code == 404


def test_whoever_asked_for_a_job_is_told_of_its_end_and_led_to_it(client: Client) -> None:
    manager = person("boss", "Sales manager")
    ids = b.submitted((b.product(), 1), times=2)
    job = started("hold", ids, manager, reason="Audit")
    assert not told(manager)  # they watched the preview

    worked(job)

    notice = StaffNotice.objects.get(user=manager)
    assert (str(notice), notice.tone) == ("“Hold 2 orders” is done: 2 taken, 0 not.", "green")
    client.force_login(manager, backend="config.accounts.Accounts")
    answer = client.get(reverse("orders:notice", args=[notice.pk]))
    assert answer["Location"] == job.get_absolute_url()
