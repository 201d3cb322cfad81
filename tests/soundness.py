"""What a test leaves behind, held against every rule of the business in one call."""

from __future__ import annotations

from django.db import connection

from config.kernel import sets
from finance.models import JournalLine
from inventory.models import StockLevel
from orders.models import Order, OrderEvent
from orders.reports import integrity

AT_REST = {rule.code for rule in integrity.rules() if rule.mode != "always"}
MANY = 200  # rows from which on the planner has to know the tables
GROWN = (Order, OrderEvent, JournalLine, StockLevel)  # any of them, and the others are too
# A function keeps the plans of its queries for as long as the connection stands.
FUNCTION = """
CREATE OR REPLACE FUNCTION public.broken_rules() RETURNS SETOF text
LANGUAGE plpgsql STABLE SET search_path TO reporting AS $rules$
BEGIN
{queries}
END
$rules$
"""
# Counted, not only asked for one: a plan for the first row is a bad one where there is none.
QUERY = "RETURN QUERY SELECT '{rule.code}' WHERE (SELECT count(*) FROM ({rule.sql}) AS q) > 0;"


def install() -> None:
    """Teach the database of the tests the rules whose views are there."""
    rules = [rule for rule in integrity.check() if not rule.waits]
    queries = "\n".join(QUERY.format(rule=rule) for rule in rules)
    with connection.cursor() as cursor:
        cursor.execute(FUNCTION.format(queries=queries).replace("%", "%%"), [])


def broken(*, at_rest: bool) -> list[tuple[str, str, list[list[str]]]]:
    """The rules that do not hold, with rows that break them; with those of a system at rest or not.

    What is not sealed yet is no fault of a test.
    """
    if any(model.objects.all()[MANY:].exists() for model in GROWN):
        sets.survey()
    with connection.cursor() as cursor:
        cursor.execute("SELECT public.broken_rules()")
        codes = {code for (code,) in cursor.fetchall()}.difference({"A5"} if at_rest else AT_REST)
    if not codes:
        return []
    found = [rule for rule in integrity.check() if rule.code in codes]
    return [(rule.code, rule.title, rule.samples) for rule in found]
