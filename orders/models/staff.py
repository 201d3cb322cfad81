"""What we know of staff beyond the sign-in: scope, preferences, and who granted what."""

from __future__ import annotations

from typing import ClassVar, Self

from django.conf import settings
from django.contrib.auth.models import AnonymousUser, User
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext, gettext_noop
from django.utils.translation import gettext_lazy as _


class Staff(models.Model):
    """Scope and preferences of one user; without a row the defaults hold.

    The scope narrows what the user sees and touches: orders that go to these countries, came
    through these channels and are served by these warehouses. An empty list means everything.
    """

    class Theme(models.TextChoices):
        SYSTEM = "", _("As the device")
        LIGHT = "light", _("Light")
        DARK = "dark", _("Dark")

    class Density(models.TextChoices):
        COMFORTABLE = "", _("Comfortable")
        COMPACT = "compact", _("Compact")
        ROOMY = "roomy", _("Roomy")

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        verbose_name=_("user"),
        on_delete=models.CASCADE,
        primary_key=True,
        related_name="staff",
    )
    time_zone = models.CharField(_("time zone"), max_length=40, default="Europe/London")
    language = models.CharField(_("language"), max_length=10, default="en-gb")
    theme = models.CharField(
        _("colour scheme"), max_length=8, choices=Theme, blank=True, default=""
    )
    density = models.CharField(_("density"), max_length=8, choices=Density, blank=True, default="")
    list_columns = models.JSONField(
        _("columns of lists"),
        default=list,
        blank=True,
        help_text=_("Columns of the order list; none: the usual ones."),
    )
    list_sort = models.CharField(_("order of lists"), max_length=20, blank=True)
    landing = models.CharField(_("start on"), max_length=60, blank=True, default="")
    shortcuts = models.BooleanField(_("single-key shortcuts"), default=True)
    countries = ArrayField(
        models.CharField(max_length=2), verbose_name=_("countries"), default=list, blank=True
    )
    channels = ArrayField(
        models.CharField(max_length=20), verbose_name=_("channels"), default=list, blank=True
    )
    warehouses = ArrayField(
        models.CharField(max_length=10), verbose_name=_("warehouses"), default=list, blank=True
    )

    class Meta:
        verbose_name = _("staff")
        verbose_name_plural = _("staff")
        ordering: ClassVar = ["user"]
        permissions: ClassVar = [
            ("manage_staff", gettext_noop("Can invite people and grant roles"))
        ]

    def __str__(self) -> str:
        return str(self.user)

    @classmethod
    def of(cls, user: User | AnonymousUser) -> Self:
        """What is known of a user; read once for as long as the user object lives."""
        if isinstance(user, AnonymousUser):
            return cls()
        try:
            return user.staff  # type: ignore[return-value]
        except cls.DoesNotExist:
            user.staff = cls(user=user)
            return user.staff

    @property
    def is_scoped(self) -> bool:
        """Whether the user sees a part of the company only."""
        return bool(self.countries or self.channels or self.warehouses)

    @property
    def scope(self) -> str:
        """The scope in words."""
        parts = (
            (gettext("Countries"), self.countries),
            (gettext("Channels"), self.channels),
            (gettext("Warehouses"), self.warehouses),
        )
        words = [f"{name}: {', '.join(codes)}" for name, codes in parts if codes]
        return "; ".join(words) or gettext("Everything")


class RoleGrant(models.Model):
    """What was changed in somebody's rights, by whom, when and why; it is never edited."""

    class Action(models.TextChoices):
        GRANTED = "granted", _("Granted")
        REVOKED = "revoked", _("Taken away")
        SCOPED = "scoped", _("Scope set")
        ACTIVATED = "activated", _("Account opened")
        DEACTIVATED = "deactivated", _("Account closed")
        UNFACTORED = "factor_off", _("Second factor taken off")

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("user"),
        on_delete=models.PROTECT,
        related_name="role_grants",
    )
    action = models.CharField(_("action"), max_length=11, choices=Action)
    role = models.CharField(_("role"), max_length=150, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("changed by"),
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
    )
    at = models.DateTimeField(_("date and time"))
    reason = models.CharField(_("reason"), max_length=400, blank=True)

    class Meta:
        verbose_name = _("role grant")
        verbose_name_plural = _("role grants")
        ordering: ClassVar = ["-pk"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(action__in=["granted", "revoked"]) & ~Q(role="")
                | ~Q(action__in=["granted", "revoked"]) & Q(role=""),
                name="role_grant_names_its_role",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_action_display()} {self.role}".strip()
