"""Configurable rules: how the edges of the graph are taken, and what an order is checked for.

Rules come in versions; an order keeps the version it started with. Rows narrow the fixed graph
of ``orders.models.graph``: they never add an edge.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from orders.models.customers import Channel
from orders.models.graph import Status


class RuleSet(models.Model):
    """One version of the configurable rules; the newest published one is given to new orders."""

    version = models.PositiveIntegerField(primary_key=True)
    note = models.CharField(max_length=200, blank=True)
    published_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["-version"]

    def __str__(self) -> str:
        return f"Rules {self.version}"


class TransitionRule(models.Model):
    """How one edge of the graph is taken: whether at all, by itself, by whom, with a reason."""

    rules = models.ForeignKey(RuleSet, on_delete=models.PROTECT, related_name="transitions")
    from_state = models.CharField(  # noqa: DJ001 - null is "created"
        max_length=12, choices=Status, null=True, blank=True
    )
    to_state = models.CharField(max_length=12, choices=Status)
    is_enabled = models.BooleanField(default=True)
    is_automatic = models.BooleanField(default=False)
    reason_required = models.BooleanField(default=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["rules", "from_state", "to_state"],
                nulls_distinct=False,
                name="transition_rule_once_per_edge_and_version",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.from_state or 'new'} → {self.to_state}"


class Severity(models.TextChoices):
    """What a finding does to an order."""

    BLOCK = "block", _("Must be fixed")
    REVIEW = "review", _("Needs a decision")
    WARN = "warn", _("For information")


BLOCKING = (Severity.BLOCK, Severity.REVIEW)
# What each check is called on screens, and what it is called when it finds something.
CHECK_NAMES = {
    "required_fields": gettext_noop("Completeness"),
    "customer_status": gettext_noop("Customer"),
    "terms": gettext_noop("Terms"),
    "address": gettext_noop("Address"),
    "deliverable": gettext_noop("Delivery"),
    "price": gettext_noop("Price"),
    "stock": gettext_noop("Stock"),
    "stock_final": gettext_noop("Stock that is not bought again"),
    "credit": gettext_noop("Credit"),
    "duplicate": gettext_noop("Duplicate"),
}
LABELS = {
    "required_fields": gettext_noop("Incomplete"),
    "customer_status": gettext_noop("Customer closed"),
    "terms": gettext_noop("Terms"),
    "address": gettext_noop("Address"),
    "deliverable": gettext_noop("Delivery"),
    "price": gettext_noop("Price"),
    "stock": gettext_noop("Backorder"),
    "stock_final": gettext_noop("Not enough stock"),
    "credit": gettext_noop("Credit limit"),
    "duplicate": gettext_noop("Possible duplicate"),
}


class ValidationRule(models.Model):
    """One check that orders go through, with its severity, parameters and scope."""

    rules = models.ForeignKey(RuleSet, on_delete=models.PROTECT, related_name="validations")
    code = models.CharField(max_length=30)
    severity = models.CharField(max_length=6, choices=Severity)
    parameters = models.JSONField(default=dict, blank=True)
    is_active = models.BooleanField(default=True)
    four_eyes = models.BooleanField(
        default=False, help_text="Whoever created the order may not waive it."
    )
    team = models.CharField(max_length=30, blank=True, help_text="The role that has to act.")
    target_hours = models.PositiveSmallIntegerField(
        default=24, help_text="Hours until somebody should have decided; 0 is no target."
    )
    channel = models.ForeignKey(
        Channel, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    customer_group = models.CharField(max_length=20, blank=True)

    class Meta:
        ordering: ClassVar = ["pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["rules", "code", "channel", "customer_group"],
                nulls_distinct=False,
                name="validation_rule_once_per_scope_and_version",
                violation_error_message="There is a rule of that code for this scope already.",
            ),
        ]

    def __str__(self) -> str:
        return self.code
