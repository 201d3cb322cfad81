"""Which account the database server runs as, and which folders are for it or us alone."""

from __future__ import annotations

import contextlib
import os
import pwd
import stat
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


def claim(folder: Path, mode: int = 0o700, account: pwd.struct_passwd | None = None) -> None:
    """Have a folder where everybody may make some, for us or for this account of ours.

    Whoever put a folder or a link of that name there before us could stand between us and our
    servers: what is not ours, or open to others, is refused.
    """
    with contextlib.suppress(FileExistsError):
        folder.mkdir(mode=mode)
    found = folder.lstat()
    owners = {os.geteuid(), account.pw_uid if account else os.geteuid()}
    strange = not stat.S_ISDIR(found.st_mode) or found.st_uid not in owners
    if strange or stat.S_IMODE(found.st_mode) & ~mode:
        raise SystemExit(
            f"{folder} is not ours, or others may change it: find out who made it, remove it, and "
            "start again."
        )
    if account:
        os.chown(folder, account.pw_uid, account.pw_gid)
