"""Sentences that are kept in English are said in the language of whoever reads them."""

from __future__ import annotations

import json
from decimal import Decimal

from django.utils import translation

from config.kernel.words import Words, said

CLOSED = "%(found)s is closed and takes no new orders."


def test_a_sentence_is_kept_in_english_and_said_in_german() -> None:
    with translation.override("de"):
        words = Words(CLOSED, found="ACME")

        assert words == "ACME is closed and takes no new orders."
        assert said(words) == "ACME ist gesperrt und nimmt keine neuen Aufträge an."
    assert said(words) == "ACME is closed and takes no new orders."


def test_it_is_the_same_after_it_was_kept_as_json() -> None:
    words = Words(
        "%(sku)s: %(price)s, %(rest)s", sku="A", price=Decimal("1234.50"), rest=Words("No")
    )

    read = Words.read(json.loads(json.dumps(words.plain())))

    assert read == "A: 1,234.50, No"
    with translation.override("de"):
        assert read.said == "A: 1.234,50, Nein"


def test_what_people_typed_is_left_as_it_is() -> None:
    with translation.override("de"):
        assert said("Yes") == "Yes"
