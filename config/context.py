"""What every page of the shell knows."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest


def shell(request: HttpRequest) -> dict[str, Any]:  # noqa: ARG001
    """Nothing yet besides what Django gives."""
    return {}
