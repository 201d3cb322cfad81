"""The ledger: entries are booked in sets, into open periods, and balance to the cent."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.utils.formats import date_format
from django.utils.translation import gettext

from config.kernel import pipeline, sets
from config.kernel.errors import DomainError
from finance.models import AccountingPeriod, JournalEntry
from finance.services.postings import Posting

# Closing a period takes this lock exclusively, so that nothing is posted into it meanwhile.
PERIOD_LOCK = 7_100
PERIODS = """
SELECT id, starts_on, closed_at IS NOT NULL, pg_advisory_xact_lock_shared(%s, id::int)
FROM finance_accountingperiod WHERE starts_on = ANY(%s)
"""
LINES = """
INSERT INTO finance_journalline (entry_id, account_id, customer_id, debit, credit)
SELECT v.entry_id, a.id, v.customer_id, v.debit, v.credit
FROM unnest(%b::bigint[], %b::text[], %b::bigint[], %s::numeric[], %s::numeric[])
     WITH ORDINALITY v (entry_id, role, customer_id, debit, credit, position)
JOIN finance_account a ON a.role = v.role ORDER BY v.position
"""


class PeriodClosed(DomainError):
    """Something was to be booked into a month whose books are closed."""


def post(postings: Sequence[Posting], *, at: datetime) -> list[int | None]:
    """Book the entries; answer their ids in order, None for a posting without an amount."""
    real = [posting for posting in postings if posting.nonzero]
    if not real:
        return [None] * len(postings)
    period = _open_period(at.date())
    rows = [
        (p.kind, p.currency, p.order, p.source[0], p.source[1], period, at.date(), at) for p in real
    ]
    columns = ["kind", "currency", "order", "source_type", "source_id"]
    columns += ["period", "entry_on", "posted_at"]
    ids = [pk for (pk,) in sets.insert(JournalEntry, columns, rows, returning="id")]
    _write_lines(zip(ids, real, strict=True))
    booked = iter(ids)
    return [next(booked) if posting.nonzero else None for posting in postings]


def _write_lines(entries: Iterable[tuple[int, Posting]]) -> None:
    lines = [
        (pk, role, customer, max(amount, Decimal(0)), max(-amount, Decimal(0)))
        for pk, posting in entries
        for role, customer, amount in posting.nonzero
    ]
    with pipeline.cursor() as cursor:
        cursor.execute(LINES, [list(column) for column in zip(*lines, strict=True)])


def _open_period(day: date) -> int:
    """The period of a day, locked against closing; created when it is not there yet."""
    start = day.replace(day=1)
    found = _locked_period(start)
    if found is None:
        open_periods(start, start)
        found = _locked_period(start) or (0, True)
    pk, closed = found
    if closed:
        words = gettext("The books of %(month)s are closed; use a later date.")
        raise PeriodClosed(words % {"month": date_format(start, "F Y")})
    return pk


def _locked_period(start: date) -> tuple[int, bool] | None:
    with pipeline.cursor() as cursor:
        cursor.execute(PERIODS, [PERIOD_LOCK, [start]])
        row = cursor.fetchone()
    return (row[0], row[2]) if row else None


def open_periods(first: date, last: date) -> int:
    """Make sure that every calendar month from the first to the last day has its period.

    Answers how many had none.
    """
    start, periods = first.replace(day=1), []
    later = AccountingPeriod.objects.filter(starts_on__gte=start)
    known = set(later.values_list("starts_on", flat=True))
    while start <= last:
        following = (start + timedelta(days=32)).replace(day=1)
        if start not in known:
            periods.append(AccountingPeriod(starts_on=start, ends_on=following - timedelta(days=1)))
        start = following
    AccountingPeriod.objects.bulk_create(periods, ignore_conflicts=True)
    return len(periods)
