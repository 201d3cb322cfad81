"""The ledger: accounts, periods, and balanced entries that are never edited."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from config.kernel.money import MoneyField
from inventory.models import StockLevel
from orders.models import Currency, Customer, Order


class Role(models.TextChoices):
    """What an account is for; postings find their account by its role, never by its number."""

    ORDER_COMMITMENTS = "order_commitments", _("Order commitments")
    COMMITMENTS_CONTRA = "commitments_contra", _("Commitments contra")
    CASH = "cash", _("Cash")
    CUSTOMER_DEPOSITS = "customer_deposits", _("Customer deposits")
    ACCOUNTS_RECEIVABLE = "accounts_receivable", _("Accounts receivable")
    REVENUE = "revenue", _("Revenue")
    TAX_PAYABLE = "tax_payable", _("Tax payable")
    SHIPPING_INCOME = "shipping_income", _("Shipping income")
    COST_OF_GOODS_SOLD = "cost_of_goods_sold", _("Cost of goods sold")
    INVENTORY = "inventory", _("Inventory")
    SALES_RETURNS = "sales_returns", _("Sales returns")
    CUSTOMER_CREDIT = "customer_credit", _("Customer credit")
    INVENTORY_WRITE_OFF = "inventory_write_off", _("Inventory write-off")
    GOODS_RECEIVED = "goods_received_not_invoiced", _("Goods received not invoiced")


class Account(models.Model):
    """An account of the chart; its number and name may change, its role may not."""

    class Type(models.TextChoices):
        ASSET = "asset", _("Asset")
        LIABILITY = "liability", _("Liability")
        INCOME = "income", _("Income")
        EXPENSE = "expense", _("Expense")
        OFF_BALANCE = "off_balance", _("Off balance")

    code = models.CharField(_("account code"), max_length=10, unique=True)
    name = models.CharField(_("name"), max_length=60)
    type = models.CharField(_("type"), max_length=12, choices=Type)
    role = models.CharField(_("role in postings"), max_length=30, choices=Role, unique=True)

    class Meta:
        verbose_name = _("account")
        verbose_name_plural = _("accounts")
        ordering: ClassVar = ["code"]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class AccountingPeriod(models.Model):
    """A calendar month of the books; once closed, nothing is posted into it."""

    starts_on = models.DateField(unique=True)
    ends_on = models.DateField()
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("accounting period")
        verbose_name_plural = _("accounting periods")
        ordering: ClassVar = ["-starts_on"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(ends_on__gt=F("starts_on")), name="period_ends_after_it_starts"
            ),
        ]

    def __str__(self) -> str:
        return date_format(self.starts_on, "F Y")


class EntryKind(models.TextChoices):
    """The event that an entry books."""

    COMMITMENT = "commitment", _("Commitment")
    COMMITMENT_RELEASE = "commitment_release", _("Commitment released")
    DEPOSIT = "deposit", _("Deposit")
    INVOICE = "invoice", _("Invoice")
    DEPOSIT_APPLIED = "deposit_applied", _("Deposit applied")
    CREDIT_APPLIED = "credit_applied", _("Credit applied")
    COST_OF_GOODS = "cost_of_goods", _("Cost of goods")
    PAYMENT = "payment", _("Payment")
    RETURN_ACCEPTED = "return_accepted", _("Return accepted")
    RESTOCK = "restock", _("Goods put back")
    SCRAP = "scrap", _("Returned goods scrapped")
    REFUND = "refund", _("Refund")
    GOODS_RECEIVED = "goods_received", _("Goods received")
    STOCK_ADJUSTED = "stock_adjusted", _("Stock adjusted")
    REVERSAL = "reversal", _("Reversal")


class JournalEntry(models.Model):
    """One balanced booking in one currency; its source document is booked once per kind.

    Insert-only by trigger. A mistake is corrected by a reversal, which names its original once.
    """

    kind = models.CharField(max_length=20, choices=EntryKind)
    currency = models.ForeignKey(
        Currency, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    order = models.ForeignKey(
        Order, on_delete=models.PROTECT, null=True, related_name="journal_entries"
    )
    source_type = models.CharField(max_length=20)
    source_id = models.BigIntegerField()
    reversal_of = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, related_name="reversed_by"
    )
    period = models.ForeignKey(
        AccountingPeriod, on_delete=models.PROTECT, related_name="entries", db_index=False
    )
    entry_on = models.DateField()
    posted_at = models.DateTimeField()

    class Meta:
        verbose_name = _("journal entry")
        verbose_name_plural = _("journal entries")
        ordering: ClassVar = ["-pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["kind", "source_type", "source_id"],
                name="journal_entry_books_its_source_once",
            ),
            models.CheckConstraint(
                condition=Q(kind="reversal", reversal_of__isnull=False)
                | ~Q(kind="reversal") & Q(reversal_of=None),
                name="journal_entry_reversal_names_its_original",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.pk}"


class JournalLine(models.Model):
    """One side of an entry: exactly one of debit and credit is positive."""

    entry = models.ForeignKey(JournalEntry, on_delete=models.PROTECT, related_name="lines")
    account = models.ForeignKey(
        Account, on_delete=models.PROTECT, related_name="lines", db_index=False
    )
    customer = models.ForeignKey(
        Customer, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    debit = MoneyField(default=0)
    credit = MoneyField(default=0)

    class Meta:
        verbose_name = _("journal line")
        verbose_name_plural = _("journal lines")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(debit__gt=0, credit=0) | Q(debit=0, credit__gt=0),
                name="journal_line_is_debit_or_credit",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account_id}: {self.debit - self.credit}"


class ProductCost(models.Model):
    """What the goods on hand of one stock level are worth, in the company's currency.

    A receipt adds its cost, a dispatch takes its share (moving average): value ÷ on hand is the
    average cost of a unit. Written under the stock level's lock; over all levels it equals the
    inventory account.
    """

    stock_level = models.OneToOneField(
        StockLevel, on_delete=models.PROTECT, primary_key=True, related_name="cost"
    )
    value = MoneyField(default=0)

    class Meta:
        verbose_name = _("product cost")
        verbose_name_plural = _("product costs")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(value__gte=0), name="product_cost_value_never_negative"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.value}"
