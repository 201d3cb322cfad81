"""Messages: what a customer is told by mail, kept until it has gone."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import ClassVar, Self

from django.db import models, transaction
from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from config.kernel import queues, sets
from orders.models.history import OrderEvent

MOST_ATTEMPTS = 10  # about eight hours


class CustomerMessageQuerySet(models.QuerySet["CustomerMessage"]):
    """Mails as workers claim them."""

    def due(self, at: datetime) -> Self:
        return self.filter(due_at__lte=at)

    @transaction.atomic
    def claimed(self, most: int, *, at: datetime) -> list[CustomerMessage]:
        """Take up mails that are due; whoever dies over one leaves it to the next try.

        That comes later each time: after one minute, two, four and so on.
        """
        told = self.due(at).select_related("event__order", "event__note")
        messages = queues.claimed(told.order_by("due_at", "pk"), most)
        for message in messages:
            message.due_at = at + timedelta(minutes=1 << message.attempts)
            message.attempts += 1
        sets.update(CustomerMessage, ["attempts", "due_at"], messages)
        return messages


class CustomerMessage(models.Model):
    """A mail to a customer: written with the event that tells of it, sent once that is committed.

    Its words stand beside the event, where they can be erased; without them nothing is sent.
    ``due_at`` is when it is tried next; null: it has gone, or was given up. ``trouble`` is why it
    could not go the last time.
    """

    event = models.OneToOneField(
        OrderEvent, on_delete=models.PROTECT, primary_key=True, related_name="message"
    )
    recipient = models.EmailField()
    subject = models.CharField(max_length=200)
    attempts = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    trouble = models.CharField(max_length=200, blank=True, db_default="")

    objects: ClassVar = CustomerMessageQuerySet.as_manager()

    class Meta:
        verbose_name = _("customer message")
        verbose_name_plural = _("customer messages")
        indexes: ClassVar = [
            models.Index(
                fields=["due_at"], condition=Q(due_at__isnull=False), name="customer_message_due"
            ),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(sent_at=None) | Q(due_at=None), name="customer_message_goes_once"
            ),
        ]

    def __str__(self) -> str:
        return self.subject

    @property
    def is_given_up(self) -> bool:
        """Whether it has not gone and is not tried any more."""
        return self.sent_at is None and self.due_at is None

    @property
    def whereabouts(self) -> str:
        """Whether it has gone, to whom, and why not."""
        if self.sent_at:
            words = gettext("Sent to %(recipient)s")
        elif self.is_given_up:
            words = gettext("It could not be sent to %(recipient)s: tell the customer yourself")
        elif self.trouble:
            words = gettext("It could not be sent to %(recipient)s yet and is tried again")
        else:
            words = gettext("On its way to %(recipient)s")
        return words % {"recipient": self.recipient}
