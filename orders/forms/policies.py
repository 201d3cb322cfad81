"""The forms of the policies: how each step is taken, how each check counts, what may change."""

from __future__ import annotations

import re
from itertools import chain, count
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.text import slugify
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from orders.forms.numbers import WholeField
from orders.forms.people import COUNTRIES
from orders.models import (
    EXTRA_CHECKS,
    TERMINAL,
    AmendmentRule,
    CancellationRule,
    Channel,
    Customer,
    RuleSet,
    Severity,
    Status,
    SubStatus,
    TransitionRule,
    ValidationRule,
)
from orders.permissions import DEMANDS, ROLES
from orders.policies.words import edge_words, may


def rights() -> list[tuple[str, str]]:
    """The permissions that letting a finding pass may take besides, in words."""
    anybody = ("", gettext("Whoever may waive findings"))
    return [anybody, *((name, may(name)) for name in DEMANDS if name != "orders.waive_exception")]


def demands() -> list[tuple[str, str]]:
    """The permissions that a row may ask for, in words."""
    anybody = ("", gettext("Whoever may take the step"))
    return [anybody, *((name, may(name)) for name in DEMANDS)]


class TransitionForm(forms.ModelForm[TransitionRule]):
    """How one step is taken; what it cannot be asked is no field."""

    permission = forms.ChoiceField(required=False, choices=demands, label=_("Who may"))

    class Meta:
        model = TransitionRule
        fields = ["is_enabled", "permission", "is_automatic", "extra_check", "reason_required"]
        labels = {
            "is_enabled": _("Is enabled"),
            "is_automatic": _("Is automatic"),
            "extra_check": _("Extra check"),
            "reason_required": _("Reason required"),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        row = self.instance
        self.fields["extra_check"].choices = [  # type: ignore[attr-defined]
            ("", gettext("None")),
            *((name, check.label) for name, check in EXTRA_CHECKS.items()),
        ]
        if not row.goes_either_way:
            del self.fields["is_automatic"]
        if not row.can_ask_why or row.to_state == Status.CANCELLED:
            del self.fields["reason_required"]
        if row.is_derived:
            del self.fields["permission"], self.fields["extra_check"]
        what = edge_words((row.from_state, row.to_state))
        for name, field in self.fields.items():
            field.widget.attrs["aria-label"] = f"{field.label}: {what}"
            if name in {"permission", "extra_check"}:
                field.widget.attrs["class"] = "select"

    def clean(self) -> dict[str, Any]:
        """What follows a person's act by itself asks nobody; whoever asks for somebody waits."""
        data = super().clean() or {}
        row = self.instance
        if "is_automatic" not in self.fields and row.to_state != Status.CANCELLED:
            asks = data.get("permission") or data.get("extra_check") or data.get("reason_required")
            row.is_automatic = row.is_automatic and not asks
        if self.has_changed():
            for name, value in data.items():
                setattr(row, name, value)
            row.validate_constraints(exclude={"rules"})
        return data


def _countries(value: str) -> list[str]:
    codes = [code.upper() for code in re.split(r"[\s,;]+", value) if code]
    if unknown := [code for code in codes if code not in COUNTRIES]:
        raise forms.ValidationError(
            gettext("%(codes)s: no country has this code. Write two letters, as in DE.")
            % {"codes": ", ".join(unknown)}
        )
    return codes


class ValidationForm(forms.ModelForm[ValidationRule]):
    """How one check counts, for whom, and what it measures by."""

    team = forms.ChoiceField(
        label=_("Team that has to act"),
        choices=[(role, _(role)) for role in ROLES if role != "Admin"],
    )
    permission = forms.ChoiceField(required=False, choices=rights, label=_("Who may let it pass"))
    deviation_percent = WholeField(
        min_value=0,
        max_value=100,
        label=_("Deviation from the list price that passes, in percent"),
    )
    hours = WholeField(
        min_value=1,
        max_value=720,
        label=_("Hours in which the same order counts as a duplicate"),
    )
    excluded_countries = forms.CharField(
        required=False,
        label=_("Countries that are not delivered to"),
        help_text=_("Two letters each, with commas between them."),
    )
    OF_CHECK = {
        "price": "deviation_percent",
        "duplicate": "hours",
        "deliverable": "excluded_countries",
    }

    class Meta:
        model = ValidationRule
        fields = ["severity", "is_active", "four_eyes", "permission", "team", "target_hours"]
        field_classes = {"target_hours": WholeField}
        labels = {
            "severity": _("If it finds something"),
            "is_active": _("It runs"),
            "four_eyes": _("Whoever entered the order may not waive it"),
            "target_hours": _("Hours until somebody should have decided"),
        }
        help_texts = {"four_eyes": "", "target_hours": _("0 is no target.")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["severity"].choices = Severity.choices  # type: ignore[attr-defined]
        own = self.OF_CHECK.get(self.instance.code)
        for name in self.OF_CHECK.values():
            if name != own:
                del self.fields[name]
        if own:
            value = self.instance.parameters.get(own, "")
            self.fields[own].initial = ", ".join(value) if isinstance(value, list) else value

    def clean_excluded_countries(self) -> list[str]:
        """The codes, each of a country that there is."""
        return _countries(self.cleaned_data["excluded_countries"])

    def validate_unique(self) -> None:
        """The row holds as a whole, with what the form does not show of it."""
        try:
            self.instance.validate_constraints()
        except forms.ValidationError as error:
            self.add_error(None, error)

    def save(self, commit: bool = True) -> ValidationRule:  # noqa: FBT001, FBT002
        """Save the row with what it measures by."""
        own = self.OF_CHECK.get(self.instance.code)
        if own:
            self.instance.parameters = {
                **self.instance.parameters,
                own: self.cleaned_data[own],
            }
        return super().save(commit)


COPIED = (
    "rules",
    "code",
    "severity",
    "parameters",
    "is_active",
    "four_eyes",
    "permission",
    "team",
    "target_hours",
)


class ScopeForm(forms.Form):
    """A channel or a group of customers that a check counts otherwise for."""

    channel = forms.ModelChoiceField(
        Channel.objects.order_by("name"),
        required=False,
        empty_label=_("Every channel"),
        label=_("Channel"),
    )
    customer_group = forms.ChoiceField(required=False, label=_("Customer group"))

    def __init__(self, *args: Any, row: ValidationRule, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.row = row
        groups = Customer.objects.exclude(group="").values_list("group", flat=True)
        self.fields["customer_group"].choices = [  # type: ignore[attr-defined]
            ("", gettext("Every customer")),
            *((group, group) for group in groups.distinct().order_by("group")[:200]),
        ]

    def clean(self) -> dict[str, Any]:
        """A row for everybody is there already."""
        data = super().clean() or {}
        if not data.get("channel") and not data.get("customer_group"):
            raise forms.ValidationError(gettext("Choose a channel or a customer group."))
        self.made().validate_constraints()
        return data

    def made(self) -> ValidationRule:
        """The row for them, which counts as the one for everybody until it is changed."""
        copied = {field: getattr(self.row, field) for field in COPIED}
        return ValidationRule(
            channel=self.cleaned_data["channel"],
            customer_group=self.cleaned_data["customer_group"],
            **copied,
        )


class AmendmentForm(forms.ModelForm[AmendmentRule]):
    """Whether a group of fields is changed in a state, by whom, and for a reason."""

    permission = forms.ChoiceField(required=False, choices=demands, label=_("Who may"))

    class Meta:
        model = AmendmentRule
        fields = ["is_allowed", "permission", "reason_required"]


class CancellationForm(forms.ModelForm[CancellationRule]):
    """Whether orders or units are cancelled in a state, and by whom."""

    permission = forms.ChoiceField(required=False, choices=demands, label=_("Who may"))

    class Meta:
        model = CancellationRule
        fields = ["is_allowed", "permission"]


class LabelForm(forms.ModelForm[SubStatus]):
    """A label of one's own under a state."""

    status = forms.ChoiceField(
        label=_("Under the state"),
        choices=[choice for choice in Status.choices if choice[0] not in TERMINAL],
    )

    class Meta:
        model = SubStatus
        fields = ["status", "label"]
        labels = {"label": pgettext_lazy("under a state", "Label")}

    def __init__(self, *args: Any, draft: RuleSet, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.instance.rules = draft

    def clean_label(self) -> str:
        """A name that the state has no label of yet."""
        return _free(self.cleaned_data["label"], self._beside())

    def clean(self) -> dict[str, Any]:
        """Its code is made of its name; where a label that was renamed has it, a number follows."""
        data = super().clean() or {}
        if data.get("label"):
            code = slugify(data["label"])[:36]
            codes = set(self._beside().values_list("code", flat=True))
            others = (f"{code}-{number}" for number in count(2))
            self.instance.code = next(each for each in chain([code], others) if each not in codes)
        return data

    def _beside(self) -> QuerySet[SubStatus]:
        return self.instance.rules.labels.filter(status=self.cleaned_data.get("status"))


class RenameForm(forms.ModelForm[SubStatus]):
    """What a label is called from now on; orders that carry it keep it by its code."""

    class Meta:
        model = SubStatus
        fields = ["label"]

    def clean_label(self) -> str:
        """A name that no other label of the state has."""
        beside = self.instance.rules.labels.filter(status=self.instance.status)
        return _free(self.cleaned_data["label"], beside.exclude(pk=self.instance.pk))


def _free(text: str, beside: QuerySet[SubStatus]) -> str:
    """A name that can be read and that none of these labels has."""
    label = text.strip()
    if not slugify(label):
        raise forms.ValidationError(gettext("Write a name with letters or digits."))
    if beside.filter(label__iexact=label).exists():
        raise forms.ValidationError(
            gettext("There is a label of that name under this state already.")
        )
    return label


class PublishForm(forms.Form):
    """What is new in a version."""

    note = forms.CharField(max_length=200, label=_("What is new in this version"))
