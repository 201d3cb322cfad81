"""Credit: the accounts that hold a customer's running figures, and the evidence of each check."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from config.kernel import sets
from finance.models import CreditAccount, CreditCheck

Pair = tuple[int, str]  # customer, currency


@dataclass(slots=True)
class Check:
    """One decision on credit, as it will be kept."""

    order: int
    stage: str
    exposure_before: Decimal
    amount: Decimal
    credit_limit: Decimal
    decision: str
    exception: int | None = None
    entry: int | None = None


def open_accounts(pairs: Iterable[Pair]) -> None:
    """Make sure that each customer has an account in each currency it is sold to; limit 0."""
    CreditAccount.objects.bulk_create(
        [
            CreditAccount(customer_id=customer, currency_id=code)
            for customer, code in sorted(set(pairs))
        ],
        ignore_conflicts=True,
    )


def save(accounts: Iterable[CreditAccount]) -> None:
    """Write the running figures of accounts that the caller has locked and changed."""
    each = {account.pk: account for account in accounts}
    sets.update(CreditAccount, ["committed", "receivable", "unapplied"], each.values())


def keep(checks: Iterable[Check], *, at: datetime) -> None:
    """Write the evidence of credit decisions."""
    columns = ["order", "stage", "exposure_before", "amount", "credit_limit", "decision"]
    rows = [
        (
            c.order,
            c.stage,
            c.exposure_before,
            c.amount,
            c.credit_limit,
            c.decision,
            c.exception,
            c.entry,
            at,
        )
        for c in checks
    ]
    sets.insert(CreditCheck, [*columns, "exception", "entry", "checked_at"], rows)
