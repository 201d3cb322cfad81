"""What money does: postings, the ledger, credit, prices, invoices and payments; each set-based."""
