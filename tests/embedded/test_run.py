"""``make run``: one system of real processes, once, and nothing of it left when it ends."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

from config.embedded import supervisor
from config.embedded.postgres import Postgres
from config.env import ROOT
from orders.management.demo.people import PASSWORD
from tests.embedded import processes

pytestmark = processes.needs_proc
DATABASE = "of_somebody"


@dataclass
class Run:
    """One ``make run`` under a folder of its own."""

    process: subprocess.Popen[bytes]
    var: Path
    port: int

    @property
    def said(self) -> str:
        """What it has printed so far."""
        return (self.var / "said").read_text()

    def until(self, words: str, seconds: float = 120) -> None:
        """Wait until it says these words."""
        end = time.monotonic() + seconds
        while words not in self.said:
            assert self.process.poll() is None, self.said
            assert time.monotonic() < end, self.said
            time.sleep(0.1)

    def interrupt(self) -> int:
        """Press Ctrl-C as a terminal does, for everything in the foreground; the exit status."""
        os.killpg(self.process.pid, signal.SIGINT)
        return self.process.wait(60)


def command(var: Path, port: int, **more: str) -> tuple[list[str], dict[str, str]]:
    """The command behind ``make run``, with servers of its own unless some are named."""
    outside = {"DATABASE_URL", "REDIS_URL", "SECRET_KEY", "HISTORY_ANCHORS", "DB_POOL"}
    known = {name: value for name, value in os.environ.items() if name not in outside}
    told = {"VAR_FOLDER": str(var), "PORT": str(port), **more}
    return [sys.executable, "-m", "config.embedded"], known | told


@contextmanager
def running(var: Path, **more: str) -> Iterator[Run]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    words, known = command(var, port, **more)
    with (var / "said").open("wb") as said:
        process = subprocess.Popen(
            words, cwd=ROOT, env=known, stdout=said, stderr=said, start_new_session=True
        )
    try:
        yield Run(process, var, port)
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait(60)


@pytest.fixture
def var() -> Iterator[Path]:
    with processes.folder() as made:
        yield made


def test_one_command_runs_the_whole_system_once_and_leaves_nothing(var: Path) -> None:
    with running(var) as run:
        run.until("Sign in")
        parts = processes.of(var)
        ports = processes.ports(parts)
        key = (var / "secret").stat().st_mode & 0o777
        with urllib.request.urlopen(f"http://127.0.0.1:{run.port}/healthz", timeout=5) as answer:
            alive = answer.status
        words, known = command(var, run.port)
        second = subprocess.run(
            words, cwd=ROOT, env=known, capture_output=True, text=True, timeout=60, check=False
        )
        status = run.interrupt()

    assert f"READY http://127.0.0.1:{run.port}/" in run.said
    assert PASSWORD in run.said
    assert alive == 200
    assert key == 0o600
    assert ports == {f"0100007F:{run.port:04X}"}  # the web server's, on this machine alone
    assert len(parts) > 8, parts  # itself, two servers, web, worker, scheduler, and their own
    assert (second.returncode, second.stdout) == (
        0,
        f"It runs already: http://127.0.0.1:{run.port}/ (process {run.process.pid})\n",
    )
    assert (status, processes.gone(var)) == (0, set())
    assert run.said.endswith("Everything is stopped.\n")
    assert "Traceback" not in run.said


def test_nobody_is_hired_into_a_database_that_was_named(var: Path) -> None:
    server = Postgres(var / "theirs", fast=True)
    server.start()
    try:
        server.create(DATABASE)
        with running(var, DATABASE_URL=server.url(DATABASE)) as run:
            run.until("The tables of your database are up to date")
            status = run.interrupt()
        with psycopg.connect(server.url(DATABASE)) as link:
            people = link.execute("SELECT count(*) FROM auth_user").fetchone()
            orders = link.execute("SELECT count(*) FROM orders_order").fetchone()
    finally:
        server.stop("immediate")

    assert (status, people, orders) == (0, (0,), (0,))
    assert PASSWORD not in run.said
    assert not (var / "demo.shape").exists()
    assert not (var / "postgres").exists()
    assert processes.gone(var) == set()


def test_a_port_of_another_program_is_named(var: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        words, known = command(var, port)
        done = subprocess.run(
            words, cwd=ROOT, env=known, capture_output=True, text=True, timeout=60, check=False
        )

    assert done.returncode == 1
    assert f"Port {port} is taken by another program" in done.stdout


@pytest.mark.slow
def test_a_demo_of_other_migrations_is_made_anew_and_says_so(var: Path) -> None:
    words = "The tables have changed: the demo database is made anew."
    server = Postgres(var / "postgres")
    with running(var) as run:
        run.until("The demo company is ready")
        with psycopg.connect(server.url(supervisor.DATABASE), autocommit=True) as link:
            link.execute("UPDATE orders_customer SET name = 'Of yesterday' WHERE code = 'C-0001'")
        run.interrupt()
    assert words not in run.said

    with running(var) as run:
        run.until("The demo company is ready")
        run.interrupt()
    assert words not in run.said

    (var / "demo.shape").write_text("the shape of other migrations")
    with running(var) as run:
        run.until("The demo company is ready")
        with psycopg.connect(server.url(supervisor.DATABASE)) as link:
            names = link.execute("SELECT name FROM orders_customer WHERE code = 'C-0001'")
            assert names.fetchone() != ("Of yesterday",)
        run.interrupt()
    assert words in run.said
    assert (var / "anchors.dropped.jsonl").exists()
