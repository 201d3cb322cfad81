"""``python -m benchmarks.one NAME``: one measurement, in a process and a database of its own."""

from __future__ import annotations

import os
import resource
import sys
from collections.abc import Callable
from functools import partial

ROUNDS = 5


def main() -> None:
    """Make the tables, measure, and say how much memory it took."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    from benchmarks import bulk, company, lists, order_page, start, steps, typeahead

    runs: dict[str, Callable[[], None]] = {
        "steps": partial(steps.run, ROUNDS),
        "chunks": partial(steps.in_chunks, ROUNDS),
        "bulk": bulk.run,
        "order": order_page.run,
        "memory": steps.memory,
        "lists": lists.run,
        "typeahead": typeahead.run,
        "import": company.take_in,
        "demo": company.seed,
        "start": start.run,
    }
    runs[sys.argv[1]]()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"peak memory of this process: {peak:.0f} MB")


if __name__ == "__main__":
    main()
