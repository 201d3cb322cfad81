"""The returns app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ReturnsConfig(AppConfig):
    """The returns app and its name."""

    default_auto_field = "django.db.models.BigAutoField"
    name = "returns"
    verbose_name = _("Returns")
