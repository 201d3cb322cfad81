"""Integrity: every rule of the business that can be stated on data, held against the data.

The rules stand in ``invariants.sql`` as queries over the schema ``reporting``, those of people in
``people.sql``; each answers the
rows that break it, so each must answer none. A rule that reads a view which is not there yet waits.
"""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from django.db import ProgrammingError, connection, transaction
from django.utils.translation import gettext

RULES = [Path(__file__).with_name(name) for name in ("invariants.sql", "people.sql")]
SAMPLES = 5


@dataclass(slots=True)
class Rule:
    """One rule, and what was found when it was held against the data."""

    code: str
    mode: str  # always, or quiescent: only when no work is waiting
    title: str
    sql: str
    broken: int = 0
    samples: list[list[str]] = field(default_factory=list)
    waits: bool = False

    @property
    def said(self) -> str:
        """What must hold, as the reader says it."""
        return gettext(self.title)

    def as_json(self) -> dict[str, Any]:
        """The finding without its query."""
        found = asdict(self)
        del found["sql"]
        return found


def rules() -> list[Rule]:
    """Every rule, in the order of the files."""
    found = []
    text = "".join(file.read_text() for file in RULES)
    for block in re.split(r"^(?=-- @)", text, flags=re.MULTILINE)[1:]:
        head, _, sql = block.partition("\n")
        match = re.fullmatch(r"-- @(\w+) \[(always|quiescent)\] (.+)", head)
        if match is None:
            raise ValueError(f"malformed rule: {head}")
        found.append(Rule(match[1], match[2], match[3], sql.partition(";\n")[0].strip()))
    return found


def check() -> list[Rule]:
    """Hold every rule against one snapshot of the data."""
    found = rules()
    with transaction.atomic(), connection.cursor() as cursor:
        if not connection.savepoint_ids:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        cursor.execute("SET LOCAL search_path TO reporting")
        for rule in found:
            _hold(rule)
        cursor.execute("SET LOCAL search_path TO DEFAULT")
    return found


def _hold(rule: Rule) -> None:
    query = f"WITH q AS MATERIALIZED ({rule.sql}\n) SELECT count(*) OVER (), q.* FROM q LIMIT 5"
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(query.replace("%", "%%"), [])
            rows = cursor.fetchall()
    except ProgrammingError as error:
        if getattr(error.__cause__, "sqlstate", "") != "42P01":
            raise
        rule.waits = True
    else:
        rule.broken = rows[0][0] if rows else 0
        rule.samples = [[str(value) for value in row[1:]] for row in rows]
