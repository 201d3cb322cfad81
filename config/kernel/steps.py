"""One path for one order and for ten thousand: ask each, act on all, answer each.

A step takes the ids of many orders, runs a constant number of statements and answers
``Outcomes``. A refusal is data; an error is an exception and costs a rollback.
"""

from __future__ import annotations

import logging
import random
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import wraps
from typing import Any, NamedTuple, ParamSpec, TypeVar

from django.db import (
    DatabaseError,
    InterfaceError,
    OperationalError,
    connection,
    models,
    transaction,
)
from django.utils.translation import gettext
from django_fsm import TransitionNotAllowed
from django_stubs_ext import StrOrPromise

from config.kernel import pipeline
from config.kernel.errors import DomainError, StepRefused

M = TypeVar("M", bound=models.Model)
P = ParamSpec("P")
T = TypeVar("T")
Step = Callable[..., "Outcomes"]  # step(ids, *, by, **arguments)

log = logging.getLogger(__name__)
ATTEMPTS = 4
PASSING = {"40P01", "40001", "55P03"}  # deadlock, serialization failure, lock timeout


class Effect(NamedTuple):
    """One change that a step makes to stock, money or work, in words a screen can show."""

    order: int
    kind: str  # reserve, release, backorder, commit, uncommit, pick, recall, ship, invoice, cost, …
    what: StrOrPromise
    quantity: int = 0
    amount: Decimal | None = None
    currency: str = ""
    place: str = ""  # the code of the warehouse that gets it to do


@dataclass(slots=True)
class Outcomes:
    """What became of each order, and what the step did to stock and money."""

    done: list[int] = field(default_factory=list)
    refused: dict[int, str] = field(default_factory=dict)  # a rule said no; nothing changed
    failed: dict[int, str] = field(default_factory=dict)  # the database said no; a defect
    effects: list[Effect] = field(default_factory=list)
    created: list[int] = field(default_factory=list)  # ids of documents that the step made

    def refuse(self, pk: int, why: str) -> None:
        """Answer an order with the sentence that stands in its way."""
        self.refused[pk] = why

    def effects_of(self) -> defaultdict[int, list[Effect]]:
        """The effects by order."""
        grouped: defaultdict[int, list[Effect]] = defaultdict(list)
        for effect in self.effects:
            grouped[effect.order].append(effect)
        return grouped


def guard(why: Callable[[M], str]) -> Callable[[Any], bool]:
    """Make an FSM condition of a function that answers the sentence of refusal, or ''."""

    @wraps(why)
    def passes(instance: M) -> bool:
        return not why(instance)

    passes.why = why  # type: ignore[attr-defined]
    return passes


def reasons(row: M, transition: Callable[..., Any]) -> list[str]:
    """Every sentence that stands between the row and the transition; none: it may."""
    meta = transition._django_fsm  # type: ignore[attr-defined]
    state = getattr(row, meta.field.name)
    found = meta.get_transition(state)
    if found is None:
        label = getattr(row, f"get_{meta.field.name}_display")()
        [verb] = {str(each.custom.get("verb", each.name)) for each in meta.transitions.values()}
        return [
            gettext("%(row)s stands at “%(state)s”; it is not possible to %(verb)s it from there.")
            % {"row": row, "state": label, "verb": verb}
        ]
    return [words for condition in found.conditions if (words := condition.why(row))]


def attempt(row: M, transition: Callable[..., Any], **detail: Any) -> str:
    """Take the transition, in memory; if a rule is against it, the sentence that says so."""
    try:
        transition(row, **detail)
    except TransitionNotAllowed:
        return " ".join(reasons(row, transition))
    return ""


