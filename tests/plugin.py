"""Starts a database server for the tests before Django reads its settings, and stops it after."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.embedded.postgres import Postgres
from config.embedded.valkey import Valkey
from config.translations import compile_catalogues

VAR = Path(__file__).resolve().parent.parent / "var" / "test"
NOBODY = "redis://127.0.0.1:1/0"

_own = None
if not os.environ.get("DATABASE_URL"):
    _own = Postgres(VAR / "postgres", fast=True)
    _own.start()
    os.environ["DATABASE_URL"] = _own.url("orders")
os.environ.setdefault("REDIS_URL", NOBODY)
os.environ["DB_POOL"] = "0"
os.environ.setdefault("DEBUG", "0")
os.environ.setdefault("SECRET_KEY", "of the tests alone, on a machine of nobody else")
compile_catalogues()


def pytest_sessionfinish(session: pytest.Session) -> None:
    """The controller stops the server; workers leave it to the others."""
    if _own and not hasattr(session.config, "workerinput"):
        _own.stop("immediate")


@pytest.fixture(scope="session")
def broker() -> Iterator[str]:
    """The address of a server that speaks the Redis protocol, for this process alone."""
    server = Valkey(VAR / f"valkey-{os.environ.get('PYTEST_XDIST_WORKER', 'main')}")
    server.start()
    yield server.url
    server.stop()
