"""``settle``: work until nothing is due any more."""

from __future__ import annotations

import time
from collections import Counter
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from config.kernel.queues import STOPPED
from orders.stages import STAGES, Stage


class Command(BaseCommand):
    """Do what is due beside the workers; status 0 once nothing is, 1 when time ran out."""

    help = "Work until no stage has anything due, and say what was done."

    def add_arguments(self, parser: CommandParser) -> None:
        """``--timeout`` in seconds."""
        parser.add_argument("--timeout", type=float, default=60)

    def handle(self, *_args: Any, **options: Any) -> None:
        """Go round the stages until a whole round did nothing and nothing waits."""
        until = time.monotonic() + options["timeout"]
        done: Counter[str] = Counter()
        while (again := self._round(done)) and time.monotonic() < until:
            time.sleep(0.1)
        for words, count in (+done).items():
            self.stdout.write(f"{count} {words}")
        if again:
            left = ", ".join(stage.name for stage in STAGES if _waits(stage))
            self.stderr.write(f"Time ran out; still due: {left or 'what the last round left'}.")
            raise SystemExit(1)
        self.stdout.write("Nothing is due.")

    def _round(self, done: Counter[str]) -> bool:
        """Look once at every stage; answer whether there may be more."""
        again = False
        for stage in STAGES:
            try:
                count = stage.run()
            except STOPPED as why:
                self.stderr.write(f"Stage {stage.name} stopped for now: {why}")
                again = True
            else:
                done[stage.done] += count
                again = again or count > 0
        return again or any(map(_waits, STAGES))


def _waits(stage: Stage) -> bool:
    """Whether something is left in a stage, as far as the database says."""
    try:
        return stage.left()
    except STOPPED:
        return True
