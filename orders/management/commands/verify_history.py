"""``verify_history``: hold all events and seals against their hashes and the anchors."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from orders import sealing


class Command(BaseCommand):
    """Say that the history is as it was written, or name what is not; status 1 then."""

    help = "Compute the hashes of events and seals again."

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Verify, print and answer."""
        broken = sealing.differences()
        for sentence in broken:
            self.stdout.write(sentence)
        if broken:
            raise SystemExit(1)
        self.stdout.write("Every event and every seal is as it was written.")
