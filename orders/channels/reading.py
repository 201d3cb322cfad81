"""Reading files: rows as text, whatever the delimiter, the encoding or the spreadsheet."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

from django.utils.translation import gettext
from openpyxl import load_workbook

from config.kernel.reading import number as written
from orders.bulk.export import FORMULAE
from orders.channels import archives
from orders.channels.archives import UnreadableFile

Row = dict[str, str]
LARGEST_FILE = 64 * 1024 * 1024
MOST_COLUMNS = 500
DELIMITERS = ",;\t|"
SHEETS = (".xlsx", ".xlsm")
ZIPPED, OLD_SHEET = b"PK", b"\xd0\xcf\x11\xe0"
MARKS = (b"\xff\xfe", b"\xfe\xff")  # UTF-16
HEAD = 8_192  # bytes that tell text from anything else
CONTROLS = bytes(range(1, 9)) + bytes(range(14, 32))  # no text has them


def rows(path: Path, most: int | None = None) -> list[tuple[int, Row]]:
    """The rows of a CSV or XLSX file with their numbers, as the person who opens it counts."""
    if not path.is_file():
        raise UnreadableFile(gettext("There is no file %(file)s.") % {"file": path.name})
    if path.stat().st_size > LARGEST_FILE:
        words = gettext("%(file)s is larger than 64 MB; split it.")
        raise UnreadableFile(words % {"file": path.name})
    if path.suffix.lower() in SHEETS:
        return list(_numbered(_sheet(path), most))
    if _is_something_else(path):
        words = gettext("%(file)s is no text with rows; save it as CSV or XLSX.")
        raise UnreadableFile(words % {"file": path.name})
    return list(_numbered(_separated(path), most))


def _is_something_else(path: Path) -> bool:
    """Whether a file that calls itself text is none, by what stands in it."""
    with path.open("rb") as file:
        head = file.read(HEAD)
    if head.startswith(MARKS):
        return False
    return head.startswith((ZIPPED, OLD_SHEET, b"%PDF")) or bool(set(head) & set(CONTROLS))


def _numbered(table: Iterator[list[str]], most: int | None) -> Iterator[tuple[int, Row]]:
    """Rows by the names of the first one, so many at most; what is empty is passed over."""
    names = _names(next(table, []))
    filled = ((n, values) for n, values in enumerate(table, 2) if any(v.strip() for v in values))
    for count, (number, values) in enumerate(filled, 1):
        if most and count > most:
            words = gettext("The file has more than %(most)s rows; split it.")
            raise UnreadableFile(words % {"most": written(most)})
        if any(value.strip() for value in values[len(names) :]):
            words = gettext("Row %(row)s has %(has)s columns, the first row names %(named)s.")
            raise UnreadableFile(words % {"row": number, "has": len(values), "named": len(names)})
        yield number, {n: _clean(v) for n, v in zip(names, values, strict=False) if n}


def _names(head: list[str]) -> list[str]:
    """The names of the columns."""
    names = [_clean(name) for name in head]
    if not any(names):
        raise UnreadableFile(gettext("The file has no row of column names."))
    if any(names[MOST_COLUMNS:]):
        raise UnreadableFile(gettext("The file has more than 500 columns; keep those of orders."))
    return names


def _clean(text: str) -> str:
    """A cell without what stands around it, and without NUL, which no database keeps.

    The apostrophe by which files of ours keep a text from being a formula is none of it.
    """
    plain = text.replace("\x00", "").strip()
    return plain[1:] if plain.startswith("'") and plain[1:].startswith(FORMULAE) else plain


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
    if raw.startswith(MARKS):
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
    if not zipfile.is_zipfile(path):
        words = gettext("%(file)s is not a spreadsheet that can be read.")
        raise UnreadableFile(words % {"file": path.name})
    with archives.opened(path):
        pass  # a small file that unpacks to a huge one is not opened
    try:
        book = load_workbook(path, read_only=True, data_only=True)
        sheet = book.worksheets[0]
        width = MOST_COLUMNS + 1 if (sheet.max_column or 0) > MOST_COLUMNS else None
        for row in sheet.iter_rows(max_col=width, values_only=True):
            yield ["" if value is None else str(value) for value in row]
    except Exception as error:
        words = gettext("%(file)s is not a spreadsheet that can be read.")
        raise UnreadableFile(words % {"file": path.name}) from error
