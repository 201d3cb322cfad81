"""``python -m benchmarks.worker WHAT``: a process that does one thing, and says what it took.

It prints the seconds of the work and the most memory of the process, in megabytes.
"""

from __future__ import annotations

import os
import re
import sys
import time
from pathlib import Path

HIGHEST = re.compile(r"VmHWM:\s+(\d+) kB")  # what ``getrusage`` says counts the parent's too


def main() -> None:
    """Work as a worker does that has started, or write a file as the desk does."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django

    django.setup()
    from config import heap

    what, *job = sys.argv[1:]
    heap.settle()
    started = time.perf_counter()
    if what == "jobs":
        _work()
    else:
        _write(what, int(job[0]))
    print(time.perf_counter() - started, peak())


def peak() -> float:
    """The most memory that this process has had, in megabytes."""
    found = HIGHEST.search(Path("/proc/self/status").read_text())
    return int(found[1]) / 1024 if found else 0.0


def _work() -> None:
    """Work off the jobs that are due."""
    from orders.bulk import engine
    from orders.models import BulkJob

    while BulkJob.objects.due().exists():
        engine.work()


def _write(kind: str, pk: int) -> None:
    """Write the file of an export, to nowhere."""
    from orders.bulk import export
    from orders.models import BulkJob

    job = BulkJob.objects.get(pk=pk)
    rows = export.orders(job, job.requested_by)
    if kind == "csv":
        for _ in export.as_csv(rows):
            pass
    else:
        export.as_xlsx(rows).close()


if __name__ == "__main__":
    main()
