"""What is asked when orders are stopped, one or many: what is wrong, why, until when, and whose."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.contrib.auth.models import User
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from orders.models import Hold
from orders.permissions import ROLES

FIELDS = ("kind", "reason", "expires_at", "owner")


class HoldFields(forms.Form):
    """What is wrong, why, until when, and who takes care of it."""

    kind = forms.ChoiceField(
        label=_("What is wrong"),
        choices=[choice for choice in Hold.Kind.choices if choice[0] != Hold.Kind.SYSTEM],
        initial=Hold.Kind.MANUAL,
        required=False,
        widget=forms.Select(attrs={"class": "select"}),
    )
    reason = forms.CharField(max_length=200, label=_("Reason"))
    expires_at = forms.DateTimeField(
        label=_("Until"),
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        help_text=_("The hold ends by itself then; without a date somebody has to release it."),
    )
    owner = forms.ChoiceField(label=_("Who takes care of it"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = User.objects.filter(is_active=True).exclude(groups=None).distinct()
        self.fields["owner"].choices = [  # type: ignore[attr-defined]
            ("", gettext("Nobody in particular")),
            (
                gettext("Teams"),
                [(f"team:{role}", gettext(role)) for role in ROLES if role != "Admin"],
            ),
            (
                gettext("People"),
                [
                    (f"user:{person.pk}", person.get_full_name() or person.username)
                    for person in people.order_by("first_name", "username")[:200]
                ],
            ),
        ]

    def clean_expires_at(self) -> datetime | None:
        """An end lies ahead."""
        end: datetime | None = self.cleaned_data["expires_at"]
        if end is not None and end <= timezone.now():
            raise forms.ValidationError(gettext("A hold ends in the future."))
        return end

    def hold(self) -> dict[str, Any]:
        """The kind, the words, the end, and the person or team."""
        given = self.cleaned_data
        sort, _, who = given["owner"].partition(":")
        return {
            "reason": given["reason"],
            "kind": given["kind"] or Hold.Kind.MANUAL,
            "expires_at": given["expires_at"],
            "owner": int(who) if sort == "user" else None,
            "team": who if sort == "team" else "",
        }

    def taken_care_of_by(self) -> str:
        """The team or person that was chosen, by name; '' for nobody."""
        chosen = str(self.cleaned_data["owner"])
        if chosen.startswith("team:"):
            return gettext(chosen.removeprefix("team:"))
        _none, _teams, (_label, people) = self.fields["owner"].choices  # type: ignore[attr-defined]
        return str(dict(people).get(chosen, ""))
