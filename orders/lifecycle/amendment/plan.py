"""Plans: everything an amendment does to one order, and the hash that names it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.functional import lazy
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from config.kernel.reading import amount, short, worded
from config.kernel.steps import Effect, Outcomes
from orders import history
from orders.lifecycle import schedules
from orders.lifecycle.amendment.change import Change, Entry
from orders.lifecycle.amendment.details import CHARGES
from orders.lifecycle.messages import Message
from orders.models import AmendmentOperation, FillPolicy, Order, OrderException

Kind = AmendmentOperation.Kind
# Words of people, and where they live: that they change is told, never what they say.
PRIVATE: dict[str, tuple[str, StrOrPromise]] = {
    Kind.SET_SHIP_TO: ("address", _("what has not left to another address")),
    Kind.SET_PO_NUMBER: ("set", _("another PO number of the customer")),
    Kind.SET_NOTE: ("set", _("another internal note")),
}
# Facts of the order itself, as a preview tells their change.
TOLD: dict[str, StrOrPromise] = {
    Kind.SET_REQUESTED_ON: _("wanted by: %(before)s → %(after)s"),
    Kind.SET_TERMS: _("payment terms: %(before)s → %(after)s"),
    Kind.SET_FILL_POLICY: _("if stock is short: %(before)s → %(after)s"),
    Kind.SET_CARRIER: _("carrier: %(before)s → %(after)s"),
    Kind.SET_SHIPPING: _("delivery charge: %(before)s → %(after)s"),
    Kind.SET_ORDER_DISCOUNT: _("order discount: %(before)s → %(after)s"),
}

# Facts of a line: the kind of the effect, the pattern, the fact, and how it is read.
TOLD_OF_LINES: dict[str, tuple[str, StrOrPromise, str, Callable[[Any], object]]] = {
    "set_price": ("price", "%(sku)s: %(before)s → %(after)s", "unit_price", Decimal),
    "set_discount": (
        "set",
        _("%(sku)s, discount: %(before)s %% → %(after)s %%"),
        "discount_percent",
        lambda percent: short(Decimal(percent)),
    ),
    "set_warehouse": (
        "set",
        _("%(sku)s, warehouse: %(before)s → %(after)s"),
        "warehouse",
        lambda code: code or _("where it is best"),
    ),
    "set_line_day": (
        "set",
        _("%(sku)s, wanted by: %(before)s → %(after)s"),
        "requested_on",
        lambda text: date.fromisoformat(text) if text else _("not set"),
    ),
    "set_parts": (
        "set",
        schedules.IN_PARTS,
        "parts",
        schedules.in_parts,
    ),
}
_amount = lazy(amount, str)
LABELS = {policy.value: policy.label for policy in FillPolicy}


@dataclass(slots=True)
class Plan:
    """What is foreseen: the version made, money old → new, credit, and findings to decide on."""

    version: int
    total_before: Decimal
    total_after: Decimal
    entries: list[Entry] = field(default_factory=list)
    findings: list[OrderException] = field(default_factory=list)
    effects: list[Effect] = field(default_factory=list)
    exposure_before: Decimal | None = None
    exposure_after: Decimal | None = None
    credit_limit: Decimal | None = None
    lines: dict[int, Decimal] = field(default_factory=dict)  # what each line costs then

    @classmethod
    def of(cls, change: Change, version: int) -> Plan:
        """The plan of a change that has been made in memory."""
        order = change.order
        given_up = sum((line.cancelled_amount for line in order.facts.lines), Decimal(0))
        lines = {line.pk: line.line_total - line.cancelled_amount for line in order.facts.lines}
        total = order.grand_total - given_up
        return cls(version, change.total, total, change.entries, lines=lines)

    @property
    def hash(self) -> str:
        """Names the version, what is changed and what that does; equal plans have equal hashes."""
        told = [
            self.version,
            [[e.kind, e.what, e.quantity_after, e.before, e.after] for e in self.entries],
            [str(self.total_before), str(self.total_after)],
            history.told(self.effects),
        ]
        return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


@dataclass(slots=True)
class Amended(Outcomes):
    """The outcomes of amending, with the plan of each order that could be planned.

    ``messages`` is what the customers are told, by order.
    """

    plans: dict[int, Plan] = field(default_factory=dict)
    messages: dict[int, Message] = field(default_factory=dict)


def facts(change: Change) -> dict[str, object]:
    """The changed facts of an order as old → new, as its event keeps them: nothing personal."""
    kept: dict[str, object] = {}
    for entry in change.entries:
        if not entry.line and entry.kind not in PRIVATE:
            kept |= {name: [entry.before[name], entry.after[name]] for name in entry.after}
    kept |= _written(change.entries) | _of_lines(change.entries)
    order = change.order
    kept["total"] = history.changed(change.total, _total(order))
    kept["promised_on"] = history.changed(change.promised_on, order.promised_on)
    return kept


def _written(entries: Sequence[Entry]) -> dict[str, object]:
    """Which words of people, and which parts of an address, are others now."""
    found: dict[str, list[str]] = {}
    for entry in entries:
        if entry.kind in PRIVATE:
            name = "ship_to" if entry.kind == Kind.SET_SHIP_TO else "written"
            others = [each for each in entry.after if entry.after[each] != entry.before[each]]
            found[name] = sorted([*found.get(name, []), *others])
    return dict(found)


def _of_lines(entries: Sequence[Entry]) -> dict[str, object]:
    """The facts of each line that changed, by its number."""
    lines: dict[str, list[dict[str, Any]]] = {}
    for entry in entries:
        if entry.line:
            before, after = lines.setdefault(str(entry.line.line_no), [{}, {}])
            before.update(entry.before)
            after.update(entry.after)
    return {"lines": lines} if lines else {}


def _total(order: Order) -> Decimal:
    return order.grand_total - sum(
        (line.cancelled_amount for line in order.facts.lines), Decimal(0)
    )


def _value(entry: Entry, kept: str | None, order: Order) -> object:
    """A fact of the order as it is read."""
    if entry.kind == Kind.SET_REQUESTED_ON and kept:
        return date.fromisoformat(kept)
    if entry.kind in CHARGES:
        return _amount(Decimal(kept or 0), order.currency_id, order.minor_units)
    return LABELS.get(kept or "", kept) or _("not set")


def header_effects(change: Change) -> Sequence[Effect]:
    """What changes without touching stock, work or money, in words."""
    found = (_effect(entry, change.order) for entry in change.entries)
    return [effect for effect in found if effect]


def _effect(entry: Entry, order: Order) -> Effect | None:
    if entry.kind in PRIVATE:
        return Effect(order.pk, *PRIVATE[entry.kind])
    if entry.line is None:
        [before], [after] = entry.before.values(), entry.after.values()
        was, will_be = (_value(entry, value, order) for value in (before, after))
        if entry.kind == Kind.SET_CARRIER:
            was, will_be = (name or _("any carrier") for name in entry.names)
        return Effect(order.pk, "set", worded(TOLD[entry.kind], before=was, after=will_be))
    if entry.kind not in TOLD_OF_LINES:
        return None
    kind, pattern, name, read = TOLD_OF_LINES[entry.kind]
    before, after = read(entry.before[name]), read(entry.after[name])
    return Effect(order.pk, kind, worded(pattern, sku=entry.line.sku, before=before, after=after))
