"""Bulk jobs: frozen when asked for, previewed, run in chunks; every order has its own result."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from config.kernel.actors import WORKER
from config.kernel.errors import DomainError
from config.kernel.steps import Effect, Outcomes
from inventory.models import StockLevel
from orders.bulk import engine, jobs, totals
from orders.bulk.actions import BY_NAME, BulkAction
from orders.bulk.selection import GONE, NothingChosen, Selection, UnreadableFilter
from orders.lifecycle import cancellation, holds
from orders.models import BulkItem, BulkJob, Hold, Order, OrderEvent
from orders.reports import integrity
from tests import builders as b

pytestmark = pytest.mark.django_db


@pytest.fixture
def manager() -> User:
    user = User.objects.create(username="manager", first_name="Priya", last_name="Raman")
    user.groups.add(Group.objects.get(name="Sales manager"))
    return user


@pytest.fixture(autouse=True)
def _sound(db: None) -> Iterator[None]:
    """Whatever a job did, every rule that always holds still does."""
    yield
    rules = [rule for rule in integrity.check() if rule.mode == "always"]
    assert [(rule.code, rule.samples) for rule in rules if rule.broken] == []


@pytest.fixture
def planted(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Put an action of the test's own into the table."""

    def plant(step: Any, name: str = "hold") -> BulkAction:
        real = BY_NAME[name]
        action = BulkAction(
            name, real.verb, real.icon, step, real.permission, real.form, real.trial
        )
        monkeypatch.setitem(BY_NAME, name, action)
        return action

    return plant


def looked(name: str, ids: Sequence[int], user: User, **answers: Any) -> BulkJob:
    return jobs.look(BY_NAME[name], Selection.of_ids(ids, user), user, **answers)


def started(name: str, ids: Sequence[int], user: User, **arguments: Any) -> BulkJob:
    dry = looked(name, ids, user)
    return jobs.start(dry, user, arguments=arguments, detail="")


def worked(job: BulkJob) -> BulkJob:
    engine.work()
    job.refresh_from_db()
    return job


def figures(job: BulkJob) -> tuple[str, int, int, int]:
    return job.status, job.total, job.succeeded, job.failed


def messages(job: BulkJob) -> dict[str, str]:
    return dict(job.items.failed().values_list("reference", "message"))


def test_the_list_is_frozen_when_it_is_asked_for(manager: User) -> None:
    thing = b.product()
    ids = b.submitted((thing, 1), times=3)
    dry = jobs.look(BY_NAME["hold"], Selection.of_query("status=submitted", manager), manager)
    b.submitted((thing, 1), times=2)

    job = worked(jobs.start(dry, manager, arguments={"reason": "Audit"}, detail="Audit"))

    assert figures(job) == ("done", 3, 3, 0)
    assert list(job.items.values_list("order", flat=True)) == ids
    assert (job.query, Hold.objects.count()) == ("?status=submitted", 3)


def test_freezing_takes_one_statement_for_any_number(manager: User) -> None:
    thing, counts = b.product(), []
    for times in (1, 60):
        ids = b.drafted((thing, 1), times=times)
        job = BulkJob.objects.create(action="hold", fingerprint=str(times), requested_by=manager)
        with CaptureQueriesContext(connection) as queries:
            Selection.of_ids(ids, manager).freeze(job)
        counts.append([q["sql"].split()[0] for q in queries])
        assert job.total == times

    assert counts[0] == counts[1] == ["INSERT", "SELECT", "UPDATE"]


def test_a_dry_run_tells_what_happens_and_changes_nothing(manager: User) -> None:
    thing, buyer = b.product("X"), b.customer()
    level = b.stocked(10, of=thing)
    ids = b.processed((thing, 2), buyer=buyer, times=2) + b.drafted((thing, 1), buyer=buyer)

    dry = looked("cancel", ids, manager)

    level.refresh_from_db()
    assert figures(dry) == ("done", 3, 3, 0)
    assert sorted(row[:3] for row in dry.effects) == [
        ["cancel", "", 5],
        ["release", "", 4],
        ["uncommit", "EUR", 0],
    ]
    assert level.reserved == 4
    assert [b.order(pk).status for pk in ids] == ["processing", "processing", "draft"]


