"""Saved views: a list of orders as somebody wants to find it again, for themselves or for all."""

from __future__ import annotations

from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from orders.models.staff import Staff


class SavedViewQuerySet(models.QuerySet["SavedView"]):
    """Views as the tabs of the list ask for them."""

    def seen_by(self, user_id: int | None) -> Self:
        """The user's own views, then those that others share with everybody."""
        return self.filter(Q(owner=user_id) | Q(is_shared=True)).select_related("owner")


class SavedView(models.Model):
    """A narrowed list under a name: its query, and how its rows are shown.

    ``query`` is the address of the list without place and sort; ``columns`` empty means the
    reader's own.
    """

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="saved_views"
    )
    name = models.CharField(max_length=40)
    query = models.TextField(blank=True)
    columns = models.JSONField(default=list, blank=True)
    sort = models.CharField(max_length=20, blank=True)
    density = models.CharField(max_length=8, choices=Staff.Density, blank=True, default="")
    is_shared = models.BooleanField(default=False)
    position = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar = SavedViewQuerySet.as_manager()

    class Meta:
        verbose_name = _("saved view")
        verbose_name_plural = _("saved views")
        ordering: ClassVar = ["is_shared", "position", "pk"]
        permissions: ClassVar = [
            ("share_savedview", gettext_noop("Can share views of the list with everybody"))
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["owner", "name"],
                name="saved_view_named_once_per_owner",
                violation_error_message=_(
                    "You have a view of that name already; type another one."
                ),
            ),
            models.CheckConstraint(
                condition=~Q(name=""),
                name="saved_view_is_named",
                violation_error_message=_("A view needs a name."),
            ),
        ]

    def __str__(self) -> str:
        return self.name
