"""Bulk jobs: frozen when asked for, previewed, run in chunks; every order has its own result."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from config.kernel.actors import WORKER
from config.kernel.steps import Effect
from inventory.models import StockLevel
from orders.bulk import engine, jobs, totals
from orders.bulk.actions import BY_NAME
from orders.bulk.selection import GONE, NothingChosen, Selection, UnreadableFilter
from orders.lifecycle import cancellation, holds
from orders.models import BulkItem, BulkJob, Hold, Staff
from tests import builders as b

pytestmark = pytest.mark.django_db


@pytest.fixture
def manager() -> User:
    user = User.objects.create(username="manager", first_name="Priya", last_name="Raman")
    user.groups.add(Group.objects.get(name="Sales manager"))
    return user


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
    return job.status, job.total, job.succeeded, job.blocked


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
    Staff.of(manager)
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

    dry = looked("cancel", picked + free, manager, arguments={"reason": "error"})

    assert figures(dry) == ("done", 3, 1, 2)
    assert set(messages(dry).values()) == {"3 units are picked; recall them to their bins first."}
    assert set(dry.items.failed().values_list("error_code", "reason")) == {
        ("refused", "… units are picked; recall them to their bins first.")
    }


def test_picked_goods_go_back_when_many_orders_are_cancelled(manager: User) -> None:
    thing = b.product()
    level = b.stocked(9, of=thing)
    ids = b.picked((thing, 3), times=2) + b.submitted((thing, 1))

    dry = looked("cancel", ids, manager)
    told = "Picked units go back to their bins."
    kept = dry.items.get(order=ids[1])
    left = jobs.start(dry, manager, arguments={"reason": "error", "recall": False}, detail="")
    job = started("cancel", ids[:1], manager, reason="error", recall=True)
    worked(job)

    assert figures(dry) == ("done", 3, 3, 0)
    assert (kept.message, kept.reason) == (told, told)
    assert ["recall", "", 6, "0"] in dry.effects
    left.refresh_from_db()
    assert figures(left) == ("done", 3, 1, 2)
    assert figures(job) == ("done", 1, 1, 0)
    level.refresh_from_db()
    assert (b.order(ids[0]).status, level.reserved) == ("cancelled", 3)


def test_orders_that_had_it_before_are_neither_done_nor_kept_from_it(manager: User) -> None:
    thing = b.product()
    b.stocked(4, of=thing)
    done, ready = b.processed((thing, 1)), b.validated((thing, 2), times=2)
    drafts = b.drafted((thing, 1))

    dry = looked("process", [*done, *ready, *drafts], manager)
    job = worked(
        jobs.start(
            dry, manager, arguments={}, detail="", without=["Some of its units wait for stock."]
        )
    )

    assert (figures(dry), dry.already) == (("done", 4, 2, 1), 1)
    assert dry.items.get(order=done[0]).outcome == "already"
    assert dry.items.get(order=ready[1]).message == "Some of its units wait for stock."
    assert dry.load == {"LEI": 3}
    assert figures(job) == ("done", 1, 1, 0)
    assert [b.order(pk).status for pk in ready] == ["processing", "validated"]
    cancellation.cancel(done, reason="error", by=WORKER)
    for name, ids in (("release", ready), ("validate", ready), ("cancel", done), ("adopt", drafts)):
        again = looked(name, ids, manager)
        assert (again.already, again.blocked) == (len(ids), 0), name
    site = {"warehouse": b.warehouse("LEI").pk}
    assert looked("assign", ready[:1], manager, arguments=site).already == 1


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
