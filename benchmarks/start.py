"""``make run`` from nothing and once more, to READY: seconds, with the demo's 300 orders."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks import figures

COLD_SECONDS, WARM_SECONDS = 45, 10


def run() -> None:
    """Start and stop the whole system twice under a folder of its own."""
    var = Path(tempfile.mkdtemp(prefix="zepergo-bench-"))
    var.chmod(0o755)  # the account of the database server walks through it
    try:
        for name, most in (("cold", COLD_SECONDS), ("warm", WARM_SECONDS)):
            took = _seconds(var)
            figures.show(f"{name} start to READY {took:6.1f} s", took, most=most)
    finally:
        shutil.rmtree(var)


def _seconds(var: Path) -> float:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    named = {"DATABASE_URL", "REDIS_URL"}
    known = {name: value for name, value in os.environ.items() if name not in named}
    started = time.perf_counter()
    with subprocess.Popen(
        [sys.executable, "-m", "config.embedded"],
        env={**known, "VAR_FOLDER": str(var), "PORT": str(port)},
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as system:
        said = ""
        for line in system.stdout or ():
            said += line
            if line.startswith("READY"):
                took = time.perf_counter() - started
                system.send_signal(signal.SIGINT)
                (system.stdout or sys.stdin).read()
                return took
    raise SystemExit(f"The system did not start: {said}")
