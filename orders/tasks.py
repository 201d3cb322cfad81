"""What workers do: look for orders that the system itself has to move on, and move them.

What is due is a query on state, claimed row by row with SKIP LOCKED; a message only says "look
now". So a task may run twice, late or not at all: the scheduler looks every few seconds.
"""

from __future__ import annotations

import logging
from datetime import timedelta

from celery import shared_task
from django.db import DatabaseError, InterfaceError, OperationalError, transaction
from django.utils import timezone

from config.kernel.actors import WORKER
from config.kernel.steps import Step, chunked
from finance.services import ledger
from orders.lifecycle import completion, holds, processing, recurring, validation
from orders.models import Hold, Order
from orders.sealing import seal_all

log = logging.getLogger(__name__)

STAGES: dict[str, Step] = {
    "validation": validation.validate,
    "processing": processing.process,
    "completion": completion.complete,
}
CLAIM = 50  # orders a transaction: a desk that wants the same stock waits no longer than that


def work(stage: str) -> int:
    """Move on every order that is due for the stage; answer how many were moved."""
    moved, last = 0, 0
    while True:
        ids: list[int] = []
        try:
            with transaction.atomic():
                due = Order.objects.due_for(stage).filter(pk__gt=last)
                ids = due.claimed(CLAIM)
                if not ids:
                    return moved
                moved += len(STAGES[stage](ids, by=WORKER).done)
        except (OperationalError, InterfaceError):
            log.warning("Stage %s stopped for now; it goes on with the next look.", stage)
            return moved
        except DatabaseError:
            moved += _one_by_one(stage, ids)
        last = ids[-1] if ids else last


def _one_by_one(stage: str, ids: list[int]) -> int:
    """A defect in one order must not stop the others: it is held, with the reason, for a person."""
    moved = 0
    for outcomes in chunked(STAGES[stage], ids, by=WORKER):
        moved += len(outcomes.done)
        for pk, why in outcomes.failed.items():
            log.error("Order %s failed in %s: %s", pk, stage, why)
            reason = f"{stage.capitalize()} failed: {why}"[:200]
            holds.place([pk], reason=reason, kind=Hold.Kind.SYSTEM, by=WORKER)
    return moved


@shared_task(name="stage.validation")
def validate_due() -> None:
    """Check every submitted order that nobody holds."""
    work("validation")


@shared_task(name="stage.processing")
def process_due() -> None:
    """Allocate stock to every validated order that nobody holds."""
    work("processing")


@shared_task(name="stage.completion")
def complete_due() -> None:
    """Close every delivered order for which nothing is left to do."""
    work("completion")


@shared_task(name="history.seal")
def seal_history() -> None:
    """Seal the events since the last time."""
    seal_all()


@shared_task(name="periods.open")
def open_periods() -> None:
    """Keep the accounting periods of the year ahead open."""
    today = timezone.now().date()
    ledger.open_periods(today, today + timedelta(days=366))


@shared_task(name="recurring.run")
def run_recurring() -> None:
    """Make and place the orders of the templates that are due today."""
    recurring.run_due(timezone.localdate(), by=WORKER)
