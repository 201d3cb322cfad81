"""What helps against a refusal: another bulk action on the same orders, or the page to go to."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib.auth.models import AnonymousUser, User
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from orders.bulk.actions import BY_NAME


@dataclass(frozen=True, slots=True)
class Fix:
    """A way out for a group of orders: an action on exactly those, or a page."""

    needle: str  # words of the refusal that it helps against
    label: StrOrPromise
    action: str = ""
    url_name: str = ""
    query: str = ""
    page_permission: str = ""

    @property
    def permission(self) -> str:
        """What it takes to go this way."""
        return BY_NAME[self.action].permission if self.action else self.page_permission


FIXES = (
    Fix("on hold:", _("Release these…"), action="release"),
    Fix("stands at “needs review”", _("Check again…"), action="recheck"),
    Fix(
        "stands at “draft”",
        _("See drafts"),
        url_name="orders:list",
        query="?status=draft",
        page_permission="orders.view_order",
    ),
    Fix(
        "credit limit",
        _("Review"),
        url_name="orders:review",
        page_permission="orders.waive_exception",
    ),
    Fix(
        "recall",
        _("See pick lists"),
        url_name="fulfillment:pick_lists",
        page_permission="fulfillment.view_picklist",
    ),
)


def of(reason: str, action: str, user: User | AnonymousUser) -> Fix | None:
    """The first fix whose words are in the refusal and that the person may take."""
    lowered = reason.lower()
    return next(
        (
            fix
            for fix in FIXES
            if fix.needle in lowered and fix.action != action and user.has_perm(fix.permission)
        ),
        None,
    )
