"""What stock does: the choice of a warehouse, moves, levels and what can be promised."""

from inventory.services.availability import (
    Place,
    expected,
    home_warehouse,
    incoming,
    levels,
    places,
    sites,
)
from inventory.services.moves import (
    Move,
    book,
    contents,
    level_ids,
    receipt_number,
    save,
    staging_bins,
)
from inventory.services.places import distance_km, transit_days

__all__ = [
    "Move",
    "Place",
    "book",
    "contents",
    "distance_km",
    "expected",
    "home_warehouse",
    "incoming",
    "level_ids",
    "levels",
    "places",
    "receipt_number",
    "save",
    "sites",
    "staging_bins",
    "transit_days",
]
