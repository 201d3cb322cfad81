"""The history can be verified, and its diagram is the graph that the code obeys."""

from __future__ import annotations

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from orders import history
from tests import builders as b

pytestmark = pytest.mark.django_db


def tampered(sql: str) -> None:
    """Change what the triggers protect, as the database's owner could."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE orders_orderevent DISABLE TRIGGER USER")
        cursor.execute(sql)
        cursor.execute("ALTER TABLE orders_orderevent ENABLE TRIGGER USER")


def sealed() -> None:
    thing = b.product()
    b.stocked(10, of=thing)
    b.processed((thing, 1), times=2)
    history.seal(at=timezone.now())


def test_an_untouched_history_has_no_difference() -> None:
    sealed()

    assert history.differences() == []
    call_command("verify_history")


def test_a_changed_event_is_named() -> None:
    sealed()
    tampered(
        "UPDATE orders_orderevent SET canonical = replace(canonical, 'order.', 'other.')"
        " WHERE id = (SELECT min(id) FROM orders_orderevent)"
    )

    [sentence] = history.differences()
    assert sentence.startswith("Event 1 of ")
    assert sentence.endswith("does not match its own hash.")
    with pytest.raises(SystemExit):
        call_command("verify_history")


def test_a_deleted_event_is_missed_by_its_seal() -> None:
    sealed()
    tampered("DELETE FROM orders_orderevent WHERE id = (SELECT max(id) FROM orders_orderevent)")

    [sentence] = history.differences()
    assert "are there." in sentence


def test_the_diagram_is_up_to_date() -> None:
    call_command("draw_lifecycle", "--check")
