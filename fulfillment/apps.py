"""The fulfillment app."""

from django.apps import AppConfig


class FulfillmentConfig(AppConfig):
    """The fulfillment app and its name."""

    default_auto_field = "django.db.models.BigAutoField"
    name = "fulfillment"
