"""Whether every order still finds a way to an end: a walk over the steps that are left open.

Pure functions of the open steps. Rows never add an edge, so nothing can be skipped; what is left
to prove is that no order gets stuck. Goods that have left cannot be cancelled any more, so an
order that has sent some stands at a place of its own within the same state.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import NamedTuple

from orders.models import EDGES, TERMINAL, Status

Edge = tuple[str | None, str]


class Place(NamedTuple):
    """Where an order can stand: its state, and whether some of its goods have left."""

    state: str
    sent: bool = False


START = Place(Status.DRAFT)


def steps(place: Place, enabled: Collection[Edge]) -> Iterable[Place]:
    """The places that an order gets to from here in one step."""
    if place == Place(Status.FULFILLING):
        yield Place(Status.FULFILLING, sent=True)  # a first parcel leaves
    for source, target in enabled:
        if source != place.state:
            continue
        impossible = Status.CANCELLED if place.sent else Status.SHIPPED
        if target != impossible:
            yield Place(target, place.sent)


def reached(enabled: Collection[Edge], start: Place = START) -> set[Place]:
    """Every place that an order gets to from here, this one included."""
    found, waiting = {start}, [start]
    while waiting:
        for place in steps(waiting.pop(), enabled):
            if place not in found:
                found.add(place)
                waiting.append(place)
    return found


def dead_ends(enabled: Collection[Edge]) -> list[Place]:
    """The places that orders get to and never leave towards an end."""
    return sorted(
        place
        for place in reached(enabled)
        if not any(end.state in TERMINAL for end in reached(enabled, place))
    )


def unreached(enabled: Collection[Edge]) -> list[str]:
    """The states that no order gets to any more; that alone is no fault."""
    there = {place.state for place in reached(enabled)}
    return [state for state in Status.values if state not in there]


def closed_ways(place: Place, enabled: Collection[Edge]) -> list[Edge]:
    """The steps out of a place that are switched off and would help."""
    helpful = [
        (source, target)
        for source, target in EDGES
        if source == place.state and not (place.sent and target == Status.CANCELLED)
    ]
    return [edge for edge in helpful if edge not in enabled]
