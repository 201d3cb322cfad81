"""The field of deliveries in parts: a day and a quantity in each row."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext

from config.kernel import typed

PART = re.compile(r"(\d{4}-\d{2}-\d{2})\s*[\s:;,×x*]\s*(.+)")


class PartsField(forms.CharField):
    """Days and units as rows of text, each as 2026-12-01 60."""

    def clean(self, value: Any) -> list[tuple[date, int]]:
        """A day and a quantity in each row."""
        found = []
        for row in super().clean(value).splitlines():
            if not row.strip():
                continue
            match = PART.fullmatch(row.strip())
            try:
                found.append((date.fromisoformat(match[1]), typed.whole(match[2])))  # type: ignore[index]
            except (TypeError, ValueError, typed.Unreadable):
                words = gettext("“%(text)s” is no date and quantity; type 2026-12-01 60.") % {
                    "text": row.strip()
                }
                raise ValidationError(words) from None
        return found


def rows(parts: Iterable[tuple[date, int]]) -> str:
    """Parts as they are typed."""
    return "\n".join(f"{day} {quantity}" for day, quantity in parts)
