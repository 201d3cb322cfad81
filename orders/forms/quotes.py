"""The forms of quotes: until when an offer stands, and the customer's yes."""

from __future__ import annotations

from datetime import date

from django import forms
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _


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

    def clean_expires_on(self) -> date:
        """A quote stands for some time."""
        day: date = self.cleaned_data["expires_on"]
        if day < timezone.localdate():
            raise forms.ValidationError(gettext("This day has passed; choose a later one."))
        return day


class AcceptForm(forms.Form):
    """The customer's yes."""

    po_number = forms.CharField(required=False, max_length=60, label=_("Your PO number"))
    name = forms.CharField(max_length=120, label=_("Your name"))
    may_order = forms.BooleanField(
        label=_("I may order for this company"),
        error_messages={"required": _("Confirm that you may order for this company.")},
    )
