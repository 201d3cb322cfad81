"""``settle``: work until nothing is due any more."""

from __future__ import annotations

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from config.kernel.actors import WORKER
from orders.lifecycle import allocation
from orders.models import Order, OrderEvent
from orders.sealing import seal_all
from orders.tasks import STAGES, work


class Command(BaseCommand):
    """Do what is due beside the workers; status 0 once nothing is, 1 when time ran out."""

    help = "Work until no stage has anything due."

    def add_arguments(self, parser: CommandParser) -> None:
        """``--timeout`` in seconds."""
        parser.add_argument("--timeout", type=float, default=60)

    def handle(self, *_args: Any, **options: Any) -> None:
        """Go round the stages until a whole round moved nothing and nothing waits."""
        until = time.monotonic() + options["timeout"]
        while time.monotonic() < until:
            moved = sum(work(stage) for stage in STAGES)
            moved += len(allocation.share_out(by=WORKER).done)
            sealed = seal_all()
            if not moved and not sealed and not self._waiting():
                self.stdout.write("Nothing is due.")
                return
            time.sleep(0 if moved else 0.1)
        self.stderr.write("Time ran out: something is still due.")
        raise SystemExit(1)

    def _waiting(self) -> bool:
        due = (Order.objects.due_for(stage) for stage in ("validation", "processing"))
        unsealed = OrderEvent.objects.filter(seal=None)
        return any(orders.exists() for orders in due) or unsealed.exists()
