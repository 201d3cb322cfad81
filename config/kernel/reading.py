"""Numbers, amounts and days as whoever reads the page writes them.

Sentences that are kept stay in the language of the company: see ``money.shown`` and
``days.written``.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from functools import cache, lru_cache

from babel import Locale
from babel.dates import format_date
from babel.numbers import format_currency
from django.conf import settings
from django.utils import timezone, translation
from django.utils.functional import lazy
from django_stubs_ext import StrOrPromise, StrPromise

from config.kernel.money import rounded

ONE = re.compile(r"(\D*)1(?:\D(0+))?(\D*)")
# How a day is written: short, short in another year, with its weekday in full, with its year,
# and short without any.
PATTERNS = {
    "en": ("EEE d MMM", "EEE d MMM y", "EEEE d MMMM", "d MMMM y", "EEE dd MMM"),
    "de": ("ccc d. MMM", "ccc d. MMM y", "EEEE, d. MMMM", "d. MMMM y", "ccc d. MMM"),
}


def kept(label: StrOrPromise) -> str:
    """A label as sentences that are kept say it: in the language of the company."""
    with translation.override(settings.LANGUAGE_CODE):
        return str(label)


def language() -> str:
    """The language of the page."""
    return translation.get_language() or settings.LANGUAGE_CODE


def within(label: StrOrPromise) -> str:
    """A label in the middle of a sentence: English writes it small, German leaves it as it is."""
    words = str(label)
    return words[:1].lower() + words[1:] if language().startswith("en") else words


def closed(words: str) -> str:
    """Words as a sentence: with a full stop, unless they end in a mark of their own."""
    return words if words.endswith((".", "?", "!", "…")) else f"{words}."


def worded(pattern: StrOrPromise, **values: object) -> StrPromise:
    """A sentence that is put into words when it is read, in the language of whoever reads it.

    Days and decimals among its values are written as the reader writes them.
    """
    return _worded(pattern, values)  # type: ignore[return-value]


def _filled(pattern: StrOrPromise, values: dict[str, object]) -> str:
    return str(pattern) % {name: _as_read(value) for name, value in values.items()}


def _as_read(value: object) -> object:
    if isinstance(value, Decimal):
        return str(value).replace(".", marks(language())[1])
    return day(value) if isinstance(value, date) else value


_worded = lazy(_filled, str)


@cache
def locale(code: str) -> Locale:
    """What Babel knows of a language."""
    return Locale.parse(code, sep="-")


@cache
def marks(code: str) -> tuple[str, str]:
    """What stands between thousands, and before decimals."""
    symbols = locale(code).number_symbols["latn"]
    return symbols["group"], symbols["decimal"]


def number(value: Decimal | int, decimals: int = 0) -> str:
    """A number with its thousands apart: 1,234 or 1.234."""
    return _apart(value, decimals, *marks(language()))


def _apart(value: Decimal | int, decimals: int, group: str, point: str) -> str:
    whole, _, rest = f"{value:,.{decimals}f}".partition(".")
    return whole.replace(",", group) + (point + rest if rest else "")


def short(value: Decimal) -> Decimal:
    """A number without the zeros at its end."""
    return Decimal(f"{value.normalize():f}")


def percent(value: Decimal) -> str:
    """A share of a hundred: 12.5 % or 12,5 %."""
    shown = short(value)
    return f"{number(shown, max(0, -int(shown.as_tuple().exponent)))} %"


@cache
def _shape(code: str, currency: str) -> tuple[str, int, str]:
    """What stands before and after an amount of a currency, and how many decimals it shows."""
    found = ONE.fullmatch(format_currency(Decimal(1), currency, locale=locale(code)))
    before, zeros, after = found.groups() if found else ("", "00", f"\N{NO-BREAK SPACE}{currency}")
    return before, len(zeros or ""), after


def money(amount: Decimal, currency: str) -> str:
    """An amount: £1,234.50 or 1.234,50 £."""
    return amounts(currency)(amount)


def amounts(currency: str) -> Callable[[Decimal], str]:
    """What writes amounts of a currency, for whoever writes many of them."""
    return _amounts(language(), currency)


@cache
def _amounts(code: str, currency: str) -> Callable[[Decimal], str]:
    before, decimals, after = _shape(code, currency)
    group, point = marks(code)

    def written(amount: Decimal) -> str:
        sign = "-" if amount < 0 else ""
        return f"{sign}{before}{_apart(abs(Decimal(amount)), decimals, group, point)}{after}"

    return written


def amount(value: Decimal, currency: str, minor_units: int = 2) -> str:
    """An amount with the code of its currency: 1,234.50 GBP or 1.234,50 GBP."""
    return f"{number(rounded(value, minor_units), minor_units)} {currency}"


def day(value: date | datetime) -> str:
    """A day: Wed 25 Nov or Mi 25. Nov.; with its year when it is another one."""
    shown = _local(value)
    other_year = shown.year != timezone.localdate().year
    return _day(language(), shown, int(other_year))


def full_day(value: date | datetime) -> str:
    """A day in whole words: Wednesday 25 November or Mittwoch, 25. November."""
    return _day(language(), _local(value), 2)


def whole_date(value: date | datetime) -> str:
    """A day with its year: 25 November 2026 or 25. November 2026."""
    return _day(language(), _local(value), 3)


def near_day(value: date | datetime) -> str:
    """A day of which the year is plain: Tue 04 Mar or Di 4. März."""
    return _day(language(), _local(value), 4)


def _local(value: date | datetime) -> date:
    return timezone.localtime(value).date() if isinstance(value, datetime) else value


@lru_cache(maxsize=2048)
def _day(code: str, value: date, pattern: int) -> str:
    known = locale(code)
    return format_date(value, PATTERNS[known.language][pattern], locale=known)
