"""Goods in motion: receipts, picks, dispatches and adjustments, booked bin by bin.

The stock levels are locked by the caller; bins are locked here, after them. What is on hand, what
lies in the bins and the sum of the moves change together or not at all.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from config.kernel import pipeline, sets
from inventory.models import Bin, BinStock, StockLevel, StockMove

STAGING = "WHERE warehouse_id = ANY(%s) AND kind = 'staging'"
ON_SHELVES = """
JOIN inventory_bin b ON b.id = t.bin_id AND b.kind = 'shelf'
WHERE t.stock_level_id = ANY(%s) AND t.quantity > 0 ORDER BY b.walk_sequence, b.code, t.id
"""
BinKey = tuple[int, int, str | None]  # level, bin, lot


@dataclass(slots=True)
class Move:
    """Units that go from one bin to another, into the building, or out of it."""

    level: StockLevel
    kind: str
    quantity: int
    ref_type: str
    ref_id: int
    key: str
    from_bin: int | None = None
    to_bin: int | None = None
    lot: str | None = None
    reason: str = ""

    @property
    def delta(self) -> int:
        """What the move does to the quantity on hand."""
        return self.quantity * ((self.to_bin is not None) - (self.from_bin is not None))


def book(moves: Sequence[Move], *, at: datetime) -> list[int]:
    """Book the moves, in order; answer their ids. Levels change in memory and are saved."""
    if not moves:
        return []
    bins = _locked_bins(moves)
    rows = []
    for move in moves:
        if move.from_bin is not None:
            bins[move.level.pk, move.from_bin, move.lot].quantity -= move.quantity
        if move.to_bin is not None:
            bins[move.level.pk, move.to_bin, move.lot].quantity += move.quantity
        move.level.on_hand += move.delta
        rows.append(_row(move, at))
    sets.update(BinStock, ["quantity"], bins.values())
    save(move.level for move in moves)
    return [pk for (pk,) in sets.insert(StockMove, _COLUMNS, rows, returning="id")]


_COLUMNS = [
    "stock_level",
    "kind",
    "quantity",
    "delta",
    "from_bin",
    "to_bin",
    "lot",
    "on_hand_after",
    "ref_type",
    "ref_id",
    "dedupe_key",
    "reason",
    "moved_at",
]


def _row(move: Move, at: datetime) -> tuple[object, ...]:
    return (
        move.level.pk,
        move.kind,
        move.quantity,
        move.delta,
        move.from_bin,
        move.to_bin,
        move.lot,
        move.level.on_hand,
        move.ref_type,
        move.ref_id,
        move.key,
        move.reason,
        at,
    )


def _locked_bins(moves: Iterable[Move]) -> dict[BinKey, BinStock]:
    """The contents of every bin that is touched, locked in id order; new ones start empty."""
    keys: set[BinKey] = set()
    for move in moves:
        for place in (move.from_bin, move.to_bin):
            if place is not None:
                keys.add((move.level.pk, place, move.lot))
    found = BinStock.locked(keys)
    missing = keys - set(found)
    if missing:
        BinStock.objects.bulk_create(
            [
                BinStock(stock_level_id=level, bin_id=place, lot=lot)
                for level, place, lot in sorted(missing, key=str)
            ],
            ignore_conflicts=True,
        )
        found = BinStock.locked(keys)
    return found


def save(levels: Iterable[StockLevel]) -> None:
    """Write what is on hand and reserved of levels that the caller has locked and changed."""
    each = {level.pk: level for level in levels}
    sets.update(StockLevel, ["on_hand", "reserved"], each.values())


def contents(levels: Iterable[int]) -> list[BinStock]:
    """What lies on the shelves of these levels, in walk sequence."""
    found = sets.read(BinStock, ON_SHELVES, list(set(levels)))
    sets.refer(found, BinStock.bin.field)
    return found


def staging_bins(warehouses: Iterable[int]) -> dict[int, int]:
    """The staging bin of each warehouse; made when there is none yet."""
    wanted = set(warehouses)
    found = _staging(wanted)
    if missing := wanted - set(found):
        Bin.objects.bulk_create(
            [Bin(warehouse_id=pk, code="STAGING", kind=Bin.Kind.STAGING) for pk in sorted(missing)],
            ignore_conflicts=True,
        )
        found = _staging(wanted)
    return found


def _staging(warehouses: set[int]) -> dict[int, int]:
    return {bin_.warehouse_id: bin_.pk for bin_ in sets.read(Bin, STAGING, list(warehouses))}


def level_ids(pairs: Iterable[tuple[int, int]]) -> dict[tuple[int, int], int]:
    """The stock level of each product and warehouse; made, empty, when there is none yet."""
    wanted = set(pairs)
    found = _levels(wanted)
    if missing := wanted - set(found):
        StockLevel.objects.bulk_create(
            [
                StockLevel(product_id=product, warehouse_id=place)
                for product, place in sorted(missing)
            ],
            ignore_conflicts=True,
        )
        found = _levels(wanted)
    return found


def _levels(pairs: set[tuple[int, int]]) -> dict[tuple[int, int], int]:
    rows = StockLevel.objects.filter(
        product__in={product for product, _ in pairs}, warehouse__in={place for _, place in pairs}
    ).values_list("product", "warehouse", "pk")
    return {(p, w): pk for p, w, pk in rows if (p, w) in pairs}


def receipt_number() -> int:
    """The next number of a receipt that no supply announced."""
    with pipeline.cursor() as cursor:
        cursor.execute("SELECT nextval('receipt_number')")
        return int(cursor.fetchone()[0])
