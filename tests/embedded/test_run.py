"""``make run``: one system of real processes, once, and nothing of it left when it ends."""

from __future__ import annotations

import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import redis

from config.embedded import supervisor
from config.embedded.postgres import Postgres
from config.embedded.valkey import Valkey
from config.env import ROOT
from orders.management.demo.people import PASSWORD
from tests.embedded import processes
from tests.embedded.system import command, running, until

pytestmark = processes.needs_proc
DATABASE = "of_somebody"


@pytest.fixture
def var() -> Iterator[Path]:
    with processes.folder() as made:
        yield made


def interrupted(var: Path) -> None:
    """A first start that somebody stops while the tables are made: it ends soon, and whole."""
    with running(var) as run:
        run.until("Servers are up")
        until(lambda: tables(var) > 5)
        begun = time.monotonic()
        status = run.interrupt()
        took = time.monotonic() - begun
    assert (status, processes.gone(var)) == (0, set())
    assert took < 5, took
    assert run.said.endswith(" s.\nEverything is stopped.\n")
    assert "The demo company" not in run.said


def tables(var: Path) -> int:
    """How many tables there are so far."""
    try:
        with psycopg.connect(Postgres(var / "postgres").url(supervisor.DATABASE)) as link:
            found = link.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")
            return int(found.fetchall()[0][0])
    except psycopg.OperationalError:
        return 0


def test_one_command_runs_the_whole_system_once_and_leaves_nothing(var: Path) -> None:
    interrupted(var)
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


def test_servers_that_were_named_are_used_and_nobody_is_hired_into_them(var: Path) -> None:
    server, broker = Postgres(var / "theirs", fast=True), Valkey(var / "their-broker")
    server.start()
    broker.start()
    try:
        server.create(DATABASE)
        named = {"DATABASE_URL": server.url(DATABASE), "REDIS_URL": broker.url}
        messages = redis.Redis.from_url(broker.url)
        with running(var, **named) as run:
            run.until("READY")
            until(lambda: messages.info("clients")["blocked_clients"])  # a worker that listens
            status = run.interrupt()
        with psycopg.connect(server.url(DATABASE)) as link:
            people = link.execute("SELECT count(*) FROM auth_user").fetchone()
            orders = link.execute("SELECT count(*) FROM orders_order").fetchone()
    finally:
        broker.stop()
        server.stop("immediate")

    assert "The tables of your database are up to date" in run.said
    assert (status, people, orders) == (0, (0,), (0,))
    assert PASSWORD not in run.said
    for ours in ("demo.shape", "postgres", "valkey"):
        assert not (var / ours).exists()
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
