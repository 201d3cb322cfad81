"""Master data of stock; what is on hand is changed by receipts and counts only."""

from __future__ import annotations

from django.contrib import admin

from inventory.models import Bin, Product, Supply, Warehouse


@admin.register(Product)
class ProductAdmin(admin.ModelAdmin[Product]):
    """Products, found by SKU, name or GTIN."""

    list_display = ["sku", "name", "unit", "is_stocked", "is_active", "lead_time_days"]
    list_filter = ["is_active", "is_stocked"]
    search_fields = ["sku", "name", "gtin"]


@admin.register(Warehouse)
class WarehouseAdmin(admin.ModelAdmin[Warehouse]):
    """Warehouses with what decides their turn."""

    list_display = ["code", "name", "country", "priority", "is_sellable", "is_active"]


@admin.register(Bin)
class BinAdmin(admin.ModelAdmin[Bin]):
    """Bins in walk sequence."""

    list_display = ["code", "warehouse", "kind", "walk_sequence"]
    list_filter = ["warehouse", "kind"]
    search_fields = ["code"]


@admin.register(Supply)
class SupplyAdmin(admin.ModelAdmin[Supply]):
    """Expected goods; what was received is booked by a receipt."""

    list_display = ["reference", "product", "warehouse", "quantity", "expected_on"]
    list_filter = ["kind", "status", "warehouse"]
    autocomplete_fields = ["product"]
    readonly_fields = ["received"]
