"""Stages: a line that is wanted in parts, each held against what is promised by its day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext, ngettext

from config.kernel.reading import day
from orders.models import OrderLine

Units = Sequence[tuple[date, int]]  # units by the day on which they are wanted, or there


@dataclass(frozen=True, slots=True)
class Stage:
    """One part of a line: what is wanted by its day, and what is promised by then."""

    due_on: date
    quantity: int
    promised: int = 0
    whole_on: date | None = None  # by when all of it is promised; None: not yet

    @property
    def late(self) -> int:
        """Units that are not promised by their day."""
        return self.quantity - self.promised

    @property
    def words(self) -> str:
        """What is wanted by when, and whether the promise covers it."""
        named = {"units": self.quantity, "day": day(self.due_on), "promised": self.promised}
        if not self.late:
            return gettext("%(units)s by %(day)s: promised") % named
        if self.whole_on is None:
            words = gettext("%(units)s by %(day)s: %(promised)s promised, %(late)s not yet")
            return words % {**named, "late": self.late}
        days = (self.whole_on - self.due_on).days
        words = ngettext(
            "%(units)s by %(day)s: %(promised)s promised, %(late)s late by %(n)s day",
            "%(units)s by %(day)s: %(promised)s promised, %(late)s late by %(n)s days",
            days,
        )
        return words % {**named, "late": self.late, "n": days}


def judged(parts: Units, coming: Units) -> list[Stage]:
    """Each part in the order of its day: what comes first goes to what is wanted first."""
    coming, before, stages = sorted(coming), 0, []
    for due_on, quantity in sorted(parts):
        by_then = sum(units for on, units in coming if on <= due_on)
        promised = min(quantity, max(0, by_then - before))
        before += quantity
        stages.append(Stage(due_on, quantity, promised, _reached(coming, before)))
    return stages


def _reached(coming: Units, wanted: int) -> date | None:
    """The day on which so many units are there; None: that day is not promised."""
    there = 0
    for on, units in coming:
        there += units
        if there >= wanted:
            return on
    return None


def promised_of(line: OrderLine, here_on: date) -> Units:
    """What is promised of a line by when; what waits for stock comes on the day of the promise.

    ``here_on`` is the day on which what is allocated would arrive.
    """
    if line.promised_on is None:
        return [(date.min, line.delivered)] if line.delivered else []
    here = line.shipped - line.delivered + line.allocated
    on = min(here_on, line.promised_on) if line.backordered else line.promised_on
    found = [(date.min, line.delivered), (on, here), (line.promised_on, line.backordered)]
    return [each for each in found if each[1]]