@pytest.mark.parametrize(("name", "reach"), [("process", b.validated), ("cancel", b.processed)])
def test_a_run_does_what_its_dry_run_said(name: str, reach: Any, manager: User) -> None:
    thing = b.product()
    b.stocked(5, of=thing)
    ids = reach((thing, 1), times=8)
    holds.place(ids[2:4], reason="Wait", by=WORKER)

    dry = looked(name, ids, manager)
    job = worked(jobs.start(dry, manager, arguments=dict(BY_NAME[name].trial), detail=""))

    assert job.effects == dry.effects
    assert figures(job) == ("done", dry.succeeded, dry.succeeded, 0)


def test_each_order_has_its_own_sentence_and_groups_share_a_reason(manager: User) -> None:
    thing = b.product()
    b.stocked(9, of=thing)
    picked = b.picked((thing, 3), times=2)
    free = b.submitted((thing, 1))

    dry = looked("cancel", picked + free, manager)

    assert figures(dry) == ("done", 3, 1, 2)
    assert set(messages(dry).values()) == {"3 units are picked; recall them to their bins first."}
    assert set(dry.items.failed().values_list("error_code", "reason")) == {
        ("refused", "… units are picked; recall them to their bins first.")
    }


def test_the_run_takes_the_eligible_ones_and_asks_each_again(manager: User) -> None:
    ids = b.submitted((b.product(), 1), times=3) + b.drafted((b.product(), 1))
    dry = looked("hold", ids, manager)
    job = jobs.start(dry, manager, arguments={"reason": "Audit"}, detail="")
    cancellation.cancel(ids[:1], reason="error", by=WORKER)

    worked(job)

    assert figures(dry) == ("done", 4, 4, 0)
    assert figures(job) == ("done", 4, 3, 1)
    [(number, why)] = messages(job).items()
    assert why == f"{number} stands at “Cancelled”; it is not possible to hold it from there."
    assert Hold.objects.count() == 3


def test_orders_that_are_not_there_are_named_and_the_others_go(manager: User) -> None:
    [pk] = b.submitted((b.product(), 1))

    dry = looked("hold", [pk, 987654], manager)

    assert figures(dry) == ("done", 2, 1, 1)
    assert messages(dry) == {"#987654": GONE}


def test_nothing_chosen_and_an_unreadable_filter_never_mean_every_order(manager: User) -> None:
    b.submitted((b.product(), 1))

    with pytest.raises(NothingChosen):
        Selection.of_ids([], manager)
    with pytest.raises(UnreadableFilter):
        Selection.of_query("status=nonsense", manager)

    assert not BulkJob.objects.exists()


def test_failed_orders_are_tried_again_and_only_those(manager: User) -> None:
    waiting = b.validated((b.product(), 1), times=3)
    blocked = looked("process", waiting, manager)
    job = jobs.start(blocked, manager, arguments={}, detail="")
    holds.place(waiting[:1], reason="Wait", by=WORKER)
    worked(job)
    assert figures(job) == ("done", 3, 2, 1)

    holds.release(waiting[:1], by=WORKER)
    assert jobs.retry(job) == 1
    worked(job)

    assert figures(job) == ("done", 3, 3, 0)
    events = OrderEvent.objects.filter(order__in=waiting, type="order.processed")
    assert events.count() == 3


def test_a_job_that_is_stopped_leaves_the_rest_alone(manager: User, planted: Any) -> None:
    ids = b.submitted((b.product(), 1), times=120)
    job = started("hold", ids, manager, reason="Audit")

    def stopping(chunk: Sequence[int], **arguments: Any) -> Outcomes:
        BulkJob.objects.filter(pk=job.pk).update(status="cancelled", finished_at=timezone.now())
        return holds.place(chunk, **arguments)

    planted(stopping)
    worked(job)

    assert figures(job) == ("cancelled", 120, 50, 0)
    assert (Hold.objects.count(), job.pending) == (50, 70)
    assert not jobs.stop(job)


