"""``python -m benchmarks``: how our steps compare with raw SQL that writes the same rows.

The baseline replays the statements that the step itself sent, with their parameters ready, on a
bare psycopg connection to the same server, in as many transactions, after the step was undone.
What a statement finds out by itself, as the words of a search, is given as ready values too.
Ratio = its time ÷ ours: 1 means that the lifecycle costs nothing. Each measurement has a process
and a fresh database of its own; what missed its target is named at the end.
"""

from __future__ import annotations

import os
import subprocess
import sys

from benchmarks.figures import MISSED
from config.embedded.postgres import Postgres
from config.embedded.valkey import Valkey
from config.env import VAR

DATABASE = "bench"
NAMES = (
    "steps", "chunks", "bulk", "order", "memory", "lists", "typeahead", "import", "demo", "start",
)  # fmt: skip


def main() -> int:
    """Measure what is named, else everything; 1 when a measurement broke off."""
    server, broker = Postgres(VAR / "bench" / "postgres"), Valkey(VAR / "bench" / "valkey")
    server.start()
    broker.start()
    missed, broken = [], []
    try:
        for name in sys.argv[1:] or NAMES:
            server.drop(DATABASE)
            server.create(DATABASE)
            status, lines = measured(name, server.url(DATABASE), broker.url)
            missed += [f"{name}: {line}" for line in lines]
            broken += [name] if status else []
    finally:
        broker.stop()
        server.stop()
    if missed or not broken:
        print("\nEvery figure met its target." if not missed else f"\n{len(missed)} missed:")
    for line in missed:
        print(f"  {line}")
    for name in broken:
        print(f"  {name} broke off.")
    return int(bool(broken))


def measured(name: str, url: str, broker: str) -> tuple[int, list[str]]:
    """Run one measurement, show its lines, and answer those that missed."""
    print(f"\n{name}", flush=True)
    with subprocess.Popen(
        [sys.executable, "-W", "ignore", "-m", "benchmarks.one", name],
        env={
            **os.environ,
            "DATABASE_URL": url,
            "REDIS_URL": broker,
            "LOG_LEVEL": "ERROR",
        },
        stdout=subprocess.PIPE,
        text=True,
    ) as child:
        lines = []
        for line in child.stdout or ():
            print(line, end="", flush=True)
            if line.rstrip().endswith(MISSED):
                lines.append(line.strip().removesuffix(MISSED).rstrip())
    return child.returncode, lines


if __name__ == "__main__":
    sys.exit(main())
