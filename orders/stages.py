"""Stages: all that falls due by itself, in one table that tasks, scheduler and ``settle`` read.

What is due is a query on state, claimed row by row with SKIP LOCKED; a message only says "look
now". So a stage may be looked at twice, late or not at all: the scheduler looks every few seconds.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from config.kernel.actors import WORKER
from config.kernel.queues import STOPPED
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
from orders.models import (
    BulkJob,
    CustomerMessage,
    Hold,
    Order,
    OrderEvent,
    OrderImport,
    OrderQuerySet,
)
from orders.sealing import seal_all

log = logging.getLogger(__name__)
CLAIM = 50  # orders a transaction: a desk that wants the same stock waits no longer than that


def _nothing() -> bool:
    return False


@dataclass(frozen=True, slots=True)
class Stage:
    """Something that falls due: how it is done, and how often the scheduler looks for it."""

    name: str
    done: str  # what was done, as it follows a number
    every: int  # seconds between two looks
    run: Callable[[], int]  # do what is due; answer how much that was
    left: Callable[[], bool] = _nothing  # whether some is left, with another worker perhaps
    longest: int = 240  # seconds that one look may take


def _orders(
    name: str,
    done: str,
    every: int,
    step: Step,
    due: Callable[[], OrderQuerySet],
    *,
    sure: bool = False,
) -> Stage:
    """The stage of a step on orders; a ``sure`` one leaves none of what is due where it stands."""
    left = (lambda: due().exists()) if sure else _nothing
    return Stage(name, done, every, lambda: _move_on(name, step, due()), left)


def _move_on(stage: str, step: Step, due: OrderQuerySet) -> int:
    """Move on every order that is due; answer how many were moved."""
    moved, last = 0, 0
    while True:
        ids: list[int] = []
        try:
            with transaction.atomic():
                ids = due.filter(pk__gt=last).claimed(CLAIM)
                if not ids:
                    return moved
                moved += len(step(ids, by=WORKER).done)
        except STOPPED:
            raise
        except Exception:
            if not ids:
                raise
            log.exception("Stage %s failed; its orders are taken one by one.", stage)
            moved += _one_by_one(stage, step, ids)
        last = ids[-1]


def _one_by_one(stage: str, step: Step, ids: list[int]) -> int:
    """A defect in one order must not stop the others: it is held, with the reason, for a person."""
    moved = 0
    for outcomes in chunked(step, ids, by=WORKER):
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


def _share_out() -> int:
    return len(allocation.share_out(by=WORKER).done)


def _run_recurring() -> int:
    job = recurring.run_due(timezone.localdate(), by=WORKER)
    return job.succeeded if job else 0


def _mails() -> bool:
    return CustomerMessage.objects.due(timezone.now()).exists()


def _seal() -> int:
    return sum(seal.event_count for seal in seal_all())


def _sweep() -> int:
    now = timezone.now()
    return notices.sweep(at=now) + imports.sweep(at=now)


def _open_periods() -> int:
    today = timezone.now().date()
    return ledger.open_periods(today, today + timedelta(days=366))


def _is_unsealed() -> bool:
    return OrderEvent.objects.filter(seal=None).exists()


DAY = 86_400
ORDERS, JOBS, FILES = Order.objects, BulkJob.objects, OrderImport.objects
# In this order a round gives to what comes later what is due by what came before.
STAGES = (
    Stage("imports", "files imported", 5, imports.work, FILES.unfinished().exists, longest=1_500),
    Stage("bulk", "bulk jobs ended", 5, engine.work, JOBS.unfinished().exists),
    Stage("recurring", "recurring orders placed", 600, _run_recurring),
    _orders("expiry", "orders taken off hold", 30, holds.expire, holds.due),
    _orders("recheck", "orders looked at again", 15, reexamination.reexamine, reexamination.due),
    _orders(
        "validation",
        "orders checked",
        5,
        validation.validate,
        ORDERS.due_for_validation,
        sure=True,
    ),
    _orders(
        "processing",
        "orders processed",
        5,
        processing.process,
        ORDERS.due_for_processing,
        sure=True,
    ),
    Stage("allocation", "orders given freed units", 30, _share_out),
    _orders("completion", "orders completed", 30, completion.complete, ORDERS.due_for_completion),
    Stage("messages", "mails sent to customers", 60, mailing.send_due, _mails),
    Stage("sealing", "events sealed", 60, _seal, _is_unsealed),
    Stage("sweeping", "old notices and files dropped", DAY, _sweep),
    Stage("periods", "accounting periods opened", DAY, _open_periods),
)
BY_NAME = {stage.name: stage for stage in STAGES}
