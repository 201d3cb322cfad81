"""What the database itself refuses of stock: a move is never edited or deleted."""

from django.db import migrations

APPEND_ONLY = """
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is append-only: correct it by a counter-entry', TG_TABLE_NAME
    USING ERRCODE = '23514';
END $$;
CREATE TRIGGER stock_move_is_append_only BEFORE UPDATE OR DELETE ON inventory_stockmove
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE SEQUENCE receipt_number;
ALTER TABLE inventory_stocklevel SET (fillfactor = 70);
ALTER TABLE inventory_binstock SET (fillfactor = 70);
"""
UNDO = """
DROP TRIGGER stock_move_is_append_only ON inventory_stockmove;
DROP FUNCTION refuse_change();
DROP SEQUENCE receipt_number;
"""

OPERATIONS = [migrations.RunSQL(APPEND_ONLY, UNDO)]
