"""What a profile makes of a file: drafts, the rows they came from, and what is wrong with rows."""

from __future__ import annotations

from dataclasses import dataclass, field

from orders.channels.reading import Row
from orders.lifecycle.drafts import OrderDraft

# Fields of a draft that files call otherwise.
MEANT = {"external_id": "order", "unit_price": "price"}


@dataclass(slots=True)
class SourceRow:
    """One row of a file: its number, what it said, and the draft and line that it became."""

    number: int
    raw: Row
    draft: int
    line: int | None = None
    column: str = ""
    code: str = ""
    message: str = ""

    def reject(self, code: str, message: str, column: str = "") -> None:
        """Say what is wrong, and in which column of the file; the first reason counts."""
        if not self.code:
            self.code, self.message, self.column = code, message, column[:80]


@dataclass(slots=True)
class Parsed:
    """The drafts of a file and its rows."""

    drafts: list[OrderDraft] = field(default_factory=list)
    rows: list[SourceRow] = field(default_factory=list)
    columns: dict[str, str] = field(default_factory=dict)  # what is meant → column of the file

    def column(self, name: str) -> str:
        """The column of the file that a field of a draft came from; '' if none did."""
        parts = name.split(".")
        meant = "_".join(parts) if parts[0] == "ship_to" else MEANT.get(parts[-1], parts[-1])
        return self.columns.get(meant, "")

    def rejected(self) -> set[int]:
        """Drafts of which a row could not be read: an order is taken whole or not at all."""
        return {row.draft for row in self.rows if row.code}
