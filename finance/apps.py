"""The finance app; its reference rows are installed after each migration."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class FinanceConfig(AppConfig):
    """The finance app and its reference rows."""

    default_auto_field = "django.db.models.BigAutoField"
    name = "finance"
    verbose_name = _("Finance")

    def ready(self) -> None:
        """Install reference rows whenever the tables have been brought up to date."""
        from finance import reference

        post_migrate.connect(reference.install, sender=self, dispatch_uid="finance.reference")
