"""A clean clone and one command: what README promises, as whoever has just cloned it has it."""

from __future__ import annotations

import shutil

import pytest

from benchmarks.start import cloned
from config.embedded.demo import ORDERS
from config.env import ROOT
from tests.embedded import processes

pytestmark = [
    processes.needs_proc,
    pytest.mark.slow,
    pytest.mark.skipif(
        not (ROOT / ".git").exists() or not shutil.which("make"),
        reason="There is nothing to clone here, or no make.",
    ),
]


def test_one_command_in_a_clean_clone_sets_everything_up_and_runs_it_once() -> None:
    with cloned() as clone:
        with clone.running() as system:
            orders = clone.orders()
            second = clone.make("run")
            running = processes.of(clone.folder)
        left = processes.gone(clone.folder)

    assert f"READY http://127.0.0.1:{clone.port}/" in system.said
    assert orders == ORDERS == 300
    assert second.startswith(f"It runs already: http://127.0.0.1:{clone.port}/ (process ")
    assert len(running) > 8
    assert left == set()
    assert not clone.folder.exists()
