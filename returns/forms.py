"""The forms of returns: which units come back and why, and what is said when one is decided."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from orders.forms.numbers import WholeField
from orders.models import Order, OrderLine
from returns.policy import REASONS, Sent, spread

MOST_DIGITS = 9


class RequestForm(forms.Form):
    """Which units of which shipment come back, and why.

    It opens with nothing chosen, or with the units by order line that an address names.
    """

    version = forms.IntegerField(widget=forms.HiddenInput)
    reason = forms.ChoiceField(
        label=_("Reason"), choices=[("", _("Choose a reason")), *REASONS.items()]
    )
    words = forms.CharField(
        required=False, max_length=400, label=_("Note"), widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(
        self, data: Any, *, order: Order, items: Sequence[Sent], named: Mapping[str, str]
    ) -> None:
        super().__init__(data, initial={"version": order.version})
        self.items = [item for item in items if item.free]
        self.lines = {line.pk: line for line in order.facts.lines}
        most = gettext("%(sku)s: at most %(limit_value)s can still come back.")
        self._choose(named)
        for item in self.items:
            sku = item.line.sku
            self.fields[self._name(item)] = WholeField(
                label=sku,
                min_value=0,
                max_value=item.free,
                initial=item.wanted,
                required=False,
                widget=forms.TextInput(attrs={"class": "input num qty"}),
                error_messages={"max_value": most.replace("%(sku)s", sku.replace("%", "%%"))},
            )

    def _choose(self, named: Mapping[str, str]) -> None:
        """Mark the units that the address names; more than can come back is cut."""
        mine: dict[str, list[Sent]] = defaultdict(list)
        for item in self.items:
            mine[f"line-{item.line.order_line_id}"].append(item)
        for name, items in mine.items():
            units = named.get(name, "")
            if units.isdecimal() and len(units) <= MOST_DIGITS:
                spread(items, int(units))

    @staticmethod
    def _name(item: Sent) -> str:
        return f"parcel-{item.line.pk}"

    def rows(self) -> list[tuple[OrderLine, Sent, forms.BoundField]]:
        """Each part of a shipment of which something can come back, with its line and its field."""
        lines = self.lines
        return [(lines[i.line.order_line_id], i, self[self._name(i)]) for i in self.items]

    def parcels(self) -> dict[int, int]:
        """Units by line of a shipment as they stand in the form: typed, or as it opened."""
        if not self.is_bound:
            return {item.line.pk: item.wanted for item in self.items if item.wanted}
        given = {item.line.pk: self.cleaned_data.get(self._name(item)) for item in self.items}
        return {pk: units for pk, units in given.items() if units}


class DecideForm(forms.Form):
    """What is said when a return is decided or withdrawn."""

    words = forms.CharField(
        required=False, max_length=400, label=_("Note"), widget=forms.Textarea(attrs={"rows": 2})
    )


class RejectForm(DecideForm):
    """Why the goods do not come back."""

    words = forms.CharField(
        max_length=400, label=_("Reason"), widget=forms.Textarea(attrs={"rows": 2})
    )
