"""Files of orders and of results, written while they are read: memory does not grow with them.

A cell that a spreadsheet would take for a formula stays text.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, tzinfo
from decimal import Decimal
from tempfile import TemporaryFile
from typing import IO, Any

from django.contrib.auth.models import AnonymousUser, User
from django.utils import timezone, translation
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

from config.kernel.reading import kept
from orders import explain
from orders.columns import Column, in_file
from orders.models import BulkItem, BulkJob, Order

WINDOW = 500
FORMULAE = ("=", "+", "-", "@", "\t", "\r")
RESULTS = ("order", "status", "error_code", "message")
Values = Sequence[object]


Reader = User | AnonymousUser


def orders(job: BulkJob, reader: Reader) -> Iterator[Values]:
    """The heading and a row for each order of the job, in the order in which they were frozen.

    Orders outside the present scope of whoever reads it are left out.
    """
    columns = in_file(job.arguments.get("columns", ()))
    yield [kept(column.label) for column in columns]
    for items in _windows(job, reader, BulkItem.Status.SUCCEEDED):
        found = Order.objects.select_related("customer", "channel").in_bulk(
            [item.order_id for item in items if item.order_id]
        )
        chosen = [found[item.order_id] for item in items if item.order_id in found]
        yield from _rows(explain.rows(chosen), columns)


def _rows(rows: Iterable[explain.Row], columns: Sequence[Column]) -> Iterator[Values]:
    for row in rows:
        yield [_short(column.value(row)) for column in columns]


def _short(value: object) -> object:
    """Amounts without the zeros behind the cents that only the database needs."""
    if isinstance(value, Decimal) and value == round(value, 2):
        return round(value, 2)
    return value


def results(job: BulkJob, reader: Reader, outcome: str = "") -> Iterator[Values]:
    """The heading and what became of each order of the job, or of those with one outcome."""
    yield RESULTS
    for items in _windows(job, reader, outcome):
        for item in items:
            yield (item.reference, item.status, item.error_code or "", item.message)


def _windows(job: BulkJob, reader: Reader, outcome: str) -> Iterator[list[BulkItem]]:
    """The job's orders as its reader may see them, some hundred at a time."""
    rows, last = job.items.visible_to(reader).that_are(outcome).order_by("pk"), 0
    while items := list(rows.filter(pk__gt=last)[:WINDOW]):
        yield items
        last = items[-1].pk


def as_asked_now(lines: Iterable[str]) -> Iterator[str]:
    """The lines in the time zone and language of now, though they are read when these are over."""
    return _within(iter(lines), timezone.get_current_timezone(), translation.get_language())


def _within(lines: Iterator[str], zone: tzinfo, language: str) -> Iterator[str]:
    while True:
        with timezone.override(zone), translation.override(language):
            line = next(lines, None)
        if line is None:
            return
        yield line


class _Line:
    """What a CSV writer writes to: the line is handed on, not kept."""

    def write(self, line: str) -> str:
        return line


def as_csv(rows: Iterable[Values], mark: str = "\ufeff") -> Iterator[str]:
    """The rows as lines of a CSV file, with a mark by which spreadsheets know the letters."""
    writer = csv.writer(_Line())
    yield mark
    for row in rows:
        yield writer.writerow([_text(value) for value in row])


def _text(value: object) -> object:
    """A cell of a CSV file; what looks like a formula is text behind an apostrophe."""
    if isinstance(value, datetime):
        return timezone.localtime(value).isoformat(" ", "minutes")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, str) and value.startswith(FORMULAE):
        return f"'{value}"
    return "" if value is None else value


def as_xlsx(rows: Iterable[Values], title: str = "Orders") -> IO[bytes]:
    """The rows as a workbook on disk, written row by row; it is gone when it is closed."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(title)
    for row in rows:
        sheet.append([_cell(sheet, value) for value in row])
    file = TemporaryFile()  # noqa: SIM115 - the answer closes it
    book.save(file)
    file.seek(0)
    return file


def _cell(sheet: Any, value: object) -> object:
    """A cell of a workbook; words are words, whatever they start with."""
    if isinstance(value, datetime):
        return timezone.make_naive(value)
    if not isinstance(value, str):
        return value
    cell = WriteOnlyCell(sheet, ILLEGAL_CHARACTERS_RE.sub("", value))
    cell.data_type = "s"
    return cell
