"""What workers and the scheduler run: a task for each stage."""

from __future__ import annotations

import logging

from config.celery import app
from config.kernel.queues import STOPPED
from orders.stages import BY_NAME, STAGES, Stage

log = logging.getLogger(__name__)


def work(name: str) -> int:
    """Do what is due in a stage; answer how much. What the database stops goes on another time."""
    try:
        return BY_NAME[name].run()
    except STOPPED:
        log.warning("Stage %s stopped for now; it goes on with the next look.", name)
        return 0


def _register(stage: Stage) -> None:
    most = stage.longest

    @app.task(name=f"stage.{stage.name}", soft_time_limit=most, time_limit=most + 60)
    def look() -> None:
        work(stage.name)


for each in STAGES:
    _register(each)

# A look that is not taken up before the next one is dropped: it would find nothing more.
app.conf.beat_schedule = {
    stage.name: {
        "task": f"stage.{stage.name}",
        "schedule": stage.every,
        "options": {"expires": stage.every},
    }
    for stage in STAGES
}
