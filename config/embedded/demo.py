"""The demo company: its people, and a database that is made anew when its shape has changed."""

from __future__ import annotations

import hashlib
from pathlib import Path

from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group, User
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from config.env import ROOT
from orders.models import Order
from orders.permissions import ROLES

PASSWORD = "zepergo demo"  # noqa: S105 - printed on purpose: the demo company is no secret
ORDERS, SEED = 300, 1

# user name, first and last name, role
PEOPLE = (
    ("sales", "Amara", "Okafor", "Sales rep"),
    ("manager", "Priya", "Raman", "Sales manager"),
    ("warehouse", "Tomasz", "Zielinski", "Warehouse"),
    ("lead", "Jonas", "Weber", "Warehouse lead"),
    ("support", "Mei", "Chen", "Support"),
    ("finance", "Lucia", "Ferrari", "Finance"),
    ("admin", "Sam", "Archer", "Admin"),
)


def shape() -> str:
    """A mark of all migrations: when it changes, a demo database is of yesterday."""
    digest = hashlib.sha256()
    for file in sorted(ROOT.glob("*/migrations/*.py")):
        digest.update(file.read_bytes())
    return digest.hexdigest()


def outdated(note: Path) -> bool:
    """Whether the demo database was made for other migrations than there are now."""
    return note.exists() and note.read_text() != shape()


def prepare(note: Path) -> None:
    """Bring the tables up to date, and fill an empty database with the demo company."""
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        call_command("migrate", verbosity=0)
    note.write_text(shape())
    people()
    if not Order.objects.exists():
        call_command("seed_demo", orders=ORDERS, seed=SEED)


def people() -> None:
    """One person for each role; the administrator may do everything."""
    if User.objects.filter(username__in=[name for name, *_ in PEOPLE]).count() == len(PEOPLE):
        return
    password = make_password(PASSWORD)
    groups = {name: Group.objects.get_or_create(name=name)[0] for name in ROLES}
    for username, first, last, role in PEOPLE:
        user, _ = User.objects.get_or_create(
            username=username,
            defaults={
                "first_name": first,
                "last_name": last,
                "email": f"{username}@zepergo.example",
                "password": password,
                "is_staff": role in {"Admin", "Sales manager", "Finance"},
                "is_superuser": role == "Admin",
            },
        )
        user.groups.set([groups[role]])


def logins() -> str:
    """Who can sign in, for the terminal."""
    rows = [f"  {name:<10} {role}" for name, _, _, role in PEOPLE]
    return "\n".join([f"Sign in with the password “{PASSWORD}” as", *rows])
