"""The role ``reporting_reader``, with which other programs read the views and nothing else."""

from __future__ import annotations

from django.db import connection

ROLE = "reporting_reader"
STANDING = """
SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = %(role)s),
  (SELECT count(*) FROM pg_namespace n WHERE n.nspname = 'reporting' AND EXISTS
    (SELECT FROM pg_roles r WHERE r.rolname = %(role)s
       AND NOT has_schema_privilege(r.oid, n.oid, 'USAGE'))) +
  (SELECT count(*) FROM pg_class v JOIN pg_namespace n ON n.oid = v.relnamespace
    JOIN pg_roles r ON r.rolname = %(role)s
    WHERE n.nspname = 'reporting' AND v.relkind = 'v'
      AND NOT has_table_privilege(r.oid, v.oid, 'SELECT'))
"""
GRANTS = (
    f"GRANT USAGE ON SCHEMA reporting TO {ROLE}; "
    f"GRANT SELECT ON ALL TABLES IN SCHEMA reporting TO {ROLE};"
)


def lacking() -> str:
    """What an administrator of the database is to do for the role; '' when it reads every view.

    The migrations make the role only where the database lets them.
    """
    with connection.cursor() as cursor:
        cursor.execute(STANDING, {"role": ROLE})
        there, closed = cursor.fetchone()
    if there and not closed:
        return ""
    what = "may not read every view of reporting" if there else "is not there"
    statements = GRANTS if there else f"CREATE ROLE {ROLE} LOGIN; {GRANTS}"
    return (
        f"The role {ROLE} {what}, so other programs cannot read the data. "
        f"Ask an administrator of the database to run: {statements}"
    )
