"""Configurable rules: how the edges of the graph are taken, and what an order is checked for.

Rules come in versions; an order keeps the version it started with. Rows narrow the fixed graph
of ``orders.models.graph``: they never add an edge. A draft is edited; once it is published, the
database refuses every change of it.
"""

from __future__ import annotations

from functools import reduce
from operator import or_
from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext, gettext_noop
from django.utils.translation import gettext_lazy as _

from config.kernel import sets
from orders.models.customers import Channel
from orders.models.demands import EXTRA_CHECKS, OF_PEOPLE
from orders.models.graph import DERIVED, EDGES, EITHER_WAY, WITHOUT_WORDS, Status

Edges = set[tuple[Status, Status]]


DELIVERED = gettext_noop("As delivered")  # what the first version says of itself


class RuleSetQuerySet(models.QuerySet["RuleSet"]):
    """Versions as orders take them and people write them."""

    def published(self) -> Self:
        return self.filter(published_at__isnull=False)

    def draft(self) -> Self:
        """The one that is being written, if any."""
        return self.filter(published_at=None)


class RuleSet(models.Model):
    """One version of the configurable rules; the newest published one is given to new orders."""

    version = models.PositiveIntegerField(_("version"), primary_key=True)
    note = models.CharField(_("note"), max_length=200, blank=True)
    based_on = models.ForeignKey(
        "self", verbose_name=_("based on"), on_delete=models.PROTECT, null=True, related_name="+"
    )
    drafted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("drafted by"),
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
    )
    published_at = models.DateTimeField(
        _("published at"), null=True, help_text=_("Empty while it is a draft.")
    )
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("published by"),
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
    )

    objects: ClassVar = RuleSetQuerySet.as_manager()

    class Meta:
        verbose_name = _("rule set")
        verbose_name_plural = _("rule sets")
        ordering: ClassVar = ["-version"]
        permissions: ClassVar = [("manage_rules", gettext_noop("Can change the rules of orders"))]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["published_at"],
                nulls_distinct=False,
                condition=Q(published_at=None),
                name="rule_set_one_draft_at_a_time",
                violation_error_message=_("Somebody is writing a new version already."),
            ),
            models.CheckConstraint(
                condition=Q(published_at__isnull=False) | Q(published_by=None),
                name="rule_set_published_by_somebody_at_a_time",
            ),
        ]

    def __str__(self) -> str:
        return gettext("Rules %(version)s") % {"version": self.version}

    @classmethod
    def locked(cls) -> list[RuleSet]:
        """Lock all versions, the oldest first: rules are written by one at a time."""
        return sets.read(cls, "ORDER BY version FOR NO KEY UPDATE")

    @property
    def news(self) -> str:
        """What was new in it, as it was noted."""
        return gettext(self.note) if self.note == DELIVERED else self.note

    @property
    def is_draft(self) -> bool:
        """Whether it is still being written."""
        return self.published_at is None


class RuleChange(models.Model):
    """Who changed what in a version while it was a draft."""

    rules = models.ForeignKey(RuleSet, on_delete=models.PROTECT, related_name="changes")
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    at = models.DateTimeField()
    words = models.TextField()

    class Meta:
        verbose_name = _("rule change")
        verbose_name_plural = _("rule changes")
        ordering: ClassVar = ["-pk"]

    def __str__(self) -> str:
        return self.words


def _one_of(edges: Edges) -> Q:
    """The row is about one of these edges."""
    return reduce(or_, (Q(from_state=source, to_state=target) for source, target in sorted(edges)))


ASKS_NOTHING = Q(permission="", extra_check="", reason_required=False)
AN_EDGE = reduce(
    or_,
    (
        Q(from_state=source, to_state=target)
        if source
        else Q(from_state__isnull=True, to_state=target)
        for source, target in EDGES
    ),
)


