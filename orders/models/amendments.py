"""Amendments: what was changed on a placed order, as typed operations, and who may change what.

Each applied amendment is a version of the order; version 1 is the order as it was placed.
"""

from __future__ import annotations

from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from orders.models.graph import Status
from orders.models.lines import OrderLine
from orders.models.orders import Order
from orders.models.rules import RuleSet


class AmendmentQuerySet(models.QuerySet["Amendment"]):
    """Amendments as steps and screens ask for them."""

    def applied(self) -> Self:
        return self.filter(status=Amendment.Status.APPLIED)


class Amendment(models.Model):
    """One change of a placed order, made whole or not at all; it makes the next version.

    ``plan_hash`` names what was foreseen when it was decided; ``key`` makes a repeat harmless.
    The reason stands on its event, the words typed with it beside the event.
    """

    class Status(models.TextChoices):
        PROPOSED = "proposed", _("Proposed")
        APPLIED = "applied", _("Applied")
        REFUSED = "refused", _("Refused")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="amendments")
    status = models.CharField(max_length=10, choices=Status, default=Status.PROPOSED)
    version_from = models.PositiveIntegerField()
    version_to = models.PositiveIntegerField()
    plan_hash = models.CharField(max_length=64)
    key = models.CharField(max_length=64, null=True)  # noqa: DJ001 - null: nobody repeats it
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
    )
    requested_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    objects: ClassVar = AmendmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("amendment")
        verbose_name_plural = _("amendments")
        ordering: ClassVar = ["pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["order", "version_to"],
                condition=Q(status="applied"),
                name="amendment_makes_each_version_once",
            ),
            models.UniqueConstraint(
                fields=["order", "key"],
                condition=Q(key__isnull=False),
                name="amendment_is_applied_once_per_key",
            ),
            models.CheckConstraint(
                condition=Q(version_to=F("version_from") + 1),
                name="amendment_makes_the_next_version",
            ),
            models.CheckConstraint(
                condition=Q(status="proposed", closed_at=None)
                | ~Q(status="proposed")
                & Q(closed_at__isnull=False, closed_at__gte=F("requested_at")),
                name="amendment_closes_after_it_was_requested",
            ),
        ]

    def __str__(self) -> str:
        return gettext("Version %(version)s") % {"version": self.version_to}


OF_THE_ORDER = [  # of no line
    *("set_ship_to", "set_requested_on", "set_terms", "set_fill_policy", "set_po_number"),
    *("set_note", "set_carrier", "set_shipping", "set_order_discount"),
]


class AmendmentOperation(models.Model):
    """One fact that an amendment changed, as old → new.

    ``quantity_before`` and ``quantity_after`` are what the line counts as ordered; units given up
    are cancelled and stand in ``before`` and ``after``, as every other fact does. An address, a PO
    number and a note in them can be erased; the history of the order holds none.
    """

    class Kind(models.TextChoices):
        SET_QUANTITY = "set_quantity", _("Quantity")
        ADD_LINE = "add_line", _("New line")
        REMOVE_LINE = "remove_line", _("Line removed")
        SET_PRICE = "set_price", _("Unit price")
        SET_SHIP_TO = "set_ship_to", _("Delivery address")
        SET_REQUESTED_ON = "set_requested_on", _("Wanted by")
        SET_TERMS = "set_terms", _("Payment terms")
        SET_DISCOUNT = "set_discount", _("Discount")
        SET_FILL_POLICY = "set_fill_policy", _("If stock is short")
        SET_WAREHOUSE = "set_warehouse", _("Warehouse")
        SET_PO_NUMBER = "set_po_number", _("Customer’s PO number")
        SET_NOTE = "set_note", _("Internal note")
        SET_CARRIER = "set_carrier", _("Carrier")
        SET_SHIPPING = "set_shipping", _("Delivery charge")
        SET_ORDER_DISCOUNT = "set_order_discount", _("Order discount")
        SET_LINE_DAY = "set_line_day", _("Line wanted by")
        SET_PARTS = "set_parts", _("Deliveries in parts")

    amendment = models.ForeignKey(Amendment, on_delete=models.PROTECT, related_name="operations")
    seq = models.PositiveIntegerField()
    kind = models.CharField(max_length=20, choices=Kind)
    order_line = models.ForeignKey(
        OrderLine, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    quantity_before = models.IntegerField(null=True)
    quantity_after = models.IntegerField(null=True)
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("amendment operation")
        verbose_name_plural = _("amendment operations")
        ordering: ClassVar = ["amendment", "seq"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["amendment", "seq"], name="amendment_operation_numbered_once"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["set_quantity", "add_line"])
                & Q(quantity_after__isnull=False, quantity_after__gt=0)
                | ~Q(kind__in=["set_quantity", "add_line"])
                & Q(quantity_before=None, quantity_after=None),
                name="amendment_operation_counts_units_where_it_changes_them",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=OF_THE_ORDER, order_line=None)
                | ~Q(kind__in=OF_THE_ORDER) & Q(order_line__isnull=False),
                name="amendment_operation_names_its_line",
            ),
        ]

    def __str__(self) -> str:
        return self.get_kind_display()