def asked(
    rows: Sequence[M], transition: Callable[..., Any], ids: Sequence[int], **detail: Any
) -> tuple[list[M], Outcomes]:
    """Take the transition, in memory, with every row that may; keep the sentences of the others.

    Rows are asked in id order: what an earlier one takes from a shared account or stock level,
    a later one no longer finds.
    """
    found = {row.pk for row in rows}
    lost = [pk for pk in ids if pk not in found]
    outcomes = Outcomes(refused=dict.fromkeys(lost, gettext("There is no such order.")))
    taken = []
    for row in rows:
        if why := attempt(row, transition, **detail):
            outcomes.refuse(row.pk, why)
        else:
            taken.append(row)
            outcomes.done.append(row.pk)
    return taken, outcomes


def step(run: Callable[P, T]) -> Callable[P, T]:
    """Run work in a transaction; repeat it as a whole when others were merely in the way.

    Only what owns its transaction may be repeated: inside someone else's, the earlier
    work of that transaction would be lost.
    """

    @wraps(run)
    def in_transaction(*given: P.args, **arguments: P.kwargs) -> T:
        attempts = 1 if connection.in_atomic_block else ATTEMPTS
        return _repeated(lambda: run(*given, **arguments), attempts)

    return in_transaction


def _repeated(run: Callable[[], T], attempts: int) -> T:
    for left in range(attempts - 1, -1, -1):
        try:
            with transaction.atomic(), pipeline.ahead():
                return run()
        except OperationalError as error:
            if not left or getattr(error.__cause__, "sqlstate", None) not in PASSING:
                raise
            time.sleep(random.uniform(0.01, 0.1) * (attempts - left))  # noqa: S311
    raise AssertionError("unreachable")


def single(run: Step, pk: int, **arguments: Any) -> Outcomes:
    """The step for one order; its refusal is raised."""
    outcomes = run([pk], **arguments)
    if outcomes.refused:
        raise StepRefused(outcomes.refused[pk])
    return outcomes


def preview(run: Step, ids: Sequence[int], **arguments: Any) -> Outcomes:
    """What the step would do: it is done, held against every constraint, and undone."""
    with transaction.atomic():
        outcomes = run(ids, **arguments)
        connection.check_constraints()  # deferred ones too, which a rollback would never reach
        transaction.set_rollback(True)
    return outcomes


def _discard(_: Outcomes) -> None:
    """Keep nothing of a chunk's result."""


def _alone(pk: int, error: Exception) -> Outcomes:
    """A rule that was raised is a refusal of that one; anything else is a defect."""
    if isinstance(error, DomainError):
        return Outcomes(refused={pk: str(error)})
    log.error("Order %s failed alone.", pk, exc_info=error)
    if isinstance(error, DatabaseError):
        return Outcomes(failed={pk: str(error)})
    return Outcomes(failed={pk: f"{type(error).__name__}: {error}"})


def chunked(
    run: Step,
    ids: Sequence[int],
    *,
    size: int = 200,
    save: Callable[[Outcomes], None] = _discard,
    **arguments: Any,
) -> Iterator[Outcomes]:
    """The step in transactions of ``size``; one that fails is halved until the culprit is alone.

    ``save`` commits the results with the work, so a killed worker neither loses nor doubles one.
    A lost connection, a deadlock or a timeout is nobody's fault: it is tried again as a whole
    and then raised, never halved; nor is a worker that ran out of memory.
    """

    def attempt(chunk: Sequence[int]) -> Callable[[], Outcomes]:
        def work() -> Outcomes:
            outcomes = run(chunk, **arguments)
            save(outcomes)
            return outcomes

        return work

    waiting = [ids[i : i + size] for i in range(0, len(ids), size)][::-1]
    while waiting:
        chunk = waiting.pop()
        try:
            outcomes = _repeated(attempt(chunk), 1 if connection.in_atomic_block else ATTEMPTS)
        except (OperationalError, InterfaceError, MemoryError):
            raise
        except Exception as error:  # noqa: BLE001 - a defect of one must not keep back the others
            if len(chunk) > 1:
                half = len(chunk) // 2
                waiting += [chunk[half:], chunk[:half]]
                continue
            outcomes = _alone(chunk[0], error)
            with transaction.atomic():
                save(outcomes)
        yield outcomes
