"""What the database itself refuses of orders: a skipped step, an edited history."""

from django.db import migrations

from orders.models.graph import EDGES
from orders.permissions import CONFLICTS

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

LIKENESS = """
CREATE FUNCTION order_likeness(customer bigint, currency text, total numeric, po text)
RETURNS bigint STABLE LANGUAGE sql AS $$
  SELECT hashtextextended(concat_ws('|', customer, currency, total, po), 0)
$$;
CREATE FUNCTION follow_likeness() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE orders_ordersearch
  SET likeness = order_likeness(NEW.customer_id, NEW.currency_id, NEW.grand_total, NEW.po_number)
  WHERE order_id = NEW.id;
  RETURN NULL;
END $$;
CREATE TRIGGER likeness_follows_the_order
  AFTER UPDATE OF customer_id, currency_id, grand_total, po_number ON orders_order
  FOR EACH ROW WHEN ((OLD.customer_id, OLD.currency_id, OLD.grand_total, OLD.po_number)
    IS DISTINCT FROM (NEW.customer_id, NEW.currency_id, NEW.grand_total, NEW.po_number))
  EXECUTE FUNCTION follow_likeness();
"""
LIKENESS_UNDO = """
DROP TRIGGER likeness_follows_the_order ON orders_order;
DROP FUNCTION follow_likeness();
DROP FUNCTION order_likeness(bigint, text, numeric, text);
"""


def _array(names: frozenset[str]) -> str:
    """Names as an array of SQL."""
    return "ARRAY[" + ", ".join(f"'{name}'" for name in sorted(names)) + "]"


DUTIES_TABLE = ",\n    ".join(
    f"({_array(each.these)}, {_array(each.those)}, '{each.why}')" for each in CONFLICTS
)
# Rights are the names of the roles, their permissions, and permissions given besides.
DUTIES = f"""
CREATE FUNCTION duty_conflicts(whom bigint) RETURNS TABLE (user_id bigint, why text)
LANGUAGE sql STABLE SET search_path = public AS $$
  WITH conflict (these, those, why) AS (VALUES
    {DUTIES_TABLE}
  ), held AS (
    SELECT m.user_id, g.name, g.id AS group_id FROM auth_user_groups m
      JOIN auth_group g ON g.id = m.group_id WHERE whom IS NULL OR m.user_id = whom
  ), direct AS (
    SELECT g.user_id, g.permission_id FROM auth_user_user_permissions g
      WHERE whom IS NULL OR g.user_id = whom
    UNION SELECT held.user_id, gp.permission_id FROM held
      JOIN auth_group_permissions gp ON gp.group_id = held.group_id
  ), named AS (
    SELECT held.user_id, held.name AS code FROM held
    UNION SELECT d.user_id, t.app_label || '.' || p.codename FROM direct d
      JOIN auth_permission p ON p.id = d.permission_id
      JOIN django_content_type t ON t.id = p.content_type_id
  ), whole AS (
    SELECT named.user_id, array_agg(code::text) AS codes FROM named GROUP BY named.user_id
  )
  SELECT whole.user_id::bigint, conflict.why::text FROM whole
    JOIN conflict ON whole.codes && conflict.these AND whole.codes && conflict.those
$$;
CREATE FUNCTION refuse_conflict() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE found text;
BEGIN
  SELECT why INTO found FROM duty_conflicts(NEW.user_id) LIMIT 1;
  IF found IS NOT NULL THEN
    RAISE EXCEPTION '%', found USING ERRCODE = '23514';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER duties_stay_apart_by_role AFTER INSERT OR UPDATE ON auth_user_groups
  FOR EACH ROW EXECUTE FUNCTION refuse_conflict();
CREATE TRIGGER duties_stay_apart_by_permission AFTER INSERT OR UPDATE ON auth_user_user_permissions
  FOR EACH ROW EXECUTE FUNCTION refuse_conflict();
CREATE TRIGGER role_grant_is_append_only BEFORE UPDATE OR DELETE ON orders_rolegrant
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
"""
DUTIES_UNDO = """
DROP TRIGGER role_grant_is_append_only ON orders_rolegrant;
DROP TRIGGER duties_stay_apart_by_permission ON auth_user_user_permissions;
DROP TRIGGER duties_stay_apart_by_role ON auth_user_groups;
DROP FUNCTION refuse_conflict();
DROP FUNCTION duty_conflicts(bigint);
"""

RULE_ROWS = ("transitionrule", "validationrule", "amendmentrule", "cancellationrule", "substatus")
RULES = f"""
CREATE FUNCTION refuse_published() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (TG_OP <> 'INSERT' AND EXISTS (SELECT FROM orders_ruleset s
        WHERE s.version = OLD.rules_id AND s.published_at IS NOT NULL))
     OR (TG_OP <> 'DELETE' AND EXISTS (SELECT FROM orders_ruleset s
        WHERE s.version = NEW.rules_id AND s.published_at IS NOT NULL)) THEN
    RAISE EXCEPTION 'a published version of the rules is never changed' USING ERRCODE = '23514';
  END IF;
  RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE FUNCTION refuse_unfinished() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP <> 'INSERT' AND OLD.published_at IS NOT NULL THEN
    RAISE EXCEPTION 'a published version of the rules is never changed' USING ERRCODE = '23514';
  END IF;
  IF TG_OP = 'DELETE' THEN
    RETURN OLD;
  END IF;
  IF NEW.published_at IS NOT NULL AND {len(EDGES)} <> (
      SELECT count(*) FROM orders_transitionrule t WHERE t.rules_id = NEW.version) THEN
    RAISE EXCEPTION 'a version of the rules holds one row for each of the {len(EDGES)} steps'
      USING ERRCODE = '23514';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER rule_set_is_published_once BEFORE INSERT OR UPDATE OR DELETE ON orders_ruleset
  FOR EACH ROW EXECUTE FUNCTION refuse_unfinished();
""" + "".join(
    f"""CREATE TRIGGER {table}_is_changed_in_drafts_only
  BEFORE INSERT OR UPDATE OR DELETE ON orders_{table}
  FOR EACH ROW EXECUTE FUNCTION refuse_published();
"""
    for table in RULE_ROWS
)
RULES_UNDO = (
    "".join(
        f"DROP TRIGGER {table}_is_changed_in_drafts_only ON orders_{table};\n"
        for table in RULE_ROWS
    )
    + """
DROP TRIGGER rule_set_is_published_once ON orders_ruleset;
DROP FUNCTION refuse_unfinished();
DROP FUNCTION refuse_published();
"""
)

STORAGE = """
CREATE SEQUENCE order_number;
ALTER TABLE orders_order SET (fillfactor = 80);
ALTER TABLE orders_orderline SET (fillfactor = 80);
ALTER TABLE orders_allocation SET (fillfactor = 80);
"""

OPERATIONS = [
    migrations.RunSQL(STATUS_GRAPH, STATUS_GRAPH_UNDO),
    migrations.RunSQL(HISTORY, HISTORY_UNDO),
    migrations.RunSQL(LIKENESS, LIKENESS_UNDO),
    migrations.RunSQL(DUTIES, DUTIES_UNDO),
    migrations.RunSQL(RULES, RULES_UNDO),
    migrations.RunSQL(STORAGE, "DROP SEQUENCE order_number;"),
]
