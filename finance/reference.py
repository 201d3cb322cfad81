"""Rows that the books cannot do without: the chart of accounts, number series and open periods.

Installed after every migration and safe to install again; what people have changed is kept.
"""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from finance.models import DELIVERED_TERMS, Account, NumberSeries, PaymentTerms, Role
from finance.services import ledger

T = Account.Type
ACCOUNTS = (
    ("1000", T.ASSET, Role.CASH),
    ("1200", T.ASSET, Role.ACCOUNTS_RECEIVABLE),
    ("1400", T.ASSET, Role.INVENTORY),
    ("2100", T.LIABILITY, Role.GOODS_RECEIVED),
    ("2200", T.LIABILITY, Role.TAX_PAYABLE),
    ("2300", T.LIABILITY, Role.CUSTOMER_DEPOSITS),
    ("2310", T.LIABILITY, Role.CUSTOMER_CREDIT),
    ("4000", T.INCOME, Role.REVENUE),
    ("4100", T.INCOME, Role.SHIPPING_INCOME),
    ("4900", T.INCOME, Role.SALES_RETURNS),
    ("5000", T.EXPENSE, Role.COST_OF_GOODS_SOLD),
    ("5100", T.EXPENSE, Role.INVENTORY_WRITE_OFF),
    ("9000", T.OFF_BALANCE, Role.ORDER_COMMITMENTS),
    ("9001", T.OFF_BALANCE, Role.COMMITMENTS_CONTRA),
)
TERMS = (
    ("PREPAID", 0, True),
    ("NET14", 14, False),
    ("NET30", 30, False),
    ("NET60", 60, False),
)


def install(**_: object) -> None:
    """Add what is missing, and the periods of last month to next year."""
    Account.objects.bulk_create(
        [
            Account(code=code, name=str(role.label), type=kind, role=role)
            for code, kind, role in ACCOUNTS
        ],
        ignore_conflicts=True,
    )
    NumberSeries.objects.bulk_create(
        [NumberSeries(code="INV", prefix="INV-")], ignore_conflicts=True
    )
    PaymentTerms.objects.bulk_create(
        [
            PaymentTerms(code=code, name=DELIVERED_TERMS[code], days=days, is_prepaid=prepaid)
            for code, days, prepaid in TERMS
        ],
        ignore_conflicts=True,
    )
    today = timezone.now().date()
    ledger.open_periods(today - timedelta(days=31), today + timedelta(days=366))
