"""Intake: a parsed file becomes orders, and every row keeps what became of it.

Nothing is half-written: an order is taken whole, and a file that was read before changes nothing,
because each (channel, external id) is taken once.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

from django.db import transaction
from django.utils.translation import gettext

from config.kernel import sets
from config.kernel.actors import Actor
from orders.channels.parsed import Parsed, SourceRow
from orders.lifecycle import capture
from orders.lifecycle.drafts import Captured, Problem
from orders.models import OrderImport, OrderImportRow

CHUNK = 500


def fingerprint(path: Path) -> str:
    """The SHA-256 of a file, or of the files of a folder."""
    digest = hashlib.sha256()
    for file in sorted(path.glob("*.csv")) if path.is_dir() else [path]:
        digest.update(file.read_bytes())
    return digest.hexdigest()


def take(
    parsed: Parsed, *, path: Path, profile: str, by: Actor, dry_run: bool = False
) -> OrderImport:
    """Make orders of the drafts, chunk by chunk, and keep the rows with what became of them."""
    orders = _capture(parsed, by=by, dry_run=dry_run)
    return record(parsed, orders, path=path, profile=profile, by=by, dry_run=dry_run)


def record(
    parsed: Parsed,
    orders: dict[int, int],
    *,
    path: Path,
    profile: str,
    by: Actor,
    dry_run: bool = False,
) -> OrderImport:
    """Keep a file's rows with the orders they went into, or why they did not."""
    for row in parsed.rows:
        if row.draft not in orders:
            words = gettext("This order was taken before; nothing was changed.")
            row.reject("taken_before", words)
    accepted = sum(not row.code for row in parsed.rows)
    with transaction.atomic():
        made = OrderImport.objects.create(
            profile=profile,
            file_name=path.name,
            file_sha256=fingerprint(path),
            columns=list(parsed.rows[0].raw) if parsed.rows else [],
            is_dry_run=dry_run,
            status=OrderImport.Status.DONE,
            total_rows=len(parsed.rows),
            accepted_rows=accepted,
            rejected_rows=len(parsed.rows) - accepted,
            requested_by_id=by.user_id,
        )
        _keep(made, parsed.rows, orders, dry_run=dry_run)
    return made


def _capture(parsed: Parsed, *, by: Actor, dry_run: bool) -> dict[int, int]:
    """The order of each draft that became one."""
    bad = parsed.rejected()
    wanted = [index for index in range(len(parsed.drafts)) if index not in bad]
    orders: dict[int, int] = {}
    for start in range(0, len(wanted), CHUNK):
        part = wanted[start : start + CHUNK]
        with transaction.atomic():
            captured = capture.create([parsed.drafts[index] for index in part], by=by)
            transaction.set_rollback(dry_run)
        orders |= {part[position]: pk for position, pk in captured.orders.items()}
        _explain(parsed, part, captured)
    _spread(parsed.rows)
    return orders


def _explain(parsed: Parsed, part: list[int], captured: Captured) -> None:
    """Put each problem on the row that it is about, or on every row of its order."""
    if not captured.problems:
        return
    of_draft: dict[int, list[Problem]] = {}
    for problem in captured.problems:
        of_draft.setdefault(part[problem.draft], []).append(problem)
    for row in parsed.rows:
        for problem in of_draft.get(row.draft, ()):
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


def _keep(
    made: OrderImport, rows: Iterable[SourceRow], orders: dict[int, int], *, dry_run: bool
) -> None:
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
                None if row.code or dry_run else orders[row.draft],
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
