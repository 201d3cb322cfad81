"""The schema ``reporting``: views that are straight projections, published by each app's migration.

Other programs read these views and nothing else. A view is a table with columns renamed, cast or
joined for a code; it never computes.
"""

from __future__ import annotations

from collections.abc import Mapping

from django.db import migrations

SCHEMA = "CREATE SCHEMA IF NOT EXISTS reporting;"


def publish(views: Mapping[str, str]) -> list[migrations.RunSQL]:
    """Operations that create the views (name → SELECT), and take them away again."""
    create = "".join(f"CREATE VIEW reporting.{name} AS {sql};\n" for name, sql in views.items())
    drop = "".join(f"DROP VIEW reporting.{name};\n" for name in reversed(list(views)))
    return [migrations.RunSQL(SCHEMA + create, drop)]
