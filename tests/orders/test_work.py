"""Workers: every step wakes the next, every queue is looked at, one order's defect is its own."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from celery import current_app
from django.db import connection
from django.utils import timezone

from config.celery import app
from config.kernel.actors import WORKER
from orders.lifecycle import holds, submission, validation
from orders.models import Hold, Order, RuleSet
from orders.stages import STAGES
from orders.tasks import work
from tests import builders as b

pytestmark = pytest.mark.django_db
Captured = Any


def woken(capture: Captured, run: Callable[[], object]) -> set[str]:
    """The stages that a piece of work wakes when it commits."""
    with capture() as sent:
        run()
    return {each.stage for each in sent}


def test_what_is_placed_wakes_the_checks_and_what_passes_them_the_allocation(
    django_capture_on_commit_callbacks: Captured,
) -> None:
    thing = b.product()
    [pk] = b.drafted((thing, 1))
    capture = django_capture_on_commit_callbacks

    placed = woken(capture, lambda: submission.submit([pk], by=WORKER))
    passed = woken(capture, lambda: validation.validate([pk], by=WORKER))

    assert placed == {"stage.validation"}
    assert passed == {"stage.processing"}


def test_every_task_of_ours_is_looked_for_by_the_scheduler_and_every_entry_is_a_task() -> None:
    app.loader.import_default_modules()
    ours = {
        name for name, task in current_app.tasks.items() if task.__module__.startswith("orders.")
    }

    scheduled = [entry["task"] for entry in app.conf.beat_schedule.values()]

    assert sorted(scheduled) == sorted(ours) == sorted(f"stage.{each.name}" for each in STAGES)


def without_parts(draft: RuleSet) -> None:
    """A rule that nobody can follow: parts of an address that are no list."""
    draft.validations.filter(code="address").update(parameters={"parts": 5})


def test_an_order_that_trips_the_code_is_kept_for_a_person_and_the_others_go_on(
    caplog: pytest.LogCaptureFixture,
) -> None:
    thing, buyer = b.product(), b.customer()
    before = b.submitted((thing, 1), buyer=buyer, times=2)
    b.rules(without_parts)
    [tripping] = b.submitted((thing, 1), buyer=buyer)
    b.rules(lambda draft: draft.validations.filter(code="address").update(parameters={}))
    after = b.submitted((thing, 1), buyer=buyer, times=2)

    with caplog.at_level(logging.ERROR):
        moved = [work("validation"), work("validation")]

    hold = Hold.objects.get()
    passed = Order.objects.filter(status="validated").values_list("pk", flat=True)
    assert moved == [4, 0]
    assert set(passed) == {*before, *after}
    assert (hold.order_id, hold.kind) == (tripping, "system")
    assert "Validation failed: TypeError" in hold.reason
    assert f"Order {tripping} failed in validation" in caplog.text
    assert "Traceback" in caplog.text


def test_an_order_that_cannot_even_be_held_goes_on_failing_alone(
    caplog: pytest.LogCaptureFixture,
) -> None:
    thing, buyer = b.product(), b.customer()
    b.rules(without_parts)
    [tripping] = b.submitted((thing, 1), buyer=buyer)
    b.rules(lambda draft: draft.validations.filter(code="address").update(parameters={}))
    unheld()
    ids = b.submitted((thing, 1), buyer=buyer, times=2)

    moved = [work("validation"), work("validation")]

    assert moved == [2, 0]
    assert {b.order(pk).status for pk in ids} == {"validated"}
    assert b.order(tripping).status == "submitted"
    assert caplog.text.count(f"Order {tripping} could not be held") == 2


def unheld() -> None:
    """A database that takes no hold."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE orders_hold ADD CHECK (kind <> 'system') NOT VALID")


def test_an_order_that_fails_at_every_sweep_is_held_once() -> None:
    [pk] = b.submitted((b.product(), 1))
    start = timezone.now() - timedelta(days=2)
    holds.place([pk], reason="Wait", by=WORKER, at=start, expires_at=start + timedelta(days=1))
    connection.check_constraints()
    with connection.cursor() as cursor:
        cursor.execute(
            "ALTER TABLE orders_hold ADD CONSTRAINT for_ever CHECK (released_at IS NULL)"
        )

    moved = [work("expiry"), work("expiry")]

    held = Hold.objects.filter(kind="system").values_list("order", "reason")
    assert moved == [0, 0]
    assert [order for order, _ in held] == [pk]
    assert held[0][1].startswith("Expiry failed: ")
