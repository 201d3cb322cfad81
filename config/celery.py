"""The Celery application: tasks are found in each app's ``tasks`` module."""

from __future__ import annotations

import os
from typing import Any

from celery import Celery
from celery.signals import beat_init, worker_init, worker_process_init

from config import heap, keys

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("config")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_init.connect
@beat_init.connect
def _starting(**_: Any) -> None:
    """A worker or the scheduler starts, unless it has no key of its own."""
    if why := keys.refusal():
        raise SystemExit(why)


@worker_process_init.connect
def _started(**_: Any) -> None:
    """A worker process has loaded its tasks."""
    heap.settle()
