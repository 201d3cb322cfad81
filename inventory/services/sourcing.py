"""The choice of warehouses for one order: coverage, then priority, then distance.

Pure functions of plain values. A warehouse that covers more of the order is better, because the
customer gets fewer parcels; among equals the one with the higher priority, then one in the
customer's country, then the nearest.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Protocol

from django.utils.translation import gettext_noop

from inventory.services.places import distance_km

MOST_WAREHOUSES = 3  # a line is never split over more


@dataclass(frozen=True, slots=True)
class Site:
    """A warehouse as sourcing sees it."""

    pk: int
    code: str
    country: str
    latitude: float
    longitude: float
    priority: int
    is_sellable: bool


@dataclass(frozen=True, slots=True)
class Want:
    """Units of one product that one line still needs.

    Where somebody chose the site, they come from there alone, and its safety stock counts too.
    ``serving`` are the sites that the line has units from already.
    """

    line: int
    product: int
    quantity: int
    site: int | None = None
    serving: frozenset[int] = frozenset()

    def here(self, site: int, free: Free) -> int:
        """Units that this line can have at a site."""
        if self.site not in (None, site):
            return 0
        return max(0, free(self.product, site, whole=self.site is not None))


@dataclass(slots=True)
class Candidate:
    """One warehouse considered: how much it covers and how far it is, or why it is out."""

    site: Site
    covered: int = 0
    distance: int | None = None
    score: Decimal | None = None
    rejected: str | None = None
    is_chosen: bool = False


@dataclass(slots=True)
class Plan:
    """Where the units of an order come from, and what else was considered."""

    candidates: list[Candidate]
    takes: list[tuple[int, int, int, int]] = field(default_factory=list)  # line, product, site, qty
    short: dict[int, int] = field(default_factory=dict)  # line → units that it cannot have now


class Free(Protocol):
    """Units of a product that can be promised at a site; as a whole, its safety stock included."""

    def __call__(self, product: int, site: int, *, whole: bool = False) -> int: ...


def rank(wants: Iterable[Want], free: Free, sites: Iterable[Site], country: str) -> list[Candidate]:
    """Every warehouse with its score or the reason it is out; the best first."""
    needed = _needed(wants)
    total = sum(want.quantity for want in needed)
    candidates = []
    for site in sites:
        candidate = Candidate(site, distance=distance_km(site.latitude, site.longitude, country))
        candidates.append(candidate)
        if not site.is_sellable:
            candidate.rejected = gettext_noop("Does not sell from stock.")
            continue
        candidate.covered = sum(min(want.quantity, want.here(site.pk, free)) for want in needed)
        if not candidate.covered:
            candidate.rejected = gettext_noop("Has none of the items free.")
            continue
        candidate.score = _score(candidate, total, country)
    candidates.sort(key=lambda c: _order(c, country))
    return candidates


def _needed(wants: Iterable[Want]) -> list[Want]:
    """What is wanted of each product, whatever the line."""
    needed: dict[tuple[int, int | None], Want] = {}
    for want in wants:
        key = (want.product, want.site)
        more = needed[key].quantity if key in needed else 0
        needed[key] = replace(want, quantity=want.quantity + more)
    return list(needed.values())


def _order(candidate: Candidate, country: str) -> tuple[bool, int, int, bool, int, str]:
    site, far = candidate.site, candidate.distance
    return (
        candidate.score is None,
        -candidate.covered,
        -site.priority,
        site.country != country,
        far if far is not None else 99_999,
        site.code,
    )


def _score(candidate: Candidate, total: int, country: str) -> Decimal:
    """Percent covered in the thousands, then priority, then nearness as the fraction."""
    covered = Decimal(100 * candidate.covered) / total
    far = 0 if candidate.site.country == country else (candidate.distance or 20_037)
    near = 1 - Decimal(min(far, 20_037)) / 20_037
    return (covered * 1000 + candidate.site.priority + near).quantize(Decimal("0.0001"))


def candidate_levels(
    wants: Sequence[Want],
    candidates: Sequence[Candidate],
    free: Free,
    level_of: Mapping[tuple[int, int], int],
) -> set[int]:
    """The levels that a plan may use: of each product, at the best few warehouses that have it."""
    chosen: set[int] = set()
    for product in {want.product for want in wants}:
        at = [
            level_of[product, c.site.pk]
            for c in candidates
            if c.score is not None and free(product, c.site.pk) > 0
        ]
        chosen.update(at[:MOST_WAREHOUSES])
    named = {(want.product, want.site) for want in wants if want.site is not None}
    named |= {(want.product, site) for want in wants for site in want.serving}
    return chosen | {level_of[key] for key in named if key in level_of}


def take(
    want: Want, candidates: Iterable[Candidate], free: Free
) -> Iterator[tuple[Candidate, int]]:
    """The units of one line from the best warehouses that have it, over no more than may be.

    Where somebody chose the warehouse, that is where they come from, however many serve the line.
    """
    left, serving = want.quantity, set(want.serving)
    for candidate in candidates:
        site = candidate.site.pk
        full = want.site is None and site not in serving and len(serving) >= MOST_WAREHOUSES
        if candidate.score is None or full:
            continue
        quantity = min(left, want.here(site, free))
        if quantity:
            left -= quantity
            serving.add(site)
            candidate.is_chosen = True
            yield candidate, quantity


def plan(wants: Sequence[Want], free: Free, sites: Iterable[Site], country: str) -> Plan:
    """Take each line from the best warehouses that have it; what it cannot have stays short."""
    result, taken = Plan(rank(wants, free, sites, country)), defaultdict[tuple[int, int], int](int)

    def left(product: int, site: int, *, whole: bool = False) -> int:
        return free(product, site, whole=whole) - taken[product, site]

    for want in wants:
        short = want.quantity
        for candidate, quantity in take(want, result.candidates, left):
            site = candidate.site.pk
            taken[want.product, site] += quantity
            short -= quantity
            result.takes.append((want.line, want.product, site, quantity))
        if short:
            result.short[want.line] = short
    return result
