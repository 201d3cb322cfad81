"""The forms of bulk actions: what is asked once for all orders of a job."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.utils import timezone, translation
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from config.kernel.reading import closed, kept, whole_date
from inventory.models import Warehouse
from orders.columns import BY_NAME, COLUMNS, in_file
from orders.forms.holds import FIELDS, HoldFields
from orders.lifecycle.cancellation import REASONS
from orders.models import Hold, RuleSet, SubStatus


class ArgumentsForm(forms.Form):
    """An action that asks nothing."""

    def arguments(self) -> dict[str, Any]:
        """What the step is called with, in values that JSON can hold."""
        return {}

    def words(self) -> str:
        """What was answered, for people."""
        return ""


class HoldForm(HoldFields, ArgumentsForm):
    """What is wrong with the orders, why they stop, until when, and who takes care of them."""

    field_order = FIELDS

    def arguments(self) -> dict[str, Any]:
        """The hold as it was asked for; its end as text."""
        given = self.hold()
        end = given["expires_at"]
        return given | {"expires_at": end.isoformat() if end else None}

    def words(self) -> str:
        """What is wrong and why, until when, and whose it is."""
        given, more = self.hold(), []
        with translation.override(settings.LANGUAGE_CODE):
            told = given["reason"]
            if given["kind"] != Hold.Kind.MANUAL:
                told = f"{Hold.Kind(given['kind']).label}: {told}"
            if end := given["expires_at"]:
                words = gettext("Until %(day)s, %(time)s.")
                local = timezone.localtime(end)
                more.append(words % {"day": whole_date(local), "time": f"{local:%H:%M}"})
            if who := self.taken_care_of_by():
                more.append(gettext("%(who)s takes care of it.") % {"who": who})
        return " ".join([closed(told), *more]) if more else told


class ReleaseForm(ArgumentsForm):
    """Why the orders may go on."""

    reason = forms.CharField(
        max_length=200, label=_("Reason"), help_text=_("Every hold of each order ends.")
    )

    def arguments(self) -> dict[str, Any]:
        """The words that were typed."""
        return {"reason": self.cleaned_data["reason"]}

    def words(self) -> str:
        """The reason as typed."""
        return str(self.cleaned_data["reason"])


class WhyForm(ArgumentsForm):
    """Why, for the orders whose rules ask for it."""

    reason = forms.CharField(
        max_length=200,
        label=_("Reason"),
        required=False,
        help_text=_("Only where the rules of an order ask for one; such orders stay without it."),
    )

    def arguments(self) -> dict[str, Any]:
        """The words that were typed, if any."""
        reason = self.cleaned_data["reason"]
        return {"reason": reason} if reason else {}

    def words(self) -> str:
        """The reason as typed."""
        return str(self.cleaned_data["reason"])


class LabelForm(ArgumentsForm):
    """Which label the orders get: those of the newest rules, by what they are called."""

    code = forms.ChoiceField(label=pgettext_lazy("noun", "Label"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        newest = RuleSet.objects.published().values("version")[:1]
        rows = SubStatus.objects.filter(rules__in=newest)
        self.fields["code"].choices = [  # type: ignore[attr-defined]
            ("", _("Choose a label")),
            *{row.code: str(row) for row in rows}.items(),
        ]

    def arguments(self) -> dict[str, Any]:
        """The code of the label."""
        return {"code": self.cleaned_data["code"]}

    def words(self) -> str:
        """What the label is called."""
        known = dict(self.fields["code"].choices)  # type: ignore[attr-defined]
        return str(known[self.cleaned_data["code"]])


class CancelForm(ArgumentsForm):
    """Why the orders are not wanted any more."""

    reason = forms.ChoiceField(choices=[("", _("Choose a reason")), *REASONS.items()])
    words_typed = forms.CharField(required=False, max_length=300, label=_("Note"))
    recall = forms.BooleanField(
        required=False,
        initial=True,
        label=_("Take picked goods back to their bins"),
        help_text=_("Boxes that are packed are opened for it. Without this, such orders stay."),
    )

    def arguments(self) -> dict[str, Any]:
        """The code of the reason, the words typed with it, and what becomes of picked goods."""
        given = self.cleaned_data
        return {
            "reason": given["reason"],
            "words": given["words_typed"],
            "recall": given["recall"],
        }

    def words(self) -> str:
        """The reason in words."""
        note = self.cleaned_data["words_typed"]
        return f"{kept(REASONS[self.cleaned_data['reason']])}. {note}".removesuffix(" ")


class AssignForm(ArgumentsForm):
    """From where the orders are served."""

    warehouse = forms.ModelChoiceField(
        Warehouse.objects.filter(is_active=True, is_sellable=True),
        empty_label=_("Choose a warehouse"),
    )

    def arguments(self) -> dict[str, Any]:
        """The warehouse by its key."""
        return {"warehouse": self.cleaned_data["warehouse"].pk}

    def words(self) -> str:
        """The warehouse by its name."""
        return str(self.cleaned_data["warehouse"].name)


class ExportForm(ArgumentsForm):
    """Which columns the file has: those that are named, or the usual ones of the list."""

    columns = forms.MultipleChoiceField(
        choices=[(column.name, column.label) for column in COLUMNS], required=False
    )

    def arguments(self) -> dict[str, Any]:
        """The names of the columns, in the order in which the list has them."""
        return {"columns": [column.name for column in in_file(self.cleaned_data["columns"])]}

    def words(self) -> str:
        """The headings of the columns."""
        return ", ".join(kept(BY_NAME[name].label) for name in self.arguments()["columns"])
