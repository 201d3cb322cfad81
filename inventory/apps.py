"""The inventory app."""

from django.apps import AppConfig


class InventoryConfig(AppConfig):
    """The inventory app and its name."""

    default_auto_field = "django.db.models.BigAutoField"
    name = "inventory"
