"""Messages: what a customer is told by mail, kept until it has gone."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from django.db import connection, models
from django.db.models import Q
from django.utils.translation import gettext

from orders.models.history import OrderEvent

# The next try comes later each time: after one minute, two, four and so on.
CLAIM = """
UPDATE orders_customermessage SET attempts = attempts + 1,
 due_at = %s::timestamptz + make_interval(mins => 1 << attempts)
WHERE event_id IN (SELECT event_id FROM orders_customermessage WHERE due_at <= %s
                   ORDER BY due_at, event_id LIMIT %s FOR UPDATE SKIP LOCKED)
RETURNING event_id
"""
MOST_ATTEMPTS = 10  # about eight hours


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

    class Meta:
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

    @classmethod
    def claimed(cls, most: int, *, at: datetime) -> list[int]:
        """Take up messages that are due; whoever dies over one leaves it to the next try."""
        with connection.cursor() as cursor:
            cursor.execute(CLAIM, [at, at, most])
            return [pk for (pk,) in cursor.fetchall()]

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
