"""The views of orders."""

from config.kernel.reporting import publish

OPERATIONS = publish(
    {
        "currency": "SELECT code, minor_units FROM orders_currency",
        "staff_user": "SELECT id::bigint AS id, username, is_active FROM auth_user",
        "channel": "SELECT id, code FROM orders_channel",
        "customer": "SELECT id, code, name, is_active FROM orders_customer",
        "sales_order": "SELECT id, number, customer_id, channel_id, external_id, priority, "
        "status, sub_status, fulfillment_status, payment_status, return_status, "
        "currency_id AS currency, fill_policy, invoice_policy, rules_version, version, "
        "ship_to_country, subtotal, order_discount, discount_total, shipping_total, tax_total, "
        "grand_total, cancel_reason, created_by_id::bigint AS created_by_id, created_at, "
        "submitted_at, completed_at, cancelled_at FROM orders_order",
        "sales_order_line": "SELECT id, order_id, line_no, product_id, parent_line_id, "
        "per_parent, sku, name, unit, snapshot_at, is_stocked, unit_price, gross_amount, "
        "discount_amount, order_discount_share, shipping_amount, tax_rate, tax_amount, "
        "line_total, cancelled_amount, ordered, cancelled, backordered, allocated, picked, "
        "shipped, delivered, return_requested, returned, invoiced, credited, "
        "first_promised_on, promised_on, actual_on FROM orders_orderline",
        "line_schedule": "SELECT id, line_id AS order_line_id, due_on, quantity "
        "FROM orders_lineschedule",
        "allocation": "SELECT id, line_id AS order_line_id, stock_level_id, quantity, picked, "
        "shipped, state, priority_at, created_at FROM orders_allocation",
        "promise": "SELECT id, line_id AS order_line_id, seq, promised_on, basis, supply_id, "
        "cause, made_at FROM orders_promise",
        "sourcing_decision": "SELECT id, order_id, method, decided_at FROM orders_sourcingdecision",
        "sourcing_candidate": "SELECT id, decision_id, warehouse_id, score, rejected_reason, "
        "is_chosen FROM orders_sourcingcandidate",
        "order_exception": "SELECT id, order_id, rule, severity, fingerprint, status, "
        "owner_id::bigint AS owner_id, four_eyes, waived_by_id::bigint AS waived_by_id, "
        "waive_reason, opened_at, closed_at FROM orders_orderexception",
        "order_hold": "SELECT id, order_id, reason, placed_by_id::bigint AS placed_by_id, "
        "placed_at, released_by_id::bigint AS released_by_id, released_at FROM orders_hold",
        "amendment": "SELECT id, order_id, status, requested_by_id::bigint AS requested_by_id, "
        "requested_at, closed_at FROM orders_amendment",
        "amendment_operation": "SELECT id, amendment_id, seq, kind, order_line_id, "
        "quantity_before, quantity_after FROM orders_amendmentoperation",
        "order_event": "SELECT id, order_id, seq, type, from_state, to_state, occurred_at, "
        "actor, reason, canonical, event_hash, seal_id FROM orders_orderevent",
        "history_seal": "SELECT id, sealed_at, event_count, previous_hash, hash "
        "FROM orders_historyseal",
        "stage_interval": "SELECT id, order_id, stage, entered_at, left_at "
        "FROM orders_stageinterval",
        "transition_rule": "SELECT id, rules_id AS rules_version, from_state, to_state, "
        "is_enabled, is_automatic, reason_required FROM orders_transitionrule",
        "bulk_job": "SELECT id, action, status, total, succeeded, failed, "
        "requested_by_id::bigint AS requested_by_id FROM orders_bulkjob",
        "bulk_item": "SELECT id, job_id, order_id, reference, status, error_code "
        "FROM orders_bulkitem",
        "order_import": "SELECT id, file_sha256, is_dry_run, status, total_rows, accepted_rows, "
        "rejected_rows FROM orders_orderimport",
        "order_import_row": "SELECT id, order_import_id AS import_id, row_no, status, order_id, "
        "error_code FROM orders_orderimportrow",
    }
)
