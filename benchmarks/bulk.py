"""A bulk job of 10,000 orders: its speed and memory, and the pages of the desk beside it."""

from __future__ import annotations

import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable

from django.contrib.auth.models import User

from benchmarks import figures
from benchmarks.pages import Reader
from config.kernel import sets
from orders.bulk import engine, export, jobs
from orders.bulk.actions import BY_NAME
from orders.bulk.selection import Selection
from orders.models import BulkJob, Order
from tests import builders as b

ORDERS, SHARE = 10_000, 500
SPEED, BESIDE = 200, 100  # orders a second, at least
WORST = 60  # milliseconds that a page may take beside a job
WORKER = """
import django
django.setup()
from orders.bulk import engine
from orders.models import BulkJob
while BulkJob.objects.due().exists():
    engine.work()
"""
PAGES = {
    "list of orders": "/orders/",
    "orders in one state": "/orders/?status=validated",
    "one order": "",
    "progress of the job": "/jobs/{job}/",
}


def peak() -> float:
    """The most memory that this process has had, in megabytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def run() -> None:
    """Make the orders, look, hold, release and process them; print speed, memory, pages beside."""
    user = User.objects.create_superuser("bulk")
    things = [b.product() for _ in range(100)]
    for thing in things:
        b.stocked(1_000_000, of=thing)
    for turn in range(ORDERS // SHARE):
        lines = [(things[(turn * 3 + i) % 100], 2) for i in range(3)]
        b.validated(*lines, buyer=b.customer("100000000000"), times=SHARE)
    sets.survey()
    for name, arguments in (("hold", {"reason": "Audit"}), ("release", {}), ("process", {})):
        dry = jobs.look(BY_NAME[name], Selection.of_query("status=validated", user), user)
        _timed(f"dry run of {name}", dry)
        job = jobs.start(dry, user, arguments=arguments, detail="")
        if name == "process":
            beside(user, job)
        else:
            _timed(name, job)
    for name, write in (("csv", _as_csv), ("xlsx", _as_xlsx)):
        file = jobs.look(BY_NAME[f"export-{name}"], Selection.of_query("", user), user)
        _timed(f"export of {name}", file)
        before, started = peak(), time.perf_counter()
        write(file)
        took = time.perf_counter() - started
        words = f"file {name:<24} +{peak() - before:3.0f} MB {file.total / took:8,.0f} orders/s"
        figures.show(words, file.total / took, least=SPEED)


def _timed(name: str, job: BulkJob) -> None:
    before, started = peak(), time.perf_counter()
    while BulkJob.objects.due().exists():
        engine.work()
    took = time.perf_counter() - started
    job.refresh_from_db()
    assert (job.status, job.failed) == ("done", 0), (job.status, job.failed)  # noqa: S101
    words = f"job {name:<25} +{peak() - before:3.0f} MB {job.total / took:8,.0f} orders/s"
    figures.show(words, job.total / took, least=SPEED)


def _as_csv(job: BulkJob) -> None:
    for _ in export.as_csv(export.orders(job, job.requested_by)):
        pass


def _as_xlsx(job: BulkJob) -> None:
    export.as_xlsx(export.orders(job, job.requested_by)).close()


def beside(user: User, job: BulkJob) -> None:
    """Process the orders in a worker of its own while pages of the desk are asked for."""
    reader = Reader(user)
    order = Order.objects.order_by("pk")[0].get_absolute_url()
    pages = {name: (url or order).format(job=job.pk) for name, url in PAGES.items()}
    for url in pages.values():
        reader.read(url)  # warm
    alone = _measured(reader, pages, lambda turn: turn < 20)
    started = time.perf_counter()
    worker = subprocess.Popen([sys.executable, "-c", WORKER])
    measured = _measured(reader, pages, lambda _: worker.poll() is None)
    took = time.perf_counter() - started
    job.refresh_from_db()
    assert (job.status, job.failed) == ("done", 0), (job.status, job.failed)  # noqa: S101
    most = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    words = f"job {'process, beside pages':<25} {most:.0f} MB {job.total / took:8,.0f} orders/s"
    figures.show(words, job.total / took, least=BESIDE)
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
