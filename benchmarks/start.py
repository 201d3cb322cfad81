"""``make run`` in a clean clone, and once more, to READY: seconds, with the demo's 300 orders."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

from benchmarks import figures
from config.embedded.demo import ORDERS
from config.embedded.postgres import Postgres
from config.embedded.supervisor import DATABASE
from config.env import ROOT

COLD_SECONDS, WARM_SECONDS = 45, 10
# What is ours alone: a clean clone knows of no servers, keys and makes of somebody else.
OURS = (
    "DATABASE_URL", "REDIS_URL", "SECRET_KEY", "HISTORY_ANCHORS", "VAR_FOLDER", "DB_POOL", "DEBUG",
    "MAKEFLAGS", "MAKELEVEL", "MFLAGS",
)  # fmt: skip


def run() -> None:
    """Start and stop the whole system twice; the packages are in the cache by then."""
    with cloned() as clone:
        clone.make(".venv/.run")
        shutil.rmtree(clone.folder / ".venv")
        for name, most in (("cold", COLD_SECONDS), ("warm", WARM_SECONDS)):
            with clone.running() as system:
                orders = clone.orders()
            words = f"{name} make run to READY {system.took:6.1f} s"
            figures.show(words, system.took, most=most)
            figures.show(f"{name} orders of the demo {orders:4d}", orders, least=ORDERS)


@dataclass
class System:
    """A ``make run`` that is READY."""

    said: str
    took: float


@dataclass(frozen=True)
class Clone:
    """What is committed, in a folder of its own, as somebody has it who has just cloned it."""

    folder: Path
    port: int

    def make(self, *words: str) -> str:
        """Make something, wait for it, and answer what was said."""
        return subprocess.run(
            ["make", *words],
            cwd=self.folder,
            env=self.surroundings,
            capture_output=True,
            text=True,
            check=True,
        ).stdout

    @property
    def surroundings(self) -> dict[str, str]:
        """The environment of somebody who has set nothing but a port."""
        known = {name: value for name, value in os.environ.items() if name not in OURS}
        return {**known, "PORT": str(self.port)}

    @contextmanager
    def running(self) -> Iterator[System]:
        """``make run`` from the first second to READY; then until Ctrl-C, and all of it ended."""
        started, said = time.perf_counter(), ""
        with subprocess.Popen(
            ["make", "run"],
            cwd=self.folder,
            env=self.surroundings,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        ) as process:
            try:
                for line in process.stdout or ():
                    said += line
                    if line.startswith("READY"):
                        break
                else:
                    raise SystemExit(f"The system did not start: {said}")
                yield System(said, time.perf_counter() - started)
            finally:
                if process.poll() is None:
                    os.killpg(process.pid, signal.SIGINT)
                process.communicate()

    def orders(self) -> int:
        """How many orders the demo company has."""
        server = Postgres(self.folder / "var" / "postgres")
        with psycopg.connect(server.url(DATABASE)) as link:
            row = link.execute("SELECT count(*) FROM orders_order").fetchone()
        return row[0] if row else 0


@contextmanager
def cloned() -> Iterator[Clone]:
    """A clean clone; removed with all it made."""
    folder = Path(tempfile.mkdtemp(prefix="zepergo-clone-"))
    folder.chmod(0o755)  # the account of the database server walks through it
    try:
        packed = folder.with_suffix(".tar")
        subprocess.run(["git", "archive", "-o", packed, "HEAD"], cwd=ROOT, check=True)
        shutil.unpack_archive(packed, folder)
        packed.unlink()
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        yield Clone(folder, port)
    finally:
        shutil.rmtree(folder)