def test_the_same_job_twice_at_a_time_is_named_and_not_started(manager: User) -> None:
    ids = b.submitted((b.product(), 1), times=2)
    other = User.objects.create_superuser("boss")
    job = started("hold", ids, manager, reason="Audit")
    dry = looked("hold", ids, other)

    with pytest.raises(jobs.AlreadyRunning) as named:
        jobs.start(dry, other, arguments={"reason": "Audit"}, detail="")

    assert named.value.job == job
    assert str(named.value) == (
        f"Priya Raman started the same already: Job {job.pk}. Nothing was started twice."
    )
    worked(job)
    assert Hold.objects.count() == 2


def test_another_reason_or_another_set_is_another_job(manager: User) -> None:
    ids = b.submitted((b.product(), 1), times=2)

    started("hold", ids, manager, reason="Audit")
    started("hold", ids, manager, reason="Flood")
    started("hold", ids[:1], manager, reason="Audit")

    assert BulkJob.objects.filter(is_dry_run=False).count() == 3


def test_a_dry_run_is_started_once(manager: User) -> None:
    ids = b.submitted((b.product(), 1), times=2)
    dry = looked("hold", ids, manager)
    job = worked(jobs.start(dry, manager, arguments={"reason": "Audit"}, detail=""))

    with pytest.raises(jobs.AlreadyRunning, match=f"Job {job.pk}"):
        jobs.start(dry, manager, arguments={"reason": "Audit again"}, detail="")

    assert Hold.objects.count() == 2


def test_a_defect_stands_alone_and_the_others_get_through(manager: User, planted: Any) -> None:
    ids = b.submitted((b.product(), 1), times=60)
    job = started("hold", ids, manager, reason="Audit")

    def fragile(chunk: Sequence[int], **arguments: Any) -> Outcomes:
        outcomes = holds.place(chunk, **arguments)
        if ids[17] in chunk:
            raise IntegrityError("planted")
        return outcomes

    planted(fragile)
    worked(job)

    assert figures(job) == ("done", 60, 59, 1)
    assert messages(job) == {b.order(ids[17]).number: "planted"}
    assert Hold.objects.count() == 59


def test_a_rule_that_is_raised_for_one_order_refuses_that_order_alone(
    manager: User, planted: Any
) -> None:
    ids = b.submitted((b.product(), 1), times=3)
    job = started("hold", ids, manager, reason="Audit")

    def picky(chunk: Sequence[int], **arguments: Any) -> Outcomes:
        if ids[1] in chunk:
            raise DomainError("This one never.")
        return holds.place(chunk, **arguments)

    planted(picky)
    worked(job)

    assert figures(job) == ("done", 3, 2, 1)
    assert list(messages(job).values()) == ["This one never."]


def test_a_worker_that_never_gets_further_gives_up_in_words(manager: User, planted: Any) -> None:
    ids = b.submitted((b.product(), 1), times=2)
    job = started("hold", ids, manager, reason="Audit")

    def crash(chunk: Sequence[int], **arguments: Any) -> Outcomes:
        raise MemoryError

    planted(crash)
    for _ in range(engine.MOST_ATTEMPTS):
        with pytest.raises(MemoryError):
            engine.work()
        BulkJob.objects.filter(pk=job.pk).update(heartbeat_at=timezone.now() - timedelta(hours=1))
    worked(job)

    assert figures(job) == ("done", 2, 0, 2)
    assert set(messages(job).values()) == {engine.GAVE_UP.format(count=5)}
    assert not Hold.objects.exists()


def test_a_job_whose_worker_lives_is_left_to_it(manager: User) -> None:
    ids = b.submitted((b.product(), 1), times=2)
    job = started("hold", ids, manager, reason="Audit")
    BulkJob.objects.filter(pk=job.pk).update(status="running", heartbeat_at=timezone.now())

    worked(job)

    assert figures(job) == ("running", 2, 0, 0)
    BulkJob.objects.update(heartbeat_at=timezone.now() - timedelta(seconds=61))
    assert figures(worked(job)) == ("done", 2, 2, 0)


def test_a_long_job_gives_others_a_turn(manager: User, monkeypatch: pytest.MonkeyPatch) -> None:
    ids = b.submitted((b.product(), 1), times=120)
    job = started("hold", ids, manager, reason="Audit")
    monkeypatch.setattr(engine, "SLICE", timedelta(0))
    claimed = BulkJob.objects.claimed()
    assert claimed is not None

    engine.Run(claimed).go()

    job.refresh_from_db()
    assert figures(job) == ("queued", 120, 50, 0)
    assert figures(worked(job)) == ("done", 120, 120, 0)


