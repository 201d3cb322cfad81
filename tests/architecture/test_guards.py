"""What the database itself refuses is on record: a guard that is gone or new is seen.

``guards`` holds, app by app, every check, unique rule, exclusion, partial index and trigger as
PostgreSQL tells it, casts left out.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.db import connection

FOLDER = Path(__file__).parent / "guards"
APPS = ("auth", "finance", "fulfillment", "inventory", "orders", "returns")
CASTS = re.compile(r"::(?:character varying|numeric|integer|bigint|text)(?:\[\])?")
GUARDS = """
SELECT t.relname, g.kind, g.name, g.definition FROM pg_class t JOIN (
 SELECT conrelid, CASE contype WHEN 'c' THEN 'check' WHEN 'u' THEN 'unique' ELSE 'exclusion' END,
  conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE contype IN ('c', 'u', 'x')
 UNION ALL SELECT indrelid, 'index', i.relname, pg_get_indexdef(indexrelid)
  FROM pg_index JOIN pg_class i ON i.oid = indexrelid
  WHERE indisvalid AND (indisunique OR indpred IS NOT NULL)
   AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid AND contype IN ('p', 'u'))
 UNION ALL SELECT tgrelid, 'trigger', tgname, pg_get_triggerdef(oid)
  FROM pg_trigger WHERE NOT tgisinternal AND tgenabled <> 'D'
) g (relid, kind, name, definition) ON g.relid = t.oid
WHERE t.relnamespace = 'public'::regnamespace
"""


def standing() -> dict[str, set[str]]:
    """The guards of the database by app."""
    with connection.cursor() as cursor:
        cursor.execute(GUARDS)
        rows = cursor.fetchall()
    found: dict[str, set[str]] = {app: set() for app in APPS}
    for table, kind, name, definition in rows:
        app = table.split("_")[0]
        if app in found and (app != "auth" or kind == "trigger"):
            told = CASTS.sub("", definition).replace("public.", "")
            found[app].add(f"{table} {kind} {name}: {told}")
    return found


@pytest.mark.django_db
@pytest.mark.parametrize("app", APPS)
def test_the_guards_of_the_database_are_those_on_record(app: str) -> None:
    file = FOLDER / f"{app}.txt"
    recorded, found = file.read_text().splitlines(), standing()[app]

    assert recorded == sorted(recorded)
    missing = [f"- {line}" for line in recorded if line not in found]
    new = [f"+ {line}" for line in sorted(found.difference(recorded))]
    if missing or new:
        told = "\n".join([*missing, *new])
        pytest.fail(f"Missing (-) or new (+) beside {file.name}; record what is meant:\n{told}")
