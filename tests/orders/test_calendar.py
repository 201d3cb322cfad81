"""Calendars: the right days over month ends, leap years and weekends."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from orders.calendar import Calendar


def days(count: int = 4, **more: Any) -> list[str]:
    calendar = Calendar(**{"pattern": "weeks", "starts_on": date(2026, 1, 1), **more})
    return [str(day) for day in calendar.after(date(2025, 12, 31), count)]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"weekday": 0}, ["2026-01-05", "2026-01-12", "2026-01-19"]),
        ({"weekday": 3}, ["2026-01-01", "2026-01-08", "2026-01-15"]),
        ({"weekday": 1, "every": 2}, ["2026-01-06", "2026-01-20", "2026-02-03"]),
        ({"pattern": "days", "every": 10}, ["2026-01-01", "2026-01-11", "2026-01-21"]),
        (
            {"pattern": "month_weekday", "weekday": 1, "nth": 2},
            ["2026-01-13", "2026-02-10", "2026-03-10"],
        ),
        (
            {"pattern": "month_weekday", "weekday": 4, "nth": -1},
            ["2026-01-30", "2026-02-27", "2026-03-27"],
        ),
        ({"pattern": "month_end"}, ["2026-01-31", "2026-02-28", "2026-03-31"]),
        ({"pattern": "month_day", "month_day": 31}, ["2026-01-31", "2026-02-28", "2026-03-31"]),
        (
            {"pattern": "month_end", "weekend": "next"},
            ["2026-02-02", "2026-03-02", "2026-03-31"],
        ),
        (
            {"pattern": "month_end", "weekend": "previous"},
            ["2026-01-30", "2026-02-27", "2026-03-31"],
        ),
        (
            {"pattern": "days", "starts_on": date(2026, 1, 2), "weekend": "next"},
            ["2026-01-02", "2026-01-05", "2026-01-06"],
        ),
        ({"pattern": "month_end", "every": 3}, ["2026-01-31", "2026-04-30", "2026-07-31"]),
    ],
)
def test_a_calendar_names_its_days(given: dict[str, Any], expected: list[str]) -> None:
    assert days(3, **given) == expected


def test_the_end_of_february_follows_leap_years() -> None:
    leap = {"pattern": "month_day", "month_day": 29, "every": 12}
    assert days(3, starts_on=date(2027, 2, 1), **leap) == ["2027-02-28", "2028-02-29", "2029-02-28"]


def test_a_calendar_ends_and_counts_its_turns() -> None:
    calendar = Calendar("weeks", date(2026, 1, 5), ends_on=date(2026, 1, 19))

    assert calendar.after(date(2026, 1, 1), 9) == [date(2026, 1, d) for d in (5, 12, 19)]
    assert calendar.next_after(date(2026, 1, 19)) is None
    assert [calendar.turn(date(2026, 1, d)) for d in (5, 12, 13)] == [1, 2, 0]
