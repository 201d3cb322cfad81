"""``python -m benchmarks``: how our steps compare with raw SQL that writes the same rows.

The baseline replays the statements that the step itself sent, with their parameters ready, on a
bare psycopg connection to the same server, in as many transactions, after the step was undone.
Ratio = its time ÷ ours: 1 means that the lifecycle costs nothing.
"""

from __future__ import annotations

import os
import resource
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

from config.embedded.postgres import Postgres

VAR = Path(__file__).resolve().parent.parent / "var" / "bench"
DATABASE = "bench"
ROUNDS = 5


def main() -> None:
    """Set a fresh database up and print a line for each measurement."""
    server = Postgres(VAR / "postgres")
    server.start()
    try:
        server.drop(DATABASE)
        server.create(DATABASE)
        os.environ |= {
            "DATABASE_URL": server.url(DATABASE),
            "REDIS_URL": "redis://127.0.0.1:1/0",
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "LOG_LEVEL": "ERROR",
        }
        import django

        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        from benchmarks import bulk, lists, order_page, steps, typeahead

        runs: dict[str, Callable[[], None]] = {
            "steps": partial(steps.run, ROUNDS),
            "chunks": partial(steps.in_chunks, ROUNDS),
            "bulk": bulk.run,
            "order": order_page.run,
            "memory": steps.memory,
            "lists": lists.run,
            "typeahead": typeahead.run,
        }
        for name in sys.argv[1:] or runs:
            runs[name]()
    finally:
        server.stop()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"peak memory of this process: {peak:.0f} MB")


if __name__ == "__main__":
    sys.exit(main())
