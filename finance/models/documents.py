"""Documents: invoices, payments and what they settle, credit notes and refunds."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from config.kernel.money import MoneyField
from fulfillment.models import Shipment
from orders.models import Currency, Customer, Order, OrderLine


class NumberSeries(models.Model):
    """A run of document numbers without gaps; its row is locked last and shortest."""

    code = models.CharField(max_length=20, primary_key=True)
    prefix = models.CharField(max_length=10)
    next = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _("number series")
        verbose_name_plural = _("number series")

    def __str__(self) -> str:
        return self.code


class InvoiceQuerySet(models.QuerySet["Invoice"]):
    """Invoices as payments and screens ask for them."""

    def open(self) -> InvoiceQuerySet:
        return self.filter(status=Invoice.Status.OPEN)


class Invoice(models.Model):
    """What a customer owes for goods that left; corrected only by a credit note."""

    class Status(models.TextChoices):
        OPEN = "open", _("Open")
        PAID = "paid", _("Paid")

    series = models.ForeignKey(
        NumberSeries, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    series_no = models.PositiveIntegerField()
    number = models.CharField(max_length=30, unique=True)
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="invoices")
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="invoices")
    shipment = models.OneToOneField(
        Shipment, on_delete=models.PROTECT, null=True, related_name="invoice"
    )
    currency = models.ForeignKey(
        Currency, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    total = MoneyField()
    status = models.CharField(max_length=4, choices=Status, default=Status.OPEN)
    issued_on = models.DateField()
    due_on = models.DateField()

    objects: ClassVar = InvoiceQuerySet.as_manager()

    class Meta:
        verbose_name = _("invoice")
        verbose_name_plural = _("invoices")
        ordering: ClassVar = ["-pk"]
        indexes: ClassVar = [
            models.Index(
                fields=["customer", "due_on"], condition=Q(status="open"), name="invoice_open"
            ),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["series", "series_no"], name="invoice_number_once_per_series"
            ),
            models.CheckConstraint(
                condition=Q(total__gte=0, due_on__gte=F("issued_on")),
                name="invoice_total_and_dates_make_sense",
            ),
        ]

    def __str__(self) -> str:
        return self.number


class DocumentLine(models.Model):
    """Units of one order line on a document, and what they are worth there."""

    sku = models.CharField(max_length=64)
    quantity = models.IntegerField()
    net_amount = MoneyField()
    shipping_amount = MoneyField(default=0)
    tax_amount = MoneyField(default=0)
    amount = MoneyField()

    class Meta:
        abstract = True


class InvoiceLine(DocumentLine):
    """Units of one order line on an invoice."""

    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT, related_name="lines")
    order_line = models.ForeignKey(
        OrderLine, on_delete=models.PROTECT, related_name="invoice_lines"
    )

    class Meta:
        verbose_name = _("invoice line")
        verbose_name_plural = _("invoice lines")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(quantity__gt=0)
                & Q(amount=F("net_amount") + F("shipping_amount") + F("tax_amount")),
                name="invoice_line_adds_up",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.sku} × {self.quantity}"


class Payment(models.Model):
    """Money that a customer paid; what no invoice has used yet is a deposit."""

    class Status(models.TextChoices):
        AUTHORIZED = "authorized", _("Authorized")
        CAPTURED = "captured", _("Received")
        FAILED = "failed", _("Failed")
        VOIDED = "voided", _("Voided")
        REVERSED = "reversed", _("Bounced")

    class Method(models.TextChoices):
        BANK = "bank", _("Bank transfer")
        CARD = "card", _("Card")
        CASH = "cash", _("Cash")
        IMPORTED = "imported", _("Imported with the order")

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="payments")
    order = models.ForeignKey(Order, on_delete=models.PROTECT, null=True, related_name="payments")
    currency = models.ForeignKey(
        Currency, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    amount = MoneyField()
    applied = MoneyField(default=0)
    method = models.CharField(max_length=10, choices=Method, default=Method.BANK)
    status = models.CharField(max_length=10, choices=Status, default=Status.CAPTURED)
    external_id = models.CharField(max_length=80, unique=True)
    received_at = models.DateTimeField()

    class Meta:
        verbose_name = _("payment")
        verbose_name_plural = _("payments")
        ordering: ClassVar = ["-pk"]
        permissions: ClassVar = [("record_payment", gettext_noop("Can record payments"))]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(amount__gt=0, applied__gte=0, applied__lte=F("amount")),
                name="payment_applies_no_more_than_it_is",
                violation_error_message=_("A payment is more than nothing."),
            ),
        ]

    def __str__(self) -> str:
        return self.external_id


class CreditNote(models.Model):
    """What a customer is given back of an invoice; posted by a second person."""

    class Target(models.TextChoices):
        RECEIVABLE = "receivable", _("Off what is owed")
        CUSTOMER_CREDIT = "customer_credit", _("Credit for later")

    class Status(models.TextChoices):
        DRAFT = "draft", _("Draft")
        POSTED = "posted", _("Posted")

    number = models.CharField(max_length=30, unique=True)
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="credit_notes")
    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT, related_name="credit_notes")
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="credit_notes")
    currency = models.ForeignKey(Currency, on_delete=models.PROTECT, related_name="+")
    amount = MoneyField()
    target = models.CharField(max_length=16, choices=Target, default=Target.RECEIVABLE)
    status = models.CharField(max_length=6, choices=Status, default=Status.DRAFT)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    approved_as = models.CharField(max_length=20, null=True)  # noqa: DJ001 - null before approval
    posted_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("credit note")
        verbose_name_plural = _("credit notes")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=~Q(created_by=F("approved_by")) | Q(approved_by=None),
                name="credit_note_is_approved_by_a_second_person",
                violation_error_message=_("Somebody else has to approve this credit note."),
            ),
        ]

    def __str__(self) -> str:
        return self.number


class CreditNoteLine(DocumentLine):
    """Units of one order line that are credited; none for a correction of the price alone."""

    credit_note = models.ForeignKey(CreditNote, on_delete=models.PROTECT, related_name="lines")
    order_line = models.ForeignKey(
        OrderLine, on_delete=models.PROTECT, related_name="credit_note_lines"
    )

    class Meta:
        verbose_name = _("credit note line")
        verbose_name_plural = _("credit note lines")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(quantity__gte=0, amount__gte=0)
                & Q(amount=F("net_amount") + F("shipping_amount") + F("tax_amount")),
                name="credit_note_line_adds_up",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.sku} × {self.quantity}"


class PaymentApplication(models.Model):
    """What settles an invoice: part of a payment or of a credit note. Insert-only."""

    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT, related_name="applications")
    payment = models.ForeignKey(
        Payment, on_delete=models.PROTECT, null=True, related_name="applications"
    )
    credit_note = models.ForeignKey(
        CreditNote, on_delete=models.PROTECT, null=True, related_name="applications"
    )
    amount = MoneyField()
    reversal_of = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, related_name="reversed_by"
    )
    applied_at = models.DateTimeField()

    class Meta:
        verbose_name = _("payment application")
        verbose_name_plural = _("payment applications")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(payment__isnull=False, credit_note=None)
                | Q(payment=None, credit_note__isnull=False),
                name="application_has_one_source",
            ),
            models.CheckConstraint(
                condition=Q(reversal_of=None, amount__gt=0)
                | Q(reversal_of__isnull=False, amount__lt=0),
                name="application_is_positive_or_a_reversal",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.amount}"


class Refund(models.Model):
    """Money on its way back to a customer; it leaves when a second person has approved it."""

    class Source(models.TextChoices):
        RECEIVABLE = "receivable", _("Overpaid invoice")
        CUSTOMER_CREDIT = "customer_credit", _("Customer credit")
        DEPOSIT = "deposit", _("Deposit")

    class Status(models.TextChoices):
        PENDING = "pending", _("Waiting for approval")
        POSTED = "posted", _("Paid out")
        FAILED = "failed", _("Failed")

    order = models.ForeignKey(Order, on_delete=models.PROTECT, null=True, related_name="refunds")
    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="refunds")
    credit_note = models.ForeignKey(
        CreditNote, on_delete=models.PROTECT, null=True, related_name="refunds"
    )
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="refunds")
    currency = models.ForeignKey(Currency, on_delete=models.PROTECT, related_name="+")
    amount = MoneyField()
    source = models.CharField(max_length=16, choices=Source)
    status = models.CharField(max_length=8, choices=Status, default=Status.PENDING)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    approved_as = models.CharField(max_length=20, null=True)  # noqa: DJ001 - null before approval
    created_at = models.DateTimeField()
    posted_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("refund")
        verbose_name_plural = _("refunds")
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="refund_is_more_than_nothing"),
            models.CheckConstraint(
                condition=~Q(status="posted")
                | Q(approved_by__isnull=False, posted_at__isnull=False)
                & (Q(created_by=None) | ~Q(created_by=F("approved_by"))),
                name="refund_leaves_with_a_second_approval",
                violation_error_message=_("Somebody else has to approve this refund."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.amount} {self.currency_id}"
