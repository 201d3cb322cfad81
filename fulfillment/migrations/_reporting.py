"""The views of the floor."""

from config.kernel.reporting import publish

OPERATIONS = publish(
    {
        "pick_list": "SELECT id, warehouse_id, status FROM fulfillment_picklist",
        "pick_task": "SELECT id, pick_list_id, allocation_id, bin_id, quantity, picked, status, "
        "assigned_to_id::bigint AS assigned_to_id FROM fulfillment_picktask",
        "pick_scan": "SELECT id, task_id AS pick_task_id, scan_id, quantity, scanned_at "
        "FROM fulfillment_pickscan",
        "shipment": "SELECT s.id, s.number, s.order_id, s.warehouse_id, c.code AS carrier, "
        "s.status, s.has_exception, s.dispatched_at, s.delivered_at FROM fulfillment_shipment s "
        "LEFT JOIN fulfillment_carrier c ON c.id = s.carrier_id",
        "package": "SELECT id, shipment_id, tracking_number FROM fulfillment_package",
        "shipment_line": "SELECT id, shipment_id, package_id, order_line_id, allocation_id, sku, "
        "quantity, cost_amount, cost_currency_id AS cost_currency FROM fulfillment_shipmentline",
    }
)
