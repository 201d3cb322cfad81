"""The tables of this app, and what the database itself enforces on them."""

import django.db.models.deletion
import django_fsm
from django.conf import settings
from django.db import migrations, models

from returns.migrations import _guards, _reporting


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("finance", "0001_initial"),
        ("fulfillment", "0001_initial"),
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
                    django_fsm.FSMField(
                        choices=[
                            ("requested", "Requested"),
                            ("authorized", "Authorized"),
                            ("rejected", "Rejected"),
                            ("in_transit", "In transit"),
                            ("part_received", "Partly received"),
                            ("received", "Received"),
                            ("inspected", "Inspected"),
                            ("resolved", "Resolved"),
                            ("cancelled", "Withdrawn"),
                            ("expired", "Expired"),
                        ],
                        default="requested",
                        max_length=14,
                        protected=True,
                    ),
                ),
                ("reason", models.CharField(max_length=40)),
                (
                    "resolution",
                    models.CharField(
                        choices=[
                            ("refund", "Refund"),
                            ("credit", "Credit"),
                            ("replacement", "Replacement"),
                        ],
                        max_length=11,
                        null=True,
                    ),
                ),
                ("requested_at", models.DateTimeField()),
                ("resolved_at", models.DateTimeField(null=True)),
                (
                    "authorized_by",
                    models.ForeignKey(
                        db_index=False,
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
                    "order",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="returns",
                        to="orders.order",
                    ),
                ),
                (
                    "replacement_order",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="orders.order",
                    ),
                ),
            ],
            options={
                "verbose_name": "return",
                "verbose_name_plural": "returns",
                "permissions": [
                    ("request_return", "Can ask for returns and withdraw them"),
                    ("authorize_return", "Can authorize and reject returns"),
                ],
            },
            bases=(django_fsm.FSMModelMixin, models.Model),
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
            options={
                "verbose_name": "return credit",
                "verbose_name_plural": "return credits",
            },
        ),
        migrations.CreateModel(
            name="ReturnLine",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("requested", models.IntegerField()),
                ("received", models.IntegerField(default=0)),
                ("accepted", models.IntegerField(default=0)),
                (
                    "reception",
                    models.CharField(
                        choices=[
                            ("awaiting", "Awaiting"),
                            ("received", "Received"),
                            ("lost", "Lost"),
                            ("wrong_item", "Wrong item"),
                            ("short", "Short"),
                        ],
                        default="awaiting",
                        max_length=10,
                    ),
                ),
                (
                    "acceptance",
                    models.CharField(
                        choices=[
                            ("pending", "Pending"),
                            ("accepted", "Accepted"),
                            ("partial", "Partly accepted"),
                            ("rejected", "Rejected"),
                        ],
                        default="pending",
                        max_length=8,
                    ),
                ),
                (
                    "sales_return",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="lines",
                        to="returns.return",
                    ),
                ),
                (
                    "shipment_line",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="return_lines",
                        to="fulfillment.shipmentline",
                    ),
                ),
            ],
            options={
                "verbose_name": "return line",
                "verbose_name_plural": "return lines",
                "ordering": ["pk"],
            },
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
        migrations.AddConstraint(
            model_name="return",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("authorized_by", None),
                    ("created_by", None),
                    models.Q(("authorized_by", models.F("created_by")), _negated=True),
                    _connector="OR",
                ),
                name="return_authorized_by_a_second_person",
                violation_error_message="Whoever asked for a return does not authorize it.",
            ),
        ),
        migrations.AddConstraint(
            model_name="return",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("status__in", ["requested", "rejected"]), _negated=True),
                    ("authorized_by", None),
                    _connector="OR",
                ),
                name="return_authorized_by_nobody_before_it_is",
            ),
        ),
        migrations.AddConstraint(
            model_name="returnline",
            constraint=models.UniqueConstraint(
                fields=("sales_return", "shipment_line"), name="return_line_once_per_shipment_line"
            ),
        ),
        migrations.AddConstraint(
            model_name="returnline",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("accepted__gte", 0),
                    ("received__gte", 0),
                    ("requested__gt", 0),
                    ("accepted__lte", models.F("requested")),
                    ("received__lte", models.F("requested")),
                ),
                name="return_line_counters_within_what_was_asked",
                violation_error_message="No more can come back than was asked for.",
            ),
        ),
        migrations.AddConstraint(
            model_name="returnline",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("received__lt", models.F("requested")), ("reception", "awaiting")),
                    models.Q(("received", models.F("requested")), ("reception", "received")),
                    models.Q(
                        ("received__gt", 0),
                        ("received__lt", models.F("requested")),
                        ("reception", "short"),
                    ),
                    models.Q(("received", 0), ("reception__in", ["lost", "wrong_item"])),
                    _connector="OR",
                ),
                name="return_line_reception_agrees_with_what_came",
            ),
        ),
        migrations.AddConstraint(
            model_name="returnline",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("acceptance__in", ["pending", "rejected"]), ("accepted", 0)),
                    models.Q(("acceptance", "accepted"), ("accepted", models.F("requested"))),
                    models.Q(
                        ("acceptance", "partial"),
                        ("accepted__gt", 0),
                        ("accepted__lt", models.F("requested")),
                    ),
                    _connector="OR",
                ),
                name="return_line_acceptance_agrees_with_what_was_good",
            ),
        ),
        *_guards.OPERATIONS,
        *_reporting.OPERATIONS,
    ]
