"""The life of an order as a fixed graph: states, edges, and the axes beside them.

Configured rules may narrow this graph, never widen it. The same edges stand in the trigger of
the initial migration, so that no door to the database can skip a step.
"""

from __future__ import annotations

from django.db import models


class Status(models.TextChoices):
    """Where an order stands; the only state machine it has."""

    DRAFT = "draft", "Draft"
    SUBMITTED = "submitted", "Submitted"
    IN_REVIEW = "in_review", "Needs review"
    VALIDATED = "validated", "Validated"
    PROCESSING = "processing", "Processing"
    FULFILLING = "fulfilling", "Fulfilling"
    SHIPPED = "shipped", "In transit"
    DELIVERED = "delivered", "Delivered"
    COMPLETED = "completed", "Completed"
    CANCELLED = "cancelled", "Cancelled"


class FulfillmentStatus(models.TextChoices):
    """How much of what is wanted has shipped."""

    NONE = "none", "Not shipped"
    PARTIAL = "partial", "Partly shipped"
    FULL = "full", "Shipped"


class PaymentStatus(models.TextChoices):
    """How the money stands against what is due."""

    NONE = "none", "Unpaid"
    AUTHORIZED = "authorized", "Authorized"
    PARTIAL = "partial", "Partly paid"
    PAID = "paid", "Paid"
    OVERPAID = "overpaid", "Overpaid"
    REFUNDED_PARTIAL = "refunded_partial", "Partly refunded"
    REFUNDED = "refunded", "Refunded"


class ReturnStatus(models.TextChoices):
    """How much of what shipped has come back and was accepted."""

    NONE = "none", "Nothing returned"
    PARTIAL = "partial", "Partly returned"
    FULL = "full", "Returned"


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
# States in which an order stands on the customer's commitments.
COMMITTED = (Status.VALIDATED, Status.PROCESSING, Status.FULFILLING)
