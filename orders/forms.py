"""The forms of order screens. A form is courtesy: the step asks again under lock."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms

from fulfillment.models import Carrier
from orders.lifecycle.cancellation import REASONS
from orders.lifecycle.drafts import LARGEST_QUANTITY, LineDraft, OrderDraft
from orders.models import Address, Currency, Customer, FillPolicy, Order, OrderLine


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


class OrderForm(forms.Form):
    """The head of a new order."""

    customer = forms.CharField(max_length=200, label="Customer")
    po_number = forms.CharField(max_length=60, required=False, label="Customer's PO number")
    currency = forms.ModelChoiceField(
        Currency.objects.all(), required=False, empty_label="As agreed"
    )
    fill_policy = forms.ChoiceField(
        choices=[("", "As agreed"), *FillPolicy.choices], required=False, label="When short"
    )
    requested_on = forms.DateField(
        required=False, label="Wanted on", widget=forms.DateInput(attrs={"type": "date"})
    )
    shipping = forms.DecimalField(
        required=False, min_value=0, max_digits=12, decimal_places=2, label="Shipping"
    )
    order_discount = forms.DecimalField(
        required=False, min_value=0, max_digits=12, decimal_places=2, label="Order discount"
    )
    note = forms.CharField(required=False, widget=forms.Textarea(attrs={"rows": 2}))
    ship_to_name = forms.CharField(required=False, max_length=200, label="Deliver to")
    ship_to_line1 = forms.CharField(required=False, max_length=200, label="Street")
    ship_to_city = forms.CharField(required=False, max_length=100, label="City")
    ship_to_region = forms.CharField(required=False, max_length=100, label="Region")
    ship_to_postal_code = forms.CharField(required=False, max_length=20, label="Postal code")
    ship_to_country = forms.CharField(required=False, max_length=2, label="Country code")

    def clean_customer(self) -> Customer:
        """A customer by code, or by a name that only one has."""
        words = self.cleaned_data["customer"].strip()
        found = Customer.objects.filter(code__iexact=words.partition(" · ")[0]).first()
        if found is None:
            matches = list(Customer.objects.active().matching(words)[:2])
            if len(matches) != 1:
                many = "Several customers match" if matches else "No customer matches"
                raise forms.ValidationError(f"{many} “{words}”; choose one from the list.")
            found = matches[0]
        if not found.is_active:
            raise forms.ValidationError(f"{found} is closed and takes no new orders.")
        return found

    def clean_ship_to_country(self) -> str:
        """Country codes are upper case."""
        return str(self.cleaned_data["ship_to_country"]).upper()

    def ship_to(self) -> dict[str, str] | None:
        """The address that was typed; None for the customer's own."""
        data = self.cleaned_data
        parts = {
            name.removeprefix("ship_to_"): data[name] for name in data if name.startswith("ship_to")
        }
        if not parts.get("line1"):
            return None
        customer = data.get("customer")
        own = Address.objects.filter(customer=customer, is_default=True).first()
        return {**parts, "line2": "", "name": parts["name"] or (own.name if own else "")}

    def draft(self, lines: list[LineDraft]) -> OrderDraft:
        """The order as it was typed."""
        data = self.cleaned_data
        return OrderDraft(
            customer=data["customer"].code,
            lines=lines,
            currency=data["currency"].code if data["currency"] else None,
            po_number=data["po_number"],
            fill_policy=data["fill_policy"] or None,
            requested_on=data["requested_on"],
            shipping=data["shipping"] or Decimal(0),
            order_discount=data["order_discount"] or Decimal(0),
            note=data["note"],
            ship_to=self.ship_to(),
        )


class LineForm(forms.Form):
    """One line of a new order; a line without an item is no line."""

    sku = forms.CharField(required=False, max_length=64, label="Item")
    quantity = forms.IntegerField(
        required=False, min_value=1, max_value=LARGEST_QUANTITY, label="Quantity"
    )
    unit_price = forms.DecimalField(
        required=False, min_value=0, max_digits=12, decimal_places=4, label="Price"
    )
    discount_percent = forms.DecimalField(
        required=False, min_value=0, max_value=100, max_digits=6, decimal_places=3, label="Discount"
    )

    def clean(self) -> dict[str, Any]:
        """An item needs its quantity."""
        data = super().clean() or {}
        if data.get("sku") and not data.get("quantity") and "quantity" not in self.errors:
            self.add_error("quantity", f"{data['sku']}: type a quantity of at least 1.")
        return data

    def draft(self) -> LineDraft | None:
        """The line as it was typed, or None for an empty row."""
        data = self.cleaned_data
        if not data.get("sku"):
            return None
        return LineDraft(
            data["sku"].strip(),
            data["quantity"],
            data.get("unit_price"),
            data.get("discount_percent"),
        )


LineFormSet = forms.formset_factory(LineForm, extra=4, max_num=500, absolute_max=500)
