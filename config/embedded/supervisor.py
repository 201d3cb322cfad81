"""One command that runs everything: servers, tables, demo company, web, worker and scheduler.

Whatever ends takes the others with it, so that nothing runs half.
"""

from __future__ import annotations

import fcntl
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from types import FrameType

import django

from config import keys
from config.embedded.lifeline import end_with_parent
from config.embedded.postgres import Postgres
from config.embedded.valkey import Valkey
from config.env import ROOT, VAR
from config.translations import compile_catalogues

DATABASE = "orders"
YOURS = (
    "Sign in with an account of your database; the first one is made by manage.py createsuperuser, "
    "and a demo company in a database without orders by manage.py seed_demo."
)


class Supervisor:
    """Starts the parts in order, watches them, and stops them all."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.url = f"http://127.0.0.1:{port}/"
        self.started = time.monotonic()
        self.ending = threading.Event()
        self.breaks_off = False  # whether what is being done is left where it stands
        self.children: dict[str, subprocess.Popen[bytes]] = {}
        self.postgres: Postgres | None = None
        self.valkey: Valkey | None = None
        self.logins = ""

    def run(self) -> int:
        """Run until somebody stops it or a part ends; the exit status says which."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._end)
        try:
            if self._prepare():
                self._start_children()
            if self._wait_for_web():
                self._greet()
            return self._watch()
        finally:
            self._stop()

    def _end(self, _number: int, _frame: FrameType | None) -> None:
        self.ending.set()
        if self.breaks_off:
            self.breaks_off = False
            raise KeyboardInterrupt

    def _prepare(self) -> bool:
        """Servers, tables and company; False if somebody stopped it meanwhile.

        What was begun is undone by its transaction, and what is half made is made anew next time.
        """
        try:
            self._servers()
            self.breaks_off = True
            if not self.ending.is_set():
                self._company()
        except (KeyboardInterrupt, SystemExit, subprocess.CalledProcessError):
            if not self.ending.is_set():
                raise
        finally:
            self.breaks_off = False
        return not self.ending.is_set()

    def _say(self, words: str) -> None:
        print(words, flush=True)

    def _servers(self) -> None:
        """Database and broker: those that are named, else our own."""
        if not os.environ.get("DATABASE_URL"):
            self.postgres = Postgres(VAR / "postgres")
            self.postgres.start()
            os.environ["DATABASE_URL"] = self.postgres.url(DATABASE)
        if not os.environ.get("REDIS_URL"):
            self.valkey = Valkey(VAR / "valkey")
            self.valkey.start()
            os.environ["REDIS_URL"] = self.valkey.url
        self._say(f"Servers are up after {self._seconds()}.")

    def _company(self) -> None:
        """Tables, and in a database of our own the demo company; in this process, as starting
        Django once is enough. A database that was named is somebody's: nobody is hired there.
        """
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
        os.environ.setdefault("SECRET_KEY", keys.kept(VAR / "secret"))
        compile_catalogues()
        django.setup()
        from django.db import connections  # noqa: PLC0415 - only once Django is set up

        from config.embedded import demo  # noqa: PLC0415

        if self.postgres:
            note = VAR / "demo.shape"
            if why := demo.outdated(note):
                self._say(why)
                self.postgres.drop(DATABASE)
                demo.set_anchors_aside()
            self.postgres.create(DATABASE)
            self.logins = demo.prepare(note)
            self._say(f"The demo company is ready after {self._seconds()}.")
        else:
            demo.migrate()
            self.logins = YOURS
            self._say(f"The tables of your database are up to date after {self._seconds()}.")
        connections.close_all()

    def _start_children(self) -> None:
        python = [sys.executable, "-W", "ignore", "-m"]
        web = ["gunicorn", "config.wsgi", "--bind", f"127.0.0.1:{self.port}", "--workers", "2"]
        worker = [
            "celery",
            "--quiet",
            "-A",
            "config",
            "worker",
            "--concurrency",
            "2",
            "--loglevel",
            "warning",
        ]
        beat = [
            "celery",
            "--quiet",
            "-A",
            "config",
            "beat",
            "--loglevel",
            "warning",
            "--pidfile",
            "",
        ]
        threads = ["--worker-class", "gthread", "--threads", "4", "--log-level", "warning"]
        self._start("web", [*python, *web, *threads, "--preload"], DB_POOL="4")
        quiet = ["--without-gossip", "--without-mingle"]
        self._start("worker", [*python, *worker, *quiet], C_FORCE_ROOT="1")
        self._start("beat", [*python, *beat])

    def _start(self, name: str, command: list[str], **more: str) -> None:
        self.children[name] = subprocess.Popen(
            command,
            cwd=ROOT,
            env={**os.environ, **more},
            stdin=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C is for us; told twice at once, a web worker hangs
            preexec_fn=end_with_parent,  # noqa: PLW1509 - no thread runs yet
        )

    def _wait_for_web(self) -> bool:
        while not self.ending.is_set() and not self._ended():
            try:
                with urllib.request.urlopen(f"{self.url}healthz", timeout=2):  # noqa: S310
                    return True
            except (urllib.error.URLError, OSError):
                self.ending.wait(0.1)
        return False

    def _greet(self) -> None:
        self._say(f"\nREADY {self.url} after {self._seconds()}. Ctrl-C stops everything.")
        self._say(self.logins + "\n")

    def _ended(self) -> str:
        return next((name for name, child in self.children.items() if child.poll() is not None), "")

    def _watch(self) -> int:
        while not self.ending.wait(0.3):
            if name := self._ended():
                code = self.children[name].returncode
                self._say(f"“{name}” ended with status {code}; everything is stopped.")
                return 1
        return 0

    def _stop(self) -> None:
        for child in self.children.values():
            if child.poll() is None:
                child.terminate()
        for child in self.children.values():
            try:
                child.wait(15)
            except subprocess.TimeoutExpired:
                os.killpg(child.pid, signal.SIGKILL)  # with what it has started
                child.wait()
        if self.valkey:
            self.valkey.stop()
        if self.postgres:
            self.postgres.stop()
        self._say("Everything is stopped.")

    def _seconds(self) -> str:
        return f"{time.monotonic() - self.started:.1f} s"


def main() -> int:
    """Run the system, unless it runs already or its port is taken."""
    port = int(os.environ.get("PORT", "8000"))
    VAR.mkdir(parents=True, exist_ok=True)
    with (VAR / "run.lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            print(f"It runs already: {lock.read().strip()}")
            return 0
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                print(f"Port {port} is taken by another program; choose one: PORT=8001 make run.")
                return 1
        lock.truncate(0)
        lock.write(f"http://127.0.0.1:{port}/ (process {os.getpid()})")
        lock.flush()
        return Supervisor(port).run()
