"""The Celery application: tasks are found in each app's ``tasks`` module."""

from __future__ import annotations

import os
from typing import Any

from celery import Celery
from celery.signals import worker_process_init

from config import heap

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("config")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_process_init.connect
def _started(**_: Any) -> None:
    """A worker process has loaded its tasks."""
    heap.settle()
