"""The orders app; its reference rows are installed after each migration."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class OrdersConfig(AppConfig):
    """The orders app and its reference rows."""

    default_auto_field = "django.db.models.BigAutoField"
    name = "orders"
    verbose_name = _("Orders")

    def ready(self) -> None:
        """Install reference rows whenever the tables have been brought up to date."""
        from orders import permissions, reference

        post_migrate.connect(reference.install, sender=self, dispatch_uid="orders.reference")
        post_migrate.connect(permissions.install, dispatch_uid="orders.permissions")
