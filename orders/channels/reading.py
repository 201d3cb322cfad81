"""Reading files: rows as text, whatever the delimiter, the encoding or the spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path

from django.utils.translation import gettext
from openpyxl import load_workbook

from config.kernel.errors import DomainError

Row = dict[str, str]
LARGEST_FILE = 64 * 1024 * 1024
DELIMITERS = ",;\t|"


class UnreadableFile(DomainError):
    """A file cannot be read as rows; the text says where and why."""


def rows(path: Path) -> list[tuple[int, Row]]:
    """The rows of a CSV or XLSX file with their numbers, as the person who opens it counts."""
    if not path.is_file():
        raise UnreadableFile(gettext("There is no file %(file)s.") % {"file": path.name})
    if path.stat().st_size > LARGEST_FILE:
        words = gettext("%(file)s is larger than 64 MB; split it.")
        raise UnreadableFile(words % {"file": path.name})
    if path.suffix.lower() in {".xlsx", ".xlsm"}:
        return list(_numbered(_sheet(path)))
    return list(_numbered(_separated(path)))


def _numbered(table: Iterator[list[str]]) -> Iterator[tuple[int, Row]]:
    """Rows by the names of the first one; what is empty is passed over."""
    names = [_clean(name) for name in next(table, [])]
    if not any(names):
        raise UnreadableFile(gettext("The file has no row of column names."))
    for number, values in enumerate(table, 2):
        if any(value.strip() for value in values):
            if len(values) > len(names) and any(value.strip() for value in values[len(names) :]):
                words = gettext("Row %(row)s has %(has)s columns, the first row names %(named)s.")
                raise UnreadableFile(
                    words % {"row": number, "has": len(values), "named": len(names)}
                )
            yield number, {n: _clean(v) for n, v in zip(names, values, strict=False) if n}


def _clean(text: str) -> str:
    """A cell without what stands around it, and without NUL, which no database keeps."""
    return text.replace("\x00", "").strip()


def _separated(path: Path) -> Iterator[list[str]]:
    text = _text(path)
    head = text.partition("\n")[0]
    delimiter = max(DELIMITERS, key=head.count)
    try:
        yield from csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    except csv.Error as error:
        words = gettext("%(file)s is not a well-formed CSV file: %(error)s.")
        raise UnreadableFile(words % {"file": path.name, "error": error}) from error


def _text(path: Path) -> str:
    """The file as text: by its byte order mark, else as UTF-8, else as Windows wrote it."""
    raw = path.read_bytes()
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        try:
            return raw.decode("utf-16")
        except UnicodeDecodeError as error:
            words = gettext("%(file)s is damaged: it begins as UTF-16 text; save it as UTF-8.")
            raise UnreadableFile(words % {"file": path.name}) from error
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("cp1252", errors="replace")


def _sheet(path: Path) -> Iterator[list[str]]:
    """The first sheet of a workbook; a damaged one trips its reader in many ways, at any row."""
    try:
        book = load_workbook(path, read_only=True, data_only=True)
        for row in book.worksheets[0].iter_rows(values_only=True):
            yield ["" if value is None else str(value) for value in row]
    except Exception as error:
        words = gettext("%(file)s is not a spreadsheet that can be read.")
        raise UnreadableFile(words % {"file": path.name}) from error
