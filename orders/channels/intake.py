"""Intake: a parsed file becomes orders, and every row keeps what became of it.

Nothing is half-written: an order is taken whole, together with what its rows say became of them.
A file that was read before changes nothing, because each (channel, external id) is taken once.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Self

from django.db import InterfaceError, OperationalError, transaction
from django.utils.translation import gettext

from config.kernel import sets
from config.kernel.actors import Actor
from config.kernel.errors import TryLater
from config.kernel.steps import Outcomes, chunked
from orders.channels.parsed import Parsed, SourceRow
from orders.lifecycle import capture
from orders.lifecycle.drafts import Captured, Problem
from orders.models import OrderImport, OrderImportRow

CHUNK = 500


@dataclass(slots=True)
class Taken(Outcomes):
    """What became of the drafts of a chunk, by their place in the file."""

    orders: dict[int, int] = field(default_factory=dict)
    problems: dict[int, list[Problem]] = field(default_factory=dict)

    @classmethod
    def of(cls, part: Sequence[int], captured: Captured) -> Self:
        """The answer of capture, told by the places in the file."""
        taken = cls(orders={part[position]: pk for position, pk in captured.orders.items()})
        for problem in captured.problems:
            index = part[problem.draft]
            taken.problems.setdefault(index, []).append(problem)
            taken.refuse(index, problem.message)
        taken.done = list(taken.orders)
        return taken


def fingerprint(path: Path) -> str:
    """The SHA-256 of a file, or of the files of a folder."""
    digest = hashlib.sha256()
    for file in sorted(path.glob("*.csv")) if path.is_dir() else [path]:
        digest.update(file.read_bytes())
    return digest.hexdigest()


def take(
    parsed: Parsed, *, path: Path, profile: str, by: Actor, dry_run: bool = False
) -> OrderImport:
    """Make orders of the drafts, chunk by chunk; each keeps its rows with what became of them.

    What the database turns down is found and rejected alone. If it stops answering, the import
    stands as failed with the rows that were answered; the same file goes on from there.
    """
    made = _open(parsed, path=path, profile=profile, by=by, dry_run=dry_run)
    of_draft: dict[int, list[SourceRow]] = defaultdict(list)
    for row in parsed.rows:
        of_draft[row.draft].append(row)
    bad = parsed.rejected()
    _keep(made, [row for index in bad for row in of_draft[index]], {})

    def create(part: Sequence[int], *, by: Actor) -> Outcomes:
        with transaction.atomic():
            captured = capture.create([parsed.drafts[index] for index in part], by=by)
            transaction.set_rollback(dry_run)
        return Taken.of(part, captured)

    def save(outcomes: Outcomes) -> None:
        answered = [*outcomes.done, *outcomes.refused, *outcomes.failed]
        rows = [replace(row) for index in answered for row in of_draft[index]]
        _explain(rows, outcomes)
        orders = outcomes.orders if isinstance(outcomes, Taken) else {}
        _keep(made, rows, orders)

    wanted = [index for index in range(len(parsed.drafts)) if index not in bad]
    try:
        for _ in chunked(create, wanted, size=CHUNK, save=save, by=by):
            pass
    except (OperationalError, InterfaceError) as error:
        words = gettext("The database stopped answering; read the same file again to go on.")
        _close(made, OrderImport.Status.FAILED, words)
        raise TryLater(words) from error
    _close(made, OrderImport.Status.DONE)
    return made


def record(
    parsed: Parsed, orders: Mapping[int, int], *, path: Path, profile: str, by: Actor
) -> OrderImport:
    """Keep a file's rows with the orders they went into, or why they did not."""
    made = _open(parsed, path=path, profile=profile, by=by)
    for row in parsed.rows:
        if row.draft not in orders:
            words = gettext("This order was taken before; nothing was changed.")
            row.reject("taken_before", words)
    _keep(made, parsed.rows, orders)
    _close(made, OrderImport.Status.DONE)
    return made


def _open(
    parsed: Parsed, *, path: Path, profile: str, by: Actor, dry_run: bool = False
) -> OrderImport:
    return OrderImport.objects.create(
        profile=profile,
        file_name=path.name[:200],
        file_sha256=fingerprint(path),
        columns=list(parsed.rows[0].raw) if parsed.rows else [],
        is_dry_run=dry_run,
        status=OrderImport.Status.RUNNING,
        total_rows=len(parsed.rows),
        requested_by_id=by.user_id,
    )


def _close(made: OrderImport, status: OrderImport.Status, error: str = "") -> None:
    """Say how the import ended, and count its rows."""
    rejected = made.rows.filter(status="rejected").count()
    made.status, made.error, made.rejected_rows = status, error, rejected
    made.accepted_rows = made.rows.count() - rejected
    made.save(update_fields=["status", "error", "rejected_rows", "accepted_rows"])


def _explain(rows: list[SourceRow], outcomes: Outcomes) -> None:
    """Put each problem on the row that it is about, or on every row of its order."""
    problems = outcomes.problems if isinstance(outcomes, Taken) else {}
    refused = outcomes.refused | outcomes.failed
    for row in rows:
        if row.draft not in problems and (why := refused.get(row.draft)):
            words = gettext("This order could not be taken: %(why)s")
            row.reject("not_taken", words % {"why": why})
        for problem in problems.get(row.draft, ()):
            line = problem.field.split(".")[1] if problem.field.startswith("lines.") else ""
            if not line or line == str(row.line):
                row.reject(problem.code, problem.message)


def _spread(rows: Iterable[SourceRow]) -> None:
    """Rows without a fault of their own say that their order was not taken."""
    bad = {row.draft: row for row in reversed(list(rows)) if row.code}
    for row in rows:
        if row.draft in bad and not row.code:
            words = gettext("Its order was not taken: see row %(row)s.")
            row.reject("order_rejected", words % {"row": bad[row.draft].number})


def _keep(made: OrderImport, rows: Sequence[SourceRow], orders: Mapping[int, int]) -> None:
    _spread(rows)
    columns = ["order_import", "row_no", "raw", "status", "order", "error_code", "message"]
    sets.insert(
        OrderImportRow,
        columns,
        [
            (
                made.pk,
                row.number,
                row.raw,
                "rejected" if row.code else "accepted",
                None if row.code or made.is_dry_run else orders[row.draft],
                row.code or None,
                row.message[:400],
            )
            for row in rows
        ],
    )


def imported(made: OrderImport) -> list[int]:
    """The orders that an import made, in the order of its rows."""
    found = OrderImportRow.objects.filter(order_import=made, order__isnull=False)
    return list(dict.fromkeys(found.order_by("row_no").values_list("order", flat=True)))
