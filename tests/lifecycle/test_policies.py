"""Each kind of row bites on every path: one order, a bulk job, the workers; orders keep theirs."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from config.kernel.actors import WORKER, Actor
from config.kernel.errors import StepRefused
from config.kernel.steps import single
from orders.bulk import engine, jobs
from orders.bulk.actions import BY_NAME
from orders.bulk.selection import Selection
from orders.lifecycle import (
    adoption,
    cancellation,
    labels,
    picking,
    processing,
    review,
    submission,
    validation,
)
from orders.models import BulkItem, Order, OrderEvent, RuleSet, StageInterval, TransitionRule
from orders.policies import versions
from orders.tasks import work
from tests import builders as b

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("sound")]
PROCESSING = ("validated", "processing")
BY_HAND = {"is_automatic": False}
WAIVING = (
    "The rules ask for the permission to waive findings here, which your role does not include."
)


def member(name: str, *roles: str) -> User:
    user = User.objects.create(username=name, email=f"{name}@x.example")
    user.groups.set(Group.objects.filter(name__in=roles))
    return user


def bulk(action: str, ids: list[int], user: User, **arguments: object) -> list[tuple[str, str]]:
    """What a job answers of each order: its state, and the sentence of refusal."""
    job = jobs.look(BY_NAME[action], Selection.of_ids(ids, user), user)
    if job.succeeded:
        job = jobs.start(job, user, arguments=arguments, detail="")
        engine.work()
    rows = BulkItem.objects.filter(job=job).order_by("order")
    return list(rows.values_list("status", "message"))


def ready(times: int = 1) -> list[int]:
    thing = b.product()
    b.stocked(100, of=thing)
    return b.validated((thing, 1), times=times)


def test_a_step_that_is_switched_off_is_refused_on_every_path() -> None:
    b.edge(*PROCESSING, is_enabled=False)
    [pk] = ready()
    boss = member("boss", "Sales manager")

    with pytest.raises(StepRefused) as refusal:
        single(processing.process, pk, by=Actor.of(boss))
    answers = bulk("process", [pk], boss)

    words = "Rules version 2 do not allow this step."
    assert (str(refusal.value), answers) == (words, [("failed", words)])
    assert work("processing") == 0
    assert b.order(pk).status == "validated"


def test_a_permission_is_asked_of_the_person_on_every_path() -> None:
    b.edge(*PROCESSING, **BY_HAND, permission="orders.waive_exception")
    ids = ready(2)
    boss, lead = member("boss", "Sales manager"), member("lead", "Warehouse lead")

    refused = processing.process(ids, by=Actor.of(lead)).refused
    by_system = processing.process(ids, by=WORKER).refused
    assert set(refused.values()) == {WAIVING}
    assert "it is not taken by the system" in by_system[ids[0]]
    assert work("processing") == 0
    assert {b.order(pk).status for pk in ids} == {"validated"}
    dry = jobs.look(BY_NAME["process"], Selection.of_ids(ids, lead), lead)
    assert (dry.succeeded, dry.failed) == (0, 2)
    assert set(dry.items.values_list("message", flat=True)) == {WAIVING}

    assert bulk("process", ids[:1], boss) == [("succeeded", "")]
    assert processing.process(ids[1:], by=Actor.of(boss)).done == ids[1:]


def test_a_reason_is_asked_for_and_stands_in_the_event() -> None:
    b.edge(*PROCESSING, **BY_HAND, reason_required=True)
    ids = ready(2)
    boss = member("boss", "Sales manager")

    refused = processing.process(ids, by=Actor.of(boss)).refused
    assert set(refused.values()) == {"The rules ask for a reason here; say why."}
    assert work("processing") == 0
    assert bulk("process", ids[:1], boss)[0][0] == "failed"
    single(processing.process, ids[0], by=Actor.of(boss), reason="The customer called")
    again = jobs.look(BY_NAME["process"], Selection.of_ids(ids[1:], boss), boss)
    jobs.start(again, boss, arguments={"reason": "Friday's lorry"}, detail="")
    engine.work()

    events = OrderEvent.objects.filter(type="order.processed").order_by("pk")
    assert [(e.reason, e.note.text) for e in events] == [
        ("stated", "The customer called"),
        ("stated", "Friday's lorry"),
    ]


def test_an_extra_check_holds_back_people_and_workers_until_it_passes() -> None:
    b.edge(*PROCESSING, extra_check="note")
    ids = ready(2)
    boss = Actor.of(member("boss", "Sales manager"))

    refused = processing.process(ids, by=boss).refused
    assert set(refused.values()) == {"The order has no note; write one first."}
    assert list(Order.objects.due_for_processing()) == []
    Order.objects.filter(pk=ids[0]).update(note="Ring twice")

    assert [order.pk for order in Order.objects.due_for_processing()] == ids[:1]
    assert work("processing") == 1
    assert [b.order(pk).status for pk in ids] == ["processing", "validated"]


@pytest.mark.parametrize(
    ("check", "words"),
    [
        ("paid_in_full", "paid in full first: 10.00 EUR is due and it stands at “Unpaid”."),
        ("deposit_paid", "A deposit has to come in first; nothing of 10.00 EUR is paid."),
        ("po_number", "The customer's PO number is missing; add it first."),
    ],
)
def test_each_check_says_what_is_missing(check: str, words: str) -> None:
    b.edge(*PROCESSING, extra_check=check)
    [pk] = ready()
    Order.objects.filter(pk=pk).update(po_number="")

    assert words in processing.process([pk], by=WORKER).refused[pk]
    assert work("processing") == 0
    Order.objects.filter(pk=pk).update(po_number="PO-1", payment_status="paid")
    due = list(Order.objects.due_for_processing())
    Order.objects.filter(pk=pk).update(payment_status="none")

    assert [order.pk for order in due] == [pk]


def test_the_second_person_is_another_one() -> None:
    b.edge("draft", "submitted", extra_check="second_person")
    thing = b.product()
    [pk] = b.drafted((thing, 1))
    rep, other = member("rep", "Sales rep"), member("other", "Sales rep")
    Order.objects.filter(pk=pk).update(created_by=rep)

    own = submission.submit([pk], by=Actor.of(rep)).refused[pk]
    system = submission.submit([pk], by=WORKER).refused[pk]

    assert "You entered" in own
    assert "somebody else has to take this step." in own
    assert system == "This step is taken by a person, not by the system."
    assert submission.submit([pk], by=Actor.of(other)).done == [pk]
    work("validation")


def test_what_is_taken_by_hand_waits_for_somebody() -> None:
    b.edge("submitted", "validated", is_automatic=False)
    [pk] = b.submitted((b.product(), 1))

    assert work("validation") == 0
    assert bulk("validate", [pk], member("boss", "Sales manager")) == [("succeeded", "")]
    assert b.order(pk).status == "validated"


def test_cancelling_from_a_state_takes_the_permission_of_its_rule() -> None:
    b.edge("validated", "cancelled", permission="orders.waive_exception")
    [pk] = ready()
    rep, boss = Actor.of(member("rep", "Sales rep")), Actor.of(member("boss", "Sales manager"))

    whole = cancellation.cancel([pk], reason="error", by=rep).refused[pk]
    line = b.order(pk).lines.get()
    last = cancellation.cancel([pk], reason="error", quantities={line.pk: 1}, by=rep).refused[pk]

    assert whole == WAIVING
    assert last == f"Nothing of {b.order(pk)} would be left. {WAIVING}"
    assert cancellation.cancel([pk], reason="error", by=boss).done == [pk]


def test_the_first_pick_waits_for_what_its_rule_asks() -> None:
    b.edge("processing", "fulfilling", **BY_HAND, extra_check="paid_in_full")
    [pk] = ready()
    b.done(processing.process([pk], by=WORKER))

    refused = picking.pick([pk], by=WORKER).refused[pk]

    assert "It has to be paid in full first" in refused
    assert b.order(pk).lines.get().picked == 0


def test_a_waiver_asks_what_the_step_out_of_review_asks() -> None:
    b.edge("in_review", "validated", permission="orders.complete_order")
    [pk] = b.submitted((b.product(price="900.00"), 1), buyer=b.customer("10"))
    validation.validate([pk], by=WORKER)
    plain = User.objects.create(username="plain")
    plain.user_permissions.add(Permission.objects.get(codename="waive_credit"))

    refused = review.waive([pk], reason="Known", by=Actor.of(plain)).refused[pk]
    assert "the permission to complete orders" in refused
    assert review.waive([pk], reason="Known", by=Actor.of(member("boss", "Finance"))).done == [pk]

    event = OrderEvent.objects.get(type="order.validated")
    assert event.reason == "waived"


def test_orders_keep_their_version_and_drafts_adopt_the_newest() -> None:
    thing = b.product()
    [draft] = b.drafted((thing, 1))
    [placed] = b.submitted((thing, 1))
    b.edge("submitted", "cancelled", permission="orders.waive_exception")
    [new] = b.submitted((thing, 1))

    assert [b.order(pk).rules_version for pk in (draft, placed, new)] == [1, 1, 2]
    outcomes = adoption.adopt([draft, placed, new], by=WORKER)

    assert outcomes.done == [draft]
    assert "it is not possible to move to the newest rules it" in outcomes.refused[placed]
    assert "newest rules already, version 2" in outcomes.refused[new]
    assert [b.order(pk).rules_version for pk in (draft, placed, new)] == [2, 1, 2]
    assert OrderEvent.objects.get(type="rules.adopted").data == {"rules_version": [1, 2]}
    rep = Actor.of(member("rep", "Sales rep"))
    assert cancellation.cancel([placed], reason="error", by=rep).done == [placed]
    assert cancellation.cancel([new], reason="error", by=rep).refused == {new: WAIVING}
    work("validation")


def test_a_label_stands_under_its_state_and_goes_with_it() -> None:
    ids = ready(3)
    b.done(processing.process(ids, by=WORKER))
    rep = member("rep", "Sales rep")

    wrong = labels.put(ids[:1], code="waiting-for-pick-up", by=Actor.of(rep)).refused
    assert "There is no label “waiting-for-pick-up” under “Processing”" in wrong[ids[0]]
    single(labels.put, ids[0], code="waiting-for-goods", by=Actor.of(rep))
    form = {"code": "waiting-for-goods"}
    before = labels.put(ids[:1], code="waiting-for-goods", by=WORKER).refused
    assert "has this label already" in before[ids[0]]
    dry = jobs.look(BY_NAME["label"], Selection.of_ids(ids, rep), rep, arguments=form, detail="W")
    jobs.start(dry, rep, arguments=form, detail="W")
    engine.work()

    assert {b.order(pk).sub_status for pk in ids} == {"waiting-for-goods"}
    event = OrderEvent.objects.filter(type="label.set").first()
    assert event is not None
    assert event.data == {"sub_status": [None, "waiting-for-goods"]}
    b.done(picking.pick(ids, by=WORKER))
    assert {b.order(pk).sub_status for pk in ids} == {None}
    moved = OrderEvent.objects.filter(to_state="fulfilling").first()
    assert moved is not None
    assert moved.data["sub_status"] == ["waiting-for-goods", None]


def test_a_label_is_taken_off_again() -> None:
    ids = ready(1)
    b.done(processing.process(ids, by=WORKER))
    b.done(labels.put(ids, code="waiting-for-goods", by=WORKER))
    b.done(labels.put(ids, code="", by=WORKER))

    assert b.order(ids[0]).sub_status is None
    assert labels.put(ids, code="", by=WORKER).refused == {
        ids[0]: f"{b.order(ids[0])} has no label."
    }


def test_a_hundred_orders_take_as_many_statements_as_one() -> None:
    b.edge(*PROCESSING, **BY_HAND, permission="orders.waive_exception", extra_check="po_number")
    thing, boss = b.product(), Actor.of(member("boss", "Sales manager"))
    b.stocked(500, of=thing)
    ids = b.validated((thing, 1), times=101, buyer=b.customer("10000000"))
    drafts = b.drafted((thing, 1), times=101)
    b.edge("draft", "submitted", extra_check="note")

    def counted(step: object, some: list[int], **more: object) -> int:
        with CaptureQueriesContext(connection) as queries:
            b.done(step(some, by=boss, **more))  # type: ignore[operator]
        return len(queries)

    for step, rows, more in (
        (processing.process, ids, {}),
        (labels.put, ids, {"code": "waiting-for-goods"}),
        (adoption.adopt, drafts, {}),
    ):
        assert counted(step, rows[:1], **more) == counted(step, rows[1:], **more), step


def test_a_published_version_is_never_changed() -> None:
    first = RuleSet.objects.get()

    for change in (
        lambda: first.transitions.update(is_enabled=False),
        lambda: first.validations.all().delete(),
        lambda: first.labels.update(label="Other"),
        lambda: first.amendments.update(is_allowed=True),
        lambda: first.cancellations.create(status="shipped", scope="whole"),
        lambda: RuleSet.objects.update(note="Other"),
        lambda: RuleSet.objects.filter(pk=1).delete(),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()
    assert TransitionRule.objects.filter(is_enabled=False).count() == 0


def test_the_database_keeps_rows_to_what_the_graph_allows() -> None:
    draft = versions.start(by=WORKER)
    rows = draft.transitions

    for source, target, values in (
        (None, "draft", {"is_enabled": False}),
        ("fulfilling", "shipped", {"permission": "orders.waive_exception"}),
        ("processing", "fulfilling", {"reason_required": True, "is_automatic": False}),
        ("validated", "processing", {"permission": "orders.waive_exception"}),
        ("validated", "processing", {"extra_check": "second_person"}),
        ("submitted", "validated", {"extra_check": "note"}),
        ("validated", "processing", {"to_state": "shipped"}),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            rows.filter(from_state=source, to_state=target).update(**values)
    with pytest.raises(IntegrityError), transaction.atomic():
        RuleSet.objects.create(version=9)
    rows.filter(from_state="validated", to_state="processing").delete()
    with pytest.raises(IntegrityError, match="one row for each"), transaction.atomic():
        RuleSet.objects.filter(pk=draft.pk).update(published_at="2026-01-01T00:00Z")


def test_a_second_person_publishes_and_a_broken_draft_is_refused() -> None:
    boss, admin = Actor.of(member("boss", "Sales manager")), Actor.of(member("sam", "Admin"))
    draft = versions.start(by=boss)
    with pytest.raises(versions.DraftStarted):
        versions.start(by=admin)
    with pytest.raises(versions.NothingChanged):
        versions.publish(note="Nothing", by=admin)
    shipping = draft.transitions.filter(from_state="fulfilling", to_state="shipped")
    with versions.changing(by=boss):
        shipping.update(is_enabled=False)
    with pytest.raises(versions.BrokenRules, match="“Fulfilling” can no longer reach"):
        versions.publish(note="No shipping", by=admin)
    with versions.changing(by=boss):
        shipping.update(is_enabled=True)
        cancelling = draft.transitions.filter(from_state="processing", to_state="cancelled")
        cancelling.update(permission="orders.waive_exception")
    with pytest.raises(versions.OwnChanges):
        versions.publish(note="Mine", by=boss)

    published = versions.publish(note="Managers cancel", by=admin)

    words = "Cancelling from “Processing” now needs the permission to waive findings."
    assert words in published.changes.first().words
    assert (published.version, published.published_by_id) == (2, admin.user_id)
    with pytest.raises(versions.NoDraft):
        versions.discard()


def test_what_a_german_changes_is_kept_in_english() -> None:
    with translation.override("de"):
        draft = versions.start(by=WORKER)
        with versions.changing(by=WORKER):
            cell = draft.amendments.filter(field_group="price", status="validated")
            cell.update(is_allowed=False, reason_required=True)

    words = "Amending prices, discounts and charges in “Validated” is no longer allowed."
    assert draft.changes.get().words.startswith(words)


def test_what_goes_by_itself_needs_a_way_for_orders_with_findings() -> None:
    with pytest.raises(versions.BrokenRules, match="would wait there unseen"):
        b.edge("submitted", "in_review", is_enabled=False)


def test_starting_and_discarding_takes_the_same_statements_for_any_number_of_rows() -> None:
    with CaptureQueriesContext(connection) as few:
        draft = versions.start(by=WORKER)
    with versions.changing(by=WORKER):
        for number in range(50):
            draft.labels.create(status="processing", code=f"l-{number}", label=f"L {number}")
    versions.publish(note="Labels", by=WORKER)
    with CaptureQueriesContext(connection) as many:
        later = versions.start(by=WORKER)

    assert len(many) == len(few) <= 10
    assert later.labels.count() == 53
    assert versions.discard() == 3
    assert list(RuleSet.objects.values_list("version", flat=True)) == [2, 1]
    assert StageInterval.objects.count() == 0
