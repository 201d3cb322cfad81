"""Sealing: history is covered by hashes, and copies of them are kept outside the database."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from orders import history
from orders.models import HistorySeal


def seal_all(*, at: datetime | None = None) -> list[HistorySeal]:
    """Seal whatever is not sealed yet, and note each seal in the file of anchors."""
    made: list[HistorySeal] = []
    while True:
        with transaction.atomic():
            seal = history.seal(at=at or timezone.now())
        if seal is None:
            return made
        anchor(seal)
        made.append(seal)


def anchor(seal: HistorySeal) -> None:
    """Append the seal to the file of anchors, one JSON object a line."""
    file = Path(settings.HISTORY_ANCHORS)
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("a") as anchors:
        anchors.write(json.dumps({"seal": seal.pk, "hash": seal.hash}) + "\n")
