"""Money: the ledger, documents, terms and credit."""
