"""The inbox of exceptions: what it can be narrowed by, and what a reviewer answers."""

from __future__ import annotations

from typing import Any

import django_filters as filters
from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from config.kernel import typed
from orders.axes import NUMBER
from orders.forms.findings import ReadFindings
from orders.lifecycle.searching import known_under
from orders.models import OrderException, OrderSearch, Severity
from orders.models.review import OrderExceptionQuerySet


class InboxFilter(filters.FilterSet):
    """What the queue can be narrowed by; all of it works on the open findings alone.

    The partial index order_exception_open holds those and nothing else.
    """

    q = filters.CharFilter(method="search", label=_("Search"))
    rule = filters.CharFilter(label=_("Kind"))
    team = filters.CharFilter(label=_("Team"))
    owner = filters.CharFilter(method="owned", label=_("Owner"))
    severity = filters.ChoiceFilter(choices=Severity.choices, label=_("Severity"))
    over = filters.BooleanFilter(method="only_over", label=_("Over target"))
    channel = filters.CharFilter("order__channel__code", label=_("Channel"))
    customer = filters.CharFilter("order__customer__code", label=_("Customer"))

    class Meta:
        model = OrderException
        fields: list[str] = []

    def search(self, rows: OrderExceptionQuerySet, _name: str, text: str) -> OrderExceptionQuerySet:
        """By order number exactly, else by any word the order is known under."""
        if found := NUMBER.fullmatch(text.strip()):
            return rows.filter(order__number=f"SO-{int(found[1]):06}")
        known = OrderSearch.objects.filter(known_under(text))
        return rows.filter(order__in=known.values("order"))

    def owned(self, rows: OrderExceptionQuerySet, _name: str, who: str) -> OrderExceptionQuerySet:
        """Mine, nobody's, or those of one person."""
        if who == "me":
            return rows.filter(owner=self.request.user.pk if self.request else None)
        if who == "nobody":
            return rows.filter(owner=None)
        owner = typed.key(who)
        return rows.none() if owner is None else rows.filter(owner=owner)

    def only_over(
        self, rows: OrderExceptionQuerySet, _name: str, wanted: Any
    ) -> OrderExceptionQuerySet:
        """Findings that wait longer than their rule wants."""
        return rows.overdue() if wanted else rows


class ResolveForm(ReadFindings):
    """How a reviewer settles the findings of one order."""

    decision = forms.ChoiceField(
        choices=[("waive", _("Let pass")), ("recheck", _("Check again"))],
        error_messages={"required": _("Choose how to settle it.")},
    )
    reason = forms.CharField(required=False, max_length=400, label=_("Reason"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["exceptions"].required = False

    def clean(self) -> dict[str, Any]:
        """What is let pass is chosen as it was read, and for a reason."""
        given = super().clean() or self.cleaned_data
        if given.get("decision") == "waive" and "exceptions" in given:
            if not given["exceptions"]:
                self.add_error("exceptions", gettext("Choose the findings that may pass."))
            if not given.get("reason"):
                self.add_error("reason", gettext("Say why it may pass."))
            self.hold_against()
        return given
