"""Days in words, for sentences and screens alike."""

from __future__ import annotations

from datetime import date, datetime

from django.utils import timezone


def written(value: date | datetime) -> str:
    """A day as staff read it: Wed 25 Nov; with its year when it is another one."""
    shown = timezone.localtime(value).date() if isinstance(value, datetime) else value
    same = shown.year == timezone.localdate().year
    return f"{shown:%a} {shown.day} {shown:%b}" + ("" if same else f" {shown.year}")
