"""Sentences that are kept in the language of the company and said in that of the reader."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Any, Self

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext

from config.kernel.reading import language, number

Value = str | int | Decimal


class Words(str):
    """The sentence as it is kept; its pattern and values say the same in another language.

    The pattern is marked by ``gettext_noop``. A value may be a sentence in turn.
    """

    pattern: str
    values: Mapping[str, Value]

    def __new__(cls, pattern: str, **values: Value) -> Self:
        kept = {
            name: _grouped(str(value)) if isinstance(value, Decimal) else value
            for name, value in values.items()
        }
        self = super().__new__(cls, pattern % kept if kept else pattern)
        self.pattern, self.values = pattern, values
        return self

    @property
    def said(self) -> str:
        """The same for whoever reads it now."""
        if language() == settings.LANGUAGE_CODE:
            return str(self)
        known = {name: _said(value) for name, value in self.values.items()}
        return gettext(self.pattern) % known if known else gettext(self.pattern)

    def plain(self) -> dict[str, Any]:
        """What a JSON column keeps of it beside the sentence itself."""
        values = {name: _plain(value) for name, value in self.values.items()}
        return {"pattern": self.pattern, "values": values}

    @classmethod
    def read(cls, kept: Mapping[str, Any]) -> Self:
        """The sentence of which this was kept."""
        values = {name: _read(value) for name, value in kept["values"].items()}
        return cls(kept["pattern"], **values)


@lru_cache(4_096)
def _grouped(figure: str) -> str:
    """A figure with its thousands apart; the same ones come again and again."""
    return f"{Decimal(figure):,f}"


class Label(str):
    """What a sentence names that no pattern can say, such as a number with its noun.

    It is kept in the language of the company, with what each other language calls it.
    """

    each: Mapping[str, str]

    def __new__(cls, each: Mapping[str, str]) -> Self:
        self = super().__new__(cls, each[settings.LANGUAGE_CODE])
        self.each = each
        return self

    @classmethod
    def of(cls, label: Callable[[], str]) -> Self:
        """What this says in each language."""
        each = {}
        for code, _name in settings.LANGUAGES:
            with translation.override(code):
                each[code] = label()
        return cls(each)

    @property
    def said(self) -> str:
        """The same for whoever reads it now."""
        return self.each.get(language(), str(self))


def said(words: str) -> str:
    """What was kept, as the reader says it; what people typed stays as it is."""
    return words.said if isinstance(words, Words | Label) else words


def _said(value: Value) -> str | int:
    if isinstance(value, Decimal):
        return number(value, max(0, -int(value.as_tuple().exponent)))
    return said(value) if isinstance(value, str) else value


def _plain(value: Value) -> Any:
    if type(value) is str or type(value) is int:
        return value
    if isinstance(value, Words):
        return value.plain()
    if isinstance(value, Label):
        return {"each": value.each}
    return {"number": str(value)} if isinstance(value, Decimal) else value


def _read(value: Any) -> Value:
    if not isinstance(value, dict):
        return value  # type: ignore[no-any-return]
    if "each" in value:
        return Label(value["each"])
    return Decimal(value["number"]) if "number" in value else Words.read(value)
