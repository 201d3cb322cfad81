"""The tables of this app, and what the database itself enforces on them."""

import config.kernel.money
import django.db.models.deletion
import django.db.models.expressions
from django.conf import settings
from django.db import migrations, models

from finance.migrations import _guards, _reporting


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("fulfillment", "0001_initial"),
        ("inventory", "0001_initial"),
        ("orders", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Account",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.CharField(max_length=10, unique=True, verbose_name="account code")),
                ("name", models.CharField(max_length=60, verbose_name="name")),
                (
                    "type",
                    models.CharField(
                        choices=[
                            ("asset", "Asset"),
                            ("liability", "Liability"),
                            ("income", "Income"),
                            ("expense", "Expense"),
                            ("off_balance", "Off balance"),
                        ],
                        max_length=12,
                        verbose_name="type",
                    ),
                ),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("order_commitments", "Order commitments"),
                            ("commitments_contra", "Commitments contra"),
                            ("cash", "Cash"),
                            ("customer_deposits", "Customer deposits"),
                            ("accounts_receivable", "Accounts receivable"),
                            ("revenue", "Revenue"),
                            ("tax_payable", "Tax payable"),
                            ("shipping_income", "Shipping income"),
                            ("cost_of_goods_sold", "Cost of goods sold"),
                            ("inventory", "Inventory"),
                            ("sales_returns", "Sales returns"),
                            ("customer_credit", "Customer credit"),
                            ("inventory_write_off", "Inventory write-off"),
                            ("goods_received_not_invoiced", "Goods received not invoiced"),
                        ],
                        max_length=30,
                        unique=True,
                        verbose_name="role in postings",
                    ),
                ),
            ],
            options={
                "verbose_name": "account",
                "verbose_name_plural": "accounts",
                "ordering": ["code"],
            },
        ),
        migrations.CreateModel(
            name="NumberSeries",
            fields=[
                ("code", models.CharField(max_length=20, primary_key=True, serialize=False)),
                ("prefix", models.CharField(max_length=10)),
                ("next", models.PositiveIntegerField(default=1)),
            ],
            options={
                "verbose_name": "number series",
                "verbose_name_plural": "number series",
            },
        ),
        migrations.CreateModel(
            name="PaymentTerms",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.CharField(max_length=20, unique=True, verbose_name="code")),
                ("name", models.CharField(max_length=60, verbose_name="name")),
                ("days", models.PositiveSmallIntegerField(default=30, verbose_name="days")),
                ("is_prepaid", models.BooleanField(default=False, verbose_name="prepaid")),
            ],
            options={
                "verbose_name": "payment terms",
                "verbose_name_plural": "payment terms",
                "ordering": ["days"],
            },
        ),
        migrations.CreateModel(
            name="AccountingPeriod",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("starts_on", models.DateField(unique=True)),
                ("ends_on", models.DateField()),
                ("closed_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "verbose_name": "accounting period",
                "verbose_name_plural": "accounting periods",
                "ordering": ["-starts_on"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("ends_on__gt", models.F("starts_on"))),
                        name="period_ends_after_it_starts",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Invoice",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("series_no", models.PositiveIntegerField()),
                ("number", models.CharField(max_length=30, unique=True)),
                ("total", config.kernel.money.MoneyField(decimal_places=4, max_digits=18)),
                (
                    "status",
                    models.CharField(
                        choices=[("open", "Open"), ("paid", "Paid")], default="open", max_length=4
                    ),
                ),
                ("issued_on", models.DateField()),
                ("due_on", models.DateField()),
                (
                    "currency",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="orders.currency",
                    ),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="invoices",
                        to="orders.customer",
                    ),
                ),
                (
                    "order",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="invoices",
                        to="orders.order",
                    ),
                ),
                (
                    "shipment",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="invoice",
                        to="fulfillment.shipment",
                    ),
                ),
                (
                    "series",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="finance.numberseries",
                    ),
                ),
            ],
            options={
                "verbose_name": "invoice",
                "verbose_name_plural": "invoices",
                "ordering": ["-pk"],
            },
        ),
        migrations.CreateModel(
            name="CreditNote",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.CharField(max_length=30, unique=True)),
                ("amount", config.kernel.money.MoneyField(decimal_places=4, max_digits=18)),
                (
                    "target",
                    models.CharField(
                        choices=[
                            ("receivable", "Off what is owed"),
                            ("customer_credit", "Credit for later"),
                        ],
                        default="receivable",
                        max_length=16,
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[("draft", "Draft"), ("posted", "Posted")],
                        default="draft",
                        max_length=6,
                    ),
                ),
                ("approved_as", models.CharField(max_length=20, null=True)),
                ("posted_at", models.DateTimeField(null=True)),
                (
                    "approved_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "created_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "currency",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="orders.currency",
                    ),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="credit_notes",
                        to="orders.customer",
                    ),
                ),
                (
                    "order",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="credit_notes",
                        to="orders.order",
                    ),
                ),
                (
                    "invoice",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="credit_notes",
                        to="finance.invoice",
                    ),
                ),
            ],
            options={
                "verbose_name": "credit note",
                "verbose_name_plural": "credit notes",
            },
        ),
        migrations.CreateModel(
            name="InvoiceLine",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("sku", models.CharField(max_length=64)),
                ("quantity", models.IntegerField()),
                ("net_amount", config.kernel.money.MoneyField(decimal_places=4, max_digits=18)),
                (
                    "shipping_amount",
                    config.kernel.money.MoneyField(decimal_places=4, default=0, max_digits=18),
                ),
                (
                    "tax_amount",
                    config.kernel.money.MoneyField(decimal_places=4, default=0, max_digits=18),
                ),
                ("amount", config.kernel.money.MoneyField(decimal_places=4, max_digits=18)),
                (
                    "invoice",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="lines",
                        to="finance.invoice",
                    ),
                ),
                (
                    "order_line",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="invoice_lines",
                        to="orders.orderline",
                    ),
                ),
            ],
            options={
                "verbose_name": "invoice line",
                "verbose_name_plural": "invoice lines",
            },
        ),
        migrations.CreateModel(
            name="JournalEntry",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("commitment", "Commitment"),
                            ("commitment_release", "Commitment released"),
                            ("deposit", "Deposit"),
                            ("invoice", "Invoice"),
                            ("deposit_applied", "Deposit applied"),
                            ("credit_applied", "Credit applied"),
                            ("cost_of_goods", "Cost of goods"),
                            ("payment", "Payment"),
                            ("return_accepted", "Return accepted"),
                            ("restock", "Goods put back"),
                            ("scrap", "Returned goods scrapped"),
                            ("refund", "Refund"),
                            ("goods_received", "Goods received"),
                            ("stock_adjusted", "Stock adjusted"),
                            ("reversal", "Reversal"),
                        ],
                        max_length=20,
                    ),
                ),
                ("source_type", models.CharField(max_length=20)),
                ("source_id", models.BigIntegerField()),
                ("entry_on", models.DateField()),
                ("posted_at", models.DateTimeField()),
                (
                    "currency",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="orders.currency",
                    ),
                ),
                (
                    "order",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="journal_entries",
                        to="orders.order",
                    ),
                ),
                (
                    "period",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="entries",
                        to="finance.accountingperiod",
                    ),
                ),
                (
                    "reversal_of",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reversed_by",
                        to="finance.journalentry",
                    ),
                ),
            ],
            options={
                "verbose_name": "journal entry",
                "verbose_name_plural": "journal entries",
                "ordering": ["-pk"],
            },
        ),
        migrations.CreateModel(
            name="CreditCheck",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "stage",
                    models.CharField(
                        choices=[
                            ("validation", "Validation"),
                            ("processing", "Processing"),
                            ("amendment", "Amendment"),
                            ("dispatch", "Dispatch"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "exposure_before",
                    config.kernel.money.MoneyField(decimal_places=4, max_digits=18),
                ),
                ("amount", config.kernel.money.MoneyField(decimal_places=4, max_digits=18)),
                ("credit_limit", config.kernel.money.MoneyField(decimal_places=4, max_digits=18)),
                (
                    "decision",
                    models.CharField(
                        choices=[
                            ("passed", "Passed"),
                            ("waived", "Waived"),
                            ("refused", "Refused"),
                        ],
                        max_length=7,
                    ),
                ),
                ("checked_at", models.DateTimeField()),
                (
                    "exception",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="orders.orderexception",
                    ),
                ),
                (
                    "order",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="credit_checks",
                        to="orders.order",
                    ),
                ),
                (
                    "entry",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="credit_check",
                        to="finance.journalentry",
                    ),
                ),
            ],
            options={
                "verbose_name": "credit check",
                "verbose_name_plural": "credit checks",
            },
        ),
        migrations.CreateModel(
            name="JournalLine",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "debit",
                    config.kernel.money.MoneyField(decimal_places=4, default=0, max_digits=18),
                ),
                (
                    "credit",
                    config.kernel.money.MoneyField(decimal_places=4, default=0, max_digits=18),
                ),
                (
                    "account",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="lines",
                        to="finance.account",
                    ),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="orders.customer",
                    ),
                ),
                (
                    "entry",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="lines",
                        to="finance.journalentry",
                    ),
                ),
            ],
            options={
                "verbose_name": "journal line",
                "verbose_name_plural": "journal lines",
            },
        ),
        migrations.CreateModel(
            name="Payment",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("amount", config.kernel.money.MoneyField(decimal_places=4, max_digits=18)),
                (
                    "applied",
                    config.kernel.money.MoneyField(decimal_places=4, default=0, max_digits=18),
                ),
                (
                    "method",
                    models.CharField(
                        choices=[
                            ("bank", "Bank transfer"),
                            ("card", "Card"),
                            ("cash", "Cash"),
                            ("imported", "Imported with the order"),
                        ],
                        default="bank",
                        max_length=10,
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("authorized", "Authorized"),
                            ("captured", "Received"),
                            ("failed", "Failed"),
                            ("voided", "Voided"),
                            ("reversed", "Bounced"),
                        ],
                        default="captured",
                        max_length=10,
                    ),
                ),
                ("external_id", models.CharField(max_length=80, unique=True)),
                ("received_at", models.DateTimeField()),
                (
                    "currency",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="orders.currency",
                    ),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="payments",
                        to="orders.customer",
                    ),
                ),
                (
                    "order",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="payments",
                        to="orders.order",
                    ),
                ),
            ],
            options={
                "verbose_name": "payment",
                "verbose_name_plural": "payments",
                "ordering": ["-pk"],
                "permissions": [("record_payment", "Can record payments")],
            },
        ),
        migrations.CreateModel(
            name="PaymentApplication",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("amount", config.kernel.money.MoneyField(decimal_places=4, max_digits=18)),
                ("applied_at", models.DateTimeField()),
                (
                    "credit_note",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="applications",
                        to="finance.creditnote",
                    ),
                ),
                (
                    "invoice",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="applications",
                        to="finance.invoice",
                    ),
                ),
                (
                    "payment",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="applications",
                        to="finance.payment",
                    ),
                ),
                (
                    "reversal_of",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reversed_by",
                        to="finance.paymentapplication",
                    ),
                ),
            ],
            options={
                "verbose_name": "payment application",
                "verbose_name_plural": "payment applications",
            },
        ),
        migrations.CreateModel(
            name="PriceList",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.CharField(max_length=20, unique=True, verbose_name="code")),
                ("name", models.CharField(max_length=60, verbose_name="name")),
                ("is_default", models.BooleanField(default=False, verbose_name="default")),
                (
                    "currency",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="orders.currency",
                        verbose_name="currency",
                    ),
                ),
            ],
            options={
                "verbose_name": "price list",
                "verbose_name_plural": "price lists",
                "ordering": ["code"],
            },
        ),
        migrations.CreateModel(
            name="Price",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "unit_price",
                    config.kernel.money.MoneyField(
                        decimal_places=4, max_digits=18, verbose_name="unit price"
                    ),
                ),
                (
                    "floor",
                    models.DecimalField(
                        blank=True, decimal_places=4, max_digits=18, null=True, verbose_name="floor"
                    ),
                ),
                (
                    "product",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="inventory.product",
                        verbose_name="product",
                    ),
                ),
                (
                    "price_list",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="prices",
                        to="finance.pricelist",
                        verbose_name="price list",
                    ),
                ),
            ],
            options={
                "verbose_name": "price",
                "verbose_name_plural": "prices",
            },
        ),
        migrations.CreateModel(
            name="CustomerTerms",
            fields=[
                (
                    "customer",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="terms",
                        serialize=False,
                        to="orders.customer",
                        verbose_name="customer",
                    ),
                ),
                (
                    "discount_percent",
                    models.DecimalField(
                        decimal_places=3,
                        default=0,
                        max_digits=6,
                        verbose_name="discount in percent",
                    ),
                ),
                ("is_tax_exempt", models.BooleanField(default=False, verbose_name="tax-exempt")),
                (
                    "payment_terms",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="finance.paymentterms",
                        verbose_name="payment terms",
                    ),
                ),
                (
                    "price_list",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="finance.pricelist",
                        verbose_name="price list",
                    ),
                ),
            ],
            options={
                "verbose_name": "customer terms",
                "verbose_name_plural": "customer terms",
            },
        ),
        migrations.CreateModel(
            name="ProductCost",
            fields=[
                (
                    "stock_level",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="cost",
                        serialize=False,
                        to="inventory.stocklevel",
                    ),
                ),
                (
                    "value",
                    config.kernel.money.MoneyField(decimal_places=4, default=0, max_digits=18),
                ),
            ],
            options={
                "verbose_name": "product cost",
                "verbose_name_plural": "product costs",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("value__gte", 0)),
                        name="product_cost_value_never_negative",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Refund",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("amount", config.kernel.money.MoneyField(decimal_places=4, max_digits=18)),
                (
                    "source",
                    models.CharField(
                        choices=[
                            ("receivable", "Overpaid invoice"),
                            ("customer_credit", "Customer credit"),
                            ("deposit", "Deposit"),
                        ],
                        max_length=16,
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("pending", "Waiting for approval"),
                            ("posted", "Paid out"),
                            ("failed", "Failed"),
                        ],
                        default="pending",
                        max_length=8,
                    ),
                ),
                ("approved_as", models.CharField(max_length=20, null=True)),
                ("created_at", models.DateTimeField()),
                ("posted_at", models.DateTimeField(null=True)),
                (
                    "approved_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "created_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "credit_note",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="refunds",
                        to="finance.creditnote",
                    ),
                ),
                (
                    "currency",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="orders.currency",
                    ),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="refunds",
                        to="orders.customer",
                    ),
                ),
                (
                    "order",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="refunds",
                        to="orders.order",
                    ),
                ),
                (
                    "payment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="refunds",
                        to="finance.payment",
                    ),
                ),
            ],
            options={
                "verbose_name": "refund",
                "verbose_name_plural": "refunds",
            },
        ),
        migrations.CreateModel(
            name="TaxRate",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("country", models.CharField(max_length=2, verbose_name="country")),
                (
                    "category",
                    models.CharField(
                        default="standard", max_length=20, verbose_name="tax category"
                    ),
                ),
                ("rate", models.DecimalField(decimal_places=4, max_digits=6, verbose_name="rate")),
            ],
            options={
                "verbose_name": "tax rate",
                "verbose_name_plural": "tax rates",
                "ordering": ["country", "category"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("country", "category"),
                        name="tax_rate_once_per_country_and_category",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("rate__gte", 0), ("rate__lt", 1)),
                        name="tax_rate_is_a_share",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CreditAccount",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "credit_limit",
                    config.kernel.money.MoneyField(
                        decimal_places=4, default=0, max_digits=18, verbose_name="credit limit"
                    ),
                ),
                (
                    "committed",
                    config.kernel.money.MoneyField(
                        decimal_places=4, default=0, max_digits=18, verbose_name="committed"
                    ),
                ),
                (
                    "receivable",
                    config.kernel.money.MoneyField(
                        decimal_places=4, default=0, max_digits=18, verbose_name="receivable"
                    ),
                ),
                (
                    "unapplied",
                    config.kernel.money.MoneyField(
                        decimal_places=4, default=0, max_digits=18, verbose_name="paid on account"
                    ),
                ),
                (
                    "currency",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="orders.currency",
                        verbose_name="currency",
                    ),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="credit_accounts",
                        to="orders.customer",
                        verbose_name="customer",
                    ),
                ),
            ],
            options={
                "verbose_name": "credit account",
                "verbose_name_plural": "credit accounts",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("customer", "currency"),
                        name="credit_account_once_per_customer_and_currency",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("committed__gte", 0), ("credit_limit__gte", 0), ("unapplied__gte", 0)
                        ),
                        name="credit_account_figures_not_negative",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CreditNoteLine",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("sku", models.CharField(max_length=64)),
                ("quantity", models.IntegerField()),
                ("net_amount", config.kernel.money.MoneyField(decimal_places=4, max_digits=18)),
                (
                    "shipping_amount",
                    config.kernel.money.MoneyField(decimal_places=4, default=0, max_digits=18),
                ),
                (
                    "tax_amount",
                    config.kernel.money.MoneyField(decimal_places=4, default=0, max_digits=18),
                ),
                ("amount", config.kernel.money.MoneyField(decimal_places=4, max_digits=18)),
                (
                    "credit_note",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="lines",
                        to="finance.creditnote",
                    ),
                ),
                (
                    "order_line",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="credit_note_lines",
                        to="orders.orderline",
                    ),
                ),
            ],
            options={
                "verbose_name": "credit note line",
                "verbose_name_plural": "credit note lines",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("amount__gte", 0),
                            ("quantity__gte", 0),
                            (
                                "amount",
                                django.db.models.expressions.CombinedExpression(
                                    django.db.models.expressions.CombinedExpression(
                                        models.F("net_amount"), "+", models.F("shipping_amount")
                                    ),
                                    "+",
                                    models.F("tax_amount"),
                                ),
                            ),
                        ),
                        name="credit_note_line_adds_up",
                    )
                ],
            },
        ),
        migrations.AddConstraint(
            model_name="creditnote",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("created_by", models.F("approved_by")), _negated=True),
                    ("approved_by", None),
                    _connector="OR",
                ),
                name="credit_note_is_approved_by_a_second_person",
                violation_error_message="Somebody else has to approve this credit note.",
            ),
        ),
        migrations.AddConstraint(
            model_name="invoiceline",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("quantity__gt", 0),
                    (
                        "amount",
                        django.db.models.expressions.CombinedExpression(
                            django.db.models.expressions.CombinedExpression(
                                models.F("net_amount"), "+", models.F("shipping_amount")
                            ),
                            "+",
                            models.F("tax_amount"),
                        ),
                    ),
                ),
                name="invoice_line_adds_up",
            ),
        ),
        migrations.AddConstraint(
            model_name="journalentry",
            constraint=models.UniqueConstraint(
                fields=("kind", "source_type", "source_id"),
                name="journal_entry_books_its_source_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="journalentry",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "reversal"), ("reversal_of__isnull", False)),
                    models.Q(models.Q(("kind", "reversal"), _negated=True), ("reversal_of", None)),
                    _connector="OR",
                ),
                name="journal_entry_reversal_names_its_original",
            ),
        ),
        migrations.AddConstraint(
            model_name="journalline",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("credit", 0), ("debit__gt", 0)),
                    models.Q(("credit__gt", 0), ("debit", 0)),
                    _connector="OR",
                ),
                name="journal_line_is_debit_or_credit",
            ),
        ),
        migrations.AddIndex(
            model_name="invoice",
            index=models.Index(
                condition=models.Q(("status", "open")),
                fields=["customer", "due_on"],
                name="invoice_open",
            ),
        ),
        migrations.AddConstraint(
            model_name="invoice",
            constraint=models.UniqueConstraint(
                fields=("series", "series_no"), name="invoice_number_once_per_series"
            ),
        ),
        migrations.AddConstraint(
            model_name="invoice",
            constraint=models.CheckConstraint(
                condition=models.Q(("due_on__gte", models.F("issued_on")), ("total__gte", 0)),
                name="invoice_total_and_dates_make_sense",
            ),
        ),
        migrations.AddConstraint(
            model_name="payment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("amount__gt", 0), ("applied__gte", 0), ("applied__lte", models.F("amount"))
                ),
                name="payment_applies_no_more_than_it_is",
                violation_error_message="A payment is more than nothing.",
            ),
        ),
        migrations.AddConstraint(
            model_name="paymentapplication",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("credit_note", None), ("payment__isnull", False)),
                    models.Q(("credit_note__isnull", False), ("payment", None)),
                    _connector="OR",
                ),
                name="application_has_one_source",
            ),
        ),
        migrations.AddConstraint(
            model_name="paymentapplication",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("amount__gt", 0), ("reversal_of", None)),
                    models.Q(("amount__lt", 0), ("reversal_of__isnull", False)),
                    _connector="OR",
                ),
                name="application_is_positive_or_a_reversal",
            ),
        ),
        migrations.AddConstraint(
            model_name="pricelist",
            constraint=models.UniqueConstraint(
                condition=models.Q(("is_default", True)),
                fields=("currency",),
                name="currency_has_one_default_price_list",
                violation_error_message="This currency has its default price list already.",
            ),
        ),
        migrations.AddConstraint(
            model_name="price",
            constraint=models.UniqueConstraint(
                fields=("price_list", "product"),
                name="price_once_per_list_and_product",
                violation_error_message="This product has a price on the list already.",
            ),
        ),
        migrations.AddConstraint(
            model_name="price",
            constraint=models.CheckConstraint(
                condition=models.Q(("unit_price__gte", 0)),
                name="price_never_negative",
                violation_error_message="A price cannot be negative.",
            ),
        ),
        migrations.AddConstraint(
            model_name="refund",
            constraint=models.CheckConstraint(
                condition=models.Q(("amount__gt", 0)), name="refund_is_more_than_nothing"
            ),
        ),
        migrations.AddConstraint(
            model_name="refund",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("status", "posted"), _negated=True),
                    models.Q(
                        ("approved_by__isnull", False),
                        ("posted_at__isnull", False),
                        models.Q(
                            ("created_by", None),
                            models.Q(("created_by", models.F("approved_by")), _negated=True),
                            _connector="OR",
                        ),
                    ),
                    _connector="OR",
                ),
                name="refund_leaves_with_a_second_approval",
                violation_error_message="Somebody else has to approve this refund.",
            ),
        ),
        *_guards.OPERATIONS,
        *_reporting.OPERATIONS,
    ]
