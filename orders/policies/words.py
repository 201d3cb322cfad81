"""What differs between two versions, in words: one sentence for each thing that changed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from orders.models import (
    CHECK_NAMES,
    EXTRA_CHECKS,
    AmendmentRule,
    CancellationRule,
    CancellationScope,
    FieldGroup,
    Order,
    Severity,
    Status,
    SubStatus,
    TransitionRule,
    ValidationRule,
    permission_words,
)
from orders.policies.rows import Rules
from orders.policies.walk import Edge

FLOW, CHECKS, MATRIX, LABELS = "flow", "checks", "matrix", "labels"


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that changed: on which page, in which row, in words."""

    page: str
    row: Any
    words: str


def differences(old: Rules, new: Rules) -> list[Difference]:
    """Everything that the newer version says otherwise."""
    return [
        *_among(FLOW, old.transitions, new.transitions, _transition),
        *_among(CHECKS, old.validations, new.validations, _validation),
        *_among(MATRIX, old.amendments, new.amendments, _amendment),
        *_among(MATRIX, old.cancellations, new.cancellations, _cancellation),
        *_among(LABELS, old.labels, new.labels, _label),
    ]


Compare = Callable[[Any, Any], Iterator[str]]


def _among(
    page: str, old: Mapping[Any, Any], new: Mapping[Any, Any], compare: Compare
) -> Iterator[Difference]:
    for key in dict.fromkeys([*old, *new]):
        for words in compare(old.get(key), new.get(key)):
            yield Difference(page, key, words)


def edge_words(edge: Edge) -> str:
    """A step in words: “Validated” to “Processing”, or cancelling from a state."""
    source, target = edge
    if source is None:
        return "Entering an order"
    if target == Status.CANCELLED:
        return f"Cancelling from “{Status(source).label}”"
    return f"“{Status(source).label}” to “{Status(target).label}”"


def may(permission: str) -> str:
    """A permission in words: to waive findings."""
    return f"to {permission_words(Order, permission)}"


def _demands(old: Any, new: Any) -> Iterator[str]:
    """Permission and reason, which rows of several kinds ask for."""
    if old.permission != new.permission:
        yield (
            f"now needs the permission {may(new.permission)}"
            if new.permission
            else f"no longer needs the permission {may(old.permission)}"
        )
    if hasattr(new, "reason_required") and old.reason_required != new.reason_required:
        yield "now needs a reason" if new.reason_required else "no longer needs a reason"


def _transition(old: TransitionRule, new: TransitionRule) -> Iterator[str]:
    what = edge_words((new.from_state, new.to_state))
    if old.is_enabled != new.is_enabled:
        yield f"{what} is possible again." if new.is_enabled else f"{what} is no longer possible."
    for words in _demands(old, new):
        yield f"{what} {words}."
    if old.extra_check != new.extra_check:
        check = EXTRA_CHECKS.get(new.extra_check or old.extra_check)
        label = check.label if check else ""
        verb = "now asks" if new.extra_check else "no longer asks"
        yield f"{what} {verb} “{label}”."
    if old.is_automatic != new.is_automatic and new.goes_either_way:
        yield f"{what} is now taken {'by itself' if new.is_automatic else 'by hand'}."


def check_words(row: ValidationRule) -> str:
    """A check with the channel or group that it is for."""
    of = [str(row.channel)] if row.channel_id else []
    of += [f"group {row.customer_group}"] if row.customer_group else []
    name = CHECK_NAMES.get(row.code, row.code)
    return f"{name} ({', '.join(of)})" if of else name


def _validation(old: ValidationRule | None, new: ValidationRule | None) -> Iterator[str]:
    if old is None or new is None:
        yield from (
            f"{check_words(row)} is {'new' if new else 'gone'}." for row in (new, old) if row
        )
        return
    yield from _counted(old, new)
    yield from _parameters(check_words(new), old.parameters, new.parameters)


def _counted(old: ValidationRule, new: ValidationRule) -> Iterator[str]:
    """How a check counts, and who decides until when."""
    what = check_words(new)
    if old.severity != new.severity:
        now, then = Severity(new.severity).label, Severity(old.severity).label
        yield f"{what}: “{now}” instead of “{then}”."
    if old.is_active != new.is_active:
        yield f"{what} {'runs again' if new.is_active else 'no longer runs'}."
    if old.four_eyes != new.four_eyes:
        yield (
            f"{what} is {'no longer' if new.four_eyes else 'now also'} waived by whoever entered "
            "the order."
        )
    if old.team != new.team:
        yield f"{what} is for {new.team or 'nobody'} instead of {old.team or 'nobody'}."
    if old.target_hours != new.target_hours:
        yield f"{what}: {new.target_hours} hours to decide instead of {old.target_hours}."


def _parameters(what: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    for name in dict.fromkeys([*old, *new]):
        if old.get(name) != new.get(name):
            now, then = _plain(new.get(name)), _plain(old.get(name))
            yield f"{what}: {name.replace('_', ' ')} {now} instead of {then}."


def _plain(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "none"
    return "none" if value is None else str(value)


def _amendment(old: AmendmentRule, new: AmendmentRule) -> Iterator[str]:
    what = f"{FieldGroup(new.field_group).label} in “{Status(new.status).label}”"
    yield from _allowed(f"Amending {what[0].lower()}{what[1:]}", old, new)


def _cancellation(old: CancellationRule, new: CancellationRule) -> Iterator[str]:
    what = CancellationScope(new.scope).label.lower()
    yield from _allowed(f"Cancelling {what} in “{Status(new.status).label}”", old, new)


def _allowed(what: str, old: Any, new: Any) -> Iterator[str]:
    if old.is_allowed != new.is_allowed:
        yield f"{what} is {'allowed again' if new.is_allowed else 'no longer allowed'}."
    for words in _demands(old, new):
        yield f"{what} {words}."


def _label(old: SubStatus | None, new: SubStatus | None) -> Iterator[str]:
    row = new or old
    if row is None:
        return
    under = f"under “{Status(row.status).label}”"
    if old is None or new is None:
        yield f"Label “{row.label}” {under} is {'new' if new else 'gone'}."
    elif old.label != new.label:
        yield f"Label “{old.label}” {under} is now called “{new.label}”."
