"""What a profile makes of a file: drafts, the rows they came from, and what is wrong with rows."""

from __future__ import annotations

from dataclasses import dataclass, field

from orders.channels.reading import Row
from orders.lifecycle.drafts import OrderDraft


@dataclass(slots=True)
class SourceRow:
    """One row of a file: its number, what it said, and the draft and line that it became."""

    number: int
    raw: Row
    draft: int
    line: int | None = None
    code: str = ""
    message: str = ""

    def reject(self, code: str, message: str) -> None:
        """Say what is wrong; the first reason counts."""
        if not self.code:
            self.code, self.message = code, message


@dataclass(slots=True)
class Parsed:
    """The drafts of a file and its rows."""

    drafts: list[OrderDraft] = field(default_factory=list)
    rows: list[SourceRow] = field(default_factory=list)

    def rejected(self) -> set[int]:
        """Drafts of which a row could not be read: an order is taken whole or not at all."""
        return {row.draft for row in self.rows if row.code}
