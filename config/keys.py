"""The key that signs sessions and links: a server has one of its own, never the one in the code."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from django.conf import settings

PUBLIC = "development only, never used where DEBUG is off"


def refusal() -> str:
    """Why a server may not start with the key it was given; '' when it may."""
    if settings.DEBUG or settings.SECRET_KEY != PUBLIC:
        return ""
    return (
        "SECRET_KEY is not set: sessions would be signed with the key that stands in the code, "
        "which everybody knows. Set SECRET_KEY to a long random text and start again."
    )


def kept(file: Path) -> str:
    """The key of this machine: made once, whole or not at all, readable by its owner alone."""
    if not file.exists():
        fresh = file.with_suffix(".part")
        fresh.unlink(missing_ok=True)
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as target:
            target.write(secrets.token_urlsafe(48))
        fresh.rename(file)
    file.chmod(0o600)
    return file.read_text()
