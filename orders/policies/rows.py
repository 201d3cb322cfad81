"""The rows of a version, by what they are about."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from orders.models import (
    AmendmentRule,
    CancellationRule,
    RuleSet,
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
    def enabled(self) -> set[Edge]:
        """The steps that this version leaves open."""
        return {edge for edge, row in self.transitions.items() if row.is_enabled}
