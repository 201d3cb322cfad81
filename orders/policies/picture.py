"""The flow of orders as a drawing: every state, every step, and what a draft changes of them.

“Cancelled” lies beneath the states that lead to it, so that every step is one straight line.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from orders.models import TERMINAL, Status
from orders.policies.problems import Problem
from orders.policies.rows import Rules
from orders.policies.walk import Edge, unreached

WIDTH, HEIGHT = 108, 44
ROW, REVIEW, END = 30, 130, 230
BOXES: dict[str, tuple[int, int, int]] = {  # x, y, width
    **{
        status: (144 * place, ROW, WIDTH)
        for place, status in enumerate(
            (
                Status.DRAFT,
                Status.SUBMITTED,
                Status.VALIDATED,
                Status.PROCESSING,
                Status.FULFILLING,
                Status.SHIPPED,
                Status.DELIVERED,
                Status.COMPLETED,
            )
        )
    },
    Status.IN_REVIEW: (216, REVIEW, WIDTH),
    Status.CANCELLED: (0, END, 684),
}
# Steps that are not between neighbours: at which x, from which y to which.
UP, DOWN = ROW + HEIGHT, REVIEW + HEIGHT
LINES: dict[Edge, tuple[int, int, int]] = {
    (Status.SUBMITTED, Status.IN_REVIEW): (226, UP, REVIEW),
    (Status.IN_REVIEW, Status.SUBMITTED): (242, REVIEW, UP),
    (Status.IN_REVIEW, Status.VALIDATED): (298, REVIEW, UP),
    (Status.VALIDATED, Status.IN_REVIEW): (314, UP, REVIEW),
    (Status.DRAFT, Status.CANCELLED): (54, UP, END),
    (Status.SUBMITTED, Status.CANCELLED): (180, UP, END),
    (Status.IN_REVIEW, Status.CANCELLED): (270, DOWN, END),
    (Status.VALIDATED, Status.CANCELLED): (360, UP, END),
    (Status.PROCESSING, Status.CANCELLED): (486, UP, END),
    (Status.FULFILLING, Status.CANCELLED): (630, UP, END),
}
WORDS = {"add": _("Added"), "del": _("Removed"), "chgd": _("Changed")}


@dataclass(frozen=True, slots=True)
class Box:
    """A state as a box, with a word where something is wrong with it."""

    x: int
    y: int
    width: int
    label: str
    word: str
    css: str

    @property
    def middle(self) -> int:
        """Where its words are centred."""
        return self.x + self.width // 2

    @property
    def baseline(self) -> int:
        """Where its name stands."""
        return self.y + (19 if self.word else 27)

    @property
    def second(self) -> int:
        """Where the word below it stands."""
        return self.y + 35


@dataclass(frozen=True, slots=True)
class Line:
    """A step as a line: how it changes, and the word beside it."""

    path: str
    css: str
    word: str
    x: int
    y: int
    anchor: str


def boxes(rules: Rules, found: Collection[Problem] = ()) -> list[Box]:
    """Every state; those that orders get stuck in or no longer get to say so."""
    stuck, lost = {problem.state for problem in found}, set(unreached(rules.enabled))
    drawn = []
    for status, (x, y, width) in BOXES.items():
        word = ""
        if status in stuck:
            word = gettext("dead end")
        elif status in lost:
            word = gettext("unreachable")
        css = "bad" if word else "end" if status in TERMINAL else ""
        drawn.append(Box(x, y, width, str(Status(status).label), word, css))
    return drawn


def lines(old: Rules, new: Rules, *, before: bool = False) -> list[Line]:
    """Every step that one of the versions has; before: as the older one has them."""
    drawn = []
    for edge, row in new.transitions.items():
        if edge[0] is None:
            continue
        was = old.transitions[edge]
        shown = was if before else row
        css = "" if before else _change(was.is_enabled, row.is_enabled, same=_same(was, row))
        if shown.is_enabled or css == "del":
            drawn.append(_line(edge, css))
    return drawn


def _change(old: bool, new: bool, *, same: bool) -> str:  # noqa: FBT001 - before and after
    if old != new:
        return "add" if new else "del"
    return "" if same or not new else "chgd"


def _same(old: object, new: object) -> bool:
    asked = ("is_automatic", "permission", "reason_required", "extra_check")
    return all(getattr(old, name) == getattr(new, name) for name in asked)


def _line(edge: Edge, css: str) -> Line:
    word = str(WORDS.get(css, ""))
    if edge in LINES:
        x, start, end = LINES[edge]
        stop = end - 2 if end > start else end + 2
        return Line(f"M{x} {start}V{stop}", css, word, x + 6, END - 14, "start")
    x, y, width = BOXES[str(edge[0])]
    middle = y + HEIGHT // 2
    return Line(f"M{x + width} {middle}H{x + 142}", css, word, x + width + 18, y - 8, "middle")


def told(old: Rules, new: Rules) -> str:
    """The drawing in words, for those who cannot see it."""
    changed = [
        gettext("%(change)s: %(here)s to %(there)s")
        % {
            "change": WORDS[css],
            "here": Status(str(edge[0])).label,
            "there": Status(edge[1]).label,
        }
        for edge, row in new.transitions.items()
        if edge[0]
        and (
            css := _change(
                old.transitions[edge].is_enabled,
                row.is_enabled,
                same=_same(old.transitions[edge], row),
            )
        )
    ]
    if not changed:
        return gettext("The states of an order and the steps between them.")
    return "; ".join(changed) + "."
