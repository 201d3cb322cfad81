"""Every word for people can be said in another language, and is said in German."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from django.template.base import Lexer, TokenType
from django.utils import translation
from django.utils.translation import trans_real

from config import translations
from config.env import ROOT

TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
ATTRIBUTES = re.compile(
    r'\b(?:aria-label|aria-description|title|placeholder|alt|data-(?:words|copied|label))="([^"]*)"'
)
PLACES = re.compile(r"%\(\w+\)s|\{\w+\}|</?\w+")
# Names, formats and units that are the same everywhere.
SAME = {"ZeperGo", "· ZeperGo Orders", "ZeperGo Orders", "Orders", "CSV", "XLSX", "JE-", "SKU"}
CLASSES = re.compile(r"\{% block body_class %\}.*?\{% endblock[^%]*%\}")


def visible(text: str) -> Iterator[str]:
    """What a template shows outside its tags: text, and the attributes that are read out."""
    kept, inside = [], ""
    for token in Lexer(CLASSES.sub("", text)).tokenize():
        name = token.contents.split()[0] if token.token_type == TokenType.BLOCK else ""
        if name in {"blocktranslate", "comment"}:
            inside = name
        elif name == f"end{inside}":
            inside = ""
        elif token.token_type == TokenType.TEXT and not inside:
            kept.append(token.contents)
        elif token.token_type in {TokenType.VAR, TokenType.BLOCK}:
            kept.append("\0")
    page = re.sub(r"<kbd.*?</kbd>", "", "".join(kept), flags=re.DOTALL)
    page = re.sub(r'<span class="brand-name">.*?</span></span>', "", page)
    yield from ATTRIBUTES.findall(page)
    yield from re.sub(r"<[^>]*>", "\0", page).split("\0")


@pytest.mark.parametrize("file", TEMPLATES, ids=lambda file: str(file.relative_to(ROOT)))
def test_a_template_shows_no_word_that_cannot_be_translated(file: Path) -> None:
    words = [piece.strip() for piece in visible(file.read_text())]

    assert [word for word in words if re.search("[A-Za-z]{2}", word) and word not in SAME] == []


def test_a_bare_word_would_be_found() -> None:
    text = '{% load i18n %}<a title="Go">{% translate "Orders" %}</a> <b>here {{ name }}</b>'

    assert [piece.strip() for piece in visible(text) if piece.strip()] == ["Go", "here"]


@pytest.fixture(scope="module")
def said() -> Catalog:
    return translations.collected()


@pytest.fixture(scope="module")
def german() -> Catalog:
    return translations.read(translations.LOCALE / "de" / "LC_MESSAGES" / "django.po")


def keys(catalogue: Catalog) -> set[tuple[str | None, str]]:
    return {(m.context, first(m)) for m in catalogue if m.id}


def first(message: Message) -> str:
    return message.id if isinstance(message.id, str) else message.id[0]


def forms(message: Message) -> list[str]:
    return [message.string] if isinstance(message.string, str) else list(message.string)


def test_the_german_catalogue_says_what_code_and_templates_say(
    said: Catalog, german: Catalog
) -> None:
    assert keys(said) - keys(german) == set(), "run `make messages`, then translate what is empty"
    assert keys(german) - keys(said) == set(), "run `make messages`"


def test_the_german_catalogue_is_whole_and_sure_of_itself(german: Catalog) -> None:
    messages = [message for message in german if message.id]

    assert [first(message) for message in messages if not all(forms(message))] == []
    assert [first(message) for message in messages if message.fuzzy] == []
    assert len(messages) > 1_400


def test_german_keeps_every_placeholder_and_tag(german: Catalog) -> None:
    changed = []
    for message in german:
        if not message.id:
            continue
        sources = [message.id] if isinstance(message.id, str) else list(message.id)
        wanted = set(PLACES.findall(sources[-1]))
        for form in forms(message):
            missing = wanted - set(PLACES.findall(form))
            # One of a kind may be named without its number.
            if set(PLACES.findall(form)) - wanted or (missing and form == forms(message)[-1]):
                changed.append(first(message))

    assert changed == []


def test_what_django_reads_is_compiled_without_any_tool(tmp_path: Path) -> None:
    translations.compile_catalogues()

    with translation.override("de"):
        assert translation.gettext("Recurring orders") == "Wiederkehrende Aufträge"
        assert translation.pgettext("verb", "Hold") == "Sperren"
        assert translation.ngettext("%(n)s order", "%(n)s orders", 2) == "%(n)s Aufträge"
    with translation.override("en-gb"):
        assert translation.gettext("Recurring orders") == "Recurring orders"


def test_english_is_found_at_the_first_look() -> None:
    [german] = translations.catalogues()
    with translation.override("en-gb"):
        known = trans_real.translation("en-gb")._catalog
        unknown = [
            message.id
            for message in translations.read(german)
            if isinstance(message.id, str) and message.id and not message.context
            if known.get(message.id) != message.id
        ]

    assert unknown == []
