"""``seal_history``: cover the events since the last seal, and note it outside the database."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from orders.sealing import seal_all


class Command(BaseCommand):
    """Seal the history now."""

    help = "Seal the events that have no seal yet."

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Seal and say how much was covered."""
        made = seal_all()
        events = sum(seal.event_count for seal in made)
        self.stdout.write(f"{events} events are sealed by {len(made)} seals.")
