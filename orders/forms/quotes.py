"""The forms of quotes: until when an offer stands, and the customer's yes."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from django import forms
from django.forms import BoundField
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from orders.forms.numbers import WholeField
from orders.lifecycle.drafts import LARGEST_QUANTITY
from orders.models import OrderLine


class QuoteForm(forms.Form):
    """What goes out with a draft."""

    expires_on = forms.DateField(
        label=_("Valid until"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    message = forms.CharField(
        required=False,
        label=_("Words to the customer"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    may_change = forms.BooleanField(required=False, label=_("The customer may change quantities"))

    def clean_expires_on(self) -> date:
        """A quote stands for some time."""
        day: date = self.cleaned_data["expires_on"]
        if day < timezone.localdate():
            raise forms.ValidationError(gettext("This day has passed; choose a later one."))
        return day


class AskForm(forms.Form):
    """What the customer wants to be different."""

    words = forms.CharField(
        max_length=2000,
        label=_("What should be different?"),
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    who = forms.CharField(max_length=120, label=_("Who is writing?"))


class AcceptForm(forms.Form):
    """The customer's yes, and how many of each item when quantities may be changed."""

    po_number = forms.CharField(required=False, max_length=60, label=_("Your PO number"))
    name = forms.CharField(max_length=120, label=_("Your name"))
    may_order = forms.BooleanField(
        label=_("I may order for this company"),
        error_messages={"required": _("Confirm that you may order for this company.")},
    )

    def __init__(
        self,
        *args: Any,
        lines: Iterable[OrderLine] = (),
        needs_po_number: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["po_number"].required = needs_po_number
        self.units = {f"units-{line.pk}": line.pk for line in lines}
        for line in lines:
            self.fields[f"units-{line.pk}"] = WholeField(
                min_value=0, max_value=LARGEST_QUANTITY, initial=line.ordered, label=line.name
            )

    def look(self) -> None:
        """Whoever wants to see the total first need not say who it is yet."""
        for name in ("po_number", "name", "may_order"):
            self.errors.pop(name, None)

    def quantities(self) -> dict[int, int]:
        """The units wanted of each line, once all of them can be read."""
        if not self.units.keys() <= self.cleaned_data.keys():
            return {}
        return {pk: self.cleaned_data[name] for name, pk in self.units.items()}

    def field_of(self, line: OrderLine) -> BoundField | None:
        """Where the units of a line are typed, when they may be changed."""
        name = f"units-{line.pk}"
        return self[name] if name in self.fields else None
