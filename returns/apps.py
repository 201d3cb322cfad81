"""The returns app."""

from django.apps import AppConfig


class ReturnsConfig(AppConfig):
    """The returns app and its name."""

    default_auto_field = "django.db.models.BigAutoField"
    name = "returns"
