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


def shape() -> str:
    """A mark of all migrations: when it changes, a demo database is of yesterday."""
    digest = hashlib.sha256()
    for file in sorted(ROOT.glob("*/migrations/*.py")):
        digest.update(file.read_bytes())
    return digest.hexdigest()


def outdated(note: Path) -> bool:
    """Whether the demo database was made for other migrations than there are now."""
    return note.exists() and note.read_text() != shape()


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
    note.write_text(shape())
    people.hire()
    if not Order.objects.exists():
        call_command("seed_demo", orders=ORDERS, seed=SEED)
    return people.logins()


def set_anchors_aside() -> None:
    """Seals of a history that was dropped are kept beside the file, not in it."""
    file = Path(settings.HISTORY_ANCHORS)
    if file.exists():
        file.replace(file.with_suffix(".dropped.jsonl"))
