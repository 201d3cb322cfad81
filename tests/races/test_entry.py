"""Entry at once: one form makes one order, one draft takes one of two edits, one day runs once."""

from __future__ import annotations

from functools import partial

import pytest
from django.utils import timezone

from config.kernel.actors import WORKER
from orders.bulk.recurring import run_due
from orders.lifecycle import capture
from orders.lifecycle.drafts import Captured, Edit, LineDraft, OrderDraft
from orders.models import (
    BulkItem,
    BulkJob,
    EntryKey,
    Order,
    OrderLine,
    RecurringOrder,
    RecurringRun,
)
from orders.tasks import work
from tests import builders as b
from tests.races.conftest import at_once

pytestmark = pytest.mark.race


def test_one_form_sent_eight_times_at_once_makes_one_order() -> None:
    thing, buyer = b.product(), b.customer()
    draft = OrderDraft(buyer.code, [LineDraft(thing.sku, 2)], entry_key="form-1")

    answers = at_once([partial(capture.create, [draft], by=WORKER) for _ in range(8)])

    assert Order.objects.count() == EntryKey.objects.count() == 1
    assert {captured.orders[0] for captured in answers} == {Order.objects.get().pk}
    assert sum(not captured.repeated for captured in answers) == 1


def test_of_edits_from_the_same_version_one_is_taken_and_none_is_lost_unseen() -> None:
    thing, buyer = b.product(), b.customer()
    for _ in range(10):
        [pk] = b.drafted((thing, 1), buyer=buyer)
        edits = [Edit(pk, 1, OrderDraft(buyer.code, [LineDraft(thing.sku, n)])) for n in (5, 6)]

        answers: list[Captured] = at_once(
            [partial(capture.revise, [edit], by=WORKER) for edit in edits]
        )

        taken = [n for n, captured in zip((5, 6), answers, strict=True) if captured.orders]
        stale = [problem.code for captured in answers for problem in captured.problems]
        assert (len(taken), stale) == (1, ["stale_version"])
        assert OrderLine.objects.get(order=pk).ordered == taken[0]
        assert b.order(pk).version == 2


def test_workers_that_run_a_day_at_the_same_time_make_each_order_once() -> None:
    thing, today = b.product(), timezone.localdate()
    for _ in range(12):
        made = RecurringOrder(
            name="Gloves", customer=b.customer(), starts_on=today, pattern="days", next_on=today
        )
        made.save()
        made.lines.create(product=thing)

    at_once([partial(run_due, today, by=WORKER) for _ in range(4)])

    assert RecurringRun.objects.filter(outcome="placed").count() == Order.objects.count() == 12
    assert BulkItem.objects.filter(status="succeeded").count() == 12
    assert not BulkJob.objects.unfinished().exists()
    work("validation")
    work("processing")
