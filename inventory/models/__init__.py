"""What is sold, where it lies, and what is expected: products, warehouses, stock and supply."""

from inventory.models.products import Product, ProductQuerySet, Tracking
from inventory.models.stock import (
    Bin,
    BinStock,
    MoveKind,
    StockLevel,
    StockMove,
    Warehouse,
)
from inventory.models.supply import Supply, SupplyKind, SupplyQuerySet, SupplyStatus

__all__ = [
    "Bin",
    "BinStock",
    "MoveKind",
    "Product",
    "ProductQuerySet",
    "StockLevel",
    "StockMove",
    "Supply",
    "SupplyKind",
    "SupplyQuerySet",
    "SupplyStatus",
    "Tracking",
    "Warehouse",
]