class FieldGroup(models.TextChoices):
    """What of an order can be amended, as the rules speak of it."""

    QUANTITY = "quantity", _("Quantities")
    LINES = "lines", _("Lines")
    PRICE = "price", _("Prices, discounts and charges")
    ADDRESS = "address", _("Delivery address")
    DATES = "dates", _("Wanted dates")
    TERMS = "terms", _("Payment terms")
    FILLING = "filling", _("Partial deliveries")
    WAREHOUSE = "warehouse", _("Warehouses of lines")
    SHIPPING = "shipping", _("Carriers")
    NOTES = "notes", _("Notes and PO numbers")


class AmendmentRule(models.Model):
    """Whether a group of fields may be amended in a status, by whom, and whether it needs a reason.

    A row narrows what the code allows; without a row what the code allows holds.
    """

    rules = models.ForeignKey(RuleSet, on_delete=models.PROTECT, related_name="amendments")
    field_group = models.CharField(max_length=10, choices=FieldGroup)
    status = models.CharField(max_length=12, choices=Status)
    is_allowed = models.BooleanField(default=True)
    permission = models.CharField(
        max_length=100, blank=True, help_text=_("Taken besides the one to amend; empty: none.")
    )
    reason_required = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("amendment rule")
        verbose_name_plural = _("amendment rules")
        ordering: ClassVar = ["pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["rules", "field_group", "status"],
                name="amendment_rule_once_per_group_and_status",
                violation_error_message=_("There is a rule for this group and status already."),
            ),
        ]

    def __str__(self) -> str:
        return gettext("%(what)s in %(state)s") % {
            "what": self.get_field_group_display(),
            "state": self.get_status_display(),
        }


class CancellationScope(models.TextChoices):
    """How much of an order is cancelled."""

    WHOLE = "whole", _("The whole order")
    UNITS = "units", _("Lines and units")


class CancellationRule(models.Model):
    """Whether orders, or units of them, may be cancelled in a status, and by whom.

    A row narrows what the code allows; without a row what the code allows holds.
    """

    rules = models.ForeignKey(RuleSet, on_delete=models.PROTECT, related_name="cancellations")
    status = models.CharField(max_length=12, choices=Status)
    scope = models.CharField(max_length=5, choices=CancellationScope)
    is_allowed = models.BooleanField(default=True)
    permission = models.CharField(
        max_length=100, blank=True, help_text=_("Taken besides the one to cancel; empty: none.")
    )

    class Meta:
        verbose_name = _("cancellation rule")
        verbose_name_plural = _("cancellation rules")
        ordering: ClassVar = ["pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["rules", "status", "scope"],
                name="cancellation_rule_once_per_status_and_scope",
                violation_error_message=_("There is a rule for this status and scope already."),
            ),
        ]

    def __str__(self) -> str:
        return gettext("%(what)s in %(state)s") % {
            "what": self.get_scope_display(),
            "state": self.get_status_display(),
        }
