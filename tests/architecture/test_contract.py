"""The schema that other programs read keeps its contract, where the contract is at hand."""

from __future__ import annotations

import os
import subprocess
import sys
from urllib.parse import urlsplit

import pytest
from django.core.management import call_command
from django.db import connection

from config.env import ROOT
from config.kernel import sets
from orders.reports.integrity import RULES

CONTRACT = ROOT.parent / "shared" / "contracts"
SCRIPT = CONTRACT / "check_reporting.py"
NORTHWIND = ROOT.parent / "shared" / "data" / "business" / "northwind"

pytestmark = pytest.mark.skipif(not SCRIPT.exists(), reason="The contract is not at hand.")


def held(*options: str) -> str:
    """What the contract's own check says of the test database, when it says that all is well."""
    sets.survey()
    address = urlsplit(os.environ["DATABASE_URL"])
    url = address._replace(path=f"/{connection.settings_dict['NAME']}").geturl()
    done = subprocess.run(
        [sys.executable, str(SCRIPT), "--dsn", url, "--growing", *options],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.splitlines()[-1]


def test_our_rules_are_those_of_the_contract() -> None:
    assert RULES[0].read_text() == (CONTRACT / "invariants.sql").read_text()


@pytest.mark.django_db
def test_views_are_straight_projections_that_only_their_reader_reads() -> None:
    assert held("--only", "V1,V2,V3") == "3 invariants held, 0 violated"


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_the_contract_holds_on_the_demo_company() -> None:
    call_command("seed_demo", orders=60, seed=2)

    assert held().endswith(" 0 violated")


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_the_contract_holds_after_a_whole_company_was_imported() -> None:
    call_command("import_orders", str(NORTHWIND), profile="northwind")
    call_command("settle")

    assert held().endswith(" 0 violated")
