"""What is let pass: findings that somebody chose as they were read, and why."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from config.kernel.actors import SYSTEM, Actor
from orders import remedies
from orders.forms.steps import ReasonForm
from orders.lifecycle.findings import against_waiving
from orders.models import Order


class ReadFindings(forms.Form):
    """Open findings of an order, to be chosen by whoever has read what they say now.

    What a finding said comes back with the answer, as ``seen-`` and its key.
    """

    exceptions = forms.MultipleChoiceField(
        label=_("Findings"),
        error_messages={
            "required": _("Choose the findings that may pass."),
            "invalid_choice": _("A finding that you chose is no longer open. Choose again."),
        },
    )

    def __init__(self, *args: Any, shown: remedies.Review, by: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.situations = shown.situations
        self.why_not = {
            each.row.pk: against_waiving(shown.order, each.row, by) for each in self.situations
        }
        choices = [(each.row.pk, each.row.said) for each in self.situations]
        self.fields["exceptions"].choices = choices  # type: ignore[attr-defined]

    @property
    def may_pass(self) -> list[int]:
        """The findings that whoever asks may let pass."""
        return [pk for pk, why in self.why_not.items() if not why]

    def chosen(self) -> set[int]:
        """The findings that were chosen."""
        return {int(pk) for pk in self.cleaned_data.get("exceptions", [])}

    def hold_against(self) -> None:
        """Refuse what may not pass, and what says something else now than what was read."""
        chosen = [each for each in self.situations if each.row.pk in self.chosen()]
        for each in chosen:
            if why := self.why_not[each.row.pk] or self.changed_since_read(each):
                self.add_error(None, why)

    def changed_since_read(self, situation: remedies.Situation) -> str:
        """What a finding says now, if that is something else than what was read; else ''."""
        if self.data.get(f"seen-{situation.row.pk}", situation.now) == situation.now:
            return ""
        words = gettext("“%(label)s” changed while you read it: %(words)s")
        now = situation.said or gettext("it is no longer the case.")
        return words % {"label": situation.row.label, "words": now}


class WaiveForm(ReadFindings, ReasonForm):
    """Which findings of an order may pass, each read and chosen, and why."""

    field_order = ("exceptions", "reason")

    def __init__(self, *args: Any, order: Order, **kwargs: Any) -> None:
        by = order.facts.by or SYSTEM
        super().__init__(*args, order=order, shown=remedies.review(order), by=by, **kwargs)

    def rows(self) -> list[tuple[remedies.Situation, str, bool]]:
        """Each finding with why it may not pass, and whether it is chosen."""
        ticked = {str(pk) for pk in self["exceptions"].value() or []}
        keys = [(each, each.row.pk) for each in self.situations]
        return [(each, self.why_not[pk], str(pk) in ticked) for each, pk in keys]

    def clean(self) -> dict[str, Any]:
        """What is chosen may pass and was read."""
        given = super().clean() or self.cleaned_data
        self.hold_against()
        return given

    def arguments(self) -> dict[str, Any]:
        """The findings that were chosen, and the words."""
        return super().arguments() | {"exceptions": self.chosen()}
