"""The rows of a version, by what they are about."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from orders.models import (
    AmendmentRule,
    CancellationRule,
    CancellationScope,
    RuleSet,
    Status,
    SubStatus,
    TransitionRule,
    ValidationRule,
)
from orders.policies.walk import Edge

Scope = tuple[str, int | None, str]  # code, channel, customer group


@dataclass(slots=True)
class Rules:
    """One version with all its rows."""

    of: RuleSet
    transitions: dict[Edge, TransitionRule]
    validations: dict[Scope, ValidationRule]
    amendments: dict[tuple[str, str], AmendmentRule]  # by group and status
    cancellations: dict[tuple[str, str], CancellationRule]  # by scope and status
    labels: dict[tuple[str, str], SubStatus]  # by status and code

    @classmethod
    def read(cls, rules: RuleSet) -> Self:
        """Read them, in five statements."""
        checks = rules.validations.select_related("channel")
        return cls(
            rules,
            {(row.from_state, row.to_state): row for row in rules.transitions.all()},
            {(row.code, row.channel_id, row.customer_group): row for row in checks},
            {(row.field_group, row.status): row for row in rules.amendments.all()},
            {(row.scope, row.status): row for row in rules.cancellations.all()},
            {(row.status, row.code): row for row in rules.labels.all()},
        )

    @property
    def ways(self) -> set[Edge]:
        """The steps that orders can really take: cancelling is closed by its own rules, too."""
        return {e for e in self.enabled if e[1] != Status.CANCELLED or self._cancels(str(e[0]))}

    def _cancels(self, status: str) -> bool:
        """Whether an order can be given up here, at once or unit by unit; drafts only whole."""
        scopes = [CancellationScope.WHOLE]
        if status != Status.DRAFT:
            scopes.append(CancellationScope.UNITS)
        rows = [self.cancellations.get((scope, status)) for scope in scopes]
        return any(row is None or row.is_allowed for row in rows)

    @property
    def enabled(self) -> set[Edge]:
        """The steps that this version leaves open."""
        return {edge for edge, row in self.transitions.items() if row.is_enabled}
