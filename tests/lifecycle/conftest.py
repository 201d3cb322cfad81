"""Every test of the lifecycle leaves data behind on which all rules hold."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def _sound(sound: None) -> None:
    """Hold every rule against what the test left."""
