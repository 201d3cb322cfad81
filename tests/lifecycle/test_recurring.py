"""Recurring orders: the right days, each served once, whatever happens to the worker."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.db import DatabaseError, connection
from django.utils import timezone, translation

from config.kernel.actors import WORKER
from inventory.models import Product
from orders import tasks
from orders.bulk.recurring import run_due
from orders.lifecycle import recurring
from orders.models import Order, RecurringLine, RecurringOrder, RecurringRun, StaffNotice
from tests import builders as b

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _moved_on(sound: None) -> Iterator[None]:
    """The workers take what was placed, before the rules are held against it."""
    yield
    tasks.work("validation")
    tasks.work("processing")


def template(*items: tuple[Product, int], start: date | None = None, **more: Any) -> RecurringOrder:
    buyer = more.pop("buyer", None) or b.customer()
    made = RecurringOrder(
        name="Gloves",
        customer=buyer,
        starts_on=start or timezone.localdate(),
        **{"pattern": "days", **more},
    )
    recurring.plan(made, made.starts_on)
    made.save()
    for thing, quantity in items:
        RecurringLine.objects.create(recurring=made, product=thing, quantity=quantity)
    return made


def runs() -> list[tuple[str, str]]:
    found = RecurringRun.objects.order_by("due_on", "pk")
    return [(str(run.due_on), run.outcome) for run in found]


def test_the_templates_of_a_day_become_orders_once() -> None:
    thing, today = b.product(), timezone.localdate()
    made = [template((thing, 2)) for _ in range(3)]

    first = run_due(today, by=WORKER)
    second = run_due(today, by=WORKER)

    assert first is not None and second is None  # noqa: PT018
    assert (first.total, first.succeeded, first.failed) == (3, 3, 0)
    assert set(first.items.values_list("order", flat=True)) == set(
        Order.objects.values_list("pk", flat=True)
    )
    assert Order.objects.filter(status="submitted").count() == 3
    assert runs() == [(str(today), "placed")] * 3
    made[0].refresh_from_db()
    assert made[0].next_on == today + timedelta(days=1)


def test_what_cannot_be_an_order_says_why_and_does_not_stop_the_others() -> None:
    thing, gone, today = b.product(), b.product(), timezone.localdate()
    closed = b.customer()
    bad = template((gone, 1))
    template((thing, 1), buyer=closed)
    good = template((thing, 1))
    Product.objects.filter(pk=gone.pk).update(is_active=False)
    closed.is_active = False
    closed.save()

    boss = User.objects.create(username="boss")
    boss.groups.set(Group.objects.filter(name="Sales manager"))

    job = run_due(today, by=WORKER)

    assert job is not None
    assert (job.status, job.total, job.succeeded, job.failed) == ("done", 3, 1, 2)
    words = f"{gone.sku} is no longer sold."
    assert words in job.items.failed().values_list("message", flat=True)
    notice = StaffNotice.objects.get(user=boss)
    assert (notice.job, notice.tone) == (job, "amber")
    assert str(notice) == "“Place 3 orders” is done: 1 taken, 2 not."
    assert RecurringRun.objects.get(recurring=bad).message == f"{gone.sku} is no longer sold."
    assert RecurringRun.objects.get(recurring=good).order is not None
    assert Order.objects.count() == 1


def test_missed_days_are_made_up_for_and_paused_ones_are_not() -> None:
    thing, today = b.product(), timezone.localdate()
    template((thing, 1), start=today - timedelta(days=2))
    template((thing, 1), is_active=False)

    run_due(today, by=WORKER)

    assert runs() == [(str(today - timedelta(days=n)), "placed") for n in (2, 1, 0)]


def test_an_item_of_every_second_time_takes_turns() -> None:
    always, second, today = b.product(), b.product(), timezone.localdate()
    made = template((always, 1), start=today - timedelta(days=2))
    RecurringLine.objects.create(recurring=made, product=second, quantity=4, every=2)

    run_due(today, by=WORKER)

    assert [order.lines.count() for order in Order.objects.order_by("pk")] == [2, 1, 2]


def test_a_day_left_out_is_not_served() -> None:
    thing, today = b.product(), timezone.localdate()
    made = template((thing, 1))

    assert recurring.skip(made.pk) == today
    run_due(today, by=WORKER)

    assert runs() == [(str(today), "skipped")]
    assert not Order.objects.exists()


@pytest.mark.parametrize("table", ["orders_orderline", "orders_recurringrun", "orders_orderevent"])
def test_after_a_crash_every_day_is_served_once_and_none_is_lost(table: str) -> None:
    thing, today = b.product(), timezone.localdate()
    for _ in range(3):
        template((thing, 1))

    class Crash(BaseException):
        """The worker is killed."""

    def fails(execute: Any, sql: str, params: Any, many: object, context: Any) -> Any:
        if sql.startswith(f'INSERT INTO "{table}"'):
            raise Crash
        return execute(sql, params, many, context)

    with pytest.raises(Crash), connection.execute_wrapper(fails):
        run_due(today, by=WORKER)
    assert not Order.objects.exists()
    run_due(today, by=WORKER)

    assert runs() == [(str(today), "placed")] * 3
    assert Order.objects.count() == 3


def test_one_template_that_the_database_refuses_stands_alone() -> None:
    thing, poison, today = b.product(), b.product(), timezone.localdate()
    template((thing, 1))
    template((poison, 1))

    def fails(execute: Any, sql: str, params: Any, many: object, context: Any) -> Any:
        if sql.startswith('INSERT INTO "orders_orderline"') and poison.sku in str(params):
            raise DatabaseError("it broke")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(fails):
        run_due(today, by=WORKER)

    assert sorted(outcome for _, outcome in runs()) == ["placed", "refused"]
    assert RecurringRun.objects.get(outcome="refused").message == "it broke"


def test_why_nothing_was_placed_is_kept_in_english_and_said_in_the_language_of_the_reader() -> None:
    gone, today = b.product(), timezone.localdate()
    made = template((gone, 1))
    Product.objects.filter(pk=gone.pk).update(is_active=False)

    with translation.override("de"):
        recurring.serve([made.pk], day=today, by=WORKER)

    run = RecurringRun.objects.get()
    assert (run.message, run.said) == (f"{gone.sku} is no longer sold.", run.message)
    assert RecurringRun().said == ""
