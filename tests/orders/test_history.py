"""The history can be verified, and its diagram is the graph that the code obeys."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from config.env import ROOT
from orders import history as events
from orders import sealing
from orders.management.commands import draw_lifecycle
from orders.models import OrderEvent
from orders.views.timeline import WORDS
from tests import builders as b

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def anchors(tmp_path: Path, settings: Any) -> Path:
    """The file outside the database."""
    settings.HISTORY_ANCHORS = str(tmp_path / "anchors.jsonl")
    return tmp_path / "anchors.jsonl"


@pytest.fixture(autouse=True)
def history(anchors: Path) -> None:
    """Two seals over the events of two orders each."""
    thing = b.product()
    b.stocked(10, of=thing)
    for _ in range(2):
        b.processed((thing, 1), times=2)
        sealing.seal_all()


def tampered(sql: str) -> None:
    """Change what the triggers protect, as the database's owner could."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table in ("orders_orderevent", "orders_historyseal"):
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        cursor.execute(sql)


CHANGES = {
    "its text": "canonical = replace(canonical, 'order.', 'other.')",
    "a column": "reason = 'another'",
    "its facts": "data = '{}'",
    "its time": "occurred_at = occurred_at + interval '1s'",
}


def test_an_untouched_history_has_no_difference(capsys: Any) -> None:
    call_command("verify_history")

    assert capsys.readouterr().out == "Every event and every seal is as it was written.\n"


@pytest.mark.unsound("tampers with the history")
@pytest.mark.parametrize("what", CHANGES)
def test_a_changed_event_is_named(what: str, capsys: Any) -> None:
    last = OrderEvent.objects.order_by("-pk")[0]
    tampered(f"UPDATE orders_orderevent SET {CHANGES[what]} WHERE id = {last.pk}")  # noqa: S608

    with pytest.raises(SystemExit):
        call_command("verify_history")

    sentence = f"Event {last.seq} of {last.order.number} is not what was written.\n"
    assert capsys.readouterr().out == sentence


@pytest.mark.unsound("tampers with the history")
def test_an_event_that_is_gone_is_missed_by_its_seal() -> None:
    tampered("DELETE FROM orders_orderevent WHERE id = (SELECT max(id) FROM orders_orderevent)")

    [sentence] = sealing.differences()
    assert sentence.endswith(" are there.")


@pytest.mark.unsound("tampers with the history")
def test_a_broken_chain_is_named() -> None:
    tampered(
        "UPDATE orders_historyseal s SET previous_hash = repeat('1', 64), hash ="
        " (SELECT encode(sha256(convert_to(repeat('1', 64)"
        "  || string_agg(event_hash, '' ORDER BY id), 'UTF8')), 'hex')"
        "  FROM orders_orderevent WHERE seal_id = s.id)"
        " WHERE id = (SELECT max(id) FROM orders_historyseal)"
    )

    chain, anchor = sealing.differences()
    assert chain.endswith("does not continue the seal before it.")
    assert "is noted otherwise in" in anchor


def test_a_seal_that_could_not_be_noted_is_noted_with_the_next(anchors: Path) -> None:
    b.drafted((b.product(), 1))
    events.seal(at=timezone.now())  # then the power went, half a line was written
    anchors.write_text(anchors.read_text() + '{"seal": ')
    assert len(sealing.differences()) == 1

    b.drafted((b.product(), 1))
    made = sealing.seal_all()

    assert (len(made), sealing.differences()) == (1, [])


def test_a_history_sealed_anew_differs_from_the_file_outside(anchors: Path) -> None:
    tampered("UPDATE orders_orderevent SET seal_id = NULL; DELETE FROM orders_historyseal")
    kept = anchors.read_text()

    sealing.seal_all()

    anchors.write_text(kept)  # whoever rewrites the database does not reach the file
    found = sealing.differences()
    assert [sentence for sentence in found if "is noted otherwise" in sentence]
    assert [sentence for sentence in found if "is not in" in sentence]


def test_the_diagram_is_up_to_date(tmp_path: Path, settings: Any) -> None:
    page = settings.BASE_DIR / draw_lifecycle.PAGE
    assert draw_lifecycle.diagram() in page.read_text()

    settings.BASE_DIR = tmp_path
    stale = tmp_path / draw_lifecycle.PAGE
    stale.parent.mkdir()
    stale.write_text("before <!-- diagram: begin -->\nold\n<!-- diagram: end --> after")
    with pytest.raises(CommandError, match="out of date"):
        call_command("draw_lifecycle", "--check")
    call_command("draw_lifecycle")
    assert "old" not in stale.read_text()
    call_command("draw_lifecycle", "--check")


def test_every_type_of_event_that_is_written_has_words() -> None:
    written = set()
    for file in (ROOT / "orders").rglob("*.py"):
        text = file.read_text()
        if not re.search(r"\b(Happening|moved)\(", text):
            continue
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.Constant) and re.fullmatch(r"[a-z]+\.[a-z_]+", str(node.value)):
                written.add(node.value)

    assert {"order.revised", "quote.sent", "hold.released", "units.cancelled"} <= written
    assert {kind for kind in written if kind not in WORDS} == set()
