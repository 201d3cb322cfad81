"""The forms of order entry: the head of an order and its lines."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.contrib.auth.models import AnonymousUser, User

from orders.lifecycle.drafts import LARGEST_QUANTITY, LineDraft, OrderDraft
from orders.models import Address, Currency, Customer, FillPolicy
from orders.scope import objection, visible


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

    def __init__(self, *args: Any, user: User | AnonymousUser, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_customer(self) -> Customer:
        """A customer by code, or by a name that only one has."""
        words = self.cleaned_data["customer"].strip()
        known = visible(Customer.objects.all(), self.user)
        found = known.filter(code__iexact=words.partition(" · ")[0]).first()
        if found is None:
            matches = list(known.active().matching(words)[:2])
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

    def clean(self) -> dict[str, Any]:
        """An order lies within the scope of whoever enters it."""
        data = super().clean() or {}
        if customer := data.get("customer"):
            country = data.get("ship_to_country") if data.get("ship_to_line1") else ""
            own = customer.addresses.filter(is_default=True).values_list("country", flat=True)
            if why := objection(self.user, country=country or own.first() or ""):
                self.add_error(None, why)
        return data

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
