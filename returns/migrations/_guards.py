"""What the database itself refuses of returns: a skipped step, more units than have shipped."""

from django.db import migrations

from returns.models import EDGES, ENDED

STEPS = ", ".join(f"('{source}', '{target}')" for source, target in EDGES)
OVER = ", ".join(f"'{status}'" for status in ENDED)
STANDING = f"r.status NOT IN ({OVER})"

GRAPH = f"""
CREATE SEQUENCE return_number;
CREATE FUNCTION refuse_return_step() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    IF NEW.status <> 'requested' THEN
      RAISE EXCEPTION 'a return starts as requested, not as %', NEW.status USING ERRCODE = '23514';
    END IF;
  ELSIF (OLD.status, NEW.status) NOT IN ({STEPS}) THEN
    RAISE EXCEPTION 'a return cannot go from % to %', OLD.status, NEW.status
      USING ERRCODE = '23514';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER return_starts_as_requested BEFORE INSERT ON returns_return
  FOR EACH ROW EXECUTE FUNCTION refuse_return_step();
CREATE TRIGGER return_follows_the_graph BEFORE UPDATE OF status ON returns_return
  FOR EACH ROW WHEN (OLD.status IS DISTINCT FROM NEW.status) EXECUTE FUNCTION refuse_return_step();
CREATE TRIGGER return_is_what_was_asked
  BEFORE UPDATE OF id, number, order_id, reason, created_by_id, requested_at OR DELETE
  ON returns_return FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER return_line_is_what_was_asked
  BEFORE UPDATE OF id, sales_return_id, shipment_line_id, requested OR DELETE
  ON returns_returnline FOR EACH ROW EXECUTE FUNCTION refuse_change();
"""
GRAPH_UNDO = """
DROP TRIGGER return_line_is_what_was_asked ON returns_returnline;
DROP TRIGGER return_is_what_was_asked ON returns_return;
DROP TRIGGER return_follows_the_graph ON returns_return;
DROP TRIGGER return_starts_as_requested ON returns_return;
DROP FUNCTION refuse_return_step();
DROP SEQUENCE return_number;
"""

# The lines of shipments are locked, so that two who ask at once see each other's units.
SHIPPED = f"""
CREATE FUNCTION refuse_return_of_more() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE wrong bigint;
BEGIN
  PERFORM FROM fulfillment_shipmentline WHERE id IN (SELECT shipment_line_id FROM asked)
    ORDER BY id FOR NO KEY UPDATE;
  SELECT a.shipment_line_id INTO wrong FROM asked a
    JOIN returns_return t ON t.id = a.sales_return_id
    JOIN fulfillment_shipmentline s ON s.id = a.shipment_line_id
    JOIN fulfillment_shipment h ON h.id = s.shipment_id
    WHERE h.order_id <> t.order_id OR h.dispatched_at IS NULL OR s.quantity < (
      SELECT sum(l.requested) FROM returns_returnline l
      JOIN returns_return r ON r.id = l.sales_return_id
      WHERE l.shipment_line_id = s.id AND {STANDING}) LIMIT 1;
  IF wrong IS NOT NULL THEN
    RAISE EXCEPTION 'returns ask for more than has shipped on shipment line %', wrong
      USING ERRCODE = '23514';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER return_asks_for_what_has_shipped AFTER INSERT ON returns_returnline
  REFERENCING NEW TABLE AS asked FOR EACH STATEMENT EXECUTE FUNCTION refuse_return_of_more();
"""
SHIPPED_UNDO = """
DROP TRIGGER return_asks_for_what_has_shipped ON returns_returnline;
DROP FUNCTION refuse_return_of_more();
"""

# Counter and lines are written by two statements, so they are compared when the work is done.
COUNTED = f"""
CREATE FUNCTION refuse_miscounted_return() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE touched bigint[];
BEGIN
  IF TG_TABLE_NAME = 'orders_orderline' THEN
    touched := ARRAY[NEW.id];
  ELSIF TG_TABLE_NAME = 'returns_returnline' THEN
    touched := ARRAY(SELECT order_line_id FROM fulfillment_shipmentline
      WHERE id = NEW.shipment_line_id);
  ELSE
    touched := ARRAY(SELECT s.order_line_id FROM returns_returnline l
      JOIN fulfillment_shipmentline s ON s.id = l.shipment_line_id
      WHERE l.sales_return_id = NEW.id);
  END IF;
  IF EXISTS (SELECT FROM orders_orderline o WHERE o.id = ANY(touched) AND o.return_requested <> (
      SELECT coalesce(sum(l.requested), 0) FROM fulfillment_shipmentline s
      JOIN returns_returnline l ON l.shipment_line_id = s.id
      JOIN returns_return r ON r.id = l.sales_return_id
      WHERE s.order_line_id = o.id AND {STANDING})) THEN
    RAISE EXCEPTION 'return_requested is not what the returns of the line ask for'
      USING ERRCODE = '23514';
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER return_counter_equals_its_lines
  AFTER UPDATE OF return_requested ON orders_orderline DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW WHEN (OLD.return_requested IS DISTINCT FROM NEW.return_requested)
  EXECUTE FUNCTION refuse_miscounted_return();
CREATE CONSTRAINT TRIGGER return_line_is_counted
  AFTER INSERT ON returns_returnline DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW EXECUTE FUNCTION refuse_miscounted_return();
CREATE CONSTRAINT TRIGGER return_that_ends_is_counted_no_more
  AFTER UPDATE OF status ON returns_return DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW EXECUTE FUNCTION refuse_miscounted_return();
"""
COUNTED_UNDO = """
DROP TRIGGER return_that_ends_is_counted_no_more ON returns_return;
DROP TRIGGER return_line_is_counted ON returns_returnline;
DROP TRIGGER return_counter_equals_its_lines ON orders_orderline;
DROP FUNCTION refuse_miscounted_return();
"""

OPERATIONS = [
    migrations.RunSQL(GRAPH, GRAPH_UNDO),
    migrations.RunSQL(SHIPPED, SHIPPED_UNDO),
    migrations.RunSQL(COUNTED, COUNTED_UNDO),
]
