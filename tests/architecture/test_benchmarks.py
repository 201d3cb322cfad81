"""A benchmark says its target, and whether it was met."""

from __future__ import annotations

import pytest

from benchmarks import figures
from benchmarks.__main__ import NAMES
from config.env import ROOT


def test_a_figure_stands_beside_its_target(capsys: pytest.CaptureFixture[str]) -> None:
    figures.show("page p95 26 ms", 26, most=25)
    figures.show("page p95 25 ms", 25, most=25)
    figures.show("job 99 orders/s", 99, least=100)
    figures.show("job 100 orders/s", 100, least=100)

    assert capsys.readouterr().out.splitlines() == [
        "page p95 26 ms  (target ≤ 25)  MISSED",
        "page p95 25 ms  (target ≤ 25)",
        "job 99 orders/s  (target ≥ 100)  MISSED",
        "job 100 orders/s  (target ≥ 100)",
    ]


def test_every_measurement_has_its_name() -> None:
    text = (ROOT / "benchmarks" / "one.py").read_text()

    assert [name for name in NAMES if f'"{name}": ' not in text] == []
