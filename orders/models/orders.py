"""The order: whose it is, what was agreed, where it goes and how it stands."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Case, Exists, F, FilteredRelation, OuterRef, Q, Value, When
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from config.kernel import queues, sets
from config.kernel.money import ZERO, MoneyField
from config.kernel.words import Words
from orders.models.customers import Channel, Currency, Customer, FillPolicy
from orders.models.demands import EXTRA_CHECKS
from orders.models.graph import (
    OPEN_RETURNS,
    TERMINAL,
    FulfillmentStatus,
    PaymentStatus,
    ReturnStatus,
    Status,
)
from orders.models.rules import BLOCKING, TransitionRule
from orders.models.staff import Staff
from orders.models.transitions import OrderTransitions

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser, User

    from orders.models.lines import OrderLine


SCOPE = ["ship_to_country", "channel", "created_by"]  # what a scope asks of the row itself
# States of an allocation by which its warehouse serves the order.
SERVING = ("held", "active", "picking", "picked", "shipped")


# The name of each check that an order's own row passes, else nothing.
PASSED = {
    f"passed_{name}": Case(When(check.holds, then=Value(name)), default=Value(""))
    for name, check in EXTRA_CHECKS.items()
    if check.holds is not None
}


class InvoicePolicy(models.TextChoices):
    """When the customer is billed."""

    DISPATCH = "dispatch", _("When goods leave")
    ORDER = "order", _("When the order is validated")


class OrderQuerySet(models.QuerySet["Order"]):
    """Each question that a screen or a worker asks of orders, in one query."""

    def open(self) -> Self:
        return self.exclude(status__in=TERMINAL)

    def late(self) -> Self:
        """Orders of which something is still to be shipped though its promise has passed."""
        passed = self.open().exclude(status__in=[Status.SHIPPED, Status.DELIVERED])
        return passed.filter(promised_on__lt=timezone.localdate())

    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Orders within the scope of a member of staff; all of them for whoever has none.

        A warehouse serves an order from its first allocation or shipment on; before that the order
        is nobody's. A draft without an address is seen by whoever entered it.
        """
        scope, found = Staff.of(user), self
        if scope.countries:
            bare = Q(ship_to_country="", created_by=user.pk)
            found = found.filter(Q(ship_to_country__in=scope.countries) | bare)
        if scope.channels:
            found = found.filter(channel__code__in=scope.channels)
        if scope.warehouses:
            same = self.model.objects.filter(pk=OuterRef("pk"))
            allocated = same.filter(
                lines__allocations__stock_level__warehouse__code__in=scope.warehouses,
                lines__allocations__state__in=SERVING,
            )
            sent = same.filter(shipments__warehouse__code__in=scope.warehouses)
            found = found.filter(Exists(allocated) | Exists(sent))
        return found

    def not_on_hold(self) -> Self:
        in_force = FilteredRelation("holds", condition=Q(holds__released_at=None))
        return self.annotate(held=in_force).filter(held=None)

    def claimed(self, size: int) -> list[int]:
        """Lock the next orders of a work queue that nobody else is working on."""
        return queues.claimed(self.order_by("pk").values_list("pk", flat=True), size)

    def due_for_validation(self) -> Self:
        """Submitted orders that the system itself has to check."""
        return self.filter(status=Status.SUBMITTED).not_on_hold()._automatic(Status.VALIDATED)

    def due_for_processing(self) -> Self:
        """Validated orders for which the system itself has to find stock."""
        return self._unblocked(Status.VALIDATED, Status.PROCESSING)

    def due_for_completion(self) -> Self:
        """Delivered orders that the system itself has to close, as far as a query can see."""
        back = FilteredRelation("returns", condition=Q(returns__status__in=OPEN_RETURNS))
        today = timezone.now().date()
        unpaid = Q(invoices__status="open", invoices__due_on__lt=today)
        late = FilteredRelation("invoices", condition=unpaid)
        due = self._unblocked(Status.DELIVERED, Status.COMPLETED)
        return due.annotate(coming_back=back, late=late).filter(coming_back=None, late=None)

    def _unblocked(self, status: str, target: str) -> Self:
        blocking = FilteredRelation(
            "exceptions",
            condition=Q(exceptions__status="open", exceptions__severity__in=BLOCKING),
        )
        due = self.filter(status=status).not_on_hold()
        return due.annotate(blocked=blocking).filter(blocked=None)._automatic(target)

    def _automatic(self, target: str) -> Self:
        """Orders whose rules let the system take the step, and whose own row passes its check."""
        rule = TransitionRule.objects.filter(
            reduce(or_, (Q(extra_check=OuterRef(name)) for name in PASSED), Q(extra_check="")),
            rules_id=OuterRef("rules_version"),
            from_state=OuterRef("status"),
            to_state=target,
            is_enabled=True,
            is_automatic=True,
        )
        return self.alias(**PASSED).filter(Exists(rule))


