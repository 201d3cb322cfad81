"""The tables of this app, and what the database itself enforces on them."""

import django.contrib.postgres.indexes
import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.comparison
import django.db.models.functions.datetime
import django.db.models.functions.text
from django.contrib.postgres.operations import TrigramExtension
from django.db import migrations, models

from inventory.migrations import _guards, _reporting


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        TrigramExtension(),
        migrations.CreateModel(
            name="Product",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("sku", models.CharField(max_length=64, unique=True, verbose_name="SKU")),
                (
                    "sku_since",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(),
                        help_text="When the present SKU took effect; older orders keep theirs.",
                        verbose_name="SKU in effect since",
                    ),
                ),
                ("name", models.CharField(max_length=200, verbose_name="name")),
                (
                    "gtin",
                    models.CharField(blank=True, db_index=True, max_length=14, verbose_name="GTIN"),
                ),
                ("unit", models.CharField(default="piece", max_length=20, verbose_name="unit")),
                (
                    "tracking",
                    models.CharField(
                        choices=[("none", "Not tracked"), ("lot", "By lot")],
                        default="none",
                        max_length=10,
                        verbose_name="tracking",
                    ),
                ),
                (
                    "is_stocked",
                    models.BooleanField(
                        default=True,
                        help_text="Off for a service or fee: it is never allocated or picked.",
                        verbose_name="stocked",
                    ),
                ),
                ("is_active", models.BooleanField(default=True, verbose_name="active")),
                (
                    "can_backorder",
                    models.BooleanField(
                        default=True,
                        help_text="Off for what is not bought again: an order for more is reviewed.",
                        verbose_name="may be backordered",
                    ),
                ),
                (
                    "lead_time_days",
                    models.PositiveSmallIntegerField(
                        default=14,
                        help_text="Days until it can be had when neither stock nor supply covers it.",
                        verbose_name="lead time in days",
                    ),
                ),
                (
                    "order_multiple",
                    models.PositiveIntegerField(
                        default=1,
                        help_text="It is sold in multiples of this: a box, a layer, a pallet.",
                        verbose_name="sold in multiples of",
                    ),
                ),
                (
                    "weight_g",
                    models.PositiveIntegerField(default=0, verbose_name="weight in grams"),
                ),
                (
                    "tax_category",
                    models.CharField(
                        default="standard", max_length=20, verbose_name="tax category"
                    ),
                ),
            ],
            options={
                "verbose_name": "product",
                "verbose_name_plural": "products",
                "ordering": ["sku"],
                "indexes": [
                    models.Index(
                        django.db.models.functions.comparison.Collate(
                            django.db.models.functions.text.Upper("sku"), "C"
                        ),
                        name="product_by_start_of_sku",
                    ),
                    models.Index(
                        django.db.models.functions.comparison.Collate(
                            django.db.models.functions.text.Upper("gtin"), "C"
                        ),
                        name="product_by_start_of_gtin",
                    ),
                    models.Index(
                        django.db.models.functions.comparison.Collate(
                            django.db.models.functions.text.Upper("name"), "C"
                        ),
                        name="product_by_start_of_name",
                    ),
                    django.contrib.postgres.indexes.GinIndex(
                        django.contrib.postgres.indexes.OpClass(
                            django.db.models.functions.text.Upper("name"), "gin_trgm_ops"
                        ),
                        name="product_by_words_of_name",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("sku", ""), _negated=True),
                            models.Q(("name", ""), _negated=True),
                            models.Q(("unit", ""), _negated=True),
                        ),
                        name="product_is_named",
                        violation_error_message="A product needs a SKU, a name and a unit.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("order_multiple__gte", 1)),
                        name="product_is_sold_in_multiples_of_one_or_more",
                        violation_error_message="A product is sold in multiples of 1 or more.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Warehouse",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.CharField(max_length=10, unique=True, verbose_name="code")),
                ("name", models.CharField(max_length=100, verbose_name="name")),
                ("city", models.CharField(blank=True, max_length=100, verbose_name="city")),
                (
                    "country",
                    models.CharField(
                        help_text="ISO 3166-1 alpha-2", max_length=2, verbose_name="country"
                    ),
                ),
                (
                    "latitude",
                    models.DecimalField(decimal_places=5, max_digits=8, verbose_name="latitude"),
                ),
                (
                    "longitude",
                    models.DecimalField(decimal_places=5, max_digits=8, verbose_name="longitude"),
                ),
                (
                    "priority",
                    models.SmallIntegerField(
                        default=0,
                        help_text="Among warehouses that cover an order equally, the higher serves it.",
                        verbose_name="priority",
                    ),
                ),
                ("is_sellable", models.BooleanField(default=True, verbose_name="may sell")),
                ("is_active", models.BooleanField(default=True, verbose_name="active")),
            ],
            options={
                "verbose_name": "warehouse",
                "verbose_name_plural": "warehouses",
                "ordering": ["code"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("country__regex", "^[A-Z]{2}$")),
                        name="warehouse_stands_in_a_country",
                        violation_error_message="The country is its two-letter ISO code.",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="StockLevel",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("on_hand", models.IntegerField(default=0)),
                ("reserved", models.IntegerField(default=0)),
                ("safety_stock", models.IntegerField(default=0)),
                (
                    "product",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="stock_levels",
                        to="inventory.product",
                    ),
                ),
                (
                    "warehouse",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="stock_levels",
                        to="inventory.warehouse",
                    ),
                ),
            ],
            options={
                "verbose_name": "stock level",
                "verbose_name_plural": "stock levels",
            },
        ),
        migrations.CreateModel(
            name="Bin",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.CharField(max_length=20, verbose_name="code")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("shelf", "Shelf"),
                            ("staging", "Staging: picked and not yet shipped"),
                        ],
                        default="shelf",
                        max_length=10,
                        verbose_name="kind",
                    ),
                ),
                (
                    "walk_sequence",
                    models.PositiveIntegerField(default=0, verbose_name="walk sequence"),
                ),
                (
                    "warehouse",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="bins",
                        to="inventory.warehouse",
                        verbose_name="warehouse",
                    ),
                ),
            ],
            options={
                "verbose_name": "bin",
                "verbose_name_plural": "bins",
                "ordering": ["warehouse", "walk_sequence", "code"],
            },
        ),
        migrations.CreateModel(
            name="BinStock",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("lot", models.CharField(blank=True, max_length=40, null=True)),
                ("quantity", models.IntegerField(default=0)),
                (
                    "bin",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="contents",
                        to="inventory.bin",
                    ),
                ),
                (
                    "stock_level",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="bin_stock",
                        to="inventory.stocklevel",
                    ),
                ),
            ],
            options={
                "verbose_name": "bin stock",
                "verbose_name_plural": "bin stock",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("stock_level", "bin", "lot"),
                        name="bin_stock_once_per_level_bin_and_lot",
                        nulls_distinct=False,
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("quantity__gte", 0)),
                        name="bin_stock_never_negative",
                        violation_error_message="A bin cannot hold less than nothing.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="StockMove",
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
                            ("receipt", "Received"),
                            ("ship", "Shipped"),
                            ("restock", "Put back after a return"),
                            ("adjust", "Adjusted"),
                            ("count", "Counted"),
                            ("transfer_out", "Sent to another warehouse"),
                            ("transfer_in", "Arrived from another warehouse"),
                            ("bin_move", "Moved between bins"),
                        ],
                        max_length=12,
                    ),
                ),
                ("quantity", models.IntegerField()),
                ("delta", models.IntegerField()),
                ("lot", models.CharField(max_length=40, null=True)),
                ("on_hand_after", models.IntegerField()),
                ("ref_type", models.CharField(max_length=20)),
                ("ref_id", models.BigIntegerField()),
                ("dedupe_key", models.CharField(max_length=80, unique=True)),
                ("reason", models.CharField(blank=True, max_length=200)),
                ("moved_at", models.DateTimeField()),
                (
                    "from_bin",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="inventory.bin",
                    ),
                ),
                (
                    "stock_level",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="moves",
                        to="inventory.stocklevel",
                    ),
                ),
                (
                    "to_bin",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="inventory.bin",
                    ),
                ),
            ],
            options={
                "verbose_name": "stock move",
                "verbose_name_plural": "stock moves",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("quantity__gt", 0)),
                        name="stock_move_moves_at_least_one_unit",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("delta", models.F("quantity")),
                                ("from_bin", None),
                                ("kind__in", ["receipt", "restock", "transfer_in"]),
                                ("to_bin__isnull", False),
                            ),
                            models.Q(
                                (
                                    "delta",
                                    django.db.models.expressions.CombinedExpression(
                                        models.F("quantity"), "*", models.Value(-1)
                                    ),
                                ),
                                ("from_bin__isnull", False),
                                ("kind__in", ["ship", "transfer_out"]),
                                ("to_bin", None),
                            ),
                            models.Q(
                                ("delta", models.F("quantity")),
                                ("from_bin", None),
                                ("kind__in", ["adjust", "count"]),
                                ("to_bin__isnull", False),
                            ),
                            models.Q(
                                (
                                    "delta",
                                    django.db.models.expressions.CombinedExpression(
                                        models.F("quantity"), "*", models.Value(-1)
                                    ),
                                ),
                                ("from_bin__isnull", False),
                                ("kind__in", ["adjust", "count"]),
                                ("to_bin", None),
                            ),
                            models.Q(
                                ("delta", 0),
                                ("from_bin__isnull", False),
                                ("kind", "bin_move"),
                                ("to_bin__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="stock_move_kind_and_direction_agree",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("kind", "adjust"), _negated=True),
                            models.Q(("reason", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="stock_adjustment_says_why",
                        violation_error_message="An adjustment needs a reason.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Supply",
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
                            ("purchase", "Purchase order"),
                            ("production", "Production order"),
                            ("transfer", "Transfer"),
                        ],
                        default="purchase",
                        max_length=10,
                        verbose_name="kind",
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("planned", "Planned"),
                            ("in_transit", "In transit"),
                            ("part_received", "Partly received"),
                            ("received", "Received"),
                            ("cancelled", "Cancelled"),
                        ],
                        default="planned",
                        max_length=14,
                        verbose_name="status",
                    ),
                ),
                (
                    "reference",
                    models.CharField(blank=True, max_length=40, verbose_name="reference"),
                ),
                ("quantity", models.IntegerField(verbose_name="quantity")),
                ("received", models.IntegerField(default=0, verbose_name="received")),
                ("expected_on", models.DateField(verbose_name="expected on")),
                (
                    "product",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="supplies",
                        to="inventory.product",
                        verbose_name="product",
                    ),
                ),
                (
                    "source_warehouse",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="inventory.warehouse",
                        verbose_name="sending warehouse",
                    ),
                ),
                (
                    "warehouse",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="supplies",
                        to="inventory.warehouse",
                        verbose_name="warehouse",
                    ),
                ),
            ],
            options={
                "verbose_name": "supply",
                "verbose_name_plural": "supplies",
                "ordering": ["expected_on", "pk"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("quantity__gt", 0),
                            ("received__gte", 0),
                            ("received__lte", models.F("quantity")),
                        ),
                        name="supply_receives_no_more_than_announced",
                        violation_error_message="A supply cannot receive more than was announced.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("received", models.F("quantity")), ("status", "received")),
                            models.Q(
                                models.Q(("status", "received"), _negated=True),
                                models.Q(("received", models.F("quantity")), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="supply_is_received_when_all_of_it_is",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("kind", "transfer"), ("source_warehouse__isnull", False)),
                            models.Q(
                                models.Q(("kind", "transfer"), _negated=True),
                                ("source_warehouse", None),
                            ),
                            _connector="OR",
                        ),
                        name="only_a_transfer_has_a_source_warehouse",
                        violation_error_message="A transfer, and nothing else, names where it comes from.",
                    ),
                ],
            },
        ),
        migrations.AddConstraint(
            model_name="stocklevel",
            constraint=models.UniqueConstraint(
                fields=("product", "warehouse"),
                name="stock_level_once_per_product_and_warehouse",
                violation_error_message="This product has a stock level there already.",
            ),
        ),
        migrations.AddConstraint(
            model_name="stocklevel",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("on_hand__gte", 0), ("reserved__gte", 0), ("safety_stock__gte", 0)
                ),
                name="stock_level_never_negative",
                violation_error_message="Stock cannot be negative.",
            ),
        ),
        migrations.AddConstraint(
            model_name="stocklevel",
            constraint=models.CheckConstraint(
                condition=models.Q(("reserved__lte", models.F("on_hand"))),
                name="stock_level_never_oversold",
                violation_error_message="More is reserved than is on hand.",
            ),
        ),
        migrations.AddConstraint(
            model_name="bin",
            constraint=models.UniqueConstraint(
                fields=("warehouse", "code"),
                name="bin_code_once_per_warehouse",
                violation_error_message="This warehouse has a bin of that code already.",
            ),
        ),
        migrations.AddConstraint(
            model_name="bin",
            constraint=models.UniqueConstraint(
                condition=models.Q(("kind", "staging")),
                fields=("warehouse",),
                name="warehouse_has_one_staging_bin",
                violation_error_message="This warehouse has its staging bin already.",
            ),
        ),
        *_guards.OPERATIONS,
        *_reporting.OPERATIONS,
    ]
