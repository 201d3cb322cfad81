"""The tables of this app, and what the database itself enforces on them."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from returns.migrations import _reporting


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("finance", "0001_initial"),
        ("orders", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Return",
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
                            ("requested", "Requested"),
                            ("authorized", "Authorized"),
                            ("rejected", "Rejected"),
                            ("in_transit", "In transit"),
                            ("part_received", "Partly received"),
                            ("received", "Received"),
                            ("inspected", "Inspected"),
                            ("resolved", "Resolved"),
                            ("cancelled", "Cancelled"),
                            ("expired", "Expired"),
                        ],
                        default="requested",
                        max_length=14,
                    ),
                ),
                ("reason", models.CharField(max_length=40)),
                ("requested_at", models.DateTimeField()),
                ("resolved_at", models.DateTimeField(null=True)),
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
                    "order",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="returns",
                        to="orders.order",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ReturnCredit",
            fields=[
                (
                    "credit_note",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="return_credit",
                        serialize=False,
                        to="finance.creditnote",
                    ),
                ),
                (
                    "sales_return",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="credits",
                        to="returns.return",
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="return",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("resolved_at__isnull", False), ("status", "resolved")),
                    models.Q(
                        models.Q(("status", "resolved"), _negated=True), ("resolved_at", None)
                    ),
                    _connector="OR",
                ),
                name="return_resolved_at_is_set_when_resolved",
            ),
        ),
        *_reporting.OPERATIONS,
    ]
