"""Numbers, amounts and days are written as the reader writes them; kept sentences are not."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from django.utils import translation

from config.kernel import days, money, reading
from orders.models import Status
from orders.templatetags.ui import pill

NBSP = "\N{NO-BREAK SPACE}"


@pytest.mark.parametrize(
    ("language", "amount", "currency", "words"),
    [
        ("en-gb", "1234.5", "EUR", "€1,234.50"),
        ("de", "1234.5", "EUR", f"1.234,50{NBSP}€"),
        ("de", "-1234567.89", "USD", f"-1.234.567,89{NBSP}$"),
        ("en-gb", "-3", "GBP", "-£3.00"),
        ("de", "1500", "JPY", f"1.500{NBSP}¥"),
    ],
)
def test_an_amount_is_written_as_its_reader_writes_it(
    language: str, amount: str, currency: str, words: str
) -> None:
    with translation.override(language):
        assert reading.money(Decimal(amount), currency) == words


def test_english_is_the_same_on_screens_and_in_kept_sentences() -> None:
    day = date(2024, 9, 5)

    with translation.override("en-gb"):
        assert reading.money(Decimal("1234.5"), "GBP") == money.shown(Decimal("1234.5"), "GBP")
        assert reading.day(day).replace("Sept", "Sep") == days.written(day)
        assert reading.near_day(day).replace("Sept", "Sep") == f"{day:%a %d %b}"
        assert reading.amount(Decimal(1500), "JPY", 0) == f"{money.text(Decimal(1500), 0)} JPY"


def test_a_kept_sentence_stays_english_for_a_german_reader() -> None:
    with translation.override("de"):
        assert money.shown(Decimal("1234.5"), "EUR") == "€1,234.50"
        assert days.written(date(2024, 11, 25)) == "Mon 25 Nov 2024"
        assert reading.kept(Status.IN_REVIEW.label) == "Needs review"
        assert str(Status.IN_REVIEW.label) == "In Klärung"


def test_a_day_and_a_number_in_german() -> None:
    with translation.override("de"):
        assert reading.day(date(2024, 11, 25)) == "Mo 25. Nov. 2024"
        assert reading.full_day(date(2024, 11, 25)) == "Montag, 25. November"
        assert reading.whole_date(date(2024, 11, 25)) == "25. November 2024"
        assert reading.near_day(date(2031, 3, 4)) == "Di 4. März"
        assert reading.number(1_234_567) == "1.234.567"
        assert reading.amount(Decimal("1234.5"), "EUR") == "1.234,50 EUR"


def test_a_sentence_is_put_into_words_for_whoever_reads_it() -> None:
    words = reading.worded("%(day)s: %(price)s", day=date(2024, 11, 25), price=Decimal("9.50"))

    for language, read in (
        ("en-gb", "Mon 25 Nov 2024: 9.50"),
        ("de", "Mo 25. Nov. 2024: 9,50"),
    ):
        with translation.override(language):
            assert str(words) == read
            assert reading.kept(words) == "Mon 25 Nov 2024: 9.50"


def test_a_label_within_a_sentence_is_small_in_english_only() -> None:
    with translation.override("en-gb"):
        assert reading.within(Status.IN_REVIEW.label) == "needs review"
    with translation.override("de"):
        assert reading.within(Status.IN_REVIEW.label) == "In Klärung"


def test_a_state_that_was_drawn_in_one_language_is_drawn_anew_in_the_other() -> None:
    with translation.override("en-gb"):
        assert "Needs review" in pill("in_review")
    with translation.override("de"):
        assert "In Klärung" in pill("in_review")
