"""The forms of order entry: the head of an order and its lines."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.contrib.auth.models import AnonymousUser, User
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from fulfillment.models import Carrier
from orders.forms.numbers import AmountField, WholeField
from orders.forms.parts import PartsField
from orders.lifecycle.drafts import (
    ADDRESS,
    LARGEST_QUANTITY,
    MOST_LINES,
    LineDraft,
    OrderDraft,
)
from orders.models import Address, Currency, Customer, FillPolicy, Staff
from orders.scope import bought_under, customers_meant, objection, visible

NEEDED = {
    "line1": _("The delivery address needs a street."),
    "city": _("The delivery address needs a city."),
    "country": _("The delivery address needs a country."),
}
MOST_ROWS = 3 * MOST_LINES  # that come back with the sentence on what is too much


class OrderForm(forms.Form):
    """The head of an order that is being typed."""

    customer = forms.CharField(max_length=200, label=_("Customer"))
    po_number = forms.CharField(max_length=60, required=False, label=_("Customer’s PO number"))
    requested_on = forms.DateField(
        required=False,
        label=_("Wanted by"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    fill_policy = forms.ChoiceField(
        choices=[("", _("As agreed")), *FillPolicy.choices],
        required=False,
        label=_("If stock is short"),
    )
    currency = forms.ModelChoiceField(
        Currency.objects.all(), required=False, empty_label=_("As agreed"), label=_("Currency")
    )
    shipping_method = forms.ModelChoiceField(
        Carrier.objects.filter(is_active=True),
        to_field_name="code",
        required=False,
        empty_label=_("Any carrier"),
        label=_("Delivery"),
    )
    shipping = AmountField(
        required=False, min_value=0, max_digits=12, decimal_places=2, label=_("Delivery charge")
    )
    order_discount = AmountField(
        required=False, min_value=0, max_digits=12, decimal_places=2, label=_("Order discount")
    )
    note = forms.CharField(
        required=False, label=_("Internal note"), widget=forms.Textarea(attrs={"rows": 2})
    )
    address = forms.IntegerField(required=False, label=_("Deliver to"), widget=forms.HiddenInput)
    ship_to_name = forms.CharField(required=False, max_length=200, label=_("Name"))
    ship_to_line1 = forms.CharField(required=False, max_length=200, label=_("Street"))
    ship_to_line2 = forms.CharField(required=False, max_length=200, label=_("Addition"))
    ship_to_postal_code = forms.CharField(required=False, max_length=20, label=_("Postal code"))
    ship_to_city = forms.CharField(required=False, max_length=100, label=_("City"))
    ship_to_region = forms.CharField(required=False, max_length=100, label=_("Region"))
    ship_to_country = forms.CharField(required=False, max_length=2, label=_("Country code"))

    def __init__(self, *args: Any, user: User | AnonymousUser, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    @property
    def types_address(self) -> bool:
        """Whether any part of an address is typed."""
        return any(self[f"ship_to_{part}"].value() for part in ADDRESS)

    def clean_customer(self) -> Customer:
        """A customer by code, by a name that only one has, or by the PO number of an order."""
        words = self.cleaned_data["customer"].strip()
        known = visible(Customer.objects.all(), self.user)
        found = known.filter(code__iexact=words.partition(" · ")[0]).first()
        if found is None:
            matches = customers_meant(words, self.user, limit=2)
            matches = matches or bought_under(words, self.user, limit=2)
            if len(matches) != 1:
                many = (
                    gettext("Several customers match")
                    if matches
                    else gettext("No customer matches")
                )
                raise forms.ValidationError(
                    gettext("%(many)s “%(words)s”; choose one from the list.")
                    % {"many": many, "words": words}
                )
            found = matches[0]
        if not found.is_active:
            raise forms.ValidationError(
                gettext("%(found)s is closed and takes no new orders.") % {"found": found}
            )
        return found

    def clean_ship_to_country(self) -> str:
        """Country codes are upper case."""
        return str(self.cleaned_data["ship_to_country"]).upper()

    def clean(self) -> dict[str, Any]:
        """An order lies within the scope of whoever enters it."""
        data = super().clean() or {}
        customer = data.get("customer")
        if customer and Staff.of(self.user).is_scoped:
            there = self.ship_to() or address_parts(_own_address(customer))
            if why := objection(self.user, country=there["country"]):
                self.add_error(None, why)
        return data

    def complete_address(self) -> None:
        """Name what is missing of an address that was begun, each at its field."""
        if not self.types_address:
            return
        for part, words in NEEDED.items():
            name = f"ship_to_{part}"
            if name not in self.errors and not self.cleaned_data.get(name):
                self.add_error(name, words)

    def ship_to(self) -> dict[str, str] | None:
        """The address that was typed, be it a part, or chosen; None for the customer's own."""
        data = self.cleaned_data
        parts = {part: data.get(f"ship_to_{part}", "") for part in ADDRESS}
        if any(parts.values()):
            return parts | {"name": parts["name"] or _own_address(data.get("customer")).name}
        if not data.get("address"):
            return None
        chosen = Address.objects.filter(customer=data.get("customer"), pk=data["address"]).first()
        return address_parts(chosen) if chosen else None

    def draft(self, lines: list[LineDraft], **more: Any) -> OrderDraft:
        """The order as it was typed."""
        data = self.cleaned_data
        carrier = data.get("shipping_method")
        return OrderDraft(
            customer=data["customer"].code,
            lines=lines,
            currency=data["currency"].code if data.get("currency") else None,
            po_number=data.get("po_number", ""),
            fill_policy=data.get("fill_policy") or None,
            requested_on=data.get("requested_on"),
            shipping_method=carrier.code if carrier else "",
            shipping=data.get("shipping"),
            order_discount=data.get("order_discount") or Decimal(0),
            note=data.get("note", ""),
            ship_to=self.ship_to(),
            **more,
        )


