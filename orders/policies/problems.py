"""What is wrong with a version: each problem names the row that would mend it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext

from orders.models import Status
from orders.policies.rows import Rules
from orders.policies.walk import Edge, Place, closed_ways, dead_ends

# Steps that the system takes by itself, and where it sends an order that has findings.
OTHERWISE: dict[Edge, Edge] = {
    (Status.SUBMITTED, Status.VALIDATED): (Status.SUBMITTED, Status.IN_REVIEW),
    (Status.VALIDATED, Status.PROCESSING): (Status.VALIDATED, Status.IN_REVIEW),
}


@dataclass(frozen=True, slots=True)
class Problem:
    """A sentence of what would go wrong, and the step to switch on again."""

    edge: Edge
    words: str
    fix: str
    state: str = ""  # which state gets no further


def problems(rules: Rules) -> list[Problem]:
    """Why the version cannot be published; none: every order finds its way to an end."""
    return [*_stuck(rules), *_unseen(rules)]


def _stuck(rules: Rules) -> Iterator[Problem]:
    """Each place without a way to an end, at the steps that are switched off there."""
    seen: set[Edge] = set()
    ways = rules.ways
    for place in dead_ends(ways):
        for edge in closed_ways(place, ways):
            if edge not in seen:
                seen.add(edge)
                fix = _fix_of_cancelling(edge) if edge in rules.enabled else _fix(edge)
                yield Problem(edge, _stuck_words(place, edge), fix, place.state)


def _stuck_words(place: Place, edge: Edge) -> str:
    if place.sent:
        words = gettext(
            "“%(here)s” can no longer reach “%(there)s”, so orders that have sent goods could "
            "never finish."
        )
    else:
        words = gettext("“%(here)s” can no longer reach “%(there)s”, so orders could never finish.")
    return words % {"here": Status(place.state).label, "there": Status(edge[1]).label}


def _fix(edge: Edge) -> str:
    return gettext("Switch it on again: it is a way out of “%(state)s”.") % {
        "state": Status(str(edge[0])).label
    }


def _fix_of_cancelling(edge: Edge) -> str:
    return gettext("Allow cancelling in “%(state)s” again, where it says what may be changed.") % {
        "state": Status(str(edge[0])).label
    }


def _unseen(rules: Rules) -> Iterator[Problem]:
    """What goes by itself needs a place for the orders that do not pass."""
    for edge, other in OTHERWISE.items():
        row, way_out = rules.transitions[edge], rules.transitions[other]
        if row.is_enabled and row.is_automatic and not way_out.is_enabled:
            words = gettext(
                "“%(here)s” goes to “%(there)s” by itself, and orders with findings would wait "
                "there unseen without the step to “%(review)s”."
            ) % {
                "here": Status(str(edge[0])).label,
                "there": Status(edge[1]).label,
                "review": Status.IN_REVIEW.label,
            }
            fix = gettext("Switch it on again, or let the other be taken by hand.")
            yield Problem(other, words, fix)
