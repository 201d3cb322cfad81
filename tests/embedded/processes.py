"""What runs on this machine because of a folder, and where it listens; read from ``/proc``."""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from shutil import rmtree

import pytest

PROC = Path("/proc")
LISTENING = "0A"

needs_proc = pytest.mark.skipif(sys.platform != "linux", reason="There is no /proc here.")


@contextmanager
def folder() -> Iterator[Path]:
    """A folder that other accounts may walk through, as the one of the project may be."""
    made = Path(tempfile.mkdtemp(prefix="zepergo-test-"))
    made.chmod(0o755)
    try:
        yield made
    finally:
        rmtree(made)


def of(var: Path) -> set[int]:
    """The processes that work in the folder, were told of it, or have it in their surroundings."""
    mark, found = os.fsencode(var), set()
    for process in PROC.glob("[0-9]*"):
        with suppress(OSError):
            known = [os.fsencode((process / "cwd").readlink())]
            known += [(process / name).read_bytes() for name in ("cmdline", "environ")]
            if any(mark in each for each in known):
                found.add(int(process.name))
    return found - {os.getpid()}


def ports(processes: set[int]) -> set[str]:
    """The network addresses at which any of the processes listens, as the kernel writes them."""
    rows = [
        line.split()
        for table in ("tcp", "tcp6")
        for line in (PROC / "net" / table).read_text().splitlines()[1:]
    ]
    listening = {f"socket:[{row[9]}]": row[1] for row in rows if row[3] == LISTENING}
    held = set()
    for process in processes:
        for file in (PROC / str(process) / "fd").glob("*"):
            with suppress(OSError):
                held.add(str(file.readlink()))
    return {address for name, address in listening.items() if name in held}


def gone(var: Path, seconds: float = 10) -> set[int]:
    """The processes of the folder that are left after at most so long."""
    until = time.monotonic() + seconds
    while (left := of(var)) and time.monotonic() < until:
        time.sleep(0.1)
    return left
