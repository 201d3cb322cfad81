"""What is said in other languages: collected from code and templates, compiled for Django.

Both without GNU gettext, which is on few machines: Babel reads and writes the catalogues, and
Django itself turns a template into something that Babel can read.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from config.env import ROOT

LOCALE = ROOT / "locale"
CODE = ("config", "inventory", "orders", "fulfillment", "finance", "returns")
KEYWORDS: dict[str, tuple[int | tuple[int, str], ...] | None] = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
# Headers that say nothing about what is translated.
UNSAID = (b'"POT-', b'"PO-Rev', b'"Report-', b'"Last-', b'"Language-Team', b'"Generated-')
TITLE = re.compile(r"^-- @\w+ \[\w+\] (.+)$", re.MULTILINE)
HEADER = "# Translations of ZeperGo Order Management."


def catalogues() -> list[Path]:
    """The catalogue of every language that we speak beside English."""
    return sorted(LOCALE.glob("*/LC_MESSAGES/django.po"))


def compile_catalogues() -> None:
    """Write what Django reads, for every catalogue that is younger than its compiled form.

    English too, where every sentence stands for itself: what is in no catalogue at all is looked
    up in all those of Django and its apps, hundreds of times a page.
    """
    for source in catalogues():
        _compile(source, source.with_suffix(".mo"), read)
    for source in catalogues()[:1]:
        target = LOCALE / "en_GB" / "LC_MESSAGES" / "django.mo"
        target.parent.mkdir(parents=True, exist_ok=True)
        _compile(source, target, _unchanged)


def _compile(source: Path, target: Path, reading: Callable[[Path], Catalog]) -> None:
    if target.exists() and target.stat().st_mtime >= source.stat().st_mtime:
        return
    draft = target.with_suffix(f".{os.getpid()}")
    with draft.open("wb") as file:
        write_mo(file, reading(source))
    draft.replace(target)


def _unchanged(file: Path) -> Catalog:
    """The sentences of a catalogue as they stand in the code."""
    english = Catalog(locale="en_GB", project="ZeperGo Order Management")
    for message in read(file):
        if message.id:
            english.add(message.id, message.id, context=message.context)
    return english


def read(file: Path) -> Catalog:
    """A catalogue as it was committed."""
    with file.open("rb") as stream:
        return read_po(stream, locale=file.parent.parent.name)


def collected() -> Catalog:
    """Every string that is marked as one for people, in code and in templates."""
    found = Catalog(project="ZeperGo Order Management", header_comment=HEADER)
    for file in sources():
        place = file.relative_to(ROOT).as_posix()
        for _, message, _, context in extract(
            "python", BytesIO(_python(file).encode()), keywords=KEYWORDS
        ):
            found.add(message, locations=[(place, 0)], context=context)
    return found


def sources() -> Iterator[Path]:
    """The files that may hold words for people."""
    for app in CODE:
        yield from (
            file
            for file in sorted((ROOT / app).rglob("*"))
            if file.suffix in {".py", ".sql"} and "migrations" not in file.parts
        )
    templates = (ROOT / "templates").rglob("*")
    yield from sorted(file for file in templates if file.suffix in {".html", ".txt"})


def _python(file: Path) -> str:
    """A file as Python: a template keeps only its words, each in a call that marks it; a report
    the titles of its rules.
    """
    if file.suffix == ".py":
        return file.read_text()
    if file.suffix == ".sql":
        return "\n".join(f"_({title!r})" for title in TITLE.findall(file.read_text()))
    from django.utils.translation.template import templatize  # noqa: PLC0415 - needs settings

    return "\n".join(line.strip() for line in templatize(file.read_text()).splitlines())


def update() -> None:
    """Bring every catalogue up to what code and templates say now; what is new stands empty."""
    found = collected()
    for file in catalogues():
        known = read(file)
        known.update(found, no_fuzzy_matching=True)
        known.obsolete.clear()
        file.write_bytes(_written(known))


def _written(catalogue: Catalog) -> bytes:
    """A catalogue as a file without dates and line numbers, so that branches merge."""
    stream = BytesIO()
    write_po(stream, catalogue, width=0, sort_output=True, include_lineno=False)
    lines = stream.getvalue().splitlines(keepends=True)
    return b"".join(line for line in lines if not line.startswith(UNSAID))


if __name__ == "__main__":
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    if "update" in sys.argv:
        update()
    compile_catalogues()
