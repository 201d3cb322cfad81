"""Bulk jobs of 1,000 and of 10,000 orders: the speed and memory of their worker, and the pages of
the desk beside it.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable

from django.contrib.auth.models import User

from benchmarks import figures
from benchmarks.pages import Reader
from config.kernel import sets
from inventory.models import Product
from orders.bulk import jobs
from orders.bulk.actions import BY_NAME
from orders.bulk.selection import Selection
from orders.models import BulkJob, Order
from tests import builders as b

SIZES, SHARE = (1_000, 10_000), 500
SPEED, BESIDE = 200, 100  # orders a second, at least
WORST = 60  # milliseconds that a page may take beside a job
MEGABYTES, GROWTH = 300, 30  # of a worker, and from the smaller job to the greater one
STEPS = (("hold", {"reason": "Audit"}), ("release", {"reason": "Audited"}), ("process", {}))
PAGES = {
    "list of orders": "/orders/",
    "orders in one state": "/orders/?status=validated",
    "one order": "",
    "progress of the job": "/jobs/{job}/",
}
Peaks = dict[str, list[float]]  # megabytes of each piece of work, the smaller first


def run(sizes: tuple[int, int] = SIZES) -> None:
    """Export, look, hold, release and process; print speed, memory, and pages beside the last."""
    user = User.objects.create_superuser("bulk")
    things = [b.product() for _ in range(100)]
    for thing in things:
        b.stocked(1_000_000, of=thing)
    peaks: Peaks = defaultdict(list)
    for size in sizes:
        _orders(size, things)
        _exports(user, peaks)
        _steps(user, peaks, with_pages=size == sizes[-1])
    for name, (small, great) in peaks.items():
        words = f"memory {name:<24} {small:4.0f} MB, {great:4.0f} MB"
        figures.show(words, great, most=MEGABYTES)
        figures.show(
            f"memory {name:<24} grown by {great - small:.0f} MB", great - small, most=GROWTH
        )


def _orders(size: int, things: list[Product]) -> None:
    """Make validated orders, of as many customers as it takes shares."""
    share = min(size, SHARE)
    for turn in range(size // share):
        lines = [(things[(turn * 3 + i) % len(things)], 2) for i in range(3)]
        b.validated(*lines, buyer=b.customer("100000000000"), times=share)
    sets.survey()


def _exports(user: User, peaks: Peaks) -> None:
    """Count the orders and write their files, each in a process of its own."""
    for kind in ("csv", "xlsx"):
        job = _looked(f"export-{kind}", user)
        _timed(f"export of {kind}", job, peaks)
        _timed(f"file {kind}", job, peaks, kind, str(job.pk))


def _steps(user: User, peaks: Peaks, *, with_pages: bool) -> None:
    """Look at each step and take it, each in a worker of its own."""
    for name, arguments in STEPS:
        dry = _looked(name, user)
        _timed(f"dry run of {name}", dry, peaks)
        job = jobs.start(dry, user, arguments=arguments, detail="")
        if with_pages and name == "process":
            beside(user, job, peaks)
        else:
            _timed(name, job, peaks)


def _looked(action: str, user: User) -> BulkJob:
    return jobs.look(BY_NAME[action], Selection.of_query("status=validated", user), user)


def _worker(*what: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "benchmarks.worker", *(what or ("jobs",))]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def _timed(name: str, job: BulkJob, peaks: Peaks, *what: str) -> None:
    """Let a process work on the job; print its speed and keep its memory."""
    _said(name, job, _worker(*what), peaks, SPEED)


def _said(
    name: str, job: BulkJob, worker: subprocess.Popen[str], peaks: Peaks, least: float
) -> None:
    """Print what a worker says of its speed, and keep what it says of its memory."""
    out, _ = worker.communicate()
    took, most = map(float, out.split())
    job.refresh_from_db()
    assert (job.status, job.failed) == ("done", 0), (job.status, job.failed)  # noqa: S101
    peaks[name].append(most)
    rate = job.total / took
    words = f"{name:<24} of {job.total:>6,} {most:4.0f} MB {rate:8,.0f} orders/s"
    figures.show(words, rate, least=least)


def beside(user: User, job: BulkJob, peaks: Peaks) -> None:
    """Process the orders in a worker of its own while pages of the desk are asked for."""
    reader = Reader(user)
    order = Order.objects.order_by("pk")[0].get_absolute_url()
    pages = {name: (url or order).format(job=job.pk) for name, url in PAGES.items()}
    for url in pages.values():
        reader.read(url)  # warm
    alone = _measured(reader, pages, lambda turn: turn < 20)
    worker = _worker()
    measured = _measured(reader, pages, lambda _: worker.poll() is None)
    _said("process", job, worker, peaks, BESIDE)
    for name, times in measured.items():
        quiet, busy = (statistics.quantiles(each, n=20)[-1] for each in (alone[name], times))
        words = f"page {name:<24} p95 alone {quiet:6.1f} ms, beside the job {busy:6.1f} ms"
        figures.show(words, busy, most=WORST)


def _measured(
    reader: Reader, pages: dict[str, str], going: Callable[[int], bool]
) -> dict[str, list[float]]:
    measured: dict[str, list[float]] = {name: [] for name in pages}
    turn = 0
    while going(turn):
        for name, url in pages.items():
            taken, status, _ = reader.read(url)
            measured[name].append(taken)
            assert status == 200, status  # noqa: S101
        turn += 1
        time.sleep(0.05)
    return measured
