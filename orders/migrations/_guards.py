"""What the database itself refuses of orders: a skipped step, an edited history."""

from django.db import migrations

from orders.models.graph import EDGES

STEPS = ", ".join(f"('{source}', '{target}')" for source, target in EDGES if source)

STATUS_GRAPH = f"""
CREATE FUNCTION refuse_step() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    IF NEW.status <> 'draft' THEN
      RAISE EXCEPTION 'an order starts as a draft, not as %', NEW.status USING ERRCODE = '23514';
    END IF;
  ELSIF (OLD.status, NEW.status) NOT IN ({STEPS}) THEN
    RAISE EXCEPTION 'an order cannot go from % to %', OLD.status, NEW.status
      USING ERRCODE = '23514';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER order_starts_as_draft BEFORE INSERT ON orders_order
  FOR EACH ROW EXECUTE FUNCTION refuse_step();
CREATE TRIGGER order_follows_the_graph BEFORE UPDATE OF status ON orders_order
  FOR EACH ROW WHEN (OLD.status IS DISTINCT FROM NEW.status) EXECUTE FUNCTION refuse_step();
"""
STATUS_GRAPH_UNDO = """
DROP TRIGGER order_starts_as_draft ON orders_order;
DROP TRIGGER order_follows_the_graph ON orders_order;
DROP FUNCTION refuse_step();
"""

HISTORY = """
CREATE FUNCTION refuse_rewrite() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND OLD.seal_id IS NULL AND NEW.seal_id IS NOT NULL
     AND to_jsonb(OLD) - 'seal_id' = to_jsonb(NEW) - 'seal_id' THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'history is append-only' USING ERRCODE = '23514';
END $$;
CREATE TRIGGER order_event_is_append_only BEFORE UPDATE OR DELETE ON orders_orderevent
  FOR EACH ROW EXECUTE FUNCTION refuse_rewrite();
CREATE TRIGGER history_seal_is_append_only BEFORE UPDATE OR DELETE ON orders_historyseal
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER promise_is_append_only BEFORE UPDATE OR DELETE ON orders_promise
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
"""
HISTORY_UNDO = """
DROP TRIGGER promise_is_append_only ON orders_promise;
DROP TRIGGER history_seal_is_append_only ON orders_historyseal;
DROP TRIGGER order_event_is_append_only ON orders_orderevent;
DROP FUNCTION refuse_rewrite();
"""

STORAGE = """
CREATE SEQUENCE order_number;
ALTER TABLE orders_order SET (fillfactor = 80);
ALTER TABLE orders_orderline SET (fillfactor = 80);
ALTER TABLE orders_allocation SET (fillfactor = 80);
"""

OPERATIONS = [
    migrations.RunSQL(STATUS_GRAPH, STATUS_GRAPH_UNDO),
    migrations.RunSQL(HISTORY, HISTORY_UNDO),
    migrations.RunSQL(STORAGE, "DROP SEQUENCE order_number;"),
]
