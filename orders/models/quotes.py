"""Quotes: a draft as it was offered to the customer, with the day until which it stands."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import date
from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from config.kernel import sets
from config.kernel.reading import whole_date, within
from orders.models.graph import Status
from orders.models.orders import Order

# Where a quote stands, in a word.
STATES: dict[str, StrOrPromise] = {
    "open": _("Open"),
    "changed": _("Changed since"),
    "expired": _("Expired"),
    "accepted": _("Accepted"),
    "withdrawn": _("Withdrawn"),
    "closed": _("Closed"),
}


class QuoteQuerySet(models.QuerySet["Quote"]):
    """Each question that a screen asks of quotes."""

    def standing(self) -> Self:
        """Neither accepted nor withdrawn, and the draft is still one."""
        pending = self.filter(accepted_at=None, withdrawn_at=None)
        return pending.filter(order__status=Status.DRAFT)

    def open(self) -> Self:
        return self.standing().filter(expires_on__gte=timezone.localdate())

    def expired(self) -> Self:
        return self.standing().filter(expires_on__lt=timezone.localdate())

    def accepted(self) -> Self:
        return self.exclude(accepted_at=None)

    def withdrawn(self) -> Self:
        return self.exclude(withdrawn_at=None)


class Quote(models.Model):
    """An offer of one draft at its prices, accepted by a link that needs no password.

    With ``may_change`` the customer may order other quantities of its items at the same prices.
    ``order_version`` is the draft's version as it was sent: a draft changed since has to be sent
    anew. The link's secret is derived and only its hash is kept.
    """

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="quotes")
    number = models.CharField(max_length=30, unique=True)
    order_version = models.PositiveIntegerField()
    token_hash = models.CharField(max_length=64, unique=True)
    message = models.TextField(blank=True)
    expires_on = models.DateField()
    may_change = models.BooleanField(default=False)
    sent_at = models.DateTimeField()
    sent_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    accepted_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar = QuoteQuerySet.as_manager()

    class Meta:
        verbose_name = _("quote")
        verbose_name_plural = _("quotes")
        ordering: ClassVar = ["-pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["order"],
                condition=Q(accepted_at=None, withdrawn_at=None),
                name="order_has_one_standing_quote",
                violation_error_message=_("This draft is offered already; send it anew instead."),
            ),
            models.CheckConstraint(
                condition=Q(accepted_at=None) | Q(withdrawn_at=None),
                name="quote_is_accepted_or_withdrawn_not_both",
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @classmethod
    def locked(cls, ids: Iterable[int]) -> list[Quote]:
        """Lock these quotes in id order; their orders are locked before them."""
        return sets.read(cls, sets.LOCKED, list(set(ids)))

    @staticmethod
    def secret(number: str) -> str:
        """The secret part of the link of a quote."""
        return salted_hmac("orders.quote", number, algorithm="sha256").hexdigest()[:40]

    @staticmethod
    def hashed(secret: str) -> str:
        """What is kept of a secret."""
        return hashlib.sha256(secret.encode()).hexdigest()

    def get_public_url(self) -> str:
        """The page on which the customer reads and accepts it."""
        return reverse("orders:offer", args=[self.secret(self.number)])

    def refusal(self, order: Order, today: date) -> str:
        """Why it cannot be accepted, or ''."""
        named: dict[str, object] = {"quote": self, "order": order}
        words = ""
        if self.accepted_at:
            words = gettext("%(quote)s was accepted on %(day)s.")
            named["day"] = whole_date(self.accepted_at)
        elif self.withdrawn_at:
            words = gettext("%(quote)s was replaced or withdrawn; ask for the latest one.")
        elif order.status != Status.DRAFT:
            words = gettext("%(order)s is %(state)s already.")
            named["state"] = within(Status(order.status).label)
        elif today > self.expires_on:
            words = gettext("%(quote)s expired on %(day)s; ask for a new one.")
            named["day"] = whole_date(self.expires_on)
        elif order.version != self.order_version:
            words = gettext(
                "%(order)s was changed after %(quote)s was sent; it has to be sent anew."
            )
        return words % named

    def state(self, order: Order, today: date) -> str:
        """Where it stands, in one word."""
        if self.accepted_at:
            return "accepted"
        if self.withdrawn_at:
            return "withdrawn"
        if order.status != Status.DRAFT:
            return "closed"
        if today > self.expires_on:
            return "expired"
        return "open" if order.version == self.order_version else "changed"
