"""Returns: goods that come back, and the credit that is given for them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext, gettext_noop, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField, FSMModelMixin, transition

from config.kernel.actors import Actor
from config.kernel.steps import guard
from finance.models import CreditNote
from fulfillment.models import ShipmentLine
from orders.models import OPEN_RETURNS, Order

# What is rejected, withdrawn or has expired asks for nothing any more.
ENDED = ("rejected", "cancelled", "expired")
# The steps that there are; those of reception, inspection and resolution come with their commands.
EDGES = (
    ("requested", "authorized"),
    ("requested", "rejected"),
    ("requested", "cancelled"),
    ("authorized", "cancelled"),
)


@guard
def asked_by_somebody_else(each: Return) -> str:
    """Nobody decides on a return that they asked for themselves."""
    if each.by is None or each.by.user_id is None or each.by.user_id != each.created_by_id:
        return ""
    words = gettext("You asked for %(return)s yourself, so somebody else decides on it.")
    return words % {"return": each}


class Return(FSMModelMixin, models.Model):
    """Goods of one order on their way back; it never lowers what was shipped.

    Whoever asked for it does not authorize it. What was said with it, and why it was rejected or
    withdrawn, stands beside the events of its order.
    """

    class Status(models.TextChoices):
        REQUESTED = "requested", pgettext_lazy("state of a return", "Requested")
        AUTHORIZED = "authorized", pgettext_lazy("state of a return", "Authorized")
        REJECTED = "rejected", _("Rejected")
        IN_TRANSIT = "in_transit", _("In transit")
        PART_RECEIVED = "part_received", _("Partly received")
        RECEIVED = "received", _("Received")
        INSPECTED = "inspected", _("Inspected")
        RESOLVED = "resolved", _("Resolved")
        CANCELLED = "cancelled", pgettext_lazy("state of a return", "Withdrawn")
        EXPIRED = "expired", _("Expired")

    class Resolution(models.TextChoices):
        REFUND = "refund", _("Refund")
        CREDIT = "credit", _("Credit")
        REPLACEMENT = "replacement", _("Replacement")

    by: Actor | None = None  # who takes a step with it; nobody in particular while it is only read

    number = models.CharField(max_length=20, unique=True)
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="returns")
    status = FSMField(
        max_length=14, choices=Status.choices, default=Status.REQUESTED, protected=True
    )
    reason = models.CharField(max_length=40)
    resolution = models.CharField(  # noqa: DJ001 - null before it is decided
        max_length=11, choices=Resolution, null=True
    )
    replacement_order = models.ForeignKey(
        Order, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    authorized_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
    )
    requested_at = models.DateTimeField()
    resolved_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("return")
        verbose_name_plural = _("returns")
        permissions: ClassVar = [
            ("request_return", gettext_noop("Can ask for returns and withdraw them")),
            ("authorize_return", gettext_noop("Can authorize and reject returns")),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(status="resolved", resolved_at__isnull=False)
                | ~Q(status="resolved") & Q(resolved_at=None),
                name="return_resolved_at_is_set_when_resolved",
            ),
            models.CheckConstraint(
                condition=Q(authorized_by=None)
                | Q(created_by=None)
                | ~Q(authorized_by=F("created_by")),
                name="return_authorized_by_a_second_person",
                violation_error_message=_("Whoever asked for a return does not authorize it."),
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["requested", "rejected"]) | Q(authorized_by=None),
                name="return_authorized_by_nobody_before_it_is",
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def is_open(self) -> bool:
        """Whether it is still to be decided, or goods of it may still come back."""
        return self.status in OPEN_RETURNS

    @transition(
        "status",
        source=Status.REQUESTED,
        target=Status.AUTHORIZED,
        conditions=[asked_by_somebody_else],
        custom={"verb": pgettext_lazy("verb", "authorize")},
    )
    def authorize(self) -> None:
        """The goods may come back."""
        self.authorized_by_id = self.by.user_id if self.by else None

    @transition(
        "status",
        source=Status.REQUESTED,
        target=Status.REJECTED,
        conditions=[asked_by_somebody_else],
        custom={"verb": pgettext_lazy("verb", "reject")},
    )
    def reject(self) -> None:
        """The goods stay with the customer."""

    @transition(
        "status",
        source=[Status.REQUESTED, Status.AUTHORIZED],
        target=Status.CANCELLED,
        conditions=[],
        custom={"verb": pgettext_lazy("verb", "withdraw")},
    )
    def withdraw(self) -> None:
        """Nobody wants to send the goods back any more."""


class ReturnLine(models.Model):
    """Units of one line of a shipment that are asked back: how many came, and were accepted.

    What was asked never changes. Reception and acceptance stand apart: the one says what arrived,
    the other what was good.
    """

    class Reception(models.TextChoices):
        AWAITING = "awaiting", _("Awaiting")
        RECEIVED = "received", _("Received")
        LOST = "lost", _("Lost")
        WRONG_ITEM = "wrong_item", _("Wrong item")
        SHORT = "short", _("Short")

    class Acceptance(models.TextChoices):
        PENDING = "pending", _("Pending")
        ACCEPTED = "accepted", _("Accepted")
        PARTIAL = "partial", _("Partly accepted")
        REJECTED = "rejected", _("Rejected")

    sales_return = models.ForeignKey(
        Return, on_delete=models.PROTECT, related_name="lines", db_index=False
    )
    shipment_line = models.ForeignKey(
        ShipmentLine, on_delete=models.PROTECT, related_name="return_lines"
    )
    requested = models.IntegerField()
    received = models.IntegerField(default=0)
    accepted = models.IntegerField(default=0)
    reception = models.CharField(max_length=10, choices=Reception, default=Reception.AWAITING)
    acceptance = models.CharField(max_length=8, choices=Acceptance, default=Acceptance.PENDING)

    class Meta:
        verbose_name = _("return line")
        verbose_name_plural = _("return lines")
        ordering: ClassVar = ["pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["sales_return", "shipment_line"],
                name="return_line_once_per_shipment_line",
            ),
            models.CheckConstraint(
                condition=Q(requested__gt=0, received__gte=0, accepted__gte=0)
                & Q(received__lte=F("requested"), accepted__lte=F("requested")),
                name="return_line_counters_within_what_was_asked",
                violation_error_message=_("No more can come back than was asked for."),
            ),
            models.CheckConstraint(
                condition=Q(reception="awaiting", received__lt=F("requested"))
                | Q(reception="received", received=F("requested"))
                | Q(reception="short", received__gt=0, received__lt=F("requested"))
                | Q(reception__in=["lost", "wrong_item"], received=0),
                name="return_line_reception_agrees_with_what_came",
            ),
            models.CheckConstraint(
                condition=Q(acceptance__in=["pending", "rejected"], accepted=0)
                | Q(acceptance="accepted", accepted=F("requested"))
                | Q(acceptance="partial", accepted__gt=0, accepted__lt=F("requested")),
                name="return_line_acceptance_agrees_with_what_was_good",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.shipment_line.sku} × {self.requested}"

    @classmethod
    def standing(cls, orders: Iterable[int]) -> dict[int, int]:
        """The units that returns of these orders ask for, by line of their shipments."""
        rows = cls.objects.filter(sales_return__order__in=list(orders))
        rows = rows.exclude(sales_return__status__in=ENDED).order_by()
        return dict(rows.values_list("shipment_line").annotate(units=models.Sum("requested")))


class ReturnCredit(models.Model):
    """Which return a credit note was given for; goodwill has none."""

    sales_return = models.ForeignKey(Return, on_delete=models.PROTECT, related_name="credits")
    credit_note = models.OneToOneField(
        CreditNote, on_delete=models.PROTECT, primary_key=True, related_name="return_credit"
    )

    class Meta:
        verbose_name = _("return credit")
        verbose_name_plural = _("return credits")

    def __str__(self) -> str:
        words = {"credit_note": self.credit_note_id, "return": self.sales_return_id}
        return gettext("%(credit_note)s for %(return)s") % words
