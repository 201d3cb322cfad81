"""Wake-ups: tell the workers that a stage has something to do, once the work is committed.

A wake-up is never the only copy of work: what is due is a query on state, and the scheduler
looks every few seconds too. So a broker that is away costs seconds, not orders.
"""

from __future__ import annotations

import logging

from celery import current_app
from django.db import connection, transaction
from kombu.exceptions import OperationalError

log = logging.getLogger(__name__)


def wake(stage: str) -> None:
    """Send ``stage.<name>`` when the transaction commits, once however often it is asked for."""
    name = f"stage.{stage}"
    if any(getattr(entry[1], "stage", None) == name for entry in connection.run_on_commit):
        return
    transaction.on_commit(_Send(name))


class _Send:
    """The message of one stage; comparable, so that a transaction sends it once."""

    def __init__(self, stage: str) -> None:
        self.stage = stage

    def __call__(self) -> None:
        try:
            current_app.send_task(self.stage, ignore_result=True, retry=False)
        except (OperationalError, OSError) as away:
            log.warning("The broker is away (%s); the scheduler will find the work.", away)
