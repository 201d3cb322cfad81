"""Calendars: on which days something comes again; pure functions of dates.

Every week on some day, every so many days, the second Tuesday of a month, the 31st, the last day.
A month without the day asked for (31 April, 29 February) takes its last one.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import count, islice, takewhile

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

WEEKDAYS = (
    _("Monday"),
    _("Tuesday"),
    _("Wednesday"),
    _("Thursday"),
    _("Friday"),
    _("Saturday"),
    _("Sunday"),
)
ORDINALS = {1: _("first"), 2: _("second"), 3: _("third"), 4: _("fourth"), -1: _("last")}


@dataclass(frozen=True, slots=True)
class Calendar:
    """When something comes again: its pattern, from which day, until which, and over weekends."""

    pattern: str  # days, weeks, month_day, month_weekday, month_end
    starts_on: date
    every: int = 1  # days, weeks or months from one time to the next
    weekday: int = 0  # Monday is 0
    nth: int = 1  # of month_weekday; -1 is the last
    month_day: int = 1
    ends_on: date | None = None
    weekend: str = "keep"  # keep, next, previous

    def days(self) -> Iterator[date]:
        """Every day of the calendar in order, each once, from its start to its end."""
        last = date.min
        for day in self._raw():
            moved = self._moved(day)
            if self.ends_on and day > self.ends_on:
                return
            if day < self.starts_on or moved <= last:
                continue
            last = moved
            yield moved

    def after(self, day: date, number: int = 1) -> list[date]:
        """The next days later than this one."""
        return list(islice((each for each in self.days() if each > day), number))

    def next_after(self, day: date) -> date | None:
        """The next day later than this one; None when the calendar has ended."""
        return next(iter(self.after(day)), None)

    def turn(self, day: date) -> int:
        """Which time a day of the calendar is, counted from 1; 0 for a day that is none."""
        passed = list(takewhile(lambda each: each <= day, self.days()))
        return len(passed) if passed and passed[-1] == day else 0

    def words(self) -> str:
        """The pattern as one says it."""
        often = self.every > 1
        parts = {"n": self.every, "weekday": WEEKDAYS[self.weekday], "day": self.month_day}
        if self.pattern == "days":
            return gettext("Every %(n)s days") % parts if often else gettext("Every day")
        if self.pattern == "weeks":
            every = gettext("Every %(n)s weeks on %(weekday)s")
            return (every if often else gettext("Every %(weekday)s")) % parts
        months = gettext("every %(n)s months") % parts if often else gettext("every month")
        parts |= {"months": months, "nth": ORDINALS[self.nth]}
        if self.pattern == "month_weekday":
            return gettext("The %(nth)s %(weekday)s of %(months)s") % parts
        if self.pattern == "month_day":
            return gettext("Day %(day)s of %(months)s") % parts
        return gettext("The last day of %(months)s") % parts

    def _raw(self) -> Iterator[date]:
        """The days before weekends are looked at."""
        if self.pattern in {"days", "weeks"}:
            first = self.starts_on
            step = max(1, self.every)
            if self.pattern == "weeks":
                first += timedelta(days=(self.weekday - first.weekday()) % 7)
                step *= 7
            for turn in count():
                yield first + timedelta(days=turn * step)
        start = self.starts_on.year * 12 + self.starts_on.month - 1
        for turn in count():
            year, month = divmod(start + turn * max(1, self.every), 12)
            yield self._of_month(year, month + 1)

    def _of_month(self, year: int, month: int) -> date:
        length = monthrange(year, month)[1]
        if self.pattern == "month_end":
            return date(year, month, length)
        if self.pattern == "month_day":
            return date(year, month, min(self.month_day, length))
        if self.nth == -1:
            last = date(year, month, length)
            return last - timedelta(days=(last.weekday() - self.weekday) % 7)
        first = date(year, month, 1)
        return first + timedelta(days=(self.weekday - first.weekday()) % 7 + 7 * (self.nth - 1))

    def _moved(self, day: date) -> date:
        """The day itself, or the working day beside the weekend it falls on."""
        if self.weekend == "keep" or day.weekday() < 5:
            return day
        if self.weekend == "next":
            return day + timedelta(days=7 - day.weekday())
        return day - timedelta(days=day.weekday() - 4)
