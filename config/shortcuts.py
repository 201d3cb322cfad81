"""The keyboard: one table of shortcuts, from which the help is drawn and controls get their key."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Shortcut:
    """One key, or one key after another, and what it does there."""

    keys: tuple[str, ...]
    does: str
    permission: str = ""

    @property
    def key(self) -> str:
        """What a control carries that this shortcut presses."""
        return self.keys[-1].lower()


EVERYWHERE = (
    Shortcut(("⌘", "K"), "Search and commands", "orders.view_order"),
    Shortcut(("/",), "Search this list, or everything", "orders.view_order"),
    Shortcut(("N",), "New order", "orders.add_order"),
    Shortcut(("⌘", "↵"), "Send the form"),
    Shortcut(("?",), "This help"),
    Shortcut(("Esc",), "Close what is open"),
)
LISTS = (
    Shortcut(("J",), "Next row"),
    Shortcut(("K",), "Row before"),
    Shortcut(("X",), "Choose the row"),
    Shortcut(("↵",), "Open the row"),
)
AMEND = Shortcut(("E",), "Amend the order")
HOLD = Shortcut(("H",), "Hold the order", "orders.hold_order")
PRINT = Shortcut(("P",), "Print the order")
NOTE = Shortcut(("M",), "Write a note")
ORDER = (
    AMEND,
    HOLD,
    PRINT,
    NOTE,
    Shortcut(("J",), "Next order of the list"),
    Shortcut(("K",), "Order before"),
)
# Actions of an order that have a key of their own, by name.
ACTION_KEYS = {"amend": AMEND.key, "hold": HOLD.key}
