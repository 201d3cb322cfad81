"""The whole system as ``make run`` starts it: every part a real process, under one folder."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from config.env import ROOT


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
def running(var: Path, *before: str, **more: str) -> Iterator[Run]:
    """The whole system under the folder; some words may stand before its command."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    words, known = command(var, port, **more)
    with (var / "said").open("wb") as said:
        process = subprocess.Popen(
            [*before, *words], cwd=ROOT, env=known, stdout=said, stderr=said, start_new_session=True
        )
    try:
        yield Run(process, var, port)
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait(60)


def until(done: Callable[[], object], seconds: float = 60) -> None:
    """Wait for something to become true."""
    end = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < end, "it took too long"
        time.sleep(0.1)
