"""The demo company: a database that is made anew when its shape has changed."""

from __future__ import annotations

import hashlib
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from config.env import ROOT
from orders.management.demo import people
from orders.models import Order

ORDERS, SEED = 300, 1
HALF = "half made"  # what the note says while the company is being made


def shape() -> str:
    """A mark of all migrations: when it changes, a demo database is of yesterday."""
    digest = hashlib.sha256()
    for file in sorted(ROOT.glob("*/migrations/*.py")):
        digest.update(file.read_bytes())
    return digest.hexdigest()


def outdated(note: Path) -> str:
    """Why the demo database is of no use any more, as a sentence; '' if it is."""
    made_for = note.read_text() if note.exists() else shape()
    if made_for == HALF:
        return "The demo company was left half made: it is made anew."
    if made_for != shape():
        return "The tables have changed: the demo database is made anew."
    return ""


def migrate() -> None:
    """Bring the tables up to date."""
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        call_command("migrate", verbosity=0)


def prepare(note: Path) -> str:
    """Tables, people and company of the demo database; who can sign in.

    Never for a database that somebody named: the people have a password that everybody knows.
    """
    migrate()
    if not Order.objects.exists():
        note.write_text(HALF)
        call_command("seed_demo", orders=ORDERS, seed=SEED)
    people.hire()
    note.write_text(shape())
    return people.logins()


def set_anchors_aside() -> None:
    """Seals of a history that was dropped are kept beside the file, not in it."""
    file = Path(settings.HISTORY_ANCHORS)
    if file.exists():
        file.replace(file.with_suffix(".dropped.jsonl"))
