"""What a job does in total: the effects of all its orders, summed up by kind and currency."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from config.kernel.steps import Effect

Row = list[str | int]  # kind, currency, units, amount: as JSON keeps it

# kind → what is done, in total
WORDS = {
    "reserve": _("Reserve units"),
    "move": _("Move units"),
    "backorder": _("Units that wait for stock"),
    "commit": _("Commit on customers' credit"),
    "uncommit": _("Give back to customers' credit"),
    "cancel": _("Cancel units"),
    "release": _("Release units"),
    "stop": pgettext_lazy("in total", "Stop"),
    "advance": pgettext_lazy("in total", "Advance"),
    "miss": pgettext_lazy("in total", "Miss"),
    "endanger": pgettext_lazy("in total", "Endanger"),
    "resolve": pgettext_lazy("in total", "Resolve"),
    "find": pgettext_lazy("in total", "Find"),
    "promise": pgettext_lazy("in total", "Promise"),
    "drop": pgettext_lazy("in total", "Drop"),
    "task": pgettext_lazy("in total", "Task"),
    "let_go": _("Units to be picked now"),
    "unpack": pgettext_lazy("in total", "Unpack"),
    "refund": pgettext_lazy("in total", "Refund"),
    "recall": _("Take units back to their bins"),
    "review": _("Orders that go to review instead"),
}


@dataclass(frozen=True, slots=True)
class Total:
    """One kind of effect over all orders."""

    kind: str
    currency: str
    units: int
    amount: Decimal | None

    @property
    def words(self) -> str:
        """What is done."""
        known = WORDS.get(self.kind)
        return str(known) if known else self.kind.replace("_", " ").capitalize()


def added(rows: Sequence[Row], effects: Iterable[Effect]) -> list[Row]:
    """The sums with these effects on top, as JSON keeps them."""
    sums = {
        (str(kind), str(currency)): (int(units), Decimal(amount))
        for kind, currency, units, amount in rows
    }
    for effect in effects:
        units, amount = sums.get((effect.kind, effect.currency), (0, Decimal(0)))
        sums[effect.kind, effect.currency] = (
            units + effect.quantity,
            amount + (effect.amount or Decimal(0)),
        )
    return [
        [kind, currency, units, str(amount)] for (kind, currency), (units, amount) in sums.items()
    ]


def loaded(load: Mapping[str, int], effects: Iterable[Effect]) -> dict[str, int]:
    """Units that each warehouse gets to pick, with these effects on top."""
    units = Counter(load)
    for effect in effects:
        if effect.place:
            units[effect.place] += effect.quantity
    return dict(units)


def told(rows: Sequence[Row]) -> list[Total]:
    """The sums for a screen."""
    return [
        Total(str(kind), str(currency), int(units), Decimal(amount) if currency else None)
        for kind, currency, units, amount in rows
    ]
