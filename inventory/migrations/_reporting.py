"""The views of stock."""

from config.kernel.reporting import publish

OPERATIONS = publish(
    {
        "product": "SELECT id, sku, sku_since, name, unit, tracking, is_stocked, is_active "
        "FROM inventory_product",
        "warehouse": "SELECT id, code, is_sellable, is_active FROM inventory_warehouse",
        "bin": "SELECT id, warehouse_id, code, walk_sequence FROM inventory_bin",
        "stock_level": "SELECT id, product_id, warehouse_id, on_hand, reserved, safety_stock "
        "FROM inventory_stocklevel",
        "bin_stock": "SELECT id, stock_level_id, bin_id, lot, quantity FROM inventory_binstock",
        "stock_move": "SELECT id, stock_level_id, kind, quantity, delta, from_bin_id, to_bin_id, "
        "lot, on_hand_after, ref_type, ref_id, dedupe_key, reason, moved_at "
        "FROM inventory_stockmove",
        "supply": "SELECT id, product_id, warehouse_id, source_warehouse_id, kind, status, "
        "reference, quantity, received, expected_on FROM inventory_supply",
    }
)
