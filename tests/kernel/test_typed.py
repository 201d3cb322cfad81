"""Numbers are read as the language of the page writes them; anything else is refused."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.utils import translation

from config.kernel import typed

NBSP = "\N{NO-BREAK SPACE}"


@pytest.mark.parametrize(
    ("language", "text", "meant"),
    [
        ("en-gb", "9.50", "9.50"),
        ("en-gb", "1,200", "1200"),
        ("en-gb", "1.200", "1.2"),
        ("en-gb", " 1,234,567.8 ", "1234567.8"),
        ("en-gb", f"1{NBSP}234.50", "1234.50"),
        ("en-gb", "-3", "-3"),
        ("en-gb", ".5", "0.5"),
        ("de", "9,50", "9.50"),
        ("de", "1.200", "1200"),
        ("de", "1,200", "1.2"),
        ("de", "1.234.567,8", "1234567.8"),
        ("de", "1 234,50", "1234.50"),
    ],
)
def test_a_number_is_read_as_its_reader_writes_it(language: str, text: str, meant: str) -> None:
    with translation.override(language):
        assert typed.decimal(text) == Decimal(meant)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        *[("en-gb", text) for text in ("9,50", "1,2345", "12,34,567", "1.234,50", "0,500", "1,")],
        *[("de", text) for text in ("9.50", "1.2345", "1.234 567", "1,234.50", "1.", "0.500")],
        *[("en-gb", text) for text in ("", "-", ".", "1e3", "NaN", "ten", "٣", "5 5", "1 2345")],
    ],
)
def test_what_is_written_otherwise_is_refused(language: str, text: str) -> None:
    with translation.override(language), pytest.raises(typed.Unreadable):
        typed.decimal(text)


@pytest.mark.parametrize(
    ("language", "text", "meant"),
    [("en-gb", "1,000", 1000), ("en-gb", "7", 7), ("de", "1.000", 1000), ("de", "12 000", 12000)],
)
def test_units_may_stand_with_their_thousands_apart(language: str, text: str, meant: int) -> None:
    with translation.override(language):
        assert typed.whole(text) == meant


@pytest.mark.parametrize(
    ("language", "text", "words"),
    [
        ("en-gb", "1.000", "“1.000” is not a whole number; write it like 1,234 or 1234."),
        ("en-gb", "2.5", "“2.5” is not a whole number; write it like 1,234 or 1234."),
        ("de", "1,000", "„1,000“ ist keine ganze Zahl; schreiben Sie sie wie 1.234 oder 1234."),
        ("de", "1.5", "„1.5“ ist keine ganze Zahl; schreiben Sie sie wie 1.234 oder 1234."),
    ],
)
def test_units_with_decimals_are_refused_in_words(language: str, text: str, words: str) -> None:
    with translation.override(language), pytest.raises(typed.Unreadable) as refusal:
        typed.whole(text)

    assert str(refusal.value) == words


@pytest.mark.parametrize("language", ["en-gb", "de"])
@pytest.mark.parametrize("value", ["9.5", "1234.50", "0", "0.0525", "1000", "2.125"])
def test_what_is_written_is_read_back_as_it_was(language: str, value: str) -> None:
    with translation.override(language):
        assert typed.decimal(typed.written(Decimal(value))) == Decimal(value)


@pytest.mark.parametrize(
    ("text", "value"),
    [("25.50", Decimal("25.50")), ("", None), ("1,5", None), ("NaN", None), ("1e400000", None)],
)
def test_an_address_names_a_number_in_one_way(text: str, value: Decimal | None) -> None:
    assert typed.named(text) == value
