"""The forms of steps: what a person is asked before one is taken."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from fulfillment.models import Carrier
from inventory.models import Warehouse
from orders.forms.holds import FIELDS, HoldFields
from orders.forms.numbers import AmountField, WholeField
from orders.lifecycle.cancellation import REASONS
from orders.models import Hold, Order, OrderLine, SubStatus


class StepForm(forms.Form):
    """A step that asks nothing."""

    def __init__(self, *args: Any, order: Order, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.order = order

    def arguments(self) -> dict[str, Any]:
        """What the step is called with."""
        return {}

    def foreseen(self) -> dict[str, Any] | None:
        """What it is previewed with before anything is typed; None: not at all."""
        return {}


class ReasonForm(StepForm):
    """A step that asks why."""

    reason = forms.CharField(max_length=200, label=_("Reason"))

    def arguments(self) -> dict[str, Any]:
        """The words that were typed."""
        return {"reason": self.cleaned_data["reason"]}

    def foreseen(self) -> dict[str, Any] | None:
        """Nothing can be foreseen without the reason."""
        return None


class LabelForm(StepForm):
    """What the order is waiting for, by the labels of its rules."""

    code = forms.ChoiceField(label=pgettext_lazy("noun", "Label"), required=False)

    def __init__(self, *args: Any, order: Order, **kwargs: Any) -> None:
        super().__init__(*args, order=order, **kwargs)
        rows = SubStatus.objects.filter(rules=order.rules_version, status=order.status)
        choices = [("", gettext("No label")), *((row.code, str(row)) for row in rows)]
        self.fields["code"].choices = choices  # type: ignore[attr-defined]
        self.fields["code"].initial = order.sub_status or ""
        if len(choices) == 1:
            self.fields["code"].help_text = gettext(
                "There are no labels under “%(stage)s” yet."
            ) % {"stage": order.get_status_display()}

    def arguments(self) -> dict[str, Any]:
        """The code of the label."""
        return {"code": self.cleaned_data["code"]}

    def foreseen(self) -> dict[str, Any] | None:
        """Nothing can be foreseen without the label."""
        return None


def _in_force(order: Order) -> list[Hold]:
    return list(order.holds.in_force().select_related("owner", "placed_by").order_by("pk"))


class HoldForm(HoldFields, StepForm):
    """What is wrong with an order, why, until when, and who takes care of it."""

    field_order = FIELDS

    def __init__(self, *args: Any, order: Order, **kwargs: Any) -> None:
        super().__init__(*args, order=order, **kwargs)
        self.in_force = _in_force(order)

    def arguments(self) -> dict[str, Any]:
        """The hold as it was asked for."""
        return self.hold()

    def foreseen(self) -> dict[str, Any]:
        """A hold without an end, for a look at what it stops."""
        return {"reason": "preview"}


class ReleaseForm(ReasonForm):
    """Which holds end, and why."""

    holds = forms.MultipleChoiceField(
        label=_("Holds"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": _("Choose the holds that end."),
            "invalid_choice": _("A hold that you chose is no longer in force. Choose again."),
        },
    )
    field_order = ("holds", "reason")

    def __init__(self, *args: Any, order: Order, **kwargs: Any) -> None:
        super().__init__(*args, order=order, **kwargs)
        self.in_force = _in_force(order)
        choices = [(hold.pk, hold.reason) for hold in self.in_force]
        self.fields["holds"].choices = choices  # type: ignore[attr-defined]
        if len(choices) == 1:
            self.fields["holds"].initial = [choices[0][0]]

    @property
    def chosen(self) -> list[str]:
        """The holds whose boxes are ticked."""
        return [str(pk) for pk in self["holds"].value() or []]

    def arguments(self) -> dict[str, Any]:
        """The holds that were chosen, and the words."""
        return super().arguments() | {"holds": {int(pk) for pk in self.cleaned_data["holds"]}}

    def foreseen(self) -> dict[str, Any]:
        """All of them, for a look at what goes on."""
        return {"reason": "preview"}


class AssignForm(StepForm):
    """From where the order is served."""

    warehouse = forms.ModelChoiceField(
        Warehouse.objects.filter(is_active=True, is_sellable=True),
        label=_("Warehouse"),
        empty_label=_("Choose a warehouse"),
    )

    def arguments(self) -> dict[str, Any]:
        """The warehouse by its key."""
        return {"warehouse": self.cleaned_data["warehouse"].pk}

    def foreseen(self) -> dict[str, Any] | None:
        """Nothing can be foreseen without the warehouse."""
        return None


class DispatchForm(StepForm):
    """Who carries the shipment, and under which number."""

    carrier = forms.ModelChoiceField(
        Carrier.objects.filter(is_active=True),
        required=False,
        label=_("Carrier"),
        empty_label=_("As planned"),
    )
    tracking_number = forms.CharField(max_length=60, required=False, label=_("Tracking number"))

    def arguments(self) -> dict[str, Any]:
        """The carrier and the number."""
        carrier = self.cleaned_data["carrier"]
        return {
            "carrier": carrier.pk if carrier else None,
            "tracking_number": self.cleaned_data["tracking_number"],
        }


class PaymentForm(forms.Form):
    """Money that came in for an order."""

    amount = AmountField(
        label=_("Amount"), min_value=Decimal("0.01"), max_digits=12, decimal_places=2
    )
    reference = forms.CharField(
        label=_("Reference"),
        max_length=80,
        help_text=_("As on the bank statement; the same one is booked only once."),
    )


def _plain(units: str) -> int:
    return int(units) if units.isdecimal() and len(units) < 10 else 0


class CancelForm(forms.Form):
    """What is to be cancelled, and why: whole lines or some units of them.

    It opens with everything that is open, or with the units by line that an address names.
    """

    version = forms.IntegerField(widget=forms.HiddenInput)
    reason = forms.ChoiceField(
        label=_("Reason"), choices=[("", _("Choose a reason")), *REASONS.items()]
    )
    words = forms.CharField(
        required=False, max_length=400, label=_("Note"), widget=forms.Textarea(attrs={"rows": 2})
    )
    recall = forms.BooleanField(
        required=False, initial=True, label=_("Take picked goods back to their bins")
    )
    tell = forms.BooleanField(required=False, label=_("Tell the customer"))

    def __init__(self, data: Any, *, order: Order, named: Mapping[str, str]) -> None:
        reason = named.get("reason", "")
        super().__init__(data, initial={"version": order.version, "reason": reason})
        if not order.customer.email:
            del self.fields["tell"]
        self.lines = [line for line in order.facts.lines if line.open]
        whole = not any(name.startswith("line-") for name in named)
        most = gettext("%(sku)s: at most %(limit_value)s can still be cancelled.")
        for line in self.lines:
            units = named.get(f"line-{line.pk}", "")
            self.fields[f"line-{line.pk}"] = WholeField(
                label=line.sku,
                min_value=0,
                max_value=line.open,
                initial=line.open if whole else min(_plain(units), line.open),
                required=False,
                widget=forms.TextInput(attrs={"class": "input num qty"}),
                error_messages={"max_value": most.replace("%(sku)s", line.sku.replace("%", "%%"))},
            )

    def rows(self) -> list[tuple[OrderLine, forms.BoundField]]:
        """Each line that can be cancelled with its field."""
        return [(line, self[f"line-{line.pk}"]) for line in self.lines]

    @property
    def has_picked(self) -> bool:
        """Whether goods would have to go back to their bins."""
        return any(line.picked for line in self.lines)

    def chosen(self) -> dict[int, int]:
        """Units by line as they stand in the form: typed, or as it opened."""
        names = {line.pk: f"line-{line.pk}" for line in self.lines}
        if self.is_bound:
            return {pk: self.cleaned_data.get(name) or 0 for pk, name in names.items()}
        return {pk: self.fields[name].initial for pk, name in names.items()}

    def quantities(self) -> dict[int, int] | None:
        """Units by line; None when everything that is open goes."""
        chosen = self.chosen()
        if all(chosen[line.pk] == line.open for line in self.lines):
            return None
        return {pk: units for pk, units in chosen.items() if units}
