"""What helps against a refusal: another bulk action on the same orders, or the page to go to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth.models import AnonymousUser, User
from django.utils import translation
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django_stubs_ext import StrOrPromise

from orders.bulk.actions import BY_NAME
from orders.models import Status

QUOTES = str.maketrans("„“”", '"""')


@dataclass(frozen=True, slots=True)
class Fix:
    """A way out for a group of orders: an action on exactly those, or a page."""

    needle: StrOrPromise  # what the refusal that it helps against names, in any language
    label: StrOrPromise
    action: str = ""
    url_name: str = ""
    query: str = ""
    page_permission: str = ""
    shape: str = "{}"  # how the refusal names it

    @property
    def words(self) -> list[str]:
        """What to look for: a job answers in the language of whoever asked, others read it too."""
        return [_plain(self.shape.format(said)) for said in _in_each_language(self.needle)]

    @property
    def permission(self) -> str:
        """What it takes to go this way."""
        return BY_NAME[self.action].permission if self.action else self.page_permission


def _in_each_language(label: StrOrPromise) -> Iterator[str]:
    for code, _name in settings.LANGUAGES:
        with translation.override(code):
            yield str(label)


def _plain(text: str) -> str:
    """Small letters, and one kind of quotation marks."""
    return text.lower().translate(QUOTES)


FIXES = (
    Fix(_("On hold"), _("Release these…"), action="release", shape="{}:"),
    Fix(Status.IN_REVIEW.label, _("Check again…"), action="recheck", shape="“{}”"),
    Fix(
        Status.DRAFT.label,
        _("See drafts"),
        url_name="orders:list",
        query="?status=draft",
        page_permission="orders.view_order",
        shape="“{}”",
    ),
    Fix(
        _("Credit limit"),
        _("Review"),
        url_name="orders:review",
        page_permission="orders.waive_exception",
    ),
    Fix(
        pgettext_lazy("in a refusal", "recall"),
        _("See pick lists"),
        url_name="fulfillment:pick_lists",
        page_permission="fulfillment.view_picklist",
    ),
)


def of(reason: str, action: str, user: User | AnonymousUser) -> Fix | None:
    """The first fix whose words are in the refusal and that the person may take."""
    plain = _plain(reason)
    return next(
        (
            fix
            for fix in FIXES
            if any(word in plain for word in fix.words)
            and fix.action != action
            and user.has_perm(fix.permission)
        ),
        None,
    )
