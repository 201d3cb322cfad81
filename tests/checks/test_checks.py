"""Every CHECK is tried: the database refuses by its name what would break it."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, models, transaction
from django.test import override_settings
from pytest_django import DjangoDbBlocker

from finance import models as finance
from fulfillment.models import PickScan
from inventory.models import StockMove
from orders import models as orders
from returns.models import ReturnLine
from tests.checks import company, goods
from tests.checks import orders as of_orders
from tests.checks.cases import Case, Changes

pytestmark = [pytest.mark.django_db, pytest.mark.unsound("has rows that were set by hand")]
CASES: dict[str, Case] = {
    **of_orders.LINES,
    **of_orders.ORDERS,
    **of_orders.JOBS,
    **of_orders.RULES,
    **goods.STOCK,
    **goods.FLOOR,
    **goods.MONEY,
    **goods.RETURNS,
}
# What is never edited is tried on a changed copy.
COPIED = {
    finance.InvoiceLine,
    finance.JournalEntry,
    finance.JournalLine,
    finance.PaymentApplication,
    orders.HistorySeal,
    orders.OrderEvent,
    orders.Promise,
    orders.RoleGrant,
    PickScan,
    ReturnLine,
    StockMove,
}
OURS = ("finance", "fulfillment", "inventory", "orders", "returns")
CHECKS = """
SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
WHERE contype = 'c' AND connamespace = 'public'::regnamespace
"""
# A count that is never below zero, as every positive integer field has it.
COUNT = re.compile(r"CHECK \(\(\"?(\w+)\"? >= 0\)\)")
# Whoever breaks these breaks another one first, which says more.
IMPLIED = {
    "orders_amendment_version_to_check",  # the next one after version_from
    "orders_bulkjob_failed_check",  # no less than what was done already and what was left
    "orders_bulkjob_total_check",  # no less than what succeeded and failed
    "orders_orderimport_total_check",  # no less than what was taken, known and refused
}


@pytest.fixture(scope="module", autouse=True)
def _company(
    django_db_setup: None,
    django_db_blocker: DjangoDbBlocker,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[None]:
    """One company for all tries, each of which is undone."""
    anchors = tmp_path_factory.mktemp("anchors") / "anchors.jsonl"
    with (
        django_db_blocker.unblock(),
        override_settings(HISTORY_ANCHORS=str(anchors)),
        transaction.atomic(),
    ):
        company.found()
        yield
        transaction.set_rollback(True)


def refusal(model: type[models.Model], where: Changes, changes: Changes) -> str:
    """The name of the check that refuses to have these changes made to such a row."""
    row = model._default_manager.filter(**where).order_by("pk").first()
    assert row is not None, f"The company has no {model.__name__} with {where}."
    with pytest.raises(IntegrityError) as caught, transaction.atomic():
        copy(row, changes) if model in COPIED else edit(row, changes)
    return str(caught.value.__cause__.diag.constraint_name)  # type: ignore[union-attr]


def copy(row: models.Model, changes: Changes) -> None:
    for name, value in {**changes, "pk": None}.items():
        setattr(row, name, value)
    row._state.adding = True
    row.save(force_insert=True)


def edit(row: models.Model, changes: Changes) -> None:
    type(row)._default_manager.filter(pk=row.pk).update(**changes)


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        pytest.param(name, changes, id=f"{name}-{number}")
        for name, (_, _, breaks) in CASES.items()
        for number, changes in enumerate(breaks, 1)
    ],
)
def test_what_would_break_it_is_refused(name: str, changes: Changes) -> None:
    model, where, _ = CASES[name]

    assert refusal(model, where, changes) == name


def editable(model: type[models.Model]) -> Changes:
    """Rules are changed in drafts alone."""
    if model is orders.RuleSet:
        return {"published_at": None}
    return {"rules__published_at": None} if hasattr(model, "rules") else {}


def checks() -> dict[str, tuple[str, str]]:
    """Every check of our tables: name → table and definition."""
    with connection.cursor() as cursor:
        cursor.execute(CHECKS)
        rows = cursor.fetchall()
    return {name: (table, said) for table, name, said in rows if table.split("_")[0] in OURS}


def counts() -> dict[str, tuple[type[models.Model], str]]:
    """The checks that hold a count at zero or more: name → model and field."""
    by_table = {model._meta.db_table: model for model in apps.get_models()}
    return {
        name: (by_table[table], found[1])
        for name, (table, said) in checks().items()
        if name.endswith("_check") and (found := COUNT.fullmatch(said))
    }


def test_no_count_is_less_than_nothing() -> None:
    tried = {name: each for name, each in counts().items() if name not in IMPLIED}
    with_it = {"orders_amendment_version_from_check": {"version_to": 0}}

    found = {
        name: refusal(model, editable(model), {field: -1, **with_it.get(name, {})})
        for name, (model, field) in tried.items()
    }

    assert found == {name: name for name in tried}


def test_every_check_is_tried() -> None:
    """A new check needs a case beside the others, with what would break it."""
    tried = CASES.keys() | counts().keys()

    assert sorted(checks().keys() - tried) == [], "These are not tried."
    assert sorted(tried - checks().keys()) == [], "These are no more."
