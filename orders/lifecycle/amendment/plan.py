"""Plans: everything an amendment does to one order, and the hash that names it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from config.kernel.reading import short, worded
from config.kernel.steps import Effect, Outcomes
from orders import history
from orders.lifecycle.amendment.change import Change, Entry
from orders.lifecycle.messages import Message
from orders.models import AmendmentOperation, FillPolicy, Order, OrderException

# Facts of the order itself, as a preview tells their change.
TOLD = {
    AmendmentOperation.Kind.SET_REQUESTED_ON: _("wanted by: %(before)s → %(after)s"),
    AmendmentOperation.Kind.SET_TERMS: _("payment terms: %(before)s → %(after)s"),
    AmendmentOperation.Kind.SET_FILL_POLICY: _("if stock is short: %(before)s → %(after)s"),
}

# Facts of a line: the kind of the effect, the pattern, the fact, and how it is read.
TOLD_OF_LINES: dict[str, tuple[str, StrOrPromise, str, Callable[[str], object]]] = {
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
}
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
        if entry.kind == "set_ship_to":
            after, before = entry.after, entry.before
            kept["ship_to"] = sorted(part for part in after if after[part] != before[part])
        elif entry.line is None:
            kept |= {name: [entry.before[name], entry.after[name]] for name in entry.after}
    order = change.order
    lines = {str(e.line.line_no): [e.before, e.after] for e in change.entries if e.line}
    if lines:
        kept["lines"] = lines
    kept["total"] = history.changed(change.total, _total(order))
    kept["promised_on"] = history.changed(change.promised_on, order.promised_on)
    return kept


def _total(order: Order) -> Decimal:
    return order.grand_total - sum(
        (line.cancelled_amount for line in order.facts.lines), Decimal(0)
    )


def _value(kept: str | None) -> StrOrPromise:
    return LABELS.get(kept or "", kept) or _("not set")


def header_effects(change: Change) -> Sequence[Effect]:
    """What changes without touching stock, work or money, in words."""
    found = (_effect(entry, change.order) for entry in change.entries)
    return [effect for effect in found if effect]


def _effect(entry: Entry, order: Order) -> Effect | None:
    if entry.kind == "set_ship_to":
        return Effect(order.pk, "address", _("what has not left to another address"))
    if entry.line is None:
        [before], [after] = entry.before.values(), entry.after.values()
        told = TOLD[AmendmentOperation.Kind(entry.kind)]
        words = worded(told, before=_value(before), after=_value(after))
        return Effect(order.pk, "set", words)
    if entry.kind not in TOLD_OF_LINES:
        return None
    kind, pattern, name, read = TOLD_OF_LINES[entry.kind]
    before, after = read(entry.before[name]), read(entry.after[name])
    return Effect(order.pk, kind, worded(pattern, sku=entry.line.sku, before=before, after=after))