class TransitionRule(models.Model):
    """How one edge of the graph is taken: whether at all, by itself, by whom, with a reason.

    What follows from facts asks nothing; what the system takes by itself asks nobody, and out of
    “Submitted” it asks nothing beyond the validation rules, so that no order waits there unseen.
    """

    rules = models.ForeignKey(RuleSet, on_delete=models.PROTECT, related_name="transitions")
    from_state = models.CharField(  # noqa: DJ001 - null is "created"
        max_length=12, choices=Status, null=True, blank=True
    )
    to_state = models.CharField(max_length=12, choices=Status)
    is_enabled = models.BooleanField(default=True)
    is_automatic = models.BooleanField(default=False)
    reason_required = models.BooleanField(default=False)
    permission = models.CharField(
        max_length=100, blank=True, help_text=_("Taken besides the one of the step; empty: none.")
    )
    extra_check = models.CharField(
        max_length=20,
        blank=True,
        choices=[(name, check.label) for name, check in EXTRA_CHECKS.items()],
    )

    class Meta:
        verbose_name = _("transition rule")
        verbose_name_plural = _("transition rules")
        ordering: ClassVar = ["pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["rules", "from_state", "to_state"],
                nulls_distinct=False,
                name="transition_rule_once_per_edge_and_version",
            ),
            models.CheckConstraint(condition=AN_EDGE, name="transition_rule_adds_no_edge"),
            models.CheckConstraint(
                condition=Q(from_state__isnull=False) | ASKS_NOTHING & Q(is_enabled=True),
                name="transition_rule_orders_can_always_be_entered",
            ),
            models.CheckConstraint(
                condition=~_one_of(DERIVED) | ASKS_NOTHING,
                name="transition_rule_what_follows_from_facts_asks_nothing",
                violation_error_message=_("This step follows from facts and asks nothing."),
            ),
            models.CheckConstraint(
                condition=~_one_of(WITHOUT_WORDS) | Q(reason_required=False),
                name="transition_rule_asks_why_where_somebody_can_answer",
                violation_error_message=_("Nobody can be asked for a reason here."),
            ),
            models.CheckConstraint(
                condition=Q(is_automatic=False)
                | Q(to_state=Status.CANCELLED)
                | Q(permission="", reason_required=False) & ~Q(extra_check__in=OF_PEOPLE),
                name="transition_rule_what_goes_by_itself_asks_nobody",
                violation_error_message=_(
                    "What happens by itself can ask nobody for a permission, a reason or a second "
                    "person. Let it be taken by hand, or ask for none of them."
                ),
            ),
            models.CheckConstraint(
                condition=Q(is_automatic=False) | ~Q(from_state="submitted") | Q(extra_check=""),
                name="transition_rule_submitted_orders_do_not_wait_unseen",
                violation_error_message=_(
                    "Checks that run by themselves on submitted orders are validation rules. Let "
                    "the step be taken by hand, or ask for no check here."
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.from_state or 'new'} → {self.to_state}"

    @property
    def is_derived(self) -> bool:
        """Whether the step follows from what was found or done."""
        return (self.from_state, self.to_state) in DERIVED

    @property
    def goes_either_way(self) -> bool:
        """Whether the version says if the system takes it or a person."""
        return (self.from_state, self.to_state) in EITHER_WAY

    @property
    def can_ask_why(self) -> bool:
        """Whether somebody takes the step who can answer."""
        words = {*DERIVED, *WITHOUT_WORDS, (None, Status.DRAFT)}
        return (self.from_state, self.to_state) not in words


# Labels that come with the rules as they are delivered.
DELIVERED_LABELS = (
    (Status.IN_REVIEW, gettext_noop("Waiting for the customer")),
    (Status.PROCESSING, gettext_noop("Waiting for goods")),
    (Status.FULFILLING, gettext_noop("Waiting for pick-up")),
)


class SubStatus(models.Model):
    """A label of one's own under a fixed state: what an order there is waiting for.

    It reads as it was typed; one that came with the rules is said in the reader's language.
    """

    rules = models.ForeignKey(RuleSet, on_delete=models.PROTECT, related_name="labels")
    status = models.CharField(max_length=12, choices=Status)
    code = models.SlugField(max_length=40, db_index=False)
    label = models.CharField(max_length=60)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        verbose_name = _("sub status")
        verbose_name_plural = _("sub-statuses")
        ordering: ClassVar = ["position", "pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["rules", "status", "code"],
                name="sub_status_once_per_state_and_version",
                violation_error_message=_(
                    "There is a label of that name under this state already."
                ),
            ),
            models.CheckConstraint(
                condition=~Q(status__in=[Status.COMPLETED, Status.CANCELLED]),
                name="sub_status_stands_under_an_open_state",
            ),
        ]

    def __str__(self) -> str:
        return gettext(self.label) if self.is_delivered else self.label

    @property
    def is_delivered(self) -> bool:
        """Whether it still reads as it came."""
        return (self.status, self.label) in DELIVERED_LABELS


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
        default=False, help_text=_("Whoever created the order may not waive it.")
    )
    permission = models.CharField(
        max_length=100, blank=True, help_text=_("Taken besides the one to waive; empty: none.")
    )
    team = models.CharField(max_length=30, blank=True, help_text=_("The role that has to act."))
    target_hours = models.PositiveSmallIntegerField(
        default=24, help_text=_("Hours until somebody should have decided; 0 is no target.")
    )
    channel = models.ForeignKey(
        Channel, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    customer_group = models.CharField(max_length=20, blank=True)

    class Meta:
        verbose_name = _("validation rule")
        verbose_name_plural = _("validation rules")
        ordering: ClassVar = ["pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["rules", "code", "channel", "customer_group"],
                nulls_distinct=False,
                name="validation_rule_once_per_scope_and_version",
                violation_error_message=_("There is a rule of that code for this scope already."),
            ),
            models.CheckConstraint(
                condition=~Q(code="credit") | Q(is_active=True, severity__in=BLOCKING),
                name="validation_rule_nothing_is_committed_without_a_credit_check",
                violation_error_message=_(
                    "The credit check always runs and stops the order: what is over the limit is "
                    "let pass by somebody, or not at all."
                ),
            ),
        ]

    def __str__(self) -> str:
        return self.code
