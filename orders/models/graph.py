"""The life of an order as a fixed graph: states, edges, and the axes beside them.

Configured rules may narrow this graph, never widen it. The same edges stand in the trigger of
the initial migration, so that no door to the database can skip a step.
"""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Status(models.TextChoices):
    """Where an order stands; the only state machine it has."""

    DRAFT = "draft", _("Draft")
    SUBMITTED = "submitted", _("Submitted")
    IN_REVIEW = "in_review", _("Needs review")
    VALIDATED = "validated", _("Validated")
    PROCESSING = "processing", _("Processing")
    FULFILLING = "fulfilling", _("Fulfilling")
    SHIPPED = "shipped", _("In transit")
    DELIVERED = "delivered", _("Delivered")
    COMPLETED = "completed", _("Completed")
    CANCELLED = "cancelled", _("Cancelled")


class FulfillmentStatus(models.TextChoices):
    """How much of what is wanted has shipped."""

    NONE = "none", _("Not shipped")
    PARTIAL = "partial", _("Partly shipped")
    FULL = "full", _("Shipped")


class PaymentStatus(models.TextChoices):
    """How the money stands against what is due."""

    NONE = "none", _("Unpaid")
    AUTHORIZED = "authorized", _("Authorized")
    PARTIAL = "partial", _("Partly paid")
    PAID = "paid", _("Paid")
    OVERPAID = "overpaid", _("Overpaid")
    REFUNDED_PARTIAL = "refunded_partial", _("Partly refunded")
    REFUNDED = "refunded", _("Refunded")


class ReturnStatus(models.TextChoices):
    """How much of what shipped has come back and was accepted."""

    NONE = "none", _("Nothing returned")
    PARTIAL = "partial", _("Partly returned")
    FULL = "full", _("Returned")


# States of a return that is not decided yet, or of which goods may still come back.
OPEN_RETURNS = (
    "requested",
    "authorized",
    "in_transit",
    "part_received",
    "received",
    "inspected",
)

EDGES: tuple[tuple[str | None, str], ...] = (
    (None, Status.DRAFT),
    (Status.DRAFT, Status.SUBMITTED),
    (Status.DRAFT, Status.CANCELLED),
    (Status.SUBMITTED, Status.VALIDATED),
    (Status.SUBMITTED, Status.IN_REVIEW),
    (Status.SUBMITTED, Status.CANCELLED),
    (Status.IN_REVIEW, Status.SUBMITTED),
    (Status.IN_REVIEW, Status.VALIDATED),
    (Status.IN_REVIEW, Status.CANCELLED),
    (Status.VALIDATED, Status.IN_REVIEW),
    (Status.VALIDATED, Status.PROCESSING),
    (Status.VALIDATED, Status.CANCELLED),
    (Status.PROCESSING, Status.FULFILLING),
    (Status.PROCESSING, Status.CANCELLED),
    (Status.FULFILLING, Status.SHIPPED),
    (Status.FULFILLING, Status.CANCELLED),
    (Status.SHIPPED, Status.DELIVERED),
    (Status.DELIVERED, Status.COMPLETED),
)

# Steps that the system takes by itself as soon as their guards hold, in version 1 of the rules.
AUTOMATIC = {
    (Status.SUBMITTED, Status.VALIDATED),
    (Status.SUBMITTED, Status.IN_REVIEW),
    (Status.VALIDATED, Status.IN_REVIEW),
    (Status.VALIDATED, Status.PROCESSING),
    (Status.PROCESSING, Status.FULFILLING),
    (Status.FULFILLING, Status.SHIPPED),
    (Status.FULFILLING, Status.CANCELLED),
    (Status.SHIPPED, Status.DELIVERED),
    (Status.DELIVERED, Status.COMPLETED),
}

# Steps that follow from what was found or done: nobody is asked for them, so they ask nothing.
DERIVED = {
    (Status.SUBMITTED, Status.IN_REVIEW),
    (Status.VALIDATED, Status.IN_REVIEW),
    (Status.FULFILLING, Status.SHIPPED),
    (Status.SHIPPED, Status.DELIVERED),
}
# Steps of which a version of the rules says whether the system takes them or a person.
EITHER_WAY = {
    (Status.SUBMITTED, Status.VALIDATED),
    (Status.VALIDATED, Status.PROCESSING),
    (Status.DELIVERED, Status.COMPLETED),
}
# Steps that come with a pick or a parcel, where nobody can be asked why.
WITHOUT_WORDS = {(Status.PROCESSING, Status.FULFILLING)}

TERMINAL = (Status.COMPLETED, Status.CANCELLED)
# States in which everything that is sent has left.
GONE = (Status.SHIPPED, Status.DELIVERED)
# States in which an order stands on the customer's commitments.
COMMITTED = (Status.VALIDATED, Status.PROCESSING, Status.FULFILLING)
