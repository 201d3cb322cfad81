"""The forms of steps: what a person is asked before one is taken."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms

from fulfillment.models import Carrier
from inventory.models import Warehouse
from orders.lifecycle.cancellation import REASONS
from orders.models import Order, OrderLine


class StepForm(forms.Form):
    """A step that asks nothing."""

    def __init__(self, *args: Any, order: Order, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.order = order

    def arguments(self) -> dict[str, Any]:
        """What the step is called with."""
        return {}


class ReasonForm(StepForm):
    """A step that asks why."""

    reason = forms.CharField(max_length=200, label="Reason")

    def arguments(self) -> dict[str, Any]:
        """The words that were typed."""
        return {"reason": self.cleaned_data["reason"]}


class WaiveForm(ReasonForm):
    """Which findings may pass, each read and chosen, and why."""

    exceptions = forms.MultipleChoiceField(
        label="Findings",
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": "Choose the findings that may pass.",
            "invalid_choice": "A finding that you chose is no longer open. Choose again.",
        },
    )
    field_order = ("exceptions", "reason")

    def __init__(self, *args: Any, order: Order, **kwargs: Any) -> None:
        super().__init__(*args, order=order, **kwargs)
        choices = order.exceptions.blocking().order_by("pk").values_list("pk", "message")
        self.fields["exceptions"].choices = list(choices)  # type: ignore[attr-defined]

    def arguments(self) -> dict[str, Any]:
        """The findings that were chosen, and the words."""
        chosen = {int(pk) for pk in self.cleaned_data["exceptions"]}
        return super().arguments() | {"exceptions": chosen}


class AssignForm(StepForm):
    """From where the order is served."""

    warehouse = forms.ModelChoiceField(
        Warehouse.objects.filter(is_active=True, is_sellable=True),
        empty_label="Choose a warehouse",
    )

    def arguments(self) -> dict[str, Any]:
        """The warehouse by its key."""
        return {"warehouse": self.cleaned_data["warehouse"].pk}


class DispatchForm(StepForm):
    """Who carries the shipment, and under which number."""

    carrier = forms.ModelChoiceField(
        Carrier.objects.filter(is_active=True),
        required=False,
        label="Carrier",
        empty_label="As planned",
    )
    tracking_number = forms.CharField(max_length=60, required=False, label="Tracking number")

    def arguments(self) -> dict[str, Any]:
        """The carrier and the number."""
        carrier = self.cleaned_data["carrier"]
        return {
            "carrier": carrier.pk if carrier else None,
            "tracking_number": self.cleaned_data["tracking_number"],
        }


class PaymentForm(forms.Form):
    """Money that came in for an order."""

    amount = forms.DecimalField(min_value=Decimal("0.01"), max_digits=12, decimal_places=2)
    reference = forms.CharField(
        max_length=80, help_text="As on the bank statement; the same one is booked only once."
    )


class CancelForm(forms.Form):
    """What is to be cancelled, and why: whole lines or some units of them."""

    reason = forms.ChoiceField(choices=[("", "Choose a reason"), *REASONS.items()])
    words = forms.CharField(
        required=False, max_length=400, label="Note", widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, *args: Any, lines: Sequence[OrderLine], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lines = [line for line in lines if line.open - line.picked > 0]
        for line in self.lines:
            most = line.open - line.picked
            self.fields[f"line-{line.pk}"] = forms.IntegerField(
                label=line.sku,
                min_value=0,
                max_value=most,
                initial=most,
                required=False,
                widget=forms.NumberInput(attrs={"class": "input num qty", "inputmode": "numeric"}),
            )

    def rows(self) -> list[tuple[OrderLine, forms.BoundField]]:
        """Each line that can be cancelled with its field."""
        return [(line, self[f"line-{line.pk}"]) for line in self.lines]

    def quantities(self) -> dict[int, int] | None:
        """Units by line; None when everything that is open goes."""
        chosen = {line.pk: self.cleaned_data.get(f"line-{line.pk}") or 0 for line in self.lines}
        if all(chosen[line.pk] == line.open - line.picked for line in self.lines):
            return None
        return {pk: units for pk, units in chosen.items() if units}
