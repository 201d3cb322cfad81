"""The tables of this app, and what the database itself enforces on them."""

import config.kernel.money
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from fulfillment.migrations import _guards, _reporting


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("inventory", "0001_initial"),
        ("orders", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Carrier",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.CharField(max_length=20, unique=True, verbose_name="code")),
                ("name", models.CharField(max_length=60, verbose_name="name")),
                (
                    "tracking_url",
                    models.CharField(
                        blank=True,
                        help_text="With {number} where the tracking number goes.",
                        max_length=200,
                        verbose_name="tracking address",
                    ),
                ),
                ("is_active", models.BooleanField(default=True, verbose_name="active")),
            ],
            options={
                "verbose_name": "carrier",
                "verbose_name_plural": "carriers",
                "ordering": ["name"],
            },
        ),
        migrations.CreateModel(
            name="PickList",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.CharField(max_length=20, unique=True)),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("open", "Open"),
                            ("released", "Released"),
                            ("in_progress", "In progress"),
                            ("done", "Done"),
                            ("cancelled", "Cancelled"),
                        ],
                        default="open",
                        max_length=12,
                    ),
                ),
                ("created_at", models.DateTimeField()),
                (
                    "warehouse",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="pick_lists",
                        to="inventory.warehouse",
                    ),
                ),
            ],
            options={
                "verbose_name": "pick list",
                "verbose_name_plural": "pick lists",
                "ordering": ["-pk"],
            },
        ),
        migrations.CreateModel(
            name="PickTask",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("lot", models.CharField(max_length=40, null=True)),
                ("quantity", models.IntegerField()),
                ("picked", models.IntegerField(default=0)),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("ready", "Ready"),
                            ("assigned", "Assigned"),
                            ("picking", "Being picked"),
                            ("picked", "Picked"),
                            ("short", "Short"),
                            ("cancelled", "Cancelled"),
                        ],
                        default="ready",
                        max_length=10,
                    ),
                ),
                ("created_at", models.DateTimeField()),
                (
                    "allocation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="tasks",
                        to="orders.allocation",
                    ),
                ),
                (
                    "assigned_to",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="pick_tasks",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "bin",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="inventory.bin",
                    ),
                ),
                (
                    "pick_list",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="tasks",
                        to="fulfillment.picklist",
                    ),
                ),
            ],
            options={
                "verbose_name": "pick task",
                "verbose_name_plural": "pick tasks",
            },
        ),
        migrations.CreateModel(
            name="PickScan",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("scan_id", models.CharField(max_length=60, unique=True)),
                ("quantity", models.IntegerField()),
                ("scanned_at", models.DateTimeField()),
                (
                    "scanned_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "task",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="scans",
                        to="fulfillment.picktask",
                    ),
                ),
            ],
            options={
                "verbose_name": "pick scan",
                "verbose_name_plural": "pick scans",
            },
        ),
        migrations.CreateModel(
            name="Shipment",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.CharField(max_length=20, unique=True)),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("planned", "Planned"),
                            ("picking", "Picking"),
                            ("packed", "Packed"),
                            ("dispatched", "Dispatched"),
                            ("in_transit", "In transit"),
                            ("out_for_delivery", "Out for delivery"),
                            ("delivered", "Delivered"),
                            ("returned_to_sender", "Returned to sender"),
                            ("cancelled", "Cancelled"),
                        ],
                        default="planned",
                        max_length=18,
                    ),
                ),
                ("has_exception", models.BooleanField(default=False)),
                ("created_at", models.DateTimeField()),
                ("dispatched_at", models.DateTimeField(null=True)),
                ("delivered_at", models.DateTimeField(null=True)),
                (
                    "carrier",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="fulfillment.carrier",
                    ),
                ),
                (
                    "order",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="shipments",
                        to="orders.order",
                    ),
                ),
                (
                    "warehouse",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="shipments",
                        to="inventory.warehouse",
                    ),
                ),
            ],
            options={
                "verbose_name": "shipment",
                "verbose_name_plural": "shipments",
                "ordering": ["pk"],
            },
        ),
        migrations.CreateModel(
            name="Package",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("tracking_number", models.CharField(max_length=60, null=True)),
                (
                    "shipment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="packages",
                        to="fulfillment.shipment",
                    ),
                ),
            ],
            options={
                "verbose_name": "package",
                "verbose_name_plural": "packages",
            },
        ),
        migrations.CreateModel(
            name="ShipmentLine",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("sku", models.CharField(max_length=64)),
                ("quantity", models.IntegerField()),
                ("cost_amount", models.DecimalField(decimal_places=4, default=0, max_digits=18)),
                (
                    "allocation",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="shipment_lines",
                        to="orders.allocation",
                    ),
                ),
                (
                    "cost_currency",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="orders.currency",
                    ),
                ),
                (
                    "order_line",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="shipment_lines",
                        to="orders.orderline",
                    ),
                ),
                (
                    "package",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="lines",
                        to="fulfillment.package",
                    ),
                ),
                (
                    "shipment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="lines",
                        to="fulfillment.shipment",
                    ),
                ),
            ],
            options={
                "verbose_name": "shipment line",
                "verbose_name_plural": "shipment lines",
            },
        ),
        migrations.CreateModel(
            name="ShippingRate",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "amount",
                    config.kernel.money.MoneyField(
                        decimal_places=4, max_digits=18, verbose_name="amount"
                    ),
                ),
                (
                    "carrier",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="rates",
                        to="fulfillment.carrier",
                        verbose_name="carrier",
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
                "verbose_name": "shipping rate",
                "verbose_name_plural": "shipping rates",
                "ordering": ["carrier", "currency"],
            },
        ),
        migrations.AddIndex(
            model_name="picklist",
            index=models.Index(
                condition=models.Q(("status__in", ["open", "released", "in_progress"])),
                fields=["warehouse", "id"],
                name="pick_list_open_by_warehouse",
            ),
        ),
        migrations.AddIndex(
            model_name="picktask",
            index=models.Index(
                condition=models.Q(("status__in", ["ready", "assigned", "picking"])),
                fields=["bin"],
                name="pick_task_open_by_bin",
            ),
        ),
        migrations.AddConstraint(
            model_name="picktask",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("picked__gte", 0), ("picked__lte", models.F("quantity")), ("quantity__gt", 0)
                ),
                name="pick_task_picks_no_more_than_asked",
                violation_error_message="More was picked than the task asks for.",
            ),
        ),
        migrations.AddConstraint(
            model_name="picktask",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("assigned_to", None), ("picked", 0), ("status", "ready")),
                    models.Q(("assigned_to__isnull", False), ("picked", 0), ("status", "assigned")),
                    models.Q(("assigned_to__isnull", False), ("status", "picking")),
                    models.Q(("picked", models.F("quantity")), ("status", "picked")),
                    models.Q(
                        ("picked__lt", models.F("quantity")), ("status__in", ["short", "cancelled"])
                    ),
                    _connector="OR",
                ),
                name="pick_task_status_follows_its_counters",
            ),
        ),
        migrations.AddConstraint(
            model_name="pickscan",
            constraint=models.CheckConstraint(
                condition=models.Q(("quantity", 0), _negated=True), name="pick_scan_moves_something"
            ),
        ),
        migrations.AddIndex(
            model_name="shipment",
            index=models.Index(
                condition=models.Q(
                    ("status__in", ["delivered", "returned_to_sender", "cancelled"]), _negated=True
                ),
                fields=["warehouse", "status", "id"],
                name="shipment_open_by_warehouse",
            ),
        ),
        migrations.AddConstraint(
            model_name="shipment",
            constraint=models.UniqueConstraint(
                condition=models.Q(("status__in", ["planned", "picking"])),
                fields=("order", "warehouse"),
                name="shipment_one_being_filled_per_warehouse",
            ),
        ),
        migrations.AddConstraint(
            model_name="shipment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("dispatched_at", None),
                        ("status__in", ["planned", "picking", "packed", "cancelled"]),
                    ),
                    models.Q(
                        ("dispatched_at__isnull", False),
                        (
                            "status__in",
                            [
                                "dispatched",
                                "in_transit",
                                "out_for_delivery",
                                "delivered",
                                "returned_to_sender",
                            ],
                        ),
                    ),
                    _connector="OR",
                ),
                name="shipment_dispatched_at_is_set_when_it_left",
            ),
        ),
        migrations.AddConstraint(
            model_name="shipment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("delivered_at__isnull", False),
                        ("status", "delivered"),
                        ("delivered_at__gte", models.F("dispatched_at")),
                    ),
                    models.Q(
                        models.Q(("status", "delivered"), _negated=True), ("delivered_at", None)
                    ),
                    _connector="OR",
                ),
                name="shipment_delivered_at_is_set_when_it_arrived",
            ),
        ),
        migrations.AddIndex(
            model_name="package",
            index=models.Index(
                fields=["tracking_number"],
                name="package_by_tracking_number",
                opclasses=["varchar_pattern_ops"],
            ),
        ),
        migrations.AddConstraint(
            model_name="shipmentline",
            constraint=models.CheckConstraint(
                condition=models.Q(("cost_amount__gte", 0), ("quantity__gt", 0)),
                name="shipment_line_holds_at_least_one_unit",
            ),
        ),
        migrations.AddConstraint(
            model_name="shippingrate",
            constraint=models.UniqueConstraint(
                fields=("carrier", "currency"),
                name="shipping_rate_once_per_carrier_and_currency",
                violation_error_message="This carrier has a rate in the currency already.",
            ),
        ),
        migrations.AddConstraint(
            model_name="shippingrate",
            constraint=models.CheckConstraint(
                condition=models.Q(("amount__gte", 0)),
                name="shipping_rate_never_negative",
                violation_error_message="A rate cannot be negative.",
            ),
        ),
        *_guards.OPERATIONS,
        *_reporting.OPERATIONS,
    ]
