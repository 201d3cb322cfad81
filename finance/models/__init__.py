"""Money: the ledger, documents, terms and credit."""

from finance.models.credit import CreditAccount, CreditCheck
from finance.models.documents import (
    CreditNote,
    CreditNoteLine,
    Invoice,
    InvoiceLine,
    NumberSeries,
    Payment,
    PaymentApplication,
    Refund,
)
from finance.models.ledger import (
    Account,
    AccountingPeriod,
    EntryKind,
    JournalEntry,
    JournalLine,
    ProductCost,
    Role,
)
from finance.models.terms import (
    DELIVERED_TERMS,
    CustomerTerms,
    PaymentTerms,
    Price,
    PriceList,
    TaxRate,
)

__all__ = [
    "DELIVERED_TERMS",
    "Account",
    "AccountingPeriod",
    "CreditAccount",
    "CreditCheck",
    "CreditNote",
    "CreditNoteLine",
    "CustomerTerms",
    "EntryKind",
    "Invoice",
    "InvoiceLine",
    "JournalEntry",
    "JournalLine",
    "NumberSeries",
    "Payment",
    "PaymentApplication",
    "PaymentTerms",
    "Price",
    "PriceList",
    "ProductCost",
    "Refund",
    "Role",
    "TaxRate",
]
