"""What all tests share: the browser, and how hard Hypothesis looks."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.signals import request_finished, request_started
from hypothesis import Phase, settings

from config.kernel import sets
from orders.reports import integrity

settings.register_profile(
    "gate", max_examples=30, deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate]
)
settings.load_profile("gate")

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


@pytest.fixture
def sound() -> Iterator[None]:
    """After the test every rule of the business still holds on what it left behind."""
    yield
    sets.survey()  # rows of an open transaction are unknown to the planner
    broken = [rule for rule in integrity.check() if rule.broken and rule.code != "A5"]
    assert not broken, [(rule.code, rule.title, rule.samples) for rule in broken]
