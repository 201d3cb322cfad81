"""Credit: how much a customer may owe, owes, and each decision that was taken on it."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from config.kernel import sets
from config.kernel.money import MoneyField
from finance.models.ledger import JournalEntry
from orders.models import Currency, Customer, Order, OrderException


class CreditAccount(models.Model):
    """The running figures of one customer in one currency: the row that credit checks lock.

    Whoever posts on these accounts of the ledger changes them in the same transaction.
    """

    customer = models.ForeignKey(
        Customer,
        verbose_name=_("customer"),
        on_delete=models.PROTECT,
        related_name="credit_accounts",
    )
    currency = models.ForeignKey(
        Currency,
        verbose_name=_("currency"),
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )
    credit_limit = MoneyField(_("credit limit"), default=0)
    committed = MoneyField(_("committed"), default=0)
    receivable = MoneyField(_("receivable"), default=0)
    unapplied = MoneyField(_("paid on account"), default=0)

    class Meta:
        verbose_name = _("credit account")
        verbose_name_plural = _("credit accounts")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["customer", "currency"],
                name="credit_account_once_per_customer_and_currency",
            ),
            models.CheckConstraint(
                condition=Q(credit_limit__gte=0, committed__gte=0, unapplied__gte=0),
                name="credit_account_figures_not_negative",
            ),
        ]

    def __str__(self) -> str:
        words = {"customer": self.customer_id, "currency": self.currency_id}
        return gettext("%(customer)s in %(currency)s") % words

    @classmethod
    def locked(cls, pairs: Iterable[tuple[int, str]]) -> dict[tuple[int, str], CreditAccount]:
        """Lock the accounts of these customers and currencies in id order, by pair."""
        wanted = set(pairs)
        found = sets.read(
            cls,
            "WHERE customer_id = ANY(%s) AND currency_id = ANY(%s) ORDER BY id FOR NO KEY UPDATE",
            list({customer for customer, _ in wanted}),
            list({currency for _, currency in wanted}),
        )
        return {
            pair: account
            for account in found
            if (pair := (account.customer_id, account.currency_id)) in wanted
        }

    @property
    def exposure(self) -> Decimal:
        """What the customer would owe if everything committed were delivered."""
        return self.committed + self.receivable - self.unapplied

    @property
    def available(self) -> Decimal:
        """What may still be committed."""
        return self.credit_limit - self.exposure

    @property
    def used(self) -> int:
        """How much of the limit the exposure takes, in percent; without a limit all of it."""
        if not self.credit_limit:
            return 100 if self.exposure > 0 else 0
        return max(int(100 * self.exposure / self.credit_limit), 0)


class CreditCheck(models.Model):
    """Evidence of one decision on credit, written under the lock of the credit account."""

    class Stage(models.TextChoices):
        VALIDATION = "validation", _("Validation")
        PROCESSING = "processing", _("Processing")
        AMENDMENT = "amendment", _("Amendment")
        DISPATCH = "dispatch", _("Dispatch")

    class Decision(models.TextChoices):
        PASSED = "passed", _("Passed")
        WAIVED = "waived", _("Waived")
        REFUSED = "refused", _("Refused")

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="credit_checks")
    stage = models.CharField(max_length=10, choices=Stage)
    exposure_before = MoneyField()
    amount = MoneyField()
    credit_limit = MoneyField()
    decision = models.CharField(max_length=7, choices=Decision)
    exception = models.ForeignKey(
        OrderException, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    entry = models.OneToOneField(
        JournalEntry, on_delete=models.PROTECT, null=True, related_name="credit_check"
    )
    checked_at = models.DateTimeField()

    class Meta:
        verbose_name = _("credit check")
        verbose_name_plural = _("credit checks")

    def __str__(self) -> str:
        return f"{self.get_stage_display()}: {self.get_decision_display()}"
