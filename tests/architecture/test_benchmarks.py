"""A benchmark says its target, and whether it was met."""

from __future__ import annotations

import pytest

from benchmarks import figures, replay, steps
from benchmarks.__main__ import NAMES
from config.env import ROOT
from orders.models import OrderSearch
from tests import builders as b


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


@pytest.mark.django_db
def test_raw_sql_is_given_what_our_statements_find_out_by_themselves() -> None:
    sent: list[replay.Statement] = []
    thing = b.product()
    with replay.recorded(sent):
        b.drafted((thing, 2))

    ready = replay.ready(sent)

    [(_, values)] = [each for each in ready if "orders_ordersearch" in each[0]]
    row = OrderSearch.objects.get()
    assert values == [[row.order_id], [row.words], [row.likeness]]
    assert thing.sku.lower() in row.words
    assert [sql for sql, _ in ready if "JOIN" in sql or "string_agg" in sql] == []


def test_every_step_of_the_lifecycle_is_measured() -> None:
    measured = {name for name, _ in (*steps.WAY, *steps.ASIDE)} - {steps.UNTIMED}

    assert {"pay", "hold", "release", "waive", "recheck", "recall", "cancel"} <= measured
