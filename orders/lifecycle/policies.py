"""Policies: what the rules of an order's version let be amended or cancelled, and by whom.

Rows narrow what the code allows; where there is no row, what the code allows holds. The system
itself acts by rule, so a permission that a row asks for is asked of people only.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.utils.translation import gettext
from django_stubs_ext import StrOrPromise

from config.kernel import sets
from config.kernel.actors import Actor
from orders.models import (
    GONE,
    AmendmentRule,
    CancellationRule,
    CancellationScope,
    FieldGroup,
    Order,
    Status,
)

OF_VERSIONS = "WHERE rules_id = ANY(%s)"


@dataclass(slots=True)
class Policies:
    """The rows that some orders go by, and the person who wants to act."""

    by: Actor
    amendments: dict[tuple[int, str, str], AmendmentRule] = field(default_factory=dict)
    cancellations: dict[tuple[int, str, str], CancellationRule] = field(default_factory=dict)

    @classmethod
    def of_amendments(cls, orders: Sequence[Order], by: Actor) -> Policies:
        """The amendment rules of the orders' versions."""
        rows = sets.read(AmendmentRule, OF_VERSIONS, _versions(orders))
        found = {(row.rules_id, row.status, row.field_group): row for row in rows}
        return cls(by, amendments=found)

    @classmethod
    def of_cancellations(cls, orders: Sequence[Order], by: Actor) -> Policies:
        """The cancellation rules of the orders' versions."""
        rows = sets.read(CancellationRule, OF_VERSIONS, _versions(orders))
        found = {(row.rules_id, row.status, row.scope): row for row in rows}
        return cls(by, cancellations=found)

    def against_amending(self, order: Order, group: str) -> str:
        """Why this group of fields may not be amended now by this person, or ''."""
        if order.status in GONE and group != FieldGroup.NOTES:
            words = gettext("%(order)s has left; only its notes and PO number can change.")
            return words % {"order": order}
        rule = self.amendments.get((order.rules_version, order.status, group))
        if rule is None or (rule.is_allowed and self._may(rule.permission)):
            return ""
        if rule.is_allowed:
            words = gettext("%(what)s: your role does not include changing this on a placed order.")
        else:
            words = gettext("%(what)s are not changed at “%(stage)s” (rules version %(version)s).")
        return words % _where(order, FieldGroup(group).label)

    def wants_reason(self, order: Order, groups: Iterable[str]) -> bool:
        """Whether a rule asks why."""
        rules = (self.amendments.get((order.rules_version, order.status, g)) for g in groups)
        return any(rule.reason_required for rule in rules if rule)

    def against_cancelling(self, order: Order, scope: str) -> str:
        """Why so much of the order may not be cancelled now by this person, or ''."""
        rule = self.cancellations.get((order.rules_version, order.status, scope))
        if rule is None or (rule.is_allowed and self._may(rule.permission)):
            return ""
        if rule.is_allowed:
            words = gettext("%(what)s: your role does not include cancelling this here.")
        else:
            words = gettext("%(what)s: not cancelled at “%(stage)s” (rules version %(version)s).")
        return words % _where(order, CancellationScope(scope).label)

    def _may(self, permission: str) -> bool:
        return not permission or self.by.user_id is None or permission in self.by.permissions


def _where(order: Order, what: StrOrPromise) -> dict[str, object]:
    """What a refusal names: what is asked for, the stage of the order, the version of its rules."""
    return {"what": what, "stage": Status(order.status).label, "version": order.rules_version}


def _versions(orders: Sequence[Order]) -> list[int]:
    return list({order.rules_version for order in orders})
