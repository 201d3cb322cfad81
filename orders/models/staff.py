"""What we know of a member of staff beyond the sign-in: how they like to read."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models


class Staff(models.Model):
    """Preferences of one user; without a row the defaults hold."""

    class Theme(models.TextChoices):
        SYSTEM = "", "As the device"
        LIGHT = "light", "Light"
        DARK = "dark", "Dark"

    class Density(models.TextChoices):
        COMFORTABLE = "", "Comfortable"
        COMPACT = "compact", "Compact"
        ROOMY = "roomy", "Roomy"

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True, related_name="staff"
    )
    time_zone = models.CharField(max_length=40, default="Europe/London")
    theme = models.CharField(max_length=8, choices=Theme, blank=True, default="")
    density = models.CharField(max_length=8, choices=Density, blank=True, default="")
    list_columns = models.JSONField(
        default=list, blank=True, help_text="Columns of the order list; none: the usual ones."
    )
    list_sort = models.CharField(max_length=20, blank=True)

    class Meta:
        verbose_name_plural = "staff"
        ordering: ClassVar = ["user"]

    def __str__(self) -> str:
        return str(self.user)
