"""A desk in a real browser: somebody who may do everything is signed in and looks at Today."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Page, expect

from tests.browser.looking import PASSWORD, let_in

REFUSALS = "422"  # answers that no test of a form can do without


@pytest.fixture
def desk(request: pytest.FixtureRequest, page: Page, live_server: Any) -> Iterator[Page]:
    """Signed in; no page may complain, but for the refusals that a module names."""
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    boss = User.objects.create_superuser("boss", "boss@zepergo.example", PASSWORD)
    let_in(page, live_server.url, boss)
    page.goto(live_server.url)
    expect(page.get_by_role("link", name="Today")).to_be_visible()
    yield page
    refusals = getattr(request.module, "REFUSALS", REFUSALS)
    assert [words for words in complaints if not re.search(refusals, words)] == []
