"""Files that pages send in: looked at, started, and taken by workers as long as it takes.

The look keeps the file; a worker reads it again and goes on where the rows end. Which import is due
is a query on state: a wake-up only says "look now".
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import cast

from django.contrib.auth.models import User
from django.db import connection, transaction
from django.utils import translation
from django.utils.translation import gettext, gettext_noop

from config.kernel import queues
from config.kernel.actors import Actor
from config.kernel.errors import DomainError
from config.kernel.wake import wake
from config.kernel.words import Words
from orders import notices
from orders.bulk import engine
from orders.channels.archives import UnreadableFile
from orders.channels.intake import Intake
from orders.channels.profiles import BY_NAME, Source
from orders.models import ImportFile, OrderImport

log = logging.getLogger(__name__)

MOST_ROWS = 50_000
INLINE = 5_000  # a file of no more rows is looked at while one waits
LONGEST_NAME = 60
MOST_ATTEMPTS = 5
KEPT = timedelta(days=7)  # a file that was looked at and not imported
# What was refused at the look stays refused: only the orders that were shown as good are taken.
REFUSED = """
INSERT INTO orders_orderimportrow
 (order_import_id, row_no, raw, status, reference, "column", error_code, message)
SELECT %s, row_no, raw, status, reference, "column", error_code, message
FROM orders_orderimportrow WHERE order_import_id = %s AND status = 'rejected' ORDER BY row_no
"""


class AlreadyStarted(DomainError):
    """The file is imported already; the import that does it is named."""

    def __init__(self, run: OrderImport) -> None:
        super().__init__(gettext("This file is being imported already; nothing was started twice."))
        self.run = run


class NothingToTake(DomainError):
    """No order of the file can be taken."""


@transaction.atomic
def look(name: str, content: bytes, profile: str, *, user: User, submits: bool) -> OrderImport:
    """Read a file that was sent and answer each of its rows; no order is made.

    A large file is read at once, and its rows are answered by a worker.
    """
    kind = BY_NAME[profile]
    if Path(name).suffix.lower() not in kind.suffixes:
        words = gettext("%(file)s is no file of this kind; it takes %(kinds)s.")
        raise UnreadableFile(words % {"file": name, "kinds": kind.accepts})
    source = _source(name, content, profile)
    submits = submits and not kind.is_history  # which places its orders on their own days
    seen = Intake.begin(source, by=_actor(user), dry_run=True, submits=submits)
    ImportFile.objects.create(order_import=seen.made, content=content)
    if len(source.parsed.rows) <= INLINE:
        seen.look()
    else:
        _put_back(seen.made)
    return seen.made


def _source(name: str, content: bytes, profile: str) -> Source:
    """The file as it is read: under its own name, in a folder of its own."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / Path(name).name[-LONGEST_NAME:]
        file.write_bytes(content)
        return Source.read(file, profile, MOST_ROWS)


def _actor(user: User, made: OrderImport | None = None) -> Actor:
    """Whoever brings the file; events name the import."""
    return Actor.of(user, "import", f"import:{made.pk}" if made else "")


@transaction.atomic
def start(dry: OrderImport, user: User) -> OrderImport:
    """Import what the look has shown as good; each order is checked again when its turn comes."""
    dry = OrderImport.locked(dry.pk)
    if (run := dry.runs.first()) is not None:
        raise AlreadyStarted(run)
    if dry.status != OrderImport.Status.DONE or not dry.taken:
        raise NothingToTake(gettext("No order of this file can be taken; nothing was started."))
    if BY_NAME[dry.profile].is_history and dry.refused:
        words = gettext("A history is taken as a whole; mend the orders that are refused first.")
        raise NothingToTake(words)
    copied = ("profile", "file_name", "file_sha256", "columns", "submits", "total_rows", "total")
    run = OrderImport.objects.create(
        **{name: getattr(dry, name) for name in copied},
        preview=dry,
        status=OrderImport.Status.RUNNING,
        rejected_rows=dry.rejected_rows,
        refused=dry.refused,
        known=dry.known,
        requested_by=user,
    )
    with connection.cursor() as cursor:
        cursor.execute(REFUSED, [run.pk, dry.pk])
    wake("imports")
    return run


def work() -> int:
    """Take up the imports that are due, for a slice of time; answer how many came to their end."""
    return queues.drain(OrderImport.objects.claimed, _go)


def _go(run: OrderImport, time: queues.Slice) -> bool:
    """One worker's turn at an import, in the language of whoever asked; whether it has ended."""
    with translation.override(engine.language(run.requested_by)):
        try:
            return _go_on(run, time)
        except queues.STOPPED:
            raise
        except DomainError as refusal:
            _end(run, str(refusal))
        except Exception:
            log.exception("Import %s failed.", run.pk)
            _end(run, gettext("The file could not be taken; nothing of what is left was."))
    return True


def _go_on(run: OrderImport, time: queues.Slice) -> bool:
    if why := _objection(run):
        _end(run, why)
        return True
    content = bytes(ImportFile.objects.get(order_import=_keeper(run)).content)
    source = _source(run.file_name, content, run.profile)
    coming = Intake(run, source.parsed, _actor(cast("User", run.requested_by), run))
    if run.is_dry_run:
        coming.look()
    elif coming.take(time):
        _end(run)
    else:
        _put_back(run)
        return False
    return True


def _keeper(run: OrderImport) -> int:
    """The look that keeps the file: it itself, or the one that an import came from."""
    return run.preview_id or run.pk


def _put_back(run: OrderImport) -> None:
    """Let another worker take it up."""
    OrderImport.objects.filter(pk=run.pk).update(heartbeat_at=None)
    wake("imports")


def _objection(run: OrderImport) -> str:
    """Why the import may not go on at all, or ''."""
    if run.attempts > MOST_ATTEMPTS:
        words = gettext("The work was broken off %(count)s times; import the same file again.")
        return words % {"count": MOST_ATTEMPTS}
    user = run.requested_by
    if user is None or not (user.is_active and BY_NAME[run.profile].is_open_to(user)):
        return gettext("Whoever asked for it may no longer import files; no more was taken.")
    return ""


@transaction.atomic
def _end(run: OrderImport, error: str = "") -> None:
    """The import is over: its file is no longer kept, and whoever asked for it is told."""
    run = OrderImport.locked(run.pk)
    if error:
        run.finish(OrderImport.Status.FAILED, error)
        run.save(update_fields=["status", "error", "finished_at"])
    ImportFile.objects.filter(order_import=_keeper(run)).delete()
    words = gettext_noop("Your file is imported: %(taken)s orders were taken, %(refused)s refused.")
    if error:
        words = gettext_noop("Your file was not imported to its end: %(taken)s orders were taken.")
    told = Words(words, taken=run.taken, refused=run.refused)
    notices.import_ended(run, told, tone="amber" if error or run.refused else "green")


def sweep(*, at: datetime) -> int:
    """Drop the files that were looked at a week ago, and what was seen of those never imported.

    Answers how many files that were.
    """
    old = OrderImport.objects.filter(is_dry_run=True, created_at__lt=at - KEPT)
    seen = list(old.filter(file__isnull=False, runs=None).values_list("pk", flat=True))
    OrderImport.objects.filter(pk__in=seen).delete()
    return len(seen) + ImportFile.objects.filter(order_import__in=old).delete()[0]
