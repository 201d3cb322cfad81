"""The forms of the list: what a saved view is called, and how the rows are shown."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.models import User
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from orders.columns import ON_SCREEN
from orders.filters import SORTS
from orders.models import SavedView, Staff

MOST_VIEWS = 20


class ViewForm(forms.ModelForm[SavedView]):
    """The name of a view, and whether everybody sees it; sharing needs its permission."""

    class Meta:
        model = SavedView
        fields = ["name", "is_shared"]
        labels = {"name": _("Name of the view"), "is_shared": _("Share with everybody")}

    def __init__(self, *args: Any, owner: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.owner = owner
        if not owner.has_perm("orders.share_savedview"):
            del self.fields["is_shared"]

    def clean_name(self) -> str:
        """A name that the owner has not given yet."""
        name = str(self.cleaned_data["name"]).strip()
        mine = SavedView.objects.filter(owner=self.owner).exclude(pk=self.instance.pk)
        if mine.filter(name=name).exists():
            words = gettext("You have a view “%(name)s” already. Type another name.") % {
                "name": name
            }
            raise forms.ValidationError(words)
        if not self.instance.pk and mine.count() >= MOST_VIEWS:
            words = gettext(
                "You have %(most_views)s views, the most there can be. Delete one first."
            ) % {"most_views": MOST_VIEWS}
            raise forms.ValidationError(words)
        return name


class DisplayForm(forms.Form):
    """How the rows are shown: columns, sort, density. Wrong values fall back to the usual."""

    columns = forms.MultipleChoiceField(
        choices=[(column.name, column.label) for column in ON_SCREEN], required=False
    )
    sort = forms.ChoiceField(
        choices=[(name, sort.label) for name, sort in SORTS.items()], required=False
    )
    density = forms.ChoiceField(choices=Staff.Density.choices, required=False)
