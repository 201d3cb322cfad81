"""The keyboard: one table of shortcuts, from which the help is drawn and controls get their key."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise


@dataclass(frozen=True, slots=True, eq=False)
class Shortcut:
    """One key, or one key after another, and what it does there."""

    keys: tuple[str, ...]
    does: StrOrPromise
    permission: str = ""

    @property
    def key(self) -> str:
        """What a control carries that this shortcut presses."""
        return self.keys[-1].lower()


EVERYWHERE = (
    Shortcut(("⌘", "K"), _("Search and commands"), "orders.view_order"),
    Shortcut(("/",), _("Search this list, or everything"), "orders.view_order"),
    Shortcut(("N",), _("New order"), "orders.add_order"),
    Shortcut(("⌘", "↵"), _("Send the form")),
    Shortcut(("?",), _("This help")),
    Shortcut(("Esc",), _("Close what is open")),
)
LISTS = (
    Shortcut(("J",), _("Next row")),
    Shortcut(("K",), _("Row before")),
    Shortcut(("X",), _("Choose the row")),
    Shortcut(("⇧", "X"), _("Choose the rows up to here")),
    Shortcut(("↵",), _("Open the row")),
)
AMEND = Shortcut(("E",), _("Amend the order"))
HOLD = Shortcut(("H",), _("Hold the order"), "orders.hold_order")
PRINT = Shortcut(("P",), _("Print the order"))
NOTE = Shortcut(("M",), _("Write a note"))
ORDER = (
    AMEND,
    HOLD,
    PRINT,
    NOTE,
    Shortcut(("J",), _("Next order of the list")),
    Shortcut(("K",), _("Order before")),
)
ENTRY = (
    Shortcut(("⌘", "S"), _("Save the draft"), "orders.add_order"),
    Shortcut(("Alt", "↑"), _("Move the line up"), "orders.add_order"),
    Shortcut(("Alt", "↓"), _("Move the line down"), "orders.add_order"),
    Shortcut(("Alt", "⌫"), _("Take the line out"), "orders.add_order"),
)
ALL = (EVERYWHERE, LISTS, ORDER, ENTRY)
# Actions of an order that have a key of their own, by name.
ACTION_KEYS = {"amend": AMEND.key, "edit": AMEND.key, "hold": HOLD.key}
