"""What the surroundings decide: values from environment variables."""

from __future__ import annotations

from pathlib import Path

import environ

ROOT = Path(__file__).resolve().parent.parent

env = environ.Env()
environ.Env.read_env(ROOT / ".env", overwrite=False)
# What this machine keeps: data of our own servers, the key, the schedule. Not for the repository.
VAR = Path(env("VAR_FOLDER", default=str(ROOT / "var")))


def broker_url(redis_url: str) -> str:
    """The address of the Redis-protocol server as Celery spells it: sockets have another scheme."""
    if not redis_url.startswith("unix://"):
        return redis_url
    path, _, query = redis_url.removeprefix("unix://").partition("?")
    database = query.removeprefix("db=") or "0"
    return f"redis+socket://{path}?virtual_host={database}"
