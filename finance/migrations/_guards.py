"""What the database itself refuses of money: an unbalanced entry, an edited ledger."""

from django.db import migrations

LEDGER = """
CREATE FUNCTION refuse_unbalanced() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  wrong bigint;
BEGIN
  SELECT entry_id INTO wrong FROM posted GROUP BY entry_id
    HAVING sum(debit) <> sum(credit) OR count(*) < 2 LIMIT 1;
  IF wrong IS NOT NULL THEN
    RAISE EXCEPTION 'journal entry % does not balance', wrong USING ERRCODE = '23514';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER journal_entry_balances AFTER INSERT ON finance_journalline
  REFERENCING NEW TABLE AS posted FOR EACH STATEMENT EXECUTE FUNCTION refuse_unbalanced();
CREATE TRIGGER journal_line_is_append_only BEFORE UPDATE OR DELETE ON finance_journalline
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER journal_entry_is_append_only BEFORE UPDATE OR DELETE ON finance_journalentry
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER invoice_line_is_append_only BEFORE UPDATE OR DELETE ON finance_invoiceline
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER application_is_append_only BEFORE UPDATE OR DELETE ON finance_paymentapplication
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER credit_check_is_append_only BEFORE UPDATE OR DELETE ON finance_creditcheck
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
ALTER TABLE finance_creditaccount SET (fillfactor = 70);
ALTER TABLE finance_productcost SET (fillfactor = 70);
"""
UNDO = """
DROP TRIGGER journal_entry_balances ON finance_journalline;
DROP FUNCTION refuse_unbalanced();
DROP TRIGGER journal_line_is_append_only ON finance_journalline;
DROP TRIGGER journal_entry_is_append_only ON finance_journalentry;
DROP TRIGGER invoice_line_is_append_only ON finance_invoiceline;
DROP TRIGGER application_is_append_only ON finance_paymentapplication;
DROP TRIGGER credit_check_is_append_only ON finance_creditcheck;
"""

OPERATIONS = [migrations.RunSQL(LEDGER, UNDO)]
