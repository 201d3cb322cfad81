"""The role that reads the views: made where the database allows it, asked for where not."""

from __future__ import annotations

import json
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection

from orders.reports import reader
from returns.migrations._reporting import READER

pytestmark = pytest.mark.django_db


def say(*options: str) -> str:
    """What ``check_integrity`` writes."""
    written = StringIO()
    call_command("check_integrity", *options, stdout=written)
    return written.getvalue()


def run(*statements: str) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def test_where_the_role_reads_every_view_nothing_is_said_of_it() -> None:
    assert reader.lacking() == ""
    assert "reporting_reader" not in say()


def test_a_role_that_is_missing_is_asked_for_and_breaks_no_rule() -> None:
    run("ALTER ROLE reporting_reader RENAME TO reporting_reader_away")

    said = say().splitlines()

    assert "0 are broken" in said[0]
    assert said[1:] == [
        "The role reporting_reader is not there, so other programs cannot read the data. Ask an "
        "administrator of the database to run: CREATE ROLE reporting_reader LOGIN; GRANT USAGE ON "
        "SCHEMA reporting TO reporting_reader; GRANT SELECT ON ALL TABLES IN SCHEMA reporting TO "
        "reporting_reader;"
    ]
    run(said[1].partition("to run: ")[2])
    assert reader.lacking() == ""


@pytest.mark.parametrize("taken", ["USAGE ON SCHEMA reporting", "SELECT ON reporting.credit_note"])
def test_a_role_without_its_grants_is_named(taken: str) -> None:
    run(f"REVOKE {taken} FROM reporting_reader")

    words = reader.lacking()

    assert words.startswith("The role reporting_reader may not read every view of reporting")
    assert "CREATE ROLE" not in words


def test_programs_read_rules_only() -> None:
    run("ALTER ROLE reporting_reader RENAME TO reporting_reader_away")

    assert {"code", "broken"} <= json.loads(say("--json"))[0].keys()


def test_tables_are_made_by_an_account_that_may_make_no_role() -> None:
    run(
        "ALTER ROLE reporting_reader RENAME TO reporting_reader_away",
        "CREATE ROLE limited",
        "SET LOCAL ROLE limited",
        READER,
        "RESET ROLE",
    )

    assert "The role reporting_reader is not there" in reader.lacking()
