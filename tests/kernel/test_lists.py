"""Reading in a hurry: what is set for it is set back."""

from __future__ import annotations

import pytest
from django.db import connection

from config.kernel.lists import impatient

pytestmark = pytest.mark.django_db
NAMES = (
    *("statement_timeout", "plan_cache_mode", "enable_seqscan", "enable_mergejoin"),
    "max_parallel_workers_per_gather",
)


def settings() -> list[str]:
    with connection.cursor() as cursor:
        found = []
        for name in NAMES:
            cursor.execute(f"SHOW {name}")
            found += [value for (value,) in cursor.fetchall()]
        return found


def test_a_page_is_read_in_a_hurry_and_what_follows_as_before() -> None:
    before = settings()

    with impatient(1_500):
        hurried = settings()

    assert hurried == ["1500ms", "force_custom_plan", "off", "off", "0"]
    assert settings() == before
