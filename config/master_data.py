"""The master data: Django's admin, opened by permission."""

from __future__ import annotations

from django.contrib.admin.apps import AdminConfig


class MasterDataConfig(AdminConfig):
    """The admin with the site that asks the permission table."""

    default_site = "config.guard.MasterData"