def _own_address(customer: Customer | None) -> Address:
    """Where the customer's orders go when nothing else is said; empty if that is nowhere."""
    return Address.objects.filter(customer=customer, is_default=True).first() or Address()


def address_parts(address: Address) -> dict[str, str]:
    """The lines of an address by part."""
    return {name: getattr(address, name) for name in ADDRESS}


class LineForm(forms.Form):
    """One line of an order that is being typed; a line without an item is no line."""

    sku = forms.CharField(required=False, max_length=200, label=_("Item"))
    quantity = WholeField(
        required=False, min_value=1, max_value=LARGEST_QUANTITY, label=_("Quantity")
    )
    unit_price = AmountField(
        required=False, min_value=0, max_digits=12, decimal_places=4, label=_("Price")
    )
    discount_percent = AmountField(
        required=False,
        min_value=0,
        max_value=100,
        max_digits=6,
        decimal_places=3,
        label=_("Discount"),
    )
    requested_on = forms.DateField(required=False, label=_("Wanted by"))
    parts = PartsField(required=False, max_length=600, label=_("Deliver in parts"))

    def clean(self) -> dict[str, Any]:
        """An item needs its quantity."""
        data = super().clean() or {}
        if data.get("sku") and not data.get("quantity") and "quantity" not in self.errors:
            self.add_error(
                "quantity",
                gettext("%(sku)s: type a quantity of at least 1.") % {"sku": data["sku"]},
            )
        return data

    def draft(self) -> LineDraft | None:
        """The line as it was typed, or None for an empty row."""
        data = self.cleaned_data
        if not data.get("sku"):
            return None
        return LineDraft(
            data["sku"].strip(),
            data.get("quantity") or 0,
            data.get("unit_price"),
            data.get("discount_percent"),
            requested_on=data.get("requested_on"),
            parts=data.get("parts") or [],
        )


LineFormSet = forms.formset_factory(LineForm, extra=1, max_num=MOST_LINES, absolute_max=MOST_ROWS)