class Order(OrderTransitions):
    """One sale, from the first line typed to the last cent settled.

    The row keeps a copy of everything it was agreed on (terms, address, prices), so that no later
    change of master data alters it. ``version`` grows with each change and guards against lost
    updates; ``last_seq`` and ``last_event_at`` continue its history under the order's lock.
    """

    number = models.CharField(_("number"), max_length=20)
    customer = models.ForeignKey(
        Customer,
        verbose_name=_("customer"),
        on_delete=models.PROTECT,
        related_name="orders",
        db_index=False,
    )
    channel = models.ForeignKey(Channel, on_delete=models.PROTECT, related_name="+", db_index=False)
    external_id = models.CharField(max_length=80, null=True, blank=True)  # noqa: DJ001
    po_number = models.CharField(_("customer's PO number"), max_length=60, blank=True)
    priority = models.SmallIntegerField(
        _("priority"), default=0, help_text=_("0 is normal; higher is served first.")
    )
    sub_status = models.CharField(max_length=40, null=True, blank=True)  # noqa: DJ001
    fulfillment_status = models.CharField(
        max_length=8, choices=FulfillmentStatus, default=FulfillmentStatus.NONE
    )
    payment_status = models.CharField(
        _("payment status"), max_length=16, choices=PaymentStatus, default=PaymentStatus.NONE
    )
    return_status = models.CharField(max_length=8, choices=ReturnStatus, default=ReturnStatus.NONE)
    currency = models.ForeignKey(
        Currency,
        verbose_name=_("currency"),
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )
    fill_policy = models.CharField(max_length=14, choices=FillPolicy, default=FillPolicy.PARTIAL)
    invoice_policy = models.CharField(
        max_length=8, choices=InvoicePolicy, default=InvoicePolicy.DISPATCH
    )
    rules_version = models.PositiveIntegerField()
    version = models.PositiveIntegerField(default=1)
    last_seq = models.PositiveIntegerField(default=0)
    last_event_at = models.DateTimeField()

    ship_to_name = models.CharField(max_length=200, blank=True)
    ship_to_line1 = models.CharField(max_length=200, blank=True)
    ship_to_line2 = models.CharField(max_length=200, blank=True)
    ship_to_city = models.CharField(max_length=100, blank=True)
    ship_to_region = models.CharField(max_length=100, blank=True)
    ship_to_postal_code = models.CharField(max_length=20, blank=True)
    ship_to_country = models.CharField(max_length=2, blank=True)

    terms_code = models.CharField(max_length=20, blank=True)
    terms_days = models.PositiveSmallIntegerField(default=0)
    terms_prepaid = models.BooleanField(default=False)
    requested_on = models.DateField(_("wanted by"), null=True, blank=True)
    promised_on = models.DateField(_("promised for"), null=True, blank=True)
    shipping_method = models.CharField(
        max_length=20, blank=True, help_text=_("Code of the carrier that was agreed.")
    )
    note = models.TextField(blank=True)
    unread_rows = models.JSONField(
        default=list, blank=True, help_text=_("Rows of a draft that are no line yet.")
    )

    subtotal = MoneyField(default=0)
    order_discount = MoneyField(default=0)
    discount_total = MoneyField(default=0)
    shipping_total = MoneyField(default=0)
    tax_total = MoneyField(default=0)
    grand_total = MoneyField(_("total"), default=0)

    cancel_reason = models.CharField(max_length=40, null=True, blank=True)  # noqa: DJ001
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
    )
    created_at = models.DateTimeField(_("created at"))
    submitted_at = models.DateTimeField(_("submitted at"), null=True, blank=True)
    completed_at = models.DateTimeField(null=True, blank=True)
    cancelled_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar = OrderQuerySet.as_manager()

    class Meta:
        verbose_name = _("order")
        verbose_name_plural = _("orders")
        permissions: ClassVar = [
            ("submit_order", gettext_noop("Can place orders")),
            ("recheck_order", gettext_noop("Can run the checks of an order again")),
            ("waive_exception", gettext_noop("Can waive findings")),
            ("waive_credit", gettext_noop("Can decide on credit and terms")),
            ("own_exception", gettext_noop("Can take findings and give them to others")),
            ("process_order", gettext_noop("Can process orders")),
            ("hold_order", gettext_noop("Can hold orders and release holds")),
            ("cancel_order", gettext_noop("Can cancel orders and units")),
            ("amend_order", gettext_noop("Can amend placed orders")),
            ("pick_order", gettext_noop("Can pick and recall goods")),
            ("pack_order", gettext_noop("Can pack shipments")),
            ("dispatch_order", gettext_noop("Can dispatch shipments")),
            ("deliver_order", gettext_noop("Can report deliveries")),
            ("complete_order", gettext_noop("Can complete orders")),
            ("import_order", gettext_noop("Can import orders")),
            ("assign_order", gettext_noop("Can assign orders to a warehouse")),
            ("label_order", gettext_noop("Can put labels on orders")),
        ]
        indexes: ClassVar = [
            # What a scope asks stands beside the keys, so that counting looks at no order.
            models.Index(fields=["status", "id"], include=SCOPE, name="order_by_status"),
            models.Index(
                fields=["customer", "id"], include=["status", *SCOPE], name="order_by_customer"
            ),
            models.Index(
                fields=["promised_on", "id"],
                include=["status", *SCOPE],
                condition=~Q(status__in=["completed", "cancelled"]) & Q(promised_on__isnull=False),
                name="order_open_by_promise",
            ),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["number"], name="order_number_is_given_once"),
            models.UniqueConstraint(
                fields=["channel", "external_id"],
                condition=Q(external_id__isnull=False),
                name="order_external_id_once_per_channel",
                violation_error_message=_("This channel has sent an order of that id already."),
            ),
            models.CheckConstraint(
                condition=Q(
                    grand_total=F("subtotal")
                    - F("discount_total")
                    + F("shipping_total")
                    + F("tax_total")
                ),
                name="order_total_adds_up",
            ),
            models.CheckConstraint(
                condition=Q(order_discount__gte=0, shipping_total__gte=0, tax_total__gte=0)
                & Q(order_discount__lte=F("discount_total")),
                name="order_amounts_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(status="completed", completed_at__isnull=False)
                | ~Q(status="completed") & Q(completed_at=None),
                name="order_completed_at_is_set_when_completed",
            ),
            models.CheckConstraint(
                condition=(
                    Q(status="cancelled", cancelled_at__isnull=False, cancel_reason__isnull=False)
                    & ~Q(cancel_reason="")
                )
                | ~Q(status="cancelled") & Q(cancelled_at=None, cancel_reason=None),
                name="order_cancelled_with_time_and_reason",
            ),
            models.CheckConstraint(
                condition=Q(status="draft", submitted_at=None)
                | Q(status="cancelled")
                | ~Q(status__in=["draft", "cancelled"]) & Q(submitted_at__isnull=False),
                name="order_submitted_at_is_set_when_submitted",
            ),
        ]

    @classmethod
    def locked(cls, ids: Iterable[int], ask: sets.Ask = sets.read) -> list[Order]:
        """Lock these orders in id order, so that no two steps deadlock."""
        return ask(cls, sets.LOCKED, list(set(ids)))

    def __str__(self) -> str:
        return self.number

    def get_absolute_url(self) -> str:
        return reverse("orders:order", args=[self.number])

    def missing(self) -> list[str]:
        """What a draft still lacks before it can be placed, in words for the reader."""
        return [words.said for words in self.lacks()]

    def lacks(self) -> list[Words]:
        """The same in words that are kept."""
        lacks = []
        if not self.facts.lines:
            lacks.append(Words(gettext_noop("a line")))
        if self.unread_rows:
            rows = len(self.unread_rows)
            some = gettext_noop("%(rows)s rows that are no line yet")
            one = gettext_noop("a row that is no line yet")
            lacks.append(Words(some, rows=rows) if rows > 1 else Words(one))
        lacks += self._lacks_of_address()
        if not self.terms_code:
            lacks.append(Words(gettext_noop("payment terms")))
        asks = not self.po_number and not self.facts.is_offered
        if asks and self.customer.needs_po_number:
            lacks.append(Words(gettext_noop("the customer’s PO number")))
        return lacks

    def _lacks_of_address(self) -> list[Words]:
        lacks = []
        if not self.ship_to_line1:
            lacks.append(Words(gettext_noop("the street of the delivery address")))
        if not self.ship_to_city:
            lacks.append(Words(gettext_noop("the city of the delivery address")))
        if not self.ship_to_country:
            lacks.append(Words(gettext_noop("the country of the delivery address")))
        nothing = Words(gettext_noop("a complete delivery address"))
        return lacks if len(lacks) < 3 else [nothing]

    @property
    def minor_units(self) -> int:
        """Decimals of the order's currency."""
        return self.currency.minor_units

    @property
    def outstanding(self) -> Decimal:
        """Value neither invoiced nor given up: what stands on commitments once validated."""
        units = self.minor_units
        return sum((line.outstanding(units) for line in self.facts.lines), ZERO)

    def commit(self) -> None:
        """Put the order's open value on the customer's commitments."""
        if self.facts.credit:
            self.facts.credit.committed += self.outstanding

    def uncommit(self) -> None:
        """Take the order's open value off the customer's commitments."""
        if self.facts.credit:
            self.facts.credit.committed -= self.outstanding

    def give_up(self, line: OrderLine, quantity: int) -> None:
        """Cancel units of a line: its value, its commitment and what was allocated to it."""
        if not quantity:
            return
        amounts = line.amounts(quantity, self.minor_units)
        if self.facts.credit and self.status in {"validated", "processing", "fulfilling"}:
            self.facts.credit.committed -= amounts.total
        line.cancelled += quantity
        line.cancelled_amount += amounts.total
        short = line.backordered
        line.backordered = max(0, short - quantity)
        self.release(line, quantity - (short - line.backordered))

    def release(self, line: OrderLine, quantity: int) -> None:
        """Give unpicked units back to their stock levels, the latest allocation first."""
        for allocation in reversed(self.facts.allocations):
            if allocation.line_id != line.pk or not allocation.is_open:
                continue
            freed = min(quantity, allocation.quantity - allocation.picked)
            allocation.free(freed)
            self.facts.levels[allocation.stock_level_id].reserved -= freed
            line.allocated -= freed
            quantity -= freed
