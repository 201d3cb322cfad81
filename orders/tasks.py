"""What workers do: look for orders that the system itself has to move on, and move them.

What is due is a query on state, claimed row by row with SKIP LOCKED; a message only says "look
now". So a task may run twice, late or not at all: the scheduler looks every few seconds.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import timedelta

from celery import shared_task
from django.db import InterfaceError, OperationalError, transaction
from django.utils import timezone

from config.kernel.actors import WORKER
from config.kernel.steps import Step, chunked
from finance.services import ledger
from orders import mailing, notices
from orders.bulk import engine, recurring
from orders.channels import runs as imports
from orders.lifecycle import (
    allocation,
    completion,
    holds,
    processing,
    reexamination,
    validation,
)
from orders.models import Hold, Order, OrderQuerySet
from orders.sealing import seal_all

log = logging.getLogger(__name__)

STAGES: dict[str, Step] = {
    "validation": validation.validate,
    "processing": processing.process,
    "completion": completion.complete,
    "recheck": reexamination.reexamine,
    "expiry": holds.expire,
}
# Stages whose orders are found by more than their own row.
QUEUES: dict[str, Callable[[], OrderQuerySet]] = {
    "recheck": reexamination.due,
    "expiry": holds.due,
}
CLAIM = 50  # orders a transaction: a desk that wants the same stock waits no longer than that


def work(stage: str) -> int:
    """Move on every order that is due for the stage; answer how many were moved."""
    moved, last, due = 0, 0, _due(stage)
    while True:
        ids: list[int] = []
        try:
            with transaction.atomic():
                ids = due.filter(pk__gt=last).claimed(CLAIM)
                if not ids:
                    return moved
                moved += len(STAGES[stage](ids, by=WORKER).done)
        except (OperationalError, InterfaceError):
            log.warning("Stage %s stopped for now; it goes on with the next look.", stage)
            return moved
        except Exception:
            if not ids:
                raise
            log.exception("Stage %s failed; its orders are taken one by one.", stage)
            moved += _one_by_one(stage, ids)
        last = ids[-1] if ids else last


def _due(stage: str) -> OrderQuerySet:
    queue = QUEUES.get(stage)
    found: OrderQuerySet = queue() if queue else Order.objects.due_for(stage)
    return found


def _one_by_one(stage: str, ids: list[int]) -> int:
    """A defect in one order must not stop the others: it is held, with the reason, for a person."""
    moved = 0
    for outcomes in chunked(STAGES[stage], ids, by=WORKER):
        moved += len(outcomes.done)
        for pk, why in outcomes.failed.items():
            log.error("Order %s failed in %s: %s", pk, stage, why)
            _hold(pk, f"{stage.capitalize()} failed: {why}"[:200])
    return moved


def _hold(pk: int, reason: str) -> None:
    """Keep the order for a person, once; one that cannot even be held goes on failing alone."""
    if Hold.objects.in_force().filter(order=pk, kind=Hold.Kind.SYSTEM, reason=reason).exists():
        return
    for outcomes in chunked(holds.place, [pk], reason=reason, kind=Hold.Kind.SYSTEM, by=WORKER):
        for why in (outcomes.refused | outcomes.failed).values():
            log.error("Order %s could not be held: %s", pk, why)


@shared_task(name="stage.validation")
def validate_due() -> None:
    """Check every submitted order that nobody holds."""
    work("validation")


@shared_task(name="stage.processing")
def process_due() -> None:
    """Allocate stock to every validated order that nobody holds."""
    work("processing")


@shared_task(name="stage.allocation")
def share_out() -> None:
    """Give units that others gave back to the orders that wait for them."""
    try:
        allocation.share_out(by=WORKER)
    except (OperationalError, InterfaceError):
        log.warning("Sharing out stopped for now; it goes on with the next look.")


@shared_task(name="stage.completion")
def complete_due() -> None:
    """Close every delivered order for which nothing is left to do."""
    work("completion")


@shared_task(name="stage.recheck")
def recheck_due() -> None:
    """Look again at findings whose cause may be gone; orders with nothing left go on."""
    work("recheck")


@shared_task(name="stage.expiry")
def expire_holds() -> None:
    """End the holds whose time is over."""
    work("expiry")


@shared_task(name="stage.bulk")
def run_bulk_jobs() -> None:
    """Take up bulk jobs that wait, and those whose worker is gone."""
    engine.work()


@shared_task(name="stage.imports", soft_time_limit=1_500, time_limit=1_800)
def run_imports() -> None:
    """Take up files that wait to be imported, and those whose worker is gone.

    A history is one transaction, so its worker may take as long as that needs.
    """
    imports.work()


@shared_task(name="stage.messages")
def send_messages() -> None:
    """Send what customers are told; what could not be sent is tried again later."""
    mailing.send_due()


@shared_task(name="history.seal")
def seal_history() -> None:
    """Seal the events since the last time."""
    seal_all()


@shared_task(name="notices.sweep")
def sweep_notices() -> None:
    """Drop the notices that were read a month ago, and files that were never imported."""
    notices.sweep(at=timezone.now())
    imports.sweep(at=timezone.now())


@shared_task(name="periods.open")
def open_periods() -> None:
    """Keep the accounting periods of the year ahead open."""
    today = timezone.now().date()
    ledger.open_periods(today, today + timedelta(days=366))


@shared_task(name="recurring.run")
def run_recurring() -> None:
    """Make and place the orders of the templates that are due today."""
    recurring.run_due(timezone.localdate(), by=WORKER)
