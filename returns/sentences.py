"""What is to come back of an order, and who has to act, in words."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext, ngettext

from orders.models import Status
from orders.standing import Sentence, Standing
from returns.models import Return


def coming_back(standing: Standing) -> Iterator[Sentence]:
    """The open returns; a delivered order waits for them before it completes."""
    for each in standing.open_returns:
        units: int = each.units  # type: ignore[attr-defined]
        if each.status == Return.Status.REQUESTED:
            words = ngettext(
                "%(return)s asks for %(n)s unit to come back and waits to be authorized.",
                "%(return)s asks for %(n)s units to come back and waits to be authorized.",
                units,
            )
        else:
            words = ngettext(
                "%(return)s is authorized: %(n)s unit may come back.",
                "%(return)s is authorized: %(n)s units may come back.",
                units,
            )
        yield Sentence("orange", words % {"return": each, "n": units}, "st-back")
    if standing.open_returns and standing.order.status == Status.DELIVERED:
        words = gettext("Delivered; it completes when what comes back is settled.")
        yield Sentence("orange", words, "st-deliv")
