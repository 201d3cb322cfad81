"""The tables of this app, and what the database itself enforces on them."""

import config.kernel.money
import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.core.validators
import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.comparison
import django.db.models.functions.datetime
import django.db.models.functions.text
import django.utils.timezone
import django_fsm
import orders.models.transitions
from django.conf import settings
from django.db import migrations, models

from orders.migrations import _guards, _reporting


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        ("inventory", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Channel",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.CharField(max_length=20, unique=True, verbose_name="code")),
                ("name", models.CharField(max_length=60, verbose_name="name")),
                ("is_active", models.BooleanField(default=True, verbose_name="active")),
                (
                    "is_historic",
                    models.BooleanField(
                        default=False,
                        help_text="Its orders happened elsewhere: their prices and addresses are facts.",
                        verbose_name="historic",
                    ),
                ),
            ],
            options={
                "verbose_name": "channel",
                "verbose_name_plural": "channels",
                "ordering": ["code"],
            },
        ),
        migrations.CreateModel(
            name="Currency",
            fields=[
                (
                    "code",
                    models.CharField(
                        help_text="ISO 4217",
                        max_length=3,
                        primary_key=True,
                        serialize=False,
                        verbose_name="code",
                    ),
                ),
                ("name", models.CharField(max_length=40, verbose_name="name")),
                (
                    "minor_units",
                    models.PositiveSmallIntegerField(default=2, verbose_name="decimals"),
                ),
            ],
            options={
                "verbose_name": "currency",
                "verbose_name_plural": "currencies",
                "ordering": ["code"],
            },
        ),
        migrations.CreateModel(
            name="OrderEvent",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("seq", models.PositiveIntegerField()),
                ("type", models.CharField(max_length=40)),
                (
                    "from_state",
                    models.CharField(
                        choices=[
                            ("draft", "Draft"),
                            ("submitted", "Submitted"),
                            ("in_review", "Needs review"),
                            ("validated", "Validated"),
                            ("processing", "Processing"),
                            ("fulfilling", "Fulfilling"),
                            ("shipped", "In transit"),
                            ("delivered", "Delivered"),
                            ("completed", "Completed"),
                            ("cancelled", "Cancelled"),
                        ],
                        max_length=12,
                        null=True,
                    ),
                ),
                (
                    "to_state",
                    models.CharField(
                        choices=[
                            ("draft", "Draft"),
                            ("submitted", "Submitted"),
                            ("in_review", "Needs review"),
                            ("validated", "Validated"),
                            ("processing", "Processing"),
                            ("fulfilling", "Fulfilling"),
                            ("shipped", "In transit"),
                            ("delivered", "Delivered"),
                            ("completed", "Completed"),
                            ("cancelled", "Cancelled"),
                        ],
                        max_length=12,
                        null=True,
                    ),
                ),
                ("occurred_at", models.DateTimeField()),
                ("actor", models.CharField(max_length=40)),
                ("source", models.CharField(max_length=10)),
                ("request_id", models.CharField(blank=True, max_length=40)),
                ("reason", models.CharField(max_length=40, null=True)),
                ("data", models.JSONField(default=dict)),
                ("canonical", models.TextField()),
                ("event_hash", models.CharField(max_length=64)),
                ("visible_to_customer", models.BooleanField(default=False)),
            ],
            options={
                "verbose_name": "order event",
                "verbose_name_plural": "order events",
            },
        ),
        migrations.CreateModel(
            name="HistorySeal",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("sealed_at", models.DateTimeField()),
                ("event_count", models.PositiveIntegerField()),
                ("previous_hash", models.CharField(max_length=64)),
                ("hash", models.CharField(max_length=64)),
            ],
            options={
                "verbose_name": "history seal",
                "verbose_name_plural": "history seals",
            },
        ),
        migrations.CreateModel(
            name="OrderImport",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("profile", models.CharField(max_length=30)),
                ("file_name", models.CharField(max_length=200)),
                ("file_sha256", models.CharField(db_index=True, max_length=64)),
                (
                    "columns",
                    models.JSONField(
                        default=list, help_text="The names of the first row, in order."
                    ),
                ),
                ("is_dry_run", models.BooleanField(default=False)),
                (
                    "submits",
                    models.BooleanField(default=False, help_text="The orders are placed at once."),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("uploaded", "Uploaded"),
                            ("running", "Running"),
                            ("done", "Done"),
                            ("failed", "Could not be read"),
                        ],
                        default="uploaded",
                        max_length=8,
                    ),
                ),
                ("error", models.CharField(blank=True, max_length=400)),
                ("total_rows", models.PositiveIntegerField(default=0)),
                ("accepted_rows", models.PositiveIntegerField(default=0)),
                ("rejected_rows", models.PositiveIntegerField(default=0)),
                ("total", models.PositiveIntegerField(default=0, help_text="Orders in the file.")),
                (
                    "taken",
                    models.PositiveIntegerField(
                        default=0, help_text="Orders made, or that can be."
                    ),
                ),
                (
                    "known",
                    models.PositiveIntegerField(
                        default=0, help_text="Orders that were there already."
                    ),
                ),
                (
                    "refused",
                    models.PositiveIntegerField(
                        default=0, help_text="Orders that cannot be taken."
                    ),
                ),
                (
                    "unplaced",
                    models.PositiveIntegerField(default=0, help_text="Of those taken: drafts."),
                ),
                (
                    "customers",
                    models.PositiveIntegerField(default=0, help_text="Customers of those taken."),
                ),
                (
                    "sums",
                    models.JSONField(
                        default=dict, help_text="What those taken come to, by currency."
                    ),
                ),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("heartbeat_at", models.DateTimeField(null=True)),
                ("finished_at", models.DateTimeField(null=True)),
                (
                    "preview",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="runs",
                        to="orders.orderimport",
                    ),
                ),
                (
                    "requested_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "order import",
                "verbose_name_plural": "order imports",
                "ordering": ["-pk"],
            },
        ),
        migrations.CreateModel(
            name="Order",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "status",
                    orders.models.transitions.StatusField(
                        choices=[
                            ("draft", "Draft"),
                            ("submitted", "Submitted"),
                            ("in_review", "Needs review"),
                            ("validated", "Validated"),
                            ("processing", "Processing"),
                            ("fulfilling", "Fulfilling"),
                            ("shipped", "In transit"),
                            ("delivered", "Delivered"),
                            ("completed", "Completed"),
                            ("cancelled", "Cancelled"),
                        ],
                        default="draft",
                        max_length=50,
                        protected=True,
                        verbose_name="status",
                    ),
                ),
                ("number", models.CharField(max_length=20, verbose_name="number")),
                ("external_id", models.CharField(blank=True, max_length=80, null=True)),
                (
                    "po_number",
                    models.CharField(
                        blank=True, max_length=60, verbose_name="customer's PO number"
                    ),
                ),
                (
                    "priority",
                    models.SmallIntegerField(
                        default=0,
                        help_text="0 is normal; higher is served first.",
                        verbose_name="priority",
                    ),
                ),
                ("sub_status", models.CharField(blank=True, max_length=40, null=True)),
                (
                    "fulfillment_status",
                    models.CharField(
                        choices=[
                            ("none", "Not shipped"),
                            ("partial", "Partly shipped"),
                            ("full", "Shipped"),
                        ],
                        default="none",
                        max_length=8,
                    ),
                ),
                (
                    "payment_status",
                    models.CharField(
                        choices=[
                            ("none", "Unpaid"),
                            ("authorized", "Authorized"),
                            ("partial", "Partly paid"),
                            ("paid", "Paid"),
                            ("overpaid", "Overpaid"),
                            ("refunded_partial", "Partly refunded"),
                            ("refunded", "Refunded"),
                        ],
                        default="none",
                        max_length=16,
                        verbose_name="payment status",
                    ),
                ),
                (
                    "return_status",
                    models.CharField(
                        choices=[
                            ("none", "Nothing returned"),
                            ("partial", "Partly returned"),
                            ("full", "Returned"),
                        ],
                        default="none",
                        max_length=8,
                    ),
                ),
                (
                    "fill_policy",
                    models.CharField(
                        choices=[
                            ("partial", "Ship what is there"),
                            ("line_complete", "Ship whole lines"),
                            ("ship_complete", "Ship everything at once"),
                        ],
                        default="partial",
                        max_length=14,
                    ),
                ),
                (
                    "invoice_policy",
                    models.CharField(
                        choices=[
                            ("dispatch", "When goods leave"),
                            ("order", "When the order is validated"),
                        ],
                        default="dispatch",
                        max_length=8,
                    ),
                ),
                ("rules_version", models.PositiveIntegerField()),
                ("version", models.PositiveIntegerField(default=1)),
                ("last_seq", models.PositiveIntegerField(default=0)),
                ("last_event_at", models.DateTimeField()),
                ("ship_to_name", models.CharField(blank=True, max_length=200)),
                ("ship_to_line1", models.CharField(blank=True, max_length=200)),
                ("ship_to_line2", models.CharField(blank=True, max_length=200)),
                ("ship_to_city", models.CharField(blank=True, max_length=100)),
                ("ship_to_region", models.CharField(blank=True, max_length=100)),
                ("ship_to_postal_code", models.CharField(blank=True, max_length=20)),
                ("ship_to_country", models.CharField(blank=True, max_length=2)),
                ("terms_code", models.CharField(blank=True, max_length=20)),
                ("terms_days", models.PositiveSmallIntegerField(default=0)),
                ("terms_prepaid", models.BooleanField(default=False)),
                ("requested_on", models.DateField(blank=True, null=True, verbose_name="wanted by")),
                (
                    "promised_on",
                    models.DateField(blank=True, null=True, verbose_name="promised for"),
                ),
                (
                    "shipping_method",
                    models.CharField(
                        blank=True, help_text="Code of the carrier that was agreed.", max_length=20
                    ),
                ),
                ("note", models.TextField(blank=True)),
                (
                    "unread_rows",
                    models.JSONField(
                        blank=True, default=list, help_text="Rows of a draft that are no line yet."
                    ),
                ),
                (
                    "subtotal",
                    config.kernel.money.MoneyField(decimal_places=4, default=0, max_digits=18),
                ),
                (
                    "order_discount",
                    config.kernel.money.MoneyField(decimal_places=4, default=0, max_digits=18),
                ),
                (
                    "discount_total",
                    config.kernel.money.MoneyField(decimal_places=4, default=0, max_digits=18),
                ),
                (
                    "shipping_total",
                    config.kernel.money.MoneyField(decimal_places=4, default=0, max_digits=18),
                ),
                (
                    "tax_total",
                    config.kernel.money.MoneyField(decimal_places=4, default=0, max_digits=18),
                ),
                (
                    "grand_total",
                    config.kernel.money.MoneyField(
                        decimal_places=4, default=0, max_digits=18, verbose_name="total"
                    ),
                ),
                ("cancel_reason", models.CharField(blank=True, max_length=40, null=True)),
                ("created_at", models.DateTimeField(verbose_name="created at")),
                (
                    "submitted_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="submitted at"),
                ),
                ("completed_at", models.DateTimeField(blank=True, null=True)),
                ("cancelled_at", models.DateTimeField(blank=True, null=True)),
                (
                    "channel",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="orders.channel",
                    ),
                ),
                (
                    "created_by",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
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
            ],
            options={
                "verbose_name": "order",
                "verbose_name_plural": "orders",
                "permissions": [
                    ("submit_order", "Can place orders"),
                    ("recheck_order", "Can run the checks of an order again"),
                    ("waive_exception", "Can waive findings"),
                    ("waive_credit", "Can decide on credit and terms"),
                    ("own_exception", "Can take findings and give them to others"),
                    ("process_order", "Can process orders"),
                    ("hold_order", "Can hold orders and release holds"),
                    ("cancel_order", "Can cancel orders and units"),
                    ("amend_order", "Can amend placed orders"),
                    ("pick_order", "Can pick and recall goods"),
                    ("pack_order", "Can pack shipments"),
                    ("dispatch_order", "Can dispatch shipments"),
                    ("deliver_order", "Can report deliveries"),
                    ("complete_order", "Can complete orders"),
                    ("import_order", "Can import orders"),
                    ("assign_order", "Can assign orders to a warehouse"),
                    ("label_order", "Can put labels on orders"),
                ],
            },
            bases=(django_fsm.FSMModelMixin, models.Model),
        ),
        migrations.CreateModel(
            name="Staff",
            fields=[
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="staff",
                        serialize=False,
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="user",
                    ),
                ),
                (
                    "time_zone",
                    models.CharField(
                        default="Europe/London", max_length=40, verbose_name="time zone"
                    ),
                ),
                (
                    "language",
                    models.CharField(default="en-gb", max_length=10, verbose_name="language"),
                ),
                (
                    "theme",
                    models.CharField(
                        blank=True,
                        choices=[("", "As the device"), ("light", "Light"), ("dark", "Dark")],
                        default="",
                        max_length=8,
                        verbose_name="colour scheme",
                    ),
                ),
                (
                    "density",
                    models.CharField(
                        blank=True,
                        choices=[("", "Comfortable"), ("compact", "Compact"), ("roomy", "Roomy")],
                        default="",
                        max_length=8,
                        verbose_name="density",
                    ),
                ),
                (
                    "list_columns",
                    models.JSONField(
                        blank=True,
                        default=list,
                        help_text="Columns of the order list; none: the usual ones.",
                        verbose_name="columns of lists",
                    ),
                ),
                (
                    "list_sort",
                    models.CharField(blank=True, max_length=20, verbose_name="order of lists"),
                ),
                (
                    "landing",
                    models.CharField(
                        blank=True, default="", max_length=60, verbose_name="start on"
                    ),
                ),
                (
                    "shortcuts",
                    models.BooleanField(default=True, verbose_name="single-key shortcuts"),
                ),
                (
                    "countries",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=2),
                        blank=True,
                        default=list,
                        size=None,
                        verbose_name="countries",
                    ),
                ),
                (
                    "channels",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=20),
                        blank=True,
                        default=list,
                        size=None,
                        verbose_name="channels",
                    ),
                ),
                (
                    "warehouses",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=10),
                        blank=True,
                        default=list,
                        size=None,
                        verbose_name="warehouses",
                    ),
                ),
            ],
            options={
                "verbose_name": "staff",
                "verbose_name_plural": "staff",
                "ordering": ["user"],
                "permissions": [("manage_staff", "Can invite people and grant roles")],
            },
        ),
        migrations.CreateModel(
            name="BulkJob",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("action", models.CharField(max_length=20)),
                ("arguments", models.JSONField(default=dict)),
                (
                    "detail",
                    models.CharField(
                        blank=True, help_text="What was asked, in words.", max_length=400
                    ),
                ),
                (
                    "query",
                    models.TextField(
                        blank=True, help_text="“?” and the list's query; empty: ticked."
                    ),
                ),
                ("fingerprint", models.CharField(max_length=64)),
                ("is_dry_run", models.BooleanField(default=False)),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("queued", "Waiting"),
                            ("running", "Running"),
                            ("done", "Done"),
                            ("cancelled", "Stopped"),
                        ],
                        default="queued",
                        max_length=9,
                    ),
                ),
                ("total", models.PositiveIntegerField(default=0)),
                ("succeeded", models.PositiveIntegerField(default=0)),
                (
                    "failed",
                    models.PositiveIntegerField(
                        default=0, help_text="Orders that are not changed."
                    ),
                ),
                (
                    "already",
                    models.PositiveIntegerField(
                        default=0, help_text="Of these: orders that had it before."
                    ),
                ),
                (
                    "left",
                    models.PositiveIntegerField(
                        default=0,
                        help_text="Of these: orders of a stopped job that a retry does not take up.",
                    ),
                ),
                (
                    "effects",
                    models.JSONField(
                        default=list, help_text="[kind, currency, units, amount] summed up"
                    ),
                ),
                (
                    "load",
                    models.JSONField(
                        default=dict, help_text="Units that warehouses get to pick, by code"
                    ),
                ),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("retried_at", models.DateTimeField(null=True)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("started_at", models.DateTimeField(null=True)),
                ("heartbeat_at", models.DateTimeField(null=True)),
                (
                    "turn_at",
                    models.DateTimeField(
                        help_text="When the present worker took it up.", null=True
                    ),
                ),
                (
                    "turn_from",
                    models.PositiveIntegerField(default=0, help_text="Orders handled by then."),
                ),
                ("finished_at", models.DateTimeField(null=True)),
                (
                    "preview",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="runs",
                        to="orders.bulkjob",
                    ),
                ),
                (
                    "requested_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="bulk_jobs",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "retried_by",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "stopped_by",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "bulk job",
                "verbose_name_plural": "bulk jobs",
                "ordering": ["-pk"],
            },
        ),
        migrations.CreateModel(
            name="Customer",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "code",
                    models.CharField(max_length=20, unique=True, verbose_name="customer code"),
                ),
                ("name", models.CharField(max_length=200, verbose_name="name")),
                ("email", models.EmailField(blank=True, max_length=254, verbose_name="e-mail")),
                ("phone", models.CharField(blank=True, max_length=40, verbose_name="phone")),
                (
                    "group",
                    models.CharField(
                        blank=True,
                        help_text="Narrows which rules apply.",
                        max_length=20,
                        verbose_name="group",
                    ),
                ),
                (
                    "fill_policy",
                    models.CharField(
                        choices=[
                            ("partial", "Ship what is there"),
                            ("line_complete", "Ship whole lines"),
                            ("ship_complete", "Ship everything at once"),
                        ],
                        default="partial",
                        max_length=14,
                        verbose_name="fill policy",
                    ),
                ),
                (
                    "needs_po_number",
                    models.BooleanField(
                        default=False,
                        help_text="An order without the customer’s PO number is not placed.",
                        verbose_name="PO number required",
                    ),
                ),
                ("is_active", models.BooleanField(default=True, verbose_name="active")),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created at")),
                (
                    "currency",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="orders.currency",
                        verbose_name="currency",
                    ),
                ),
                (
                    "sales_rep",
                    models.ForeignKey(
                        blank=True,
                        help_text="Who looks after the customer.",
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="customers",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="sales rep",
                    ),
                ),
            ],
            options={
                "verbose_name": "customer",
                "verbose_name_plural": "customers",
                "ordering": ["code"],
            },
        ),
        migrations.CreateModel(
            name="Address",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(blank=True, max_length=200, verbose_name="name")),
                ("line1", models.CharField(blank=True, max_length=200, verbose_name="street")),
                (
                    "line2",
                    models.CharField(blank=True, max_length=200, verbose_name="address line 2"),
                ),
                ("city", models.CharField(blank=True, max_length=100, verbose_name="city")),
                ("region", models.CharField(blank=True, max_length=100, verbose_name="region")),
                (
                    "postal_code",
                    models.CharField(blank=True, max_length=20, verbose_name="postal code"),
                ),
                ("country", models.CharField(blank=True, max_length=2, verbose_name="country")),
                ("is_default", models.BooleanField(default=False, verbose_name="default")),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="addresses",
                        to="orders.customer",
                        verbose_name="customer",
                    ),
                ),
            ],
            options={
                "verbose_name": "address",
                "verbose_name_plural": "addresses",
                "ordering": ["-is_default", "pk"],
            },
        ),
        migrations.CreateModel(
            name="CustomerMessage",
            fields=[
                (
                    "event",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="message",
                        serialize=False,
                        to="orders.orderevent",
                    ),
                ),
                ("recipient", models.EmailField(max_length=254)),
                ("subject", models.CharField(max_length=200)),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("due_at", models.DateTimeField(null=True)),
                ("sent_at", models.DateTimeField(null=True)),
                ("trouble", models.CharField(blank=True, db_default="", max_length=200)),
            ],
            options={
                "verbose_name": "customer message",
                "verbose_name_plural": "customer messages",
            },
        ),
        migrations.CreateModel(
            name="EventNote",
            fields=[
                (
                    "event",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="note",
                        serialize=False,
                        to="orders.orderevent",
                    ),
                ),
                ("text", models.TextField(blank=True)),
            ],
            options={
                "verbose_name": "event note",
                "verbose_name_plural": "event notes",
            },
        ),
        migrations.AddField(
            model_name="orderevent",
            name="seal",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="orders.historyseal",
            ),
        ),
        migrations.CreateModel(
            name="ImportFile",
            fields=[
                (
                    "order_import",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="file",
                        serialize=False,
                        to="orders.orderimport",
                    ),
                ),
                ("content", models.BinaryField()),
            ],
            options={
                "verbose_name": "import file",
                "verbose_name_plural": "import files",
            },
        ),
        migrations.CreateModel(
            name="OrderSearch",
            fields=[
                (
                    "order",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="search",
                        serialize=False,
                        to="orders.order",
                    ),
                ),
                ("words", models.TextField()),
                ("likeness", models.BigIntegerField()),
            ],
            options={
                "verbose_name": "order search",
                "verbose_name_plural": "order searches",
            },
        ),
        migrations.AddField(
            model_name="orderevent",
            name="order",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="events",
                to="orders.order",
            ),
        ),
        migrations.AddField(
            model_name="order",
            name="customer",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="orders",
                to="orders.customer",
                verbose_name="customer",
            ),
        ),
        migrations.CreateModel(
            name="Hold",
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
                            ("manual", "Stopped by staff"),
                            ("credit", "Credit in question"),
                            ("payment", "Payment problem"),
                            ("address", "Address to be confirmed"),
                            ("fraud", "Suspected fraud"),
                            ("customer_request", "The customer asked to wait"),
                            ("system", "Stopped by the system after a failure"),
                        ],
                        default="manual",
                        max_length=16,
                    ),
                ),
                ("reason", models.CharField(max_length=200)),
                ("team", models.CharField(blank=True, max_length=30)),
                ("placed_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField(blank=True, null=True)),
                ("released_at", models.DateTimeField(null=True)),
                (
                    "owner",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="owned_holds",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "placed_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "released_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "order",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="holds",
                        to="orders.order",
                    ),
                ),
            ],
            options={
                "verbose_name": "hold",
                "verbose_name_plural": "holds of orders",
            },
        ),
        migrations.CreateModel(
            name="EntryKey",
            fields=[
                ("key", models.CharField(max_length=64, primary_key=True, serialize=False)),
                (
                    "order",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="orders.order",
                    ),
                ),
            ],
            options={
                "verbose_name": "entry key",
                "verbose_name_plural": "entry keys",
            },
        ),
        migrations.CreateModel(
            name="BulkItem",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("reference", models.CharField(max_length=40)),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("pending", "Waiting"),
                            ("succeeded", "Done"),
                            ("failed", "Not changed"),
                        ],
                        default="pending",
                        max_length=9,
                    ),
                ),
                ("error_code", models.CharField(max_length=20, null=True)),
                ("message", models.CharField(blank=True, max_length=400)),
                (
                    "reason",
                    models.CharField(
                        blank=True,
                        help_text="The message without its figures, to group by.",
                        max_length=200,
                    ),
                ),
                (
                    "job",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="items",
                        to="orders.bulkjob",
                    ),
                ),
                (
                    "order",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="bulk_items",
                        to="orders.order",
                    ),
                ),
            ],
            options={
                "verbose_name": "bulk item",
                "verbose_name_plural": "bulk items",
            },
        ),
        migrations.CreateModel(
            name="Amendment",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("proposed", "Proposed"),
                            ("applied", "Applied"),
                            ("refused", "Refused"),
                            ("withdrawn", "Withdrawn"),
                        ],
                        default="proposed",
                        max_length=10,
                    ),
                ),
                ("version_from", models.PositiveIntegerField()),
                ("version_to", models.PositiveIntegerField()),
                ("plan_hash", models.CharField(max_length=64)),
                ("key", models.CharField(max_length=64, null=True)),
                ("requested_at", models.DateTimeField()),
                ("closed_at", models.DateTimeField(null=True)),
                (
                    "requested_by",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "order",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="amendments",
                        to="orders.order",
                    ),
                ),
            ],
            options={
                "verbose_name": "amendment",
                "verbose_name_plural": "amendments",
                "ordering": ["pk"],
            },
        ),
        migrations.CreateModel(
            name="OrderException",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("rule", models.CharField(max_length=30)),
                (
                    "severity",
                    models.CharField(
                        choices=[
                            ("block", "Must be fixed"),
                            ("review", "Needs a decision"),
                            ("warn", "For information"),
                        ],
                        max_length=6,
                    ),
                ),
                ("fingerprint", models.CharField(max_length=120)),
                ("message", models.CharField(max_length=400)),
                ("data", models.JSONField(default=dict)),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("open", "Open"),
                            ("waived", "Waived"),
                            ("resolved", "Resolved"),
                            ("auto_resolved", "No longer the case"),
                        ],
                        default="open",
                        max_length=14,
                    ),
                ),
                ("team", models.CharField(blank=True, max_length=30)),
                ("four_eyes", models.BooleanField(default=False)),
                (
                    "permission",
                    models.CharField(
                        blank=True,
                        help_text="Taken besides the one to waive; empty: none.",
                        max_length=100,
                    ),
                ),
                ("waive_reason", models.CharField(max_length=400, null=True)),
                ("opened_at", models.DateTimeField()),
                (
                    "due_at",
                    models.DateTimeField(
                        help_text="By when somebody should have decided.", null=True
                    ),
                ),
                (
                    "checked_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(),
                        help_text="When it was last found so.",
                    ),
                ),
                ("closed_at", models.DateTimeField(null=True)),
                ("looked_at", models.DateTimeField(null=True)),
                (
                    "looked_at_by",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "order",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="exceptions",
                        to="orders.order",
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="owned_exceptions",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "waived_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "order exception",
                "verbose_name_plural": "order exceptions",
                "ordering": ["opened_at", "pk"],
            },
        ),
        migrations.CreateModel(
            name="OrderImportRow",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("row_no", models.PositiveIntegerField()),
                ("raw", models.JSONField(default=dict)),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("pending", "Not looked at yet"),
                            ("accepted", "Accepted"),
                            ("rejected", "Rejected"),
                        ],
                        default="pending",
                        max_length=8,
                    ),
                ),
                (
                    "reference",
                    models.CharField(
                        blank=True, help_text="The number of its order in the file.", max_length=80
                    ),
                ),
                (
                    "column",
                    models.CharField(
                        blank=True,
                        help_text="The column in which something is wrong.",
                        max_length=80,
                    ),
                ),
                ("error_code", models.CharField(max_length=40, null=True)),
                ("message", models.CharField(blank=True, max_length=400)),
                (
                    "order",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="import_rows",
                        to="orders.order",
                    ),
                ),
                (
                    "order_import",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="rows",
                        to="orders.orderimport",
                    ),
                ),
            ],
            options={
                "verbose_name": "order import row",
                "verbose_name_plural": "order import rows",
                "ordering": ["order_import", "row_no"],
            },
        ),
        migrations.CreateModel(
            name="OrderLine",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("line_no", models.PositiveIntegerField()),
                ("per_parent", models.PositiveIntegerField(null=True)),
                ("sku", models.CharField(max_length=64)),
                ("name", models.CharField(max_length=200)),
                ("unit", models.CharField(max_length=20)),
                ("snapshot_at", models.DateTimeField()),
                ("is_stocked", models.BooleanField(default=True)),
                ("requested_on", models.DateField(blank=True, null=True)),
                ("unit_price", config.kernel.money.MoneyField(decimal_places=4, max_digits=18)),
                ("list_price", models.DecimalField(decimal_places=4, max_digits=18, null=True)),
                ("gross_amount", config.kernel.money.MoneyField(decimal_places=4, max_digits=18)),
                (
                    "discount_percent",
                    models.DecimalField(decimal_places=3, default=0, max_digits=6),
                ),
                (
                    "discount_amount",
                    config.kernel.money.MoneyField(decimal_places=4, default=0, max_digits=18),
                ),
                (
                    "order_discount_share",
                    config.kernel.money.MoneyField(decimal_places=4, default=0, max_digits=18),
                ),
                (
                    "shipping_amount",
                    config.kernel.money.MoneyField(decimal_places=4, default=0, max_digits=18),
                ),
                ("tax_rate", models.DecimalField(decimal_places=4, default=0, max_digits=6)),
                (
                    "tax_amount",
                    config.kernel.money.MoneyField(decimal_places=4, default=0, max_digits=18),
                ),
                ("line_total", config.kernel.money.MoneyField(decimal_places=4, max_digits=18)),
                (
                    "cancelled_amount",
                    config.kernel.money.MoneyField(decimal_places=4, default=0, max_digits=18),
                ),
                ("ordered", models.IntegerField()),
                ("cancelled", models.IntegerField(default=0)),
                ("backordered", models.IntegerField(default=0)),
                ("allocated", models.IntegerField(default=0)),
                ("picked", models.IntegerField(default=0)),
                ("shipped", models.IntegerField(default=0)),
                ("delivered", models.IntegerField(default=0)),
                ("return_requested", models.IntegerField(default=0)),
                ("returned", models.IntegerField(default=0)),
                ("invoiced", models.IntegerField(default=0)),
                ("credited", models.IntegerField(default=0)),
                ("first_promised_on", models.DateField(null=True)),
                ("promised_on", models.DateField(null=True)),
                ("actual_on", models.DateField(null=True)),
                (
                    "order",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="lines",
                        to="orders.order",
                    ),
                ),
                (
                    "parent_line",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="components",
                        to="orders.orderline",
                    ),
                ),
                (
                    "product",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="inventory.product",
                    ),
                ),
                (
                    "warehouse",
                    models.ForeignKey(
                        db_index=False,
                        help_text="Where somebody chose to serve it from; empty: where it is best.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="inventory.warehouse",
                    ),
                ),
            ],
            options={
                "verbose_name": "order line",
                "verbose_name_plural": "order lines",
                "ordering": ["order", "line_no"],
            },
        ),
        migrations.CreateModel(
            name="LineSchedule",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("due_on", models.DateField()),
                ("quantity", models.IntegerField()),
                (
                    "line",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="schedule",
                        to="orders.orderline",
                    ),
                ),
            ],
            options={
                "verbose_name": "line schedule",
                "verbose_name_plural": "line schedules",
                "ordering": ["line", "due_on"],
            },
        ),
        migrations.CreateModel(
            name="AmendmentOperation",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("seq", models.PositiveIntegerField()),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("set_quantity", "Quantity"),
                            ("add_line", "New line"),
                            ("remove_line", "Line removed"),
                            ("set_price", "Unit price"),
                            ("set_ship_to", "Delivery address"),
                            ("set_requested_on", "Wanted by"),
                            ("set_terms", "Payment terms"),
                            ("set_discount", "Discount"),
                            ("set_fill_policy", "If stock is short"),
                            ("set_warehouse", "Warehouse"),
                            ("set_po_number", "Customer’s PO number"),
                            ("set_note", "Internal note"),
                            ("set_carrier", "Carrier"),
                            ("set_shipping", "Delivery charge"),
                            ("set_order_discount", "Order discount"),
                            ("set_line_day", "Line wanted by"),
                            ("set_parts", "Deliveries in parts"),
                        ],
                        max_length=20,
                    ),
                ),
                ("quantity_before", models.IntegerField(null=True)),
                ("quantity_after", models.IntegerField(null=True)),
                ("before", models.JSONField(default=dict)),
                ("after", models.JSONField(default=dict)),
                (
                    "amendment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="operations",
                        to="orders.amendment",
                    ),
                ),
                (
                    "order_line",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="orders.orderline",
                    ),
                ),
            ],
            options={
                "verbose_name": "amendment operation",
                "verbose_name_plural": "amendment operations",
                "ordering": ["amendment", "seq"],
            },
        ),
        migrations.CreateModel(
            name="Allocation",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("quantity", models.IntegerField()),
                ("picked", models.IntegerField(default=0)),
                ("shipped", models.IntegerField(default=0)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("held", "Held for a while"),
                            ("active", "Allocated"),
                            ("picking", "Being picked"),
                            ("picked", "Picked"),
                            ("shipped", "Shipped"),
                            ("released", "Released"),
                            ("expired", "Expired"),
                        ],
                        default="active",
                        max_length=8,
                    ),
                ),
                ("priority_at", models.DateTimeField()),
                ("created_at", models.DateTimeField()),
                (
                    "stock_level",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="inventory.stocklevel",
                    ),
                ),
                (
                    "line",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="allocations",
                        to="orders.orderline",
                    ),
                ),
            ],
            options={
                "verbose_name": "allocation",
                "verbose_name_plural": "allocations",
            },
        ),
        migrations.CreateModel(
            name="Promise",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("seq", models.PositiveIntegerField()),
                ("promised_on", models.DateField()),
                (
                    "basis",
                    models.CharField(
                        choices=[
                            ("stock", "Stock on hand"),
                            ("supply", "Expected supply"),
                            ("lead_time", "Lead time"),
                        ],
                        max_length=10,
                    ),
                ),
                ("cause", models.CharField(max_length=200, null=True)),
                ("made_at", models.DateTimeField()),
                (
                    "line",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="promises",
                        to="orders.orderline",
                    ),
                ),
                (
                    "supply",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="inventory.supply",
                    ),
                ),
            ],
            options={
                "verbose_name": "promise",
                "verbose_name_plural": "promises",
            },
        ),
        migrations.CreateModel(
            name="Quote",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.CharField(max_length=30, unique=True)),
                ("order_version", models.PositiveIntegerField()),
                ("token_hash", models.CharField(max_length=64, unique=True)),
                ("message", models.TextField(blank=True)),
                ("expires_on", models.DateField()),
                ("may_change", models.BooleanField(default=False)),
                ("sent_at", models.DateTimeField()),
                ("accepted_at", models.DateTimeField(blank=True, null=True)),
                ("withdrawn_at", models.DateTimeField(blank=True, null=True)),
                (
                    "order",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="quotes",
                        to="orders.order",
                    ),
                ),
                (
                    "sent_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "quote",
                "verbose_name_plural": "quotes",
                "ordering": ["-pk"],
            },
        ),
        migrations.CreateModel(
            name="RecurringOrder",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=120)),
                (
                    "po_number",
                    models.CharField(
                        blank=True, max_length=60, verbose_name="customer's PO number"
                    ),
                ),
                (
                    "fill_policy",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("partial", "Ship what is there"),
                            ("line_complete", "Ship whole lines"),
                            ("ship_complete", "Ship everything at once"),
                        ],
                        max_length=14,
                        verbose_name="when short",
                    ),
                ),
                ("note", models.TextField(blank=True)),
                (
                    "pattern",
                    models.CharField(
                        choices=[
                            ("weeks", "Weeks, on a weekday"),
                            ("days", "Days"),
                            ("month_weekday", "Months, on a certain weekday"),
                            ("month_day", "Months, on a day"),
                            ("month_end", "Months, on the last day"),
                        ],
                        default="weeks",
                        max_length=14,
                    ),
                ),
                (
                    "every",
                    models.PositiveSmallIntegerField(
                        default=1,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(366),
                        ],
                    ),
                ),
                (
                    "weekday",
                    models.PositiveSmallIntegerField(
                        choices=[
                            (0, "Monday"),
                            (1, "Tuesday"),
                            (2, "Wednesday"),
                            (3, "Thursday"),
                            (4, "Friday"),
                            (5, "Saturday"),
                            (6, "Sunday"),
                        ],
                        default=0,
                    ),
                ),
                (
                    "nth",
                    models.SmallIntegerField(
                        choices=[
                            (1, "First"),
                            (2, "Second"),
                            (3, "Third"),
                            (4, "Fourth"),
                            (-1, "Last"),
                        ],
                        default=1,
                        verbose_name="which one",
                    ),
                ),
                (
                    "month_day",
                    models.PositiveSmallIntegerField(
                        default=1,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(31),
                        ],
                        verbose_name="day of the month",
                    ),
                ),
                (
                    "weekend",
                    models.CharField(
                        choices=[
                            ("keep", "Keep the day"),
                            ("next", "Take the Monday after"),
                            ("previous", "Take the Friday before"),
                        ],
                        default="keep",
                        max_length=8,
                        verbose_name="on a weekend",
                    ),
                ),
                ("starts_on", models.DateField()),
                ("ends_on", models.DateField(blank=True, null=True, verbose_name="until")),
                ("is_active", models.BooleanField(default=True)),
                ("next_on", models.DateField(blank=True, null=True)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
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
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="recurring",
                        to="orders.customer",
                    ),
                ),
            ],
            options={
                "verbose_name": "recurring order",
                "verbose_name_plural": "recurring orders",
                "ordering": ["name", "pk"],
            },
        ),
        migrations.CreateModel(
            name="RecurringLine",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("quantity", models.PositiveIntegerField(default=1)),
                ("every", models.PositiveSmallIntegerField(default=1)),
                (
                    "product",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="inventory.product",
                    ),
                ),
                (
                    "recurring",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="lines",
                        to="orders.recurringorder",
                    ),
                ),
            ],
            options={
                "verbose_name": "recurring line",
                "verbose_name_plural": "recurring lines",
                "ordering": ["recurring", "pk"],
            },
        ),
        migrations.CreateModel(
            name="RecurringRun",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("due_on", models.DateField(db_index=True)),
                (
                    "outcome",
                    models.CharField(
                        choices=[
                            ("placed", "Placed"),
                            ("draft", "Kept as a draft"),
                            ("refused", "No order"),
                            ("skipped", "Left out"),
                        ],
                        max_length=8,
                    ),
                ),
                ("message", models.TextField(blank=True)),
                ("ran_at", models.DateTimeField()),
                (
                    "order",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="orders.order",
                    ),
                ),
                (
                    "recurring",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="runs",
                        to="orders.recurringorder",
                    ),
                ),
            ],
            options={
                "verbose_name": "recurring run",
                "verbose_name_plural": "recurring runs",
                "ordering": ["-due_on", "pk"],
            },
        ),
        migrations.CreateModel(
            name="RoleGrant",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "action",
                    models.CharField(
                        choices=[
                            ("granted", "Granted"),
                            ("revoked", "Taken away"),
                            ("scoped", "Scope set"),
                            ("activated", "Account opened"),
                            ("deactivated", "Account closed"),
                            ("factor_off", "Second factor taken off"),
                        ],
                        max_length=11,
                        verbose_name="action",
                    ),
                ),
                ("role", models.CharField(blank=True, max_length=150, verbose_name="role")),
                ("at", models.DateTimeField(verbose_name="date and time")),
                ("reason", models.CharField(blank=True, max_length=400, verbose_name="reason")),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="changed by",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="role_grants",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="user",
                    ),
                ),
            ],
            options={
                "verbose_name": "role grant",
                "verbose_name_plural": "role grants",
                "ordering": ["-pk"],
            },
        ),
        migrations.CreateModel(
            name="RuleSet",
            fields=[
                (
                    "version",
                    models.PositiveIntegerField(
                        primary_key=True, serialize=False, verbose_name="version"
                    ),
                ),
                ("note", models.CharField(blank=True, max_length=200, verbose_name="note")),
                (
                    "published_at",
                    models.DateTimeField(
                        help_text="Empty while it is a draft.",
                        null=True,
                        verbose_name="published at",
                    ),
                ),
                (
                    "based_on",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="orders.ruleset",
                        verbose_name="based on",
                    ),
                ),
                (
                    "drafted_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="drafted by",
                    ),
                ),
                (
                    "published_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="published by",
                    ),
                ),
            ],
            options={
                "verbose_name": "rule set",
                "verbose_name_plural": "rule sets",
                "ordering": ["-version"],
                "permissions": [("manage_rules", "Can change the rules of orders")],
            },
        ),
        migrations.CreateModel(
            name="RuleChange",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField()),
                ("words", models.TextField()),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "rules",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="changes",
                        to="orders.ruleset",
                    ),
                ),
            ],
            options={
                "verbose_name": "rule change",
                "verbose_name_plural": "rule changes",
                "ordering": ["-pk"],
            },
        ),
        migrations.CreateModel(
            name="CancellationRule",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("draft", "Draft"),
                            ("submitted", "Submitted"),
                            ("in_review", "Needs review"),
                            ("validated", "Validated"),
                            ("processing", "Processing"),
                            ("fulfilling", "Fulfilling"),
                            ("shipped", "In transit"),
                            ("delivered", "Delivered"),
                            ("completed", "Completed"),
                            ("cancelled", "Cancelled"),
                        ],
                        max_length=12,
                    ),
                ),
                (
                    "scope",
                    models.CharField(
                        choices=[("whole", "The whole order"), ("units", "Lines and units")],
                        max_length=5,
                    ),
                ),
                ("is_allowed", models.BooleanField(default=True)),
                (
                    "permission",
                    models.CharField(
                        blank=True,
                        help_text="Taken besides the one to cancel; empty: none.",
                        max_length=100,
                    ),
                ),
                (
                    "rules",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="cancellations",
                        to="orders.ruleset",
                    ),
                ),
            ],
            options={
                "verbose_name": "cancellation rule",
                "verbose_name_plural": "cancellation rules",
                "ordering": ["pk"],
            },
        ),
        migrations.CreateModel(
            name="AmendmentRule",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "field_group",
                    models.CharField(
                        choices=[
                            ("quantity", "Quantities"),
                            ("lines", "Lines"),
                            ("price", "Prices, discounts and charges"),
                            ("address", "Delivery address"),
                            ("dates", "Wanted dates"),
                            ("terms", "Payment terms"),
                            ("filling", "Partial deliveries"),
                            ("warehouse", "Warehouses of lines"),
                            ("shipping", "Carriers"),
                            ("notes", "Notes and PO numbers"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("draft", "Draft"),
                            ("submitted", "Submitted"),
                            ("in_review", "Needs review"),
                            ("validated", "Validated"),
                            ("processing", "Processing"),
                            ("fulfilling", "Fulfilling"),
                            ("shipped", "In transit"),
                            ("delivered", "Delivered"),
                            ("completed", "Completed"),
                            ("cancelled", "Cancelled"),
                        ],
                        max_length=12,
                    ),
                ),
                ("is_allowed", models.BooleanField(default=True)),
                (
                    "permission",
                    models.CharField(
                        blank=True,
                        help_text="Taken besides the one to amend; empty: none.",
                        max_length=100,
                    ),
                ),
                ("reason_required", models.BooleanField(default=False)),
                (
                    "rules",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="amendments",
                        to="orders.ruleset",
                    ),
                ),
            ],
            options={
                "verbose_name": "amendment rule",
                "verbose_name_plural": "amendment rules",
                "ordering": ["pk"],
            },
        ),
        migrations.CreateModel(
            name="SavedView",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=40)),
                ("query", models.TextField(blank=True)),
                ("columns", models.JSONField(blank=True, default=list)),
                ("sort", models.CharField(blank=True, max_length=20)),
                (
                    "density",
                    models.CharField(
                        blank=True,
                        choices=[("", "Comfortable"), ("compact", "Compact"), ("roomy", "Roomy")],
                        default="",
                        max_length=8,
                    ),
                ),
                ("is_shared", models.BooleanField(default=False)),
                ("position", models.PositiveSmallIntegerField(default=0)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="saved_views",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "saved view",
                "verbose_name_plural": "saved views",
                "ordering": ["is_shared", "position", "pk"],
                "permissions": [("share_savedview", "Can share views of the list with everybody")],
            },
        ),
        migrations.CreateModel(
            name="SourcingDecision",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "method",
                    models.CharField(
                        choices=[("automatic", "By the rules"), ("manual", "By staff")],
                        default="automatic",
                        max_length=10,
                    ),
                ),
                ("decided_at", models.DateTimeField()),
                (
                    "order",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="sourcing_decisions",
                        to="orders.order",
                    ),
                ),
            ],
            options={
                "verbose_name": "sourcing decision",
                "verbose_name_plural": "sourcing decisions",
            },
        ),
        migrations.CreateModel(
            name="SourcingCandidate",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("score", models.DecimalField(decimal_places=4, max_digits=12, null=True)),
                ("rejected_reason", models.CharField(max_length=200, null=True)),
                ("is_chosen", models.BooleanField(default=False)),
                ("covered", models.IntegerField(default=0)),
                ("distance_km", models.IntegerField(null=True)),
                (
                    "warehouse",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="inventory.warehouse",
                    ),
                ),
                (
                    "decision",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="candidates",
                        to="orders.sourcingdecision",
                    ),
                ),
            ],
            options={
                "verbose_name": "sourcing candidate",
                "verbose_name_plural": "sourcing candidates",
            },
        ),
        migrations.CreateModel(
            name="StaffNotice",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kind", models.CharField(max_length=20)),
                ("tone", models.CharField(default="blue", max_length=8)),
                ("sentence", models.CharField(max_length=300)),
                ("data", models.JSONField(blank=True, default=dict)),
                ("created_at", models.DateTimeField()),
                ("read_at", models.DateTimeField(null=True)),
                (
                    "job",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="orders.bulkjob",
                    ),
                ),
                (
                    "order",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="orders.order",
                    ),
                ),
                (
                    "order_import",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="orders.orderimport",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="notices",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "staff notice",
                "verbose_name_plural": "staff notices",
                "ordering": ["-pk"],
            },
        ),
        migrations.CreateModel(
            name="StageInterval",
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
                            ("draft", "Draft"),
                            ("submitted", "Submitted"),
                            ("in_review", "Needs review"),
                            ("validated", "Validated"),
                            ("processing", "Processing"),
                            ("fulfilling", "Fulfilling"),
                            ("shipped", "In transit"),
                            ("delivered", "Delivered"),
                            ("completed", "Completed"),
                            ("cancelled", "Cancelled"),
                        ],
                        max_length=12,
                    ),
                ),
                ("entered_at", models.DateTimeField()),
                ("left_at", models.DateTimeField(null=True)),
                (
                    "order",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="stages",
                        to="orders.order",
                    ),
                ),
            ],
            options={
                "verbose_name": "stage interval",
                "verbose_name_plural": "stage intervals",
            },
        ),
        migrations.CreateModel(
            name="SubStatus",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("draft", "Draft"),
                            ("submitted", "Submitted"),
                            ("in_review", "Needs review"),
                            ("validated", "Validated"),
                            ("processing", "Processing"),
                            ("fulfilling", "Fulfilling"),
                            ("shipped", "In transit"),
                            ("delivered", "Delivered"),
                            ("completed", "Completed"),
                            ("cancelled", "Cancelled"),
                        ],
                        max_length=12,
                    ),
                ),
                ("code", models.SlugField(db_index=False, max_length=40)),
                ("label", models.CharField(max_length=60)),
                ("position", models.PositiveSmallIntegerField(default=0)),
                (
                    "rules",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="labels",
                        to="orders.ruleset",
                    ),
                ),
            ],
            options={
                "verbose_name": "sub status",
                "verbose_name_plural": "sub-statuses",
                "ordering": ["position", "pk"],
            },
        ),
        migrations.CreateModel(
            name="TransitionRule",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "from_state",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("draft", "Draft"),
                            ("submitted", "Submitted"),
                            ("in_review", "Needs review"),
                            ("validated", "Validated"),
                            ("processing", "Processing"),
                            ("fulfilling", "Fulfilling"),
                            ("shipped", "In transit"),
                            ("delivered", "Delivered"),
                            ("completed", "Completed"),
                            ("cancelled", "Cancelled"),
                        ],
                        max_length=12,
                        null=True,
                    ),
                ),
                (
                    "to_state",
                    models.CharField(
                        choices=[
                            ("draft", "Draft"),
                            ("submitted", "Submitted"),
                            ("in_review", "Needs review"),
                            ("validated", "Validated"),
                            ("processing", "Processing"),
                            ("fulfilling", "Fulfilling"),
                            ("shipped", "In transit"),
                            ("delivered", "Delivered"),
                            ("completed", "Completed"),
                            ("cancelled", "Cancelled"),
                        ],
                        max_length=12,
                    ),
                ),
                ("is_enabled", models.BooleanField(default=True)),
                ("is_automatic", models.BooleanField(default=False)),
                ("reason_required", models.BooleanField(default=False)),
                (
                    "permission",
                    models.CharField(
                        blank=True,
                        help_text="Taken besides the one of the step; empty: none.",
                        max_length=100,
                    ),
                ),
                (
                    "extra_check",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("paid_in_full", "Paid in full"),
                            ("deposit_paid", "A deposit has come in"),
                            ("po_number", "PO number present"),
                            ("note", "Note present"),
                            ("second_person", "A second person takes it"),
                        ],
                        max_length=20,
                    ),
                ),
                (
                    "rules",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="transitions",
                        to="orders.ruleset",
                    ),
                ),
            ],
            options={
                "verbose_name": "transition rule",
                "verbose_name_plural": "transition rules",
                "ordering": ["pk"],
            },
        ),
        migrations.CreateModel(
            name="ValidationRule",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.CharField(max_length=30)),
                (
                    "severity",
                    models.CharField(
                        choices=[
                            ("block", "Must be fixed"),
                            ("review", "Needs a decision"),
                            ("warn", "For information"),
                        ],
                        max_length=6,
                    ),
                ),
                ("parameters", models.JSONField(blank=True, default=dict)),
                ("is_active", models.BooleanField(default=True)),
                (
                    "four_eyes",
                    models.BooleanField(
                        default=False, help_text="Whoever created the order may not waive it."
                    ),
                ),
                (
                    "permission",
                    models.CharField(
                        blank=True,
                        help_text="Taken besides the one to waive; empty: none.",
                        max_length=100,
                    ),
                ),
                (
                    "team",
                    models.CharField(
                        blank=True, help_text="The role that has to act.", max_length=30
                    ),
                ),
                (
                    "target_hours",
                    models.PositiveSmallIntegerField(
                        default=24,
                        help_text="Hours until somebody should have decided; 0 is no target.",
                    ),
                ),
                ("customer_group", models.CharField(blank=True, max_length=20)),
                (
                    "channel",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="orders.channel",
                    ),
                ),
                (
                    "rules",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="validations",
                        to="orders.ruleset",
                    ),
                ),
            ],
            options={
                "verbose_name": "validation rule",
                "verbose_name_plural": "validation rules",
                "ordering": ["pk"],
            },
        ),
        migrations.AddIndex(
            model_name="bulkjob",
            index=models.Index(
                condition=models.Q(("status__in", ["queued", "running"])),
                fields=["id"],
                name="bulk_job_unfinished",
            ),
        ),
        migrations.AddConstraint(
            model_name="bulkjob",
            constraint=models.UniqueConstraint(
                condition=models.Q(("status__in", ["queued", "running"])),
                fields=("fingerprint",),
                name="bulk_job_runs_once_at_a_time",
                violation_error_message="The same job is running already.",
            ),
        ),
        migrations.AddConstraint(
            model_name="bulkjob",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("finished_at__isnull", False), ("status__in", ["done", "cancelled"])),
                    models.Q(("finished_at", None), ("status__in", ["queued", "running"])),
                    _connector="OR",
                ),
                name="bulk_job_finished_at_is_set_when_finished",
            ),
        ),
        migrations.AddConstraint(
            model_name="bulkjob",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "total__gte",
                        django.db.models.expressions.CombinedExpression(
                            models.F("succeeded"), "+", models.F("failed")
                        ),
                    ),
                    (
                        "failed__gte",
                        django.db.models.expressions.CombinedExpression(
                            models.F("already"), "+", models.F("left")
                        ),
                    ),
                ),
                name="bulk_job_counts_no_order_twice",
            ),
        ),
        migrations.AddIndex(
            model_name="customer",
            index=models.Index(
                django.db.models.functions.comparison.Collate(
                    django.db.models.functions.text.Upper("code"), "C"
                ),
                name="customer_by_start_of_code",
            ),
        ),
        migrations.AddIndex(
            model_name="customer",
            index=models.Index(
                django.db.models.functions.comparison.Collate(
                    django.db.models.functions.text.Upper("name"), "C"
                ),
                name="customer_by_start_of_name",
            ),
        ),
        migrations.AddIndex(
            model_name="customer",
            index=django.contrib.postgres.indexes.GinIndex(
                django.contrib.postgres.indexes.OpClass(
                    django.db.models.functions.text.Upper("name"), "gin_trgm_ops"
                ),
                name="customer_by_words_of_name",
            ),
        ),
        migrations.AddIndex(
            model_name="customer",
            index=django.contrib.postgres.indexes.GinIndex(
                django.contrib.postgres.indexes.OpClass(
                    django.db.models.functions.text.Upper("email"), "gin_trgm_ops"
                ),
                name="customer_by_words_of_email",
            ),
        ),
        migrations.AddIndex(
            model_name="customer",
            index=django.contrib.postgres.indexes.GinIndex(
                django.contrib.postgres.indexes.OpClass(
                    django.db.models.functions.text.Upper("phone"), "gin_trgm_ops"
                ),
                name="customer_by_words_of_phone",
            ),
        ),
        migrations.AddIndex(
            model_name="customer",
            index=models.Index(fields=["group", "code"], name="customer_by_group"),
        ),
        migrations.AddConstraint(
            model_name="customer",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("code", ""), _negated=True), models.Q(("name", ""), _negated=True)
                ),
                name="customer_is_named",
                violation_error_message="A customer needs a code and a name.",
            ),
        ),
        migrations.AddIndex(
            model_name="address",
            index=models.Index(
                django.db.models.functions.comparison.Collate(
                    django.db.models.functions.text.Upper("postal_code"), "C"
                ),
                name="address_by_start_of_postcode",
            ),
        ),
        migrations.AddConstraint(
            model_name="address",
            constraint=models.UniqueConstraint(
                condition=models.Q(("is_default", True)),
                fields=("customer",),
                name="customer_has_one_default_address",
                violation_error_message="This customer has a default address already.",
            ),
        ),
        migrations.AddIndex(
            model_name="customermessage",
            index=models.Index(
                condition=models.Q(("due_at__isnull", False)),
                fields=["due_at"],
                name="customer_message_due",
            ),
        ),
        migrations.AddConstraint(
            model_name="customermessage",
            constraint=models.CheckConstraint(
                condition=models.Q(("sent_at", None), ("due_at", None), _connector="OR"),
                name="customer_message_goes_once",
            ),
        ),
        migrations.AddIndex(
            model_name="orderimport",
            index=models.Index(
                condition=models.Q(("status", "running")),
                fields=["id"],
                name="order_import_unfinished",
            ),
        ),
        migrations.AddConstraint(
            model_name="orderimport",
            constraint=models.UniqueConstraint(
                condition=models.Q(("preview__isnull", False)),
                fields=("preview",),
                name="import_is_started_once",
                violation_error_message="This file is being imported already.",
            ),
        ),
        migrations.AddConstraint(
            model_name="orderimport",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "total__gte",
                        django.db.models.expressions.CombinedExpression(
                            django.db.models.expressions.CombinedExpression(
                                models.F("taken"), "+", models.F("known")
                            ),
                            "+",
                            models.F("refused"),
                        ),
                    )
                ),
                name="import_counts_no_order_twice",
            ),
        ),
        migrations.AddIndex(
            model_name="ordersearch",
            index=models.Index(fields=["likeness", "order"], name="order_search_by_likeness"),
        ),
        migrations.AddIndex(
            model_name="ordersearch",
            index=django.contrib.postgres.indexes.GinIndex(
                fields=["words"],
                gin_pending_list_limit=256,
                name="order_search_by_trigram",
                opclasses=["gin_trgm_ops"],
            ),
        ),
        migrations.AddIndex(
            model_name="orderevent",
            index=models.Index(
                condition=models.Q(("seal", None)), fields=["id"], name="order_event_unsealed"
            ),
        ),
        migrations.AddConstraint(
            model_name="orderevent",
            constraint=models.UniqueConstraint(
                fields=("order", "seq"), name="order_event_numbered_once"
            ),
        ),
        migrations.AddIndex(
            model_name="order",
            index=models.Index(
                fields=["status", "id"],
                include=("ship_to_country", "channel", "created_by"),
                name="order_by_status",
            ),
        ),
        migrations.AddIndex(
            model_name="order",
            index=models.Index(
                fields=["customer", "id"],
                include=("status", "ship_to_country", "channel", "created_by"),
                name="order_by_customer",
            ),
        ),
        migrations.AddIndex(
            model_name="order",
            index=models.Index(
                condition=models.Q(
                    models.Q(("status__in", ["completed", "cancelled"]), _negated=True),
                    ("promised_on__isnull", False),
                ),
                fields=["promised_on", "id"],
                include=("status", "ship_to_country", "channel", "created_by"),
                name="order_open_by_promise",
            ),
        ),
        migrations.AddConstraint(
            model_name="order",
            constraint=models.UniqueConstraint(
                fields=("number",), name="order_number_is_given_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="order",
            constraint=models.UniqueConstraint(
                condition=models.Q(("external_id__isnull", False)),
                fields=("channel", "external_id"),
                name="order_external_id_once_per_channel",
                violation_error_message="This channel has sent an order of that id already.",
            ),
        ),
        migrations.AddConstraint(
            model_name="order",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "grand_total",
                        django.db.models.expressions.CombinedExpression(
                            django.db.models.expressions.CombinedExpression(
                                django.db.models.expressions.CombinedExpression(
                                    models.F("subtotal"), "-", models.F("discount_total")
                                ),
                                "+",
                                models.F("shipping_total"),
                            ),
                            "+",
                            models.F("tax_total"),
                        ),
                    )
                ),
                name="order_total_adds_up",
            ),
        ),
        migrations.AddConstraint(
            model_name="order",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("order_discount__gte", 0),
                    ("shipping_total__gte", 0),
                    ("tax_total__gte", 0),
                    ("order_discount__lte", models.F("discount_total")),
                ),
                name="order_amounts_not_negative",
            ),
        ),
        migrations.AddConstraint(
            model_name="order",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("completed_at__isnull", False), ("status", "completed")),
                    models.Q(
                        models.Q(("status", "completed"), _negated=True), ("completed_at", None)
                    ),
                    _connector="OR",
                ),
                name="order_completed_at_is_set_when_completed",
            ),
        ),
        migrations.AddConstraint(
            model_name="order",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("cancel_reason__isnull", False),
                        ("cancelled_at__isnull", False),
                        ("status", "cancelled"),
                        models.Q(("cancel_reason", ""), _negated=True),
                    ),
                    models.Q(
                        models.Q(("status", "cancelled"), _negated=True),
                        ("cancel_reason", None),
                        ("cancelled_at", None),
                    ),
                    _connector="OR",
                ),
                name="order_cancelled_with_time_and_reason",
            ),
        ),
        migrations.AddConstraint(
            model_name="order",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("status", "draft"), ("submitted_at", None)),
                    ("status", "cancelled"),
                    models.Q(
                        models.Q(("status__in", ["draft", "cancelled"]), _negated=True),
                        ("submitted_at__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="order_submitted_at_is_set_when_submitted",
            ),
        ),
        migrations.AddIndex(
            model_name="hold",
            index=models.Index(
                condition=models.Q(("released_at", None)), fields=["order"], name="hold_in_force"
            ),
        ),
        migrations.AddIndex(
            model_name="hold",
            index=models.Index(
                condition=models.Q(("expires_at__isnull", False), ("released_at", None)),
                fields=["expires_at"],
                name="hold_that_expires",
            ),
        ),
        migrations.AddConstraint(
            model_name="hold",
            constraint=models.CheckConstraint(
                condition=models.Q(("reason", ""), _negated=True),
                name="hold_says_why",
                violation_error_message="A hold needs a reason.",
            ),
        ),
        migrations.AddConstraint(
            model_name="hold",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("released_at", None), ("released_by", None)),
                    models.Q(
                        ("released_at__gte", models.F("placed_at")), ("released_at__isnull", False)
                    ),
                    _connector="OR",
                ),
                name="hold_is_released_after_it_was_placed",
            ),
        ),
        migrations.AddConstraint(
            model_name="hold",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("expires_at", None), ("expires_at__gt", models.F("placed_at")), _connector="OR"
                ),
                name="hold_expires_after_it_was_placed",
                violation_error_message="A hold ends after it begins.",
            ),
        ),
        migrations.AddIndex(
            model_name="bulkitem",
            index=models.Index(fields=["job", "status", "id"], name="bulk_item_by_outcome"),
        ),
        migrations.AddConstraint(
            model_name="bulkitem",
            constraint=models.UniqueConstraint(
                fields=("job", "reference"), name="bulk_item_named_once_per_job"
            ),
        ),
        migrations.AddConstraint(
            model_name="bulkitem",
            constraint=models.UniqueConstraint(
                condition=models.Q(("order__isnull", False)),
                fields=("job", "order"),
                name="bulk_order_once_per_job",
            ),
        ),
        migrations.AddConstraint(
            model_name="bulkitem",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("error_code__isnull", False),
                        ("status", "failed"),
                        models.Q(("error_code", ""), _negated=True),
                    ),
                    models.Q(models.Q(("status", "failed"), _negated=True), ("error_code", None)),
                    _connector="OR",
                ),
                name="bulk_item_failed_says_why",
            ),
        ),
        migrations.AddConstraint(
            model_name="bulkitem",
            constraint=models.CheckConstraint(
                condition=models.Q(("order__isnull", False), ("status", "failed"), _connector="OR"),
                name="bulk_item_without_order_is_failed",
            ),
        ),
        migrations.AddConstraint(
            model_name="amendment",
            constraint=models.UniqueConstraint(
                condition=models.Q(("status", "applied")),
                fields=("order", "version_to"),
                name="amendment_makes_each_version_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="amendment",
            constraint=models.UniqueConstraint(
                condition=models.Q(("key__isnull", False)),
                fields=("order", "key"),
                name="amendment_is_applied_once_per_key",
            ),
        ),
        migrations.AddConstraint(
            model_name="amendment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "version_to",
                        django.db.models.expressions.CombinedExpression(
                            models.F("version_from"), "+", models.Value(1)
                        ),
                    )
                ),
                name="amendment_makes_the_next_version",
            ),
        ),
        migrations.AddConstraint(
            model_name="amendment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("closed_at", None), ("status", "proposed")),
                    models.Q(
                        models.Q(("status", "proposed"), _negated=True),
                        ("closed_at__gte", models.F("requested_at")),
                        ("closed_at__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="amendment_closes_after_it_was_requested",
            ),
        ),
        migrations.AddIndex(
            model_name="orderexception",
            index=models.Index(
                condition=models.Q(("severity__in", ["block", "review"]), ("status", "open")),
                fields=["opened_at", "id"],
                name="order_exception_open",
            ),
        ),
        migrations.AddIndex(
            model_name="orderexception",
            index=models.Index(
                condition=models.Q(("status", "open")),
                fields=["rule", "order"],
                name="order_exception_open_by_rule",
            ),
        ),
        migrations.AddIndex(
            model_name="orderexception",
            index=django.contrib.postgres.indexes.BrinIndex(
                fields=["opened_at"], name="order_exception_by_time"
            ),
        ),
        migrations.AddConstraint(
            model_name="orderexception",
            constraint=models.UniqueConstraint(
                condition=models.Q(("status", "open")),
                fields=("order", "fingerprint"),
                name="order_exception_open_once_per_problem",
            ),
        ),
        migrations.AddConstraint(
            model_name="orderexception",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("closed_at", None), ("status", "open")),
                    models.Q(
                        models.Q(("status", "open"), _negated=True),
                        ("closed_at__gte", models.F("opened_at")),
                        ("closed_at__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="order_exception_closes_after_it_opens",
            ),
        ),
        migrations.AddConstraint(
            model_name="orderexception",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("status", "waived"),
                        ("waive_reason__isnull", False),
                        ("waived_by__isnull", False),
                        models.Q(("waive_reason", ""), _negated=True),
                    ),
                    models.Q(
                        models.Q(("status", "waived"), _negated=True),
                        ("waive_reason", None),
                        ("waived_by", None),
                    ),
                    _connector="OR",
                ),
                name="order_exception_waiver_names_who_and_why",
                violation_error_message="A waiver needs a reason.",
            ),
        ),
        migrations.AddConstraint(
            model_name="orderimportrow",
            constraint=models.UniqueConstraint(
                fields=("order_import", "row_no"), name="import_row_numbered_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="orderimportrow",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("error_code__isnull", False),
                        ("status", "rejected"),
                        models.Q(("error_code", ""), _negated=True),
                    ),
                    models.Q(models.Q(("status", "rejected"), _negated=True), ("error_code", None)),
                    _connector="OR",
                ),
                name="import_row_rejected_says_why",
            ),
        ),
        migrations.AddIndex(
            model_name="orderline",
            index=models.Index(
                django.db.models.functions.text.Upper("sku"),
                models.F("order"),
                name="order_line_by_sku",
            ),
        ),
        migrations.AddIndex(
            model_name="orderline",
            index=models.Index(
                condition=models.Q(("backordered__gt", 0)),
                fields=["product"],
                name="order_line_waiting",
            ),
        ),
        migrations.AddConstraint(
            model_name="orderline",
            constraint=models.UniqueConstraint(
                fields=("order", "line_no"), name="order_line_numbered_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="orderline",
            constraint=models.CheckConstraint(
                condition=models.Q(("ordered__gt", 0)),
                name="order_line_wants_at_least_one",
                violation_error_message="A quantity is at least 1.",
            ),
        ),
        migrations.AddConstraint(
            model_name="orderline",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("allocated__gte", 0),
                    ("backordered__gte", 0),
                    ("cancelled__gte", 0),
                    ("credited__gte", 0),
                    ("delivered__gte", 0),
                    ("invoiced__gte", 0),
                    ("picked__gte", 0),
                    ("return_requested__gte", 0),
                    ("returned__gte", 0),
                    ("shipped__gte", 0),
                ),
                name="order_line_counters_never_negative",
            ),
        ),
        migrations.AddConstraint(
            model_name="orderline",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "ordered__gte",
                        django.db.models.expressions.CombinedExpression(
                            django.db.models.expressions.CombinedExpression(
                                django.db.models.expressions.CombinedExpression(
                                    models.F("allocated"), "+", models.F("shipped")
                                ),
                                "+",
                                models.F("cancelled"),
                            ),
                            "+",
                            models.F("backordered"),
                        ),
                    )
                ),
                name="order_line_never_overserved",
            ),
        ),
        migrations.AddConstraint(
            model_name="orderline",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("credited__lte", models.F("invoiced")),
                    ("delivered__lte", models.F("shipped")),
                    ("invoiced__lte", models.F("ordered")),
                    ("picked__lte", models.F("allocated")),
                    ("return_requested__lte", models.F("shipped")),
                    ("returned__lte", models.F("return_requested")),
                ),
                name="order_line_counters_follow_each_other",
            ),
        ),
        migrations.AddConstraint(
            model_name="orderline",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "line_total",
                        django.db.models.expressions.CombinedExpression(
                            django.db.models.expressions.CombinedExpression(
                                django.db.models.expressions.CombinedExpression(
                                    models.F("gross_amount"), "-", models.F("discount_amount")
                                ),
                                "+",
                                models.F("shipping_amount"),
                            ),
                            "+",
                            models.F("tax_amount"),
                        ),
                    )
                ),
                name="order_line_total_adds_up",
            ),
        ),
        migrations.AddConstraint(
            model_name="orderline",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("gross_amount__gte", 0),
                    ("tax_amount__gte", 0),
                    ("unit_price__gte", 0),
                    ("discount_amount__gte", models.F("order_discount_share")),
                    ("discount_amount__lte", models.F("gross_amount")),
                    ("order_discount_share__gte", 0),
                    ("cancelled_amount__gte", 0),
                    ("cancelled_amount__lte", models.F("line_total")),
                ),
                name="order_line_amounts_within_bounds",
            ),
        ),
        migrations.AddConstraint(
            model_name="orderline",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("is_stocked", True),
                    models.Q(("allocated", 0), ("backordered", 0), ("picked", 0)),
                    _connector="OR",
                ),
                name="order_line_without_stock_is_never_allocated",
            ),
        ),
        migrations.AddConstraint(
            model_name="lineschedule",
            constraint=models.UniqueConstraint(
                fields=("line", "due_on"),
                name="line_schedule_once_per_day",
                violation_error_message="This line has a part on that day already.",
            ),
        ),
        migrations.AddConstraint(
            model_name="lineschedule",
            constraint=models.CheckConstraint(
                condition=models.Q(("quantity__gte", 0)),
                name="line_schedule_never_negative",
                violation_error_message="A part of a line cannot be negative.",
            ),
        ),
        migrations.AddConstraint(
            model_name="amendmentoperation",
            constraint=models.UniqueConstraint(
                fields=("amendment", "seq"), name="amendment_operation_numbered_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="amendmentoperation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("kind__in", ["set_quantity", "add_line"]),
                        ("quantity_after__gt", 0),
                        ("quantity_after__isnull", False),
                    ),
                    models.Q(
                        models.Q(("kind__in", ["set_quantity", "add_line"]), _negated=True),
                        ("quantity_after", None),
                        ("quantity_before", None),
                    ),
                    _connector="OR",
                ),
                name="amendment_operation_counts_units_where_it_changes_them",
            ),
        ),
        migrations.AddConstraint(
            model_name="amendmentoperation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        (
                            "kind__in",
                            [
                                "set_ship_to",
                                "set_requested_on",
                                "set_terms",
                                "set_fill_policy",
                                "set_po_number",
                                "set_note",
                                "set_carrier",
                                "set_shipping",
                                "set_order_discount",
                            ],
                        ),
                        ("order_line", None),
                    ),
                    models.Q(
                        models.Q(
                            (
                                "kind__in",
                                [
                                    "set_ship_to",
                                    "set_requested_on",
                                    "set_terms",
                                    "set_fill_policy",
                                    "set_po_number",
                                    "set_note",
                                    "set_carrier",
                                    "set_shipping",
                                    "set_order_discount",
                                ],
                            ),
                            _negated=True,
                        ),
                        ("order_line__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="amendment_operation_names_its_line",
            ),
        ),
        migrations.AddIndex(
            model_name="allocation",
            index=models.Index(
                condition=models.Q(("state__in", ["held", "active", "picking", "picked"])),
                fields=["stock_level"],
                name="allocation_open_by_level",
            ),
        ),
        migrations.AddConstraint(
            model_name="allocation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("quantity__gt", 0),
                    ("shipped__gte", 0),
                    ("picked__lte", models.F("quantity")),
                    ("shipped__lte", models.F("picked")),
                ),
                name="allocation_ships_what_was_picked",
            ),
        ),
        migrations.AddConstraint(
            model_name="allocation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("picked", 0), ("state__in", ["held", "active", "released", "expired"])
                    ),
                    models.Q(("picked__lt", models.F("quantity")), ("state", "picking")),
                    models.Q(
                        ("picked", models.F("quantity")),
                        ("shipped__lt", models.F("quantity")),
                        ("state", "picked"),
                    ),
                    models.Q(("shipped", models.F("quantity")), ("state", "shipped")),
                    _connector="OR",
                ),
                name="allocation_state_follows_its_counters",
            ),
        ),
        migrations.AddConstraint(
            model_name="promise",
            constraint=models.UniqueConstraint(
                fields=("line", "seq"), name="promise_numbered_once_per_line"
            ),
        ),
        migrations.AddConstraint(
            model_name="promise",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("cause", None), ("seq", 1)),
                    models.Q(
                        ("cause__isnull", False),
                        ("seq__gt", 1),
                        models.Q(("cause", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="promise_that_changes_says_why",
            ),
        ),
        migrations.AddConstraint(
            model_name="promise",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("basis", "supply"), ("supply__isnull", False)),
                    models.Q(models.Q(("basis", "supply"), _negated=True), ("supply", None)),
                    _connector="OR",
                ),
                name="promise_from_supply_names_it",
            ),
        ),
        migrations.AddConstraint(
            model_name="quote",
            constraint=models.UniqueConstraint(
                condition=models.Q(("accepted_at", None), ("withdrawn_at", None)),
                fields=("order",),
                name="order_has_one_standing_quote",
                violation_error_message="This draft is offered already; send it anew instead.",
            ),
        ),
        migrations.AddConstraint(
            model_name="quote",
            constraint=models.CheckConstraint(
                condition=models.Q(("accepted_at", None), ("withdrawn_at", None), _connector="OR"),
                name="quote_is_accepted_or_withdrawn_not_both",
            ),
        ),
        migrations.AddIndex(
            model_name="recurringorder",
            index=models.Index(
                condition=models.Q(("is_active", True)), fields=["next_on"], name="recurring_due"
            ),
        ),
        migrations.AddConstraint(
            model_name="recurringorder",
            constraint=models.CheckConstraint(
                condition=models.Q(("every__gte", 1), ("every__lte", 366)),
                name="recurring_order_comes_again_within_a_span",
                violation_error_message="It comes again after 1 to 366 days, weeks or months.",
            ),
        ),
        migrations.AddConstraint(
            model_name="recurringorder",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("month_day__gte", 1),
                    ("month_day__lte", 31),
                    ("weekday__lte", 6),
                    ("nth__in", [1, 2, 3, 4, -1]),
                ),
                name="recurring_order_names_a_day",
            ),
        ),
        migrations.AddConstraint(
            model_name="recurringorder",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("ends_on", None), ("ends_on__gte", models.F("starts_on")), _connector="OR"
                ),
                name="recurring_order_ends_after_it_starts",
                violation_error_message="It cannot end before it starts.",
            ),
        ),
        migrations.AddConstraint(
            model_name="recurringline",
            constraint=models.UniqueConstraint(
                fields=("recurring", "product"),
                name="recurring_line_once_per_product",
                violation_error_message="This item is on the recurring order already.",
            ),
        ),
        migrations.AddConstraint(
            model_name="recurringline",
            constraint=models.CheckConstraint(
                condition=models.Q(("every__gte", 1), ("quantity__gte", 1)),
                name="recurring_line_wants_at_least_one",
                violation_error_message="A quantity is at least 1.",
            ),
        ),
        migrations.AddConstraint(
            model_name="recurringrun",
            constraint=models.UniqueConstraint(
                fields=("recurring", "due_on"), name="recurring_order_runs_once_a_day"
            ),
        ),
        migrations.AddConstraint(
            model_name="recurringrun",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("order__isnull", False), ("outcome__in", ["placed", "draft"])),
                    models.Q(("order", None), ("outcome__in", ["refused", "skipped"])),
                    _connector="OR",
                ),
                name="recurring_run_names_its_order",
            ),
        ),
        migrations.AddConstraint(
            model_name="rolegrant",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("action__in", ["granted", "revoked"]),
                        models.Q(("role", ""), _negated=True),
                    ),
                    models.Q(
                        models.Q(("action__in", ["granted", "revoked"]), _negated=True),
                        ("role", ""),
                    ),
                    _connector="OR",
                ),
                name="role_grant_names_its_role",
            ),
        ),
        migrations.AddConstraint(
            model_name="ruleset",
            constraint=models.UniqueConstraint(
                condition=models.Q(("published_at", None)),
                fields=("published_at",),
                name="rule_set_one_draft_at_a_time",
                nulls_distinct=False,
                violation_error_message="Somebody is writing a new version already.",
            ),
        ),
        migrations.AddConstraint(
            model_name="ruleset",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("published_at__isnull", False), ("published_by", None), _connector="OR"
                ),
                name="rule_set_published_by_somebody_at_a_time",
            ),
        ),
        migrations.AddConstraint(
            model_name="cancellationrule",
            constraint=models.UniqueConstraint(
                fields=("rules", "status", "scope"),
                name="cancellation_rule_once_per_status_and_scope",
                violation_error_message="There is a rule for this status and scope already.",
            ),
        ),
        migrations.AddConstraint(
            model_name="amendmentrule",
            constraint=models.UniqueConstraint(
                fields=("rules", "field_group", "status"),
                name="amendment_rule_once_per_group_and_status",
                violation_error_message="There is a rule for this group and status already.",
            ),
        ),
        migrations.AddConstraint(
            model_name="savedview",
            constraint=models.UniqueConstraint(
                fields=("owner", "name"),
                name="saved_view_named_once_per_owner",
                violation_error_message="You have a view of that name already; type another one.",
            ),
        ),
        migrations.AddConstraint(
            model_name="savedview",
            constraint=models.CheckConstraint(
                condition=models.Q(("name", ""), _negated=True),
                name="saved_view_is_named",
                violation_error_message="A view needs a name.",
            ),
        ),
        migrations.AddConstraint(
            model_name="sourcingcandidate",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("rejected_reason", None), ("score__isnull", False)),
                    models.Q(
                        ("is_chosen", False), ("rejected_reason__isnull", False), ("score", None)
                    ),
                    _connector="OR",
                ),
                name="sourcing_candidate_has_score_or_reason",
            ),
        ),
        migrations.AddIndex(
            model_name="staffnotice",
            index=models.Index(fields=["user", "id"], name="staff_notice_by_user"),
        ),
        migrations.AddIndex(
            model_name="staffnotice",
            index=models.Index(
                condition=models.Q(("read_at", None)), fields=["user"], name="staff_notice_unread"
            ),
        ),
        migrations.AddIndex(
            model_name="staffnotice",
            index=models.Index(
                condition=models.Q(("read_at__isnull", False)),
                fields=["read_at"],
                name="staff_notice_read",
            ),
        ),
        migrations.AddConstraint(
            model_name="staffnotice",
            constraint=models.CheckConstraint(
                condition=models.Q(("sentence", ""), _negated=True),
                name="staff_notice_says_something",
            ),
        ),
        migrations.AddConstraint(
            model_name="staffnotice",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("read_at", None), ("read_at__gte", models.F("created_at")), _connector="OR"
                ),
                name="staff_notice_is_read_after_it_was_written",
            ),
        ),
        migrations.AddIndex(
            model_name="stageinterval",
            index=models.Index(
                condition=models.Q(("stage", "draft")),
                fields=["entered_at", "order"],
                name="stage_of_entry_by_time",
            ),
        ),
        migrations.AddConstraint(
            model_name="stageinterval",
            constraint=models.UniqueConstraint(
                condition=models.Q(("left_at", None)),
                fields=("order",),
                name="order_stands_in_one_stage",
            ),
        ),
        migrations.AddConstraint(
            model_name="stageinterval",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("left_at", None), ("left_at__gte", models.F("entered_at")), _connector="OR"
                ),
                name="stage_is_left_after_it_was_entered",
            ),
        ),
        migrations.AddConstraint(
            model_name="substatus",
            constraint=models.UniqueConstraint(
                fields=("rules", "status", "code"),
                name="sub_status_once_per_state_and_version",
                violation_error_message="There is a label of that name under this state already.",
            ),
        ),
        migrations.AddConstraint(
            model_name="substatus",
            constraint=models.CheckConstraint(
                condition=models.Q(("status__in", ["completed", "cancelled"]), _negated=True),
                name="sub_status_stands_under_an_open_state",
            ),
        ),
        migrations.AddConstraint(
            model_name="transitionrule",
            constraint=models.UniqueConstraint(
                fields=("rules", "from_state", "to_state"),
                name="transition_rule_once_per_edge_and_version",
                nulls_distinct=False,
            ),
        ),
        migrations.AddConstraint(
            model_name="transitionrule",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("from_state__isnull", True), ("to_state", "draft")),
                    models.Q(("from_state", "draft"), ("to_state", "submitted")),
                    models.Q(("from_state", "draft"), ("to_state", "cancelled")),
                    models.Q(("from_state", "submitted"), ("to_state", "validated")),
                    models.Q(("from_state", "submitted"), ("to_state", "in_review")),
                    models.Q(("from_state", "submitted"), ("to_state", "cancelled")),
                    models.Q(("from_state", "in_review"), ("to_state", "submitted")),
                    models.Q(("from_state", "in_review"), ("to_state", "validated")),
                    models.Q(("from_state", "in_review"), ("to_state", "cancelled")),
                    models.Q(("from_state", "validated"), ("to_state", "in_review")),
                    models.Q(("from_state", "validated"), ("to_state", "processing")),
                    models.Q(("from_state", "validated"), ("to_state", "cancelled")),
                    models.Q(("from_state", "processing"), ("to_state", "fulfilling")),
                    models.Q(("from_state", "processing"), ("to_state", "cancelled")),
                    models.Q(("from_state", "fulfilling"), ("to_state", "shipped")),
                    models.Q(("from_state", "fulfilling"), ("to_state", "cancelled")),
                    models.Q(("from_state", "shipped"), ("to_state", "delivered")),
                    models.Q(("from_state", "delivered"), ("to_state", "completed")),
                    _connector="OR",
                ),
                name="transition_rule_adds_no_edge",
            ),
        ),
        migrations.AddConstraint(
            model_name="transitionrule",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("from_state__isnull", False),
                    models.Q(
                        ("extra_check", ""),
                        ("permission", ""),
                        ("reason_required", False),
                        ("is_enabled", True),
                    ),
                    _connector="OR",
                ),
                name="transition_rule_orders_can_always_be_entered",
            ),
        ),
        migrations.AddConstraint(
            model_name="transitionrule",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        models.Q(("from_state", "fulfilling"), ("to_state", "shipped")),
                        models.Q(("from_state", "shipped"), ("to_state", "delivered")),
                        models.Q(("from_state", "submitted"), ("to_state", "in_review")),
                        models.Q(("from_state", "validated"), ("to_state", "in_review")),
                        _connector="OR",
                        _negated=True,
                    ),
                    models.Q(("extra_check", ""), ("permission", ""), ("reason_required", False)),
                    _connector="OR",
                ),
                name="transition_rule_what_follows_from_facts_asks_nothing",
                violation_error_message="This step follows from facts and asks nothing.",
            ),
        ),
        migrations.AddConstraint(
            model_name="transitionrule",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("from_state", "processing"), ("to_state", "fulfilling"), _negated=True
                    ),
                    ("reason_required", False),
                    _connector="OR",
                ),
                name="transition_rule_asks_why_where_somebody_can_answer",
                violation_error_message="Nobody can be asked for a reason here.",
            ),
        ),
        migrations.AddConstraint(
            model_name="transitionrule",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("is_automatic", False),
                    ("to_state", "cancelled"),
                    models.Q(
                        ("permission", ""),
                        ("reason_required", False),
                        models.Q(("extra_check__in", ("second_person",)), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="transition_rule_what_goes_by_itself_asks_nobody",
                violation_error_message="What happens by itself can ask nobody for a permission, a reason or a second person. Let it be taken by hand, or ask for none of them.",
            ),
        ),
        migrations.AddConstraint(
            model_name="transitionrule",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("is_automatic", False),
                    models.Q(("from_state", "submitted"), _negated=True),
                    ("extra_check", ""),
                    _connector="OR",
                ),
                name="transition_rule_submitted_orders_do_not_wait_unseen",
                violation_error_message="Checks that run by themselves on submitted orders are validation rules. Let the step be taken by hand, or ask for no check here.",
            ),
        ),
        migrations.AddConstraint(
            model_name="validationrule",
            constraint=models.UniqueConstraint(
                fields=("rules", "code", "channel", "customer_group"),
                name="validation_rule_once_per_scope_and_version",
                nulls_distinct=False,
                violation_error_message="There is a rule of that code for this scope already.",
            ),
        ),
        migrations.AddConstraint(
            model_name="validationrule",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("code", "credit"), _negated=True),
                    models.Q(("is_active", True), ("severity__in", ("block", "review"))),
                    _connector="OR",
                ),
                name="validation_rule_nothing_is_committed_without_a_credit_check",
                violation_error_message="The credit check always runs and stops the order: what is over the limit is let pass by somebody, or not at all.",
            ),
        ),
        *_guards.OPERATIONS,
        *_reporting.OPERATIONS,
    ]
