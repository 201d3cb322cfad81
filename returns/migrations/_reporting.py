"""The views of returns, and the role that may read all views and nothing else.

Where the database does not let us make the role, the views are there all the same, and
``check_integrity`` says what to ask the administrator of the database for.
"""

from django.db import migrations

from config.kernel.reporting import publish

READER = """
DO $$ BEGIN
  IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'reporting_reader') THEN
    CREATE ROLE reporting_reader LOGIN;
  END IF;
EXCEPTION WHEN insufficient_privilege OR duplicate_object OR unique_violation THEN
  RAISE NOTICE 'The role reporting_reader is to be made by an administrator.';
END $$;
DO $$ BEGIN
  IF EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'reporting_reader') THEN
    GRANT USAGE ON SCHEMA reporting TO reporting_reader;
    GRANT SELECT ON ALL TABLES IN SCHEMA reporting TO reporting_reader;
  END IF;
END $$;
"""

OPERATIONS = [
    *publish(
        {
            "sales_return": "SELECT id, number, order_id, status, reason, resolution, "
            "replacement_order_id, created_by_id::bigint AS created_by_id, "
            "authorized_by_id::bigint AS authorized_by_id, requested_at, resolved_at "
            "FROM returns_return",
            "sales_return_line": "SELECT l.id, l.sales_return_id AS return_id, "
            "l.shipment_line_id, s.order_line_id, l.requested, l.received, l.accepted, "
            "l.reception, l.acceptance FROM returns_returnline l "
            "JOIN fulfillment_shipmentline s ON s.id = l.shipment_line_id",
            "credit_note": "SELECT n.id, n.number, n.order_id, n.invoice_id, "
            "r.sales_return_id AS return_id, n.customer_id, n.currency_id AS currency, n.amount, "
            "n.target, n.status, n.created_by_id::bigint AS created_by_id, "
            "n.approved_by_id::bigint AS approved_by_id, n.approved_as, n.posted_at "
            "FROM finance_creditnote n LEFT JOIN returns_returncredit r "
            "ON r.credit_note_id = n.id",
        }
    ),
    migrations.RunSQL(READER, migrations.RunSQL.noop),
]
