"""What differs between two versions, in words: one sentence for each thing that changed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext, ngettext, pgettext
from django.utils.translation import gettext_lazy as _

from config.kernel.reading import within
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
# What checks measure by, within a sentence.
PARAMETERS = {
    "deviation_percent": _("deviation percent"),
    "excluded_countries": _("excluded countries"),
    "hours": _("hours"),
}
CANCELLING = {
    CancellationScope.WHOLE: _("Cancelling the whole order in “%(state)s”"),
    CancellationScope.UNITS: _("Cancelling lines and units in “%(state)s”"),
}


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
        return gettext("Entering an order")
    if target == Status.CANCELLED:
        return gettext("Cancelling from “%(state)s”") % {"state": Status(source).label}
    return gettext("“%(here)s” to “%(there)s”") % {
        "here": Status(source).label,
        "there": Status(target).label,
    }


def may(permission: str) -> str:
    """What a permission lets one do: waive findings."""
    return permission_words(Order, permission)


def _demands(what: str, old: Any, new: Any) -> Iterator[str]:
    """Permission and reason, which rows of several kinds ask for."""
    if old.permission != new.permission:
        if new.permission:
            words = gettext("%(what)s now needs the permission to %(right)s.")
        else:
            words = gettext("%(what)s no longer needs the permission to %(right)s.")
        yield words % {"what": what, "right": may(new.permission or old.permission)}
    if hasattr(new, "reason_required") and old.reason_required != new.reason_required:
        if new.reason_required:
            words = gettext("%(what)s now needs a reason.")
        else:
            words = gettext("%(what)s no longer needs a reason.")
        yield words % {"what": what}


def _transition(old: TransitionRule, new: TransitionRule) -> Iterator[str]:
    what = edge_words((new.from_state, new.to_state))
    if old.is_enabled != new.is_enabled:
        if new.is_enabled:
            words = gettext("%(what)s is possible again.")
        else:
            words = gettext("%(what)s is no longer possible.")
        yield words % {"what": what}
    yield from _demands(what, old, new)
    if old.extra_check != new.extra_check:
        check = EXTRA_CHECKS.get(new.extra_check or old.extra_check)
        if new.extra_check:
            words = gettext("%(what)s now asks “%(check)s”.")
        else:
            words = gettext("%(what)s no longer asks “%(check)s”.")
        yield words % {"what": what, "check": check.label if check else ""}
    if old.is_automatic != new.is_automatic and new.goes_either_way:
        if new.is_automatic:
            words = gettext("%(what)s is now taken by itself.")
        else:
            words = gettext("%(what)s is now taken by hand.")
        yield words % {"what": what}


def check_words(row: ValidationRule) -> str:
    """A check with the channel or group that it is for."""
    of = [str(row.channel)] if row.channel_id else []
    if row.customer_group:
        of.append(gettext("group %(group)s") % {"group": row.customer_group})
    name = gettext(CHECK_NAMES.get(row.code, row.code))
    return f"{name} ({', '.join(of)})" if of else name


def _validation(old: ValidationRule | None, new: ValidationRule | None) -> Iterator[str]:
    if old and new:
        yield from _counted(old, new)
        yield from _decided(old, new)
        yield from _parameters(check_words(new), old.parameters, new.parameters)
    elif new:
        yield gettext("%(check)s is new.") % {"check": check_words(new)}
    elif old:
        yield gettext("%(check)s is gone.") % {"check": check_words(old)}


def _counted(old: ValidationRule, new: ValidationRule) -> Iterator[str]:
    """Whether a check runs, and how it counts."""
    what = check_words(new)
    if old.severity != new.severity:
        yield gettext("%(check)s: “%(now)s” instead of “%(then)s”.") % {
            "check": what,
            "now": Severity(new.severity).label,
            "then": Severity(old.severity).label,
        }
    if old.is_active != new.is_active:
        if new.is_active:
            words = gettext("%(check)s runs again.")
        else:
            words = gettext("%(check)s no longer runs.")
        yield words % {"check": what}
    if old.four_eyes != new.four_eyes:
        if new.four_eyes:
            words = gettext("%(check)s is no longer waived by whoever entered the order.")
        else:
            words = gettext("%(check)s is now also waived by whoever entered the order.")
        yield words % {"check": what}


def _decided(old: ValidationRule, new: ValidationRule) -> Iterator[str]:
    """Who decides on what a check finds, and until when."""
    what = check_words(new)
    yield from _demands(gettext("Letting “%(check)s” pass") % {"check": what}, old, new)
    if old.team != new.team:
        nobody = gettext("nobody")
        yield gettext("%(check)s is for %(now)s instead of %(then)s.") % {
            "check": what,
            "now": gettext(new.team) if new.team else nobody,
            "then": gettext(old.team) if old.team else nobody,
        }
    if old.target_hours != new.target_hours:
        yield ngettext(
            "%(check)s: %(now)s hours to decide instead of %(then)s.",
            "%(check)s: %(now)s hours to decide instead of %(then)s.",
            new.target_hours,
        ) % {"check": what, "now": new.target_hours, "then": old.target_hours}


def _parameters(what: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    for name in dict.fromkeys([*old, *new]):
        if old.get(name) != new.get(name):
            yield gettext("%(check)s: %(name)s %(now)s instead of %(then)s.") % {
                "check": what,
                "name": PARAMETERS.get(name, name.replace("_", " ")),
                "now": _plain(new.get(name)),
                "then": _plain(old.get(name)),
            }


def _plain(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value)) or pgettext("value", "none")
    return pgettext("value", "none") if value is None else str(value)


def _amendment(old: AmendmentRule, new: AmendmentRule) -> Iterator[str]:
    what = gettext("Amending %(what)s in “%(state)s”") % {
        "what": within(FieldGroup(new.field_group).label),
        "state": Status(new.status).label,
    }
    yield from _allowed(what, old, new)


def _cancellation(old: CancellationRule, new: CancellationRule) -> Iterator[str]:
    words = str(CANCELLING[CancellationScope(new.scope)])
    yield from _allowed(words % {"state": Status(new.status).label}, old, new)


def _allowed(what: str, old: Any, new: Any) -> Iterator[str]:
    if old.is_allowed != new.is_allowed:
        if new.is_allowed:
            words = gettext("%(what)s is allowed again.")
        else:
            words = gettext("%(what)s is no longer allowed.")
        yield words % {"what": what}
    yield from _demands(what, old, new)


def _label(old: SubStatus | None, new: SubStatus | None) -> Iterator[str]:
    row = new or old
    if row is None:
        return
    named = {"label": row, "state": Status(row.status).label}
    if old is None:
        yield gettext("Label “%(label)s” under “%(state)s” is new.") % named
    elif new is None:
        yield gettext("Label “%(label)s” under “%(state)s” is gone.") % named
    elif old.label != new.label:
        words = gettext("Label “%(before)s” under “%(state)s” is now called “%(label)s”.")
        yield words % {**named, "before": old}
    elif old.position != new.position:
        yield gettext("Label “%(label)s” under “%(state)s” stands in another place.") % named
