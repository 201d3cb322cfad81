"""Which account the database server runs as: it refuses to be root."""

from __future__ import annotations

import contextlib
import os
import pwd
from pathlib import Path


def unprivileged(data: Path) -> pwd.struct_passwd | None:
    """An existing account to drop to when we are root: the owner of the data, else a known one."""
    if os.geteuid() != 0:
        return None
    if (data / "PG_VERSION").exists() and (owner := data.stat().st_uid):
        return pwd.getpwuid(owner)
    for name in ("postgres", "nobody", "daemon"):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name)
    raise SystemExit("PostgreSQL refuses to run as root, and there is no other account to use.")


def reachable(path: Path) -> bool:
    """Whether any account may walk down to the path and read it."""
    path = path.resolve()
    readable = path.stat().st_mode & 0o005 == 0o005
    return readable and all(parent.stat().st_mode & 0o001 for parent in path.parents)
