"""What all tests share: the browser, and how hard Hypothesis looks."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.core.signals import request_finished, request_started
from django.db import connection
from hypothesis import Phase, settings
from pytest_django import DjangoDbBlocker

from tests import soundness

settings.register_profile(
    "gate", max_examples=30, deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate]
)
settings.load_profile("gate")

# What costs time and is none of ours: whatever asks for a page begins with a walk through all the
# static files, and each password is stretched for as long as it takes a burglar to give up.
django_settings.WHITENOISE_AUTOREFRESH = True
django_settings.PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.MD5PasswordHasher",
    *django_settings.PASSWORD_HASHERS,
]

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or ""


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """The system's Chromium, kept from talking to anybody but us."""
    quiet = ["quic", "gpu", "dev-shm-usage", "background-networking", "component-update", "sync"]
    return {
        **browser_type_launch_args,
        "executable_path": CHROMIUM,
        "args": ["--no-sandbox", "--no-first-run", *(f"--disable-{name}" for name in quiet)],
    }


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Without a browser on the machine, what needs one is left out and says so."""
    if CHROMIUM:
        os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        return
    for item in items:
        if item.get_closest_marker("browser"):
            item.add_marker(pytest.mark.skip(reason="There is no Chromium here."))


@pytest.fixture(autouse=True)
def _answered(request: pytest.FixtureRequest) -> Iterator[None]:
    """Wait for what a closed page still asks for: it would meet the emptying of the tables."""
    if not request.node.get_closest_marker("browser"):
        yield
        return
    request.getfixturevalue("db")  # emptied after this
    open_requests: list[object] = []

    def begun(**_: object) -> None:
        open_requests.append(None)

    def ended(**_: object) -> None:
        open_requests.pop()

    request_started.connect(begun)
    request_finished.connect(ended)
    yield
    deadline = time.monotonic() + 30
    time.sleep(0.02)  # for what has just arrived
    while open_requests and time.monotonic() < deadline:
        time.sleep(0.02)
    request_started.disconnect(begun)
    request_finished.disconnect(ended)
    assert not open_requests, "A request was not answered."


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> None:
    """The database of the tests knows the rules of the business."""
    with django_db_blocker.unblock():
        soundness.install()


@pytest.fixture
def sound() -> None:
    """After the test every rule holds, those of a system at rest too."""


@pytest.fixture(autouse=True)
def _never_broken(request: pytest.FixtureRequest) -> Iterator[None]:
    """After each test that has a database, what always holds still does."""
    names = set(request.fixturenames)
    marked = request.node.get_closest_marker("django_db")
    has_database = bool(marked or names.intersection({"db", "transactional_db"}))
    if has_database:
        request.getfixturevalue("_django_db_helper")
    yield
    unsound = request.node.get_closest_marker("unsound")
    assert unsound is None or unsound.args, "Say why the test breaks data."
    if has_database and not unsound and not connection.needs_rollback:
        assert soundness.broken(at_rest="sound" in names) == []
