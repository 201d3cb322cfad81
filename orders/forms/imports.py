"""The form that sends a file of orders in."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth.models import User
from django.utils.translation import gettext_lazy as _

from orders.channels.profiles import PROFILES, Profile

MEGABYTE = 1024 * 1024
TOO_LARGE = _("The file is larger than %(most)s MB; split it.")


class ImportForm(forms.Form):
    """A file, what kind of file it is, and whether its orders are placed at once."""

    file = forms.FileField(label=_("File"), error_messages={"empty": _("The file is empty.")})
    profile = forms.ChoiceField(label=_("What is in it"))
    submits = forms.BooleanField(
        label=_("Place the orders at once"),
        help_text=_("Otherwise they are drafts, which somebody looks at and places."),
        required=False,
    )

    def __init__(self, *args: Any, user: User, size: int = 0, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        open_to = [profile for profile in PROFILES if profile.is_open_to(user)]
        self.fields["profile"].choices = [(p.name, p.label) for p in open_to]  # type: ignore[attr-defined]
        self.fields["file"].widget.attrs["accept"] = ",".join(_endings(open_to))
        if not user.has_perm("orders.submit_order"):
            del self.fields["submits"]
        if size > settings.LARGEST_UPLOAD:  # it was dropped while it came in
            words = TOO_LARGE % {"most": settings.LARGEST_UPLOAD // MEGABYTE}
            self.fields["file"].error_messages["required"] = words


def _endings(profiles: list[Profile]) -> list[str]:
    return [suffix for profile in profiles for suffix in profile.suffixes]
