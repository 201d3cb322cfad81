"""What the database itself refuses of the floor: a scan is never edited or deleted."""

from django.db import migrations

SCANS = """
CREATE TRIGGER pick_scan_is_append_only BEFORE UPDATE OR DELETE ON fulfillment_pickscan
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE SEQUENCE pick_list_number;
CREATE SEQUENCE shipment_number;
"""
UNDO = """
DROP TRIGGER pick_scan_is_append_only ON fulfillment_pickscan;
DROP SEQUENCE pick_list_number;
DROP SEQUENCE shipment_number;
"""

OPERATIONS = [migrations.RunSQL(SCANS, UNDO)]
