"""The forms of settings: preferences, invitations, roles and scope."""

from __future__ import annotations

from typing import Any
from zoneinfo import available_timezones

from babel import Locale
from django import forms
from django.conf import settings
from django.contrib.auth.models import User
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from inventory.models import Warehouse
from orders.models import Channel, Staff
from orders.people import Scope
from orders.permissions import ROLES, conflicts

CODES = [str(code) for code in Locale("en").territories]
COUNTRIES = {code for code in CODES if len(code) == 2 and code.isalpha()}


def time_zones() -> list[tuple[str, str]]:
    """The time zones of places, by name."""
    places = sorted(name for name in available_timezones() if "/" in name and "Etc" not in name)
    return [("UTC", "UTC"), *((name, name.replace("_", " ")) for name in places)]


class PreferencesForm(forms.ModelForm[Staff]):
    """How somebody likes to read and to work."""

    time_zone = forms.ChoiceField(choices=time_zones, label=_("Time zone"))
    language = forms.ChoiceField(choices=lambda: settings.LANGUAGES, label=_("Language and dates"))
    landing = forms.ChoiceField(required=False, label=_("Start on"))
    shortcuts = forms.BooleanField(required=False, label=_("Single-key shortcuts"))

    class Meta:
        model = Staff
        fields = ["theme", "density", "landing", "language", "time_zone", "shortcuts"]
        labels = {"theme": _("Theme"), "density": _("Density")}
        widgets = {"theme": forms.RadioSelect, "density": forms.RadioSelect}

    def __init__(self, *args: Any, landings: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["landing"].choices = landings  # type: ignore[attr-defined]
        for name in ("theme", "density"):
            choices = self.fields[name].choices  # type: ignore[attr-defined]
            self.fields[name].choices = [  # type: ignore[attr-defined]
                (value, label) for value, label in choices if label != "---------"
            ]


class ReasonedForm(forms.Form):
    """A change of somebody's rights says why."""

    reason = forms.CharField(max_length=300, label=_("Reason"))


class FactorForm(ReasonedForm):
    """Why somebody's second factor is taken off."""


class RolesForm(ReasonedForm):
    """The roles that somebody is to hold."""

    roles = forms.MultipleChoiceField(
        choices=lambda: [(role, gettext(role)) for role in ROLES],
        required=False,
        widget=forms.CheckboxSelectMultiple,
        label=_("Roles"),
    )
    field_order: tuple[str, ...] = ("roles", "reason")

    def clean_roles(self) -> list[str]:
        """Roles that may meet in one person."""
        roles: list[str] = self.cleaned_data["roles"]
        if found := conflicts(roles):
            raise forms.ValidationError(
                gettext("%(names)s Take one of the roles away.") % {"names": " ".join(found)}
            )
        return roles


class InviteForm(RolesForm):
    """Who is to get an account, and with which roles."""

    username = forms.CharField(
        max_length=150, validators=[UnicodeUsernameValidator()], label=_("User name")
    )
    first_name = forms.CharField(max_length=150, label=_("First name"))
    last_name = forms.CharField(max_length=150, label=_("Last name"))
    email = forms.EmailField(label=_("E-mail"))
    field_order = ("first_name", "last_name", "username", "email", "roles", "reason")

    def clean_username(self) -> str:
        """A user name that nobody has, however it is spelled."""
        name = str(self.cleaned_data["username"]).lower()
        if User.objects.filter(username__iexact=name).exists():
            raise forms.ValidationError(
                gettext("Somebody is called %(name)s already; choose another name.")
                % {"name": name}
            )
        return name

    def clean_email(self) -> str:
        """One account for each address."""
        email = str(self.cleaned_data["email"]).lower()
        if User.objects.filter(email__iexact=email).exists():
            raise forms.ValidationError(
                gettext("%(email)s has an account already.") % {"email": email}
            )
        return email


class ScopeForm(ReasonedForm):
    """What somebody is narrowed to; nothing chosen means everything."""

    countries = forms.CharField(
        required=False,
        max_length=400,
        label=_("Countries"),
        help_text=_("Codes such as DE, FR; empty means every country."),
    )
    channels = forms.MultipleChoiceField(
        required=False, widget=forms.CheckboxSelectMultiple, label=_("Channels")
    )
    warehouses = forms.MultipleChoiceField(
        required=False, widget=forms.CheckboxSelectMultiple, label=_("Warehouses")
    )
    field_order = ("countries", "channels", "warehouses", "reason")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, rows in (("channels", Channel.objects), ("warehouses", Warehouse.objects)):
            codes = rows.order_by("code").values_list("code", "name")
            self.fields[name].choices = list(codes)  # type: ignore[attr-defined]

    def clean_countries(self) -> list[str]:
        """Codes of countries that there are."""
        typed = str(self.cleaned_data["countries"]).upper().replace(",", " ").split()
        if unknown := [code for code in typed if code not in COUNTRIES]:
            raise forms.ValidationError(
                gettext("%(names)s: no country has this code. Use two letters, such as DE.")
                % {"names": ", ".join(unknown)}
            )
        return typed

    def scope(self) -> Scope:
        """The scope that was chosen."""
        data = self.cleaned_data
        return Scope(data["countries"], data["channels"], data["warehouses"])