def test_whoever_lost_the_right_changes_nothing_any_more(manager: User) -> None:
    ids = b.submitted((b.product(), 1), times=2)
    job = started("hold", ids, manager, reason="Audit")
    manager.groups.clear()

    worked(job)

    assert figures(job) == ("done", 2, 0, 2)
    assert set(messages(job).values()) == {engine.NO_RIGHT}
    assert not Hold.objects.exists()


def test_an_order_that_left_ones_scope_is_refused(
    manager: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = b.submitted((b.product(), 1), times=3)
    job = started("hold", ids, manager, reason="Audit")
    monkeypatch.setattr(engine, "visible_orders", lambda _: Order.objects.exclude(pk=ids[0]))

    worked(job)

    assert figures(job) == ("done", 3, 2, 1)
    assert list(messages(job).values()) == [engine.OUT_OF_SCOPE]


def test_events_name_who_asked_and_the_job(manager: User) -> None:
    ids = b.submitted((b.product(), 1))

    job = worked(started("hold", ids, manager, reason="Audit"))

    event = OrderEvent.objects.get(type="hold.placed")
    assert (event.actor, event.source) == (f"user:{manager.pk}", "worker")
    assert event.request_id == f"job:{job.pk}"


def test_a_large_dry_run_goes_to_the_background_in_chunks_that_are_undone(
    manager: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "INLINE", 10)
    thing = b.product()
    b.stocked(1000, of=thing)
    ids = b.validated((thing, 1), times=60)

    dry = looked("process", ids, manager)

    assert figures(dry) == ("queued", 60, 0, 0)
    assert figures(worked(dry)) == ("done", 60, 60, 0)
    assert dry.effects == [["reserve", "", 60, "0"]]
    assert not StockLevel.objects.filter(reserved__gt=0).exists()


def test_warehouses_are_assigned_in_bulk(manager: User) -> None:
    thing = b.product("X")
    b.stocked(10, of=thing)
    rotterdam = b.warehouse("ROT", "NL")
    ids = b.processed((thing, 2), times=3)
    b.stocked(5, rotterdam, thing)

    dry = looked("assign", ids, manager, arguments={"warehouse": rotterdam.pk}, detail="Rotterdam")
    job = worked(jobs.start(dry, manager, arguments={}, detail=""))

    assert set(messages(dry).values()) == {"ROT has 1 of the 2 units of X free."}
    assert BY_NAME["assign"].title(job, 2) == "Assign 2 orders to Rotterdam"
    assert figures(job) == ("done", 2, 2, 0)
    assert StockLevel.objects.get(warehouse=rotterdam).reserved == 4


def test_totals_add_up_by_kind_and_currency() -> None:
    first = totals.added(
        [], [Effect(1, "release", "A", 2), Effect(1, "uncommit", "c", 0, Decimal("1.10"), "EUR")]
    )
    both = totals.added(
        first, [Effect(2, "release", "B", 3), Effect(2, "uncommit", "c", 0, Decimal("2.20"), "EUR")]
    )

    assert both == [["release", "", 5, "0"], ["uncommit", "EUR", 0, "3.30"]]
    assert [(t.words, t.units, t.amount) for t in totals.told(both)] == [
        ("Release units", 5, None),
        ("Give back to customers' credit", 0, Decimal("3.30")),
    ]


def test_the_database_refuses_a_second_item_of_an_order_and_a_failure_without_reason(
    manager: User,
) -> None:
    [pk] = b.submitted((b.product(), 1))
    job = looked("hold", [pk], manager)

    for broken in (
        {"order_id": pk, "reference": "again"},
        {"order": None, "reference": "nobody", "status": "succeeded"},
        {"order": None, "reference": "wordless", "status": "failed"},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            BulkItem.objects.create(job=job, **broken)


def test_a_chunk_takes_as_many_statements_for_fifty_orders_as_for_one(manager: User) -> None:
    counts = []
    for times in (1, 50):
        ids = b.submitted((b.product(), 1), times=times)
        job = started("hold", ids, manager, reason="Audit")
        with CaptureQueriesContext(connection) as queries:
            worked(job)
        counts.append(len(queries))

    assert counts[0] == counts[1]
