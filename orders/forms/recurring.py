"""The forms of a recurring order: its calendar and its items."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.models import AnonymousUser, User
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from inventory.models import Product
from orders.forms.entry import OrderForm
from orders.forms.numbers import WholeField
from orders.lifecycle.drafts import LARGEST_QUANTITY
from orders.models import Customer, FillPolicy, RecurringLine, RecurringOrder

TURNS = [
    (1, _("Each time")),
    (2, _("Every 2nd time")),
    (3, _("Every 3rd time")),
    (4, _("Every 4th time")),
]


def _days() -> forms.DateInput:
    return forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class RecurringForm(forms.ModelForm[RecurringOrder]):
    """Whose it is and when it comes."""

    customer = forms.CharField(max_length=200, label=_("Customer"))
    fill_policy = forms.ChoiceField(
        choices=[("", _("As agreed")), *FillPolicy.choices],
        required=False,
        label=_("If stock is short"),
    )

    seen = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)

    class Meta:
        model = RecurringOrder
        fields = [
            "name",
            "po_number",
            "fill_policy",
            "pattern",
            "every",
            "weekday",
            "nth",
            "month_day",
            "weekend",
            "starts_on",
            "ends_on",
            "note",
            "is_active",
        ]
        field_classes = {"every": WholeField, "month_day": WholeField}
        widgets = {
            "starts_on": _days(),
            "ends_on": _days(),
            "note": forms.Textarea(attrs={"rows": 2}),
        }
        labels = {
            "name": _("Name"),
            "po_number": _("Customer’s PO number"),
            "fill_policy": _("When short"),
            "pattern": _("Pattern"),
            "every": _("Every"),
            "weekday": _("Weekday"),
            "nth": _("Which one"),
            "month_day": _("Day of the month"),
            "weekend": _("On a weekend"),
            "starts_on": _("From"),
            "ends_on": _("Until"),
            "note": _("Note"),
            "is_active": _("Active: orders are made"),
        }

    def __init__(self, *args: Any, user: User | AnonymousUser, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        if self.instance.pk:
            buyer = self.instance.customer
            self.fields["customer"].initial = f"{buyer.code} · {buyer.name}"
            self.fields["seen"].initial = self.instance.state

    def see(self, now: RecurringOrder) -> None:
        """Whoever sends it once more has been told that it was changed meanwhile."""
        self.data = {**self.data.dict(), "seen": now.state}  # type: ignore[attr-defined]

    def clean_customer(self) -> Customer:
        """A customer by code, or by a name that only one has."""
        form = OrderForm({"customer": self.cleaned_data["customer"]}, user=self.user)
        if not form.is_valid():
            raise forms.ValidationError(" ".join(map(str, form.errors["customer"])))
        found: Customer = form.cleaned_data["customer"]
        self.instance.customer = found
        return found


class RecurringLineForm(forms.Form):
    """One item; a row without an item is no line."""

    sku = forms.CharField(required=False, max_length=64, label=_("Item"))
    quantity = WholeField(
        required=False, min_value=1, max_value=LARGEST_QUANTITY, label=_("Quantity")
    )
    every = forms.TypedChoiceField(
        choices=TURNS, coerce=int, required=False, empty_value="", initial=1, label=_("How often")
    )

    def clean_sku(self) -> str:
        """An item that is sold."""
        text = str(self.cleaned_data["sku"]).strip()
        if text and not Product.objects.active().filter(sku=text).exists():
            raise forms.ValidationError(gettext("There is no item “%(text)s”.") % {"text": text})
        return text

    def clean(self) -> dict[str, Any]:
        """An item needs its quantity."""
        data = super().clean() or {}
        if data.get("sku") and not data.get("quantity") and "quantity" not in self.errors:
            self.add_error(
                "quantity",
                gettext("%(sku)s: type a quantity of at least 1.") % {"sku": data["sku"]},
            )
        return data


class BaseLines(forms.BaseFormSet[RecurringLineForm]):
    """The items of a recurring order, each once."""

    def clean(self) -> None:
        """An item stands on one row only."""
        if any(self.errors):
            return
        skus = [form.cleaned_data["sku"] for form in self if form.cleaned_data.get("sku")]
        twice = sorted({sku for sku in skus if skus.count(sku) > 1})
        if twice:
            raise forms.ValidationError(
                gettext("%(names)s: put it on one row.") % {"names": ", ".join(twice)}
            )
        if not skus:
            raise forms.ValidationError(gettext("A recurring order needs at least one item."))

    def rows(self, recurring: RecurringOrder) -> list[RecurringLine]:
        """The lines that were typed."""
        data = [form.cleaned_data for form in self if form.cleaned_data.get("sku")]
        products = Product.objects.in_bulk([row["sku"] for row in data], field_name="sku")
        return [
            RecurringLine(
                recurring=recurring,
                product=products[row["sku"]],
                quantity=row["quantity"],
                every=int(row["every"] or 1),
            )
            for row in data
        ]


RecurringLines = forms.formset_factory(
    RecurringLineForm, formset=BaseLines, extra=3, max_num=200, absolute_max=200
)
