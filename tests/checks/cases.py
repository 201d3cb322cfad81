"""How a check is tried: a model, which row of it, and what is set there, one after the other."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import models

Changes = dict[str, Any]
Case = tuple[type[models.Model], dict[str, Any], list[Changes]]

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)


def below(*names: str) -> list[Changes]:
    """Each of these fields below zero."""
    return [{name: -1} for name in names]
