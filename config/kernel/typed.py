"""Numbers as people type them: read as the language of the page writes them, never guessed at.

English sets commas between thousands and a point before decimals, German the reverse. A mark
between thousands stands before groups of three; what is written otherwise is refused.
"""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from functools import cache

from django.utils.translation import gettext

from config.kernel.errors import DomainError
from config.kernel.reading import language, marks, number

LONGEST = 15  # digits of a number that anybody means
SPACES = " \N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}"
WHOLE, PARTED = Decimal(1234), Decimal("1234.50")  # the numbers that examples show


class Unreadable(DomainError):
    """A text is no number in the language of the page; the words show how to write one."""


def decimal(text: str) -> Decimal:
    """The number that was typed."""
    if (found := _number(text)) is None:
        raise Unreadable(
            gettext("“%(text)s” cannot be read as a number; write it like %(apart)s or %(plain)s.")
            % {"text": text.strip(), "apart": number(PARTED, 2), "plain": written(PARTED)}
        )
    return found


def whole(text: str) -> int:
    """The whole number that was typed; one with decimals is refused, even if they are zero."""
    point = marks(language())[1]
    found = None if point in text else _number(text)
    if found is None:
        raise Unreadable(
            gettext("“%(text)s” is not a whole number; write it like %(apart)s or %(plain)s.")
            % {"text": text.strip(), "apart": number(WHOLE), "plain": written(int(WHOLE))}
        )
    return int(found)


def named(text: str) -> Decimal | None:
    """The number that an address names, which is written in one way; None if it names none."""
    try:
        value = Decimal(text)
    except InvalidOperation:
        return None
    return value if value.is_finite() and abs(value.adjusted()) < LONGEST else None


def key(text: str) -> int | None:
    """The id or the count that a page sends back; None for what no page of ours sends."""
    return int(text) if text.isdecimal() and len(text) <= LONGEST else None


def written(value: Decimal | int) -> str:
    """A number as one would type it: two decimals, more only where it has more."""
    if isinstance(value, int):
        return str(value)
    plain = value.normalize()
    text = f"{plain:.2f}" if plain == round(plain, 2) else f"{plain:f}"
    return text.replace(".", marks(language())[1])


def _number(text: str) -> Decimal | None:
    group, point = marks(language())
    found = _pattern(group, point).fullmatch(text.strip())
    if found is None:
        return None
    return Decimal(re.sub(r"[^0-9.-]", "", found[0].replace(group, "").replace(point, ".")))


@cache
def _pattern(group: str, point: str) -> re.Pattern[str]:
    apart = rf"[1-9][0-9]{{0,2}}([{re.escape(group)}{SPACES}])[0-9]{{3}}(?:\1[0-9]{{3}})*"
    return re.compile(rf"-?(?=\S)(?:{apart}|[0-9]+)?(?:{re.escape(point)}[0-9]+)?")
