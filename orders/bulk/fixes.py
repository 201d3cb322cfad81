"""What helps against a refusal: another bulk action on the same orders, or the page to go to."""

from __future__ import annotations

import re
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

VALUES = re.compile(r"%\(\w+\)s")
QUOTES = str.maketrans("„“”", '"""')


@dataclass(frozen=True, slots=True)
class Fix:
    """A way out for a group of orders: an action on exactly those, or a page."""

    needle: StrOrPromise  # what the refusal that it helps against names or says, in any language
    label: StrOrPromise
    action: str = ""
    url_name: str = ""
    query: str = ""
    page_permission: str = ""
    shape: str = "{}"  # how the refusal names it
    is_again: bool = False  # the same action, answered in another way, may help

    @property
    def sought(self) -> list[str]:
        """What to look for: a job answers in the language of whoever asked, others read it too."""
        return [_pattern(self.shape.format(said)) for said in _in_each_language(self.needle)]

    def helps(self, reason: str, action: str) -> bool:
        """Whether it is a way out for those that an action refused with this reason."""
        other = self.is_again or self.action != action
        return other and any(re.search(pattern, reason) for pattern in self.sought)

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


def _pattern(said: str) -> str:
    """A regular expression for what is said, whatever stands at the places of its figures."""
    return ".*".join(re.escape(_plain(part)) for part in VALUES.split(said))


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
        _("Still missing: %(names)s."),
        _("See drafts"),
        url_name="orders:list",
        query="?status=draft",
        page_permission="orders.view_order",
    ),
    Fix(
        _("Credit limit"),
        _("Review"),
        url_name="orders:review",
        page_permission="orders.waive_exception",
    ),
    Fix(pgettext_lazy("in a refusal", "recall"), _("Take these back…"), action="recall"),
    Fix(
        _("%(place)s has %(free)s of the %(units)s units of %(sku)s free."),
        _("Choose another warehouse…"),
        action="assign",
        is_again=True,
    ),
    *(
        Fix(
            _(
                "The rules ask for the permission to %(what)s here, "
                "which your role does not include."
            ),
            label,
            url_name=page,
            page_permission=permission,
        )
        for label, page, permission in (
            (_("See who may"), "orders:people", "orders.manage_staff"),
            (_("See the rules"), "orders:policies", "orders.manage_rules"),
        )
    ),
)


def of(reason: str, action: str, user: User | AnonymousUser) -> Fix | None:
    """The first fix for the refusal that the person may take."""
    plain = _plain(reason)
    taken = (fix for fix in FIXES if user.has_perm(fix.permission) and fix.helps(plain, action))
    return next(taken, None)
