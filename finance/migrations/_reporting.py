"""The views of money."""

from config.kernel.reporting import publish

OPERATIONS = publish(
    {
        "credit_account": "SELECT id, customer_id, currency_id AS currency, credit_limit, "
        "committed, receivable, unapplied FROM finance_creditaccount",
        "ledger_account": "SELECT id, code, type, role FROM finance_account",
        "accounting_period": "SELECT id, starts_on, ends_on, closed_at "
        "FROM finance_accountingperiod",
        "journal_entry": "SELECT id, kind, currency_id AS currency, order_id, source_type, "
        "source_id, reversal_of_id, period_id, entry_on, posted_at FROM finance_journalentry",
        "journal_line": "SELECT id, entry_id, account_id, customer_id, debit, credit "
        "FROM finance_journalline",
        "credit_check": "SELECT id, order_id, stage, exposure_before, amount, credit_limit, "
        "decision, exception_id, entry_id, checked_at FROM finance_creditcheck",
        "invoice": "SELECT id, series_id AS series, series_no, number, order_id, customer_id, "
        "shipment_id, currency_id AS currency, total, status, issued_on, due_on "
        "FROM finance_invoice",
        "invoice_line": "SELECT id, invoice_id, order_line_id, sku, quantity, net_amount, "
        "shipping_amount, tax_amount, amount FROM finance_invoiceline",
        "payment": "SELECT id, customer_id, order_id, currency_id AS currency, amount, status, "
        "external_id, received_at FROM finance_payment",
        "payment_application": "SELECT id, invoice_id, payment_id, credit_note_id, amount, "
        "reversal_of_id, applied_at FROM finance_paymentapplication",
        "credit_note_line": "SELECT id, credit_note_id, order_line_id, sku, quantity, "
        "net_amount, shipping_amount, tax_amount, amount FROM finance_creditnoteline",
        "refund": "SELECT id, order_id, payment_id, credit_note_id, customer_id, "
        "currency_id AS currency, amount, source, status, created_by_id::bigint AS "
        "created_by_id, approved_by_id::bigint AS approved_by_id, approved_as, posted_at "
        "FROM finance_refund",
    }
)
