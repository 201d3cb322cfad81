"""Intake: a parsed file becomes orders, and every row keeps what became of it.

Nothing is half-written: an order is taken whole, together with what its rows say became of them.
A file that was read before changes nothing, because each (channel, external id) is taken once; one
that was broken off goes on with the orders that have no answer yet. The command and the pages take
files in by this one path.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from django.contrib.auth.models import User
from django.db import InterfaceError, OperationalError, transaction
from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext

from config.kernel import queues, sets
from config.kernel.actors import Actor
from config.kernel.errors import TryLater
from config.kernel.money import ZERO
from config.kernel.steps import Outcomes, chunked
from orders.channels import northwind
from orders.channels.northwind_files import History
from orders.channels.parsed import Parsed, SourceRow
from orders.channels.profiles import Source
from orders.lifecycle import capture, submission
from orders.lifecycle.drafts import Problem
from orders.lifecycle.reading import Reading
from orders.models import KNOWN, Order, OrderImport, OrderImportRow, Staff
from orders.scope import not_yours

CHUNK = 500
COLUMNS = (
    "order_import",
    "row_no",
    "raw",
    "status",
    "order",
    "reference",
    "column",
    "error_code",
    "message",
)
FIGURES = (
    "taken",
    "known",
    "refused",
    "unplaced",
    "accepted_rows",
    "rejected_rows",
    "sums",
    "heartbeat_at",
    "attempts",
)
Values = Sequence[object]


@dataclass(slots=True)
class Taken(Outcomes):
    """What became of the drafts of a chunk, or would become, by their place in the file."""

    orders: dict[int, int] = field(default_factory=dict)
    problems: dict[int, list[Problem]] = field(default_factory=dict)
    unplaced: dict[int, str] = field(default_factory=dict)  # why one stays a draft
    sums: dict[str, Decimal] = field(default_factory=dict)  # by currency
    buyers: set[int] = field(default_factory=set)

    def object_to(self, part: Sequence[int], problems: Iterable[Problem]) -> None:
        """Refuse the drafts of a part of the file that have these problems."""
        for problem in problems:
            index = part[problem.draft]
            self.problems.setdefault(index, []).append(problem)
            self.refuse(index, problem.message)

    def add(self, currency: str, amount: Decimal) -> None:
        """Count what an order comes to."""
        self.sums[currency] = self.sums.get(currency, ZERO) + amount


@dataclass(slots=True)
class Intake:
    """One file on its way in: the record of what becomes of it, and who brings it."""

    made: OrderImport
    parsed: Parsed
    by: Actor
    user: User | None = field(init=False)  # nobody: the system itself, which has no scope
    of_draft: dict[int, list[SourceRow]] = field(init=False)

    def __post_init__(self) -> None:
        known = User.objects.filter(pk=self.by.user_id) if self.by.user_id else User.objects.none()
        self.user = known.first()
        self.of_draft = defaultdict(list)
        for row in self.parsed.rows:
            self.of_draft[row.draft].append(row)

    @classmethod
    def begin(
        cls, source: Source, *, by: Actor, dry_run: bool = False, submits: bool = False
    ) -> Intake:
        """Open the record of a file that was read."""
        parsed = source.parsed
        made = OrderImport.objects.create(
            profile=source.profile.name,
            file_name=source.name,
            file_sha256=source.sha256,
            columns=list(parsed.rows[0].raw) if parsed.rows else [],
            is_dry_run=dry_run,
            submits=submits,
            status=OrderImport.Status.RUNNING,
            total_rows=len(parsed.rows),
            total=len(parsed.drafts),
            requested_by_id=by.user_id,
            heartbeat_at=timezone.now(),
        )
        return cls(made, parsed, by)

    @transaction.atomic
    def look(self) -> None:
        """Answer every order of the file as it would be answered now; no order is made.

        A history is read against its own company, which is made and undone.
        """
        self.made = OrderImport.locked(self.made.pk)
        left = self._keep_unread()
        parts = [left[i : i + CHUNK] for i in range(0, len(left), CHUNK)]
        with transaction.atomic():
            if isinstance(self.parsed, History):
                northwind.settle(self.parsed)
            answers = [self._foreseen(part) for part in parts]
            transaction.set_rollback(True)
        for answer in answers:
            self._save(answer)
        self.made.customers = len({pk for answer in answers for pk in answer.buyers})
        self.close(OrderImport.Status.DONE)

    def take(self, time: queues.Slice | None = None) -> bool:
        """Make orders of the drafts without an answer, chunk by chunk; answer whether it is over.

        Each chunk is kept with what its rows say. What the database alone turns down is found and
        rejected alone.
        """
        if isinstance(self.parsed, History):
            self._take_history(self.parsed)
            return True
        left = self._keep_unread()
        for _ in chunked(self._create, left, size=CHUNK, save=self._save, by=self.by):
            if time and time.is_over and self._left():
                return False
        self.close(OrderImport.Status.DONE)
        return True

    def close(self, status: OrderImport.Status, error: str = "") -> None:
        """Say how the import ended."""
        self.made.finish(status, error)
        self.made.save(update_fields=["status", "error", "finished_at", "customers"])

    def _left(self, part: Sequence[int] | None = None) -> list[int]:
        """Those of the drafts that have no answer yet."""
        wanted = range(len(self.parsed.drafts)) if part is None else part
        numbers = [row.number for index in wanted for row in self.of_draft[index]]
        near = {"row_no__range": (min(numbers, default=0), max(numbers, default=0))}
        there = set(self.made.rows.filter(**near).values_list("row_no", flat=True))
        return [i for i in wanted if not any(row.number in there for row in self.of_draft[i])]

    def _keep_unread(self) -> list[int]:
        """Keep the rows of orders that could not be read; answer the drafts that are left."""
        left, bad = self._left(), self.parsed.rejected()
        with transaction.atomic():
            self._save(Outcomes(refused={index: "" for index in left if index in bad}))
        return [index for index in left if index not in bad]

    def _foreseen(self, part: Sequence[int]) -> Taken:
        """What would become of a part of the drafts."""
        taken = Taken()
        readings, problems = capture.look([self.parsed.drafts[index] for index in part])
        taken.object_to(part, problems)
        taken.object_to(part, self._outside(readings))
        for reading in readings:
            index = part[reading.index]
            if index in taken.refused:
                continue
            taken.done.append(index)
            taken.add(reading.currency.code, reading.totals.grand_total)
            taken.buyers.add(reading.customer.pk)
            if self.made.submits and (why := capture.lacks(reading)):
                taken.unplaced[index] = gettext("It stays a draft. %(why)s") % {"why": why}
        return taken

    def _outside(self, readings: Sequence[Reading]) -> Iterator[Problem]:
        """The orders that are not for whoever brings the file."""
        if self.user is None or not Staff.of(self.user).is_scoped:
            return
        for index, name, words in not_yours(self.user, readings):
            yield Problem(index, name, "outside_scope", words)

    def _create(self, part: Sequence[int], *, by: Actor) -> Taken:
        """Make orders of those drafts of the part that no other worker has taken meanwhile."""
        self.made = OrderImport.locked(self.made.pk)
        mine, taken = self._left(part), Taken()
        if self.user and Staff.of(self.user).is_scoped:
            seen = self._foreseen(mine)
            taken.problems, taken.refused, mine = seen.problems, seen.refused, seen.done
        captured = capture.create([self.parsed.drafts[index] for index in mine], by=by)
        taken.object_to(mine, captured.problems)
        taken.orders = {mine[position]: pk for position, pk in captured.orders.items()}
        taken.done = list(taken.orders)
        if self.made.submits:
            self._place(taken)
        self._sum(taken)
        return taken

    def _place(self, taken: Taken) -> None:
        """Place the orders; one that lacks something stays a draft, and its rows say so."""
        why = submission.submit(list(taken.orders.values()), by=self.by).refused
        for order in Order.objects.filter(pk__in=why):
            index = next(i for i, pk in taken.orders.items() if pk == order.pk)
            words = gettext("%(order)s was not placed: %(why)s")
            taken.unplaced[index] = words % {"order": order, "why": why[order.pk]}

    def _sum(self, taken: Taken) -> None:
        made = Order.objects.filter(pk__in=taken.orders.values()).order_by()
        sums = made.values_list("currency").annotate(Sum("grand_total"))
        taken.sums = dict(sums)

    @transaction.atomic
    def _take_history(self, parsed: History) -> None:
        """Take a whole history, or nothing of it; no other worker takes it up meanwhile."""
        self.made = OrderImport.locked(self.made.pk)
        taken = Taken(orders=northwind.take(parsed))
        words = gettext("This order was taken before; nothing was changed.")
        for index in range(len(parsed.drafts)):
            if index in taken.orders:
                taken.done.append(index)
            else:
                taken.object_to([index], [Problem(0, "external_id", "taken_before", words)])
        self._sum(taken)
        self._save(taken)
        self.close(OrderImport.Status.DONE)

    def _save(self, outcomes: Outcomes) -> None:
        """Keep the rows of what was answered, and the figures, in the chunk's transaction."""
        answered = [*outcomes.done, *outcomes.refused, *outcomes.failed]
        rows = [replace(row) for index in answered for row in self.of_draft[index]]
        self._explain(rows, outcomes)
        _spread(rows)
        self._keep(rows, outcomes.orders if isinstance(outcomes, Taken) else {})
        self._count(rows, outcomes.sums if isinstance(outcomes, Taken) else {})

    def _explain(self, rows: list[SourceRow], outcomes: Outcomes) -> None:
        """Put each problem on the row that it is about, or on every row of its order."""
        problems = outcomes.problems if isinstance(outcomes, Taken) else {}
        unplaced = outcomes.unplaced if isinstance(outcomes, Taken) else {}
        refused = outcomes.refused | outcomes.failed
        for row in rows:
            if row.draft not in problems and (why := refused.get(row.draft)):
                words = gettext("This order could not be taken: %(why)s")
                row.reject("not_taken", words % {"why": why})
            for problem in problems.get(row.draft, ()):
                line = problem.field.split(".")[1] if problem.field.startswith("lines.") else ""
                if not line or line == str(row.line):
                    column = self.parsed.column(problem.field)
                    row.reject(problem.code, problem.message, column)
            row.message = row.message or unplaced.get(row.draft, "")

    def _keep(self, rows: Sequence[SourceRow], orders: Mapping[int, int]) -> None:
        status, dry = OrderImportRow.Status, self.made.is_dry_run
        values = [
            (
                self.made.pk,
                row.number,
                row.raw,
                status.REJECTED if row.code else status.ACCEPTED,
                None if row.code or dry else orders[row.draft],
                (self.parsed.drafts[row.draft].external_id or "")[:80],
                row.column,
                row.code or None,
                row.message[:400],
            )
            for row in rows
        ]
        sets.insert(OrderImportRow, COLUMNS, values)

    def _count(self, rows: Sequence[SourceRow], sums: Mapping[str, Decimal]) -> None:
        """Add what was answered to the figures; the worker is alive."""
        codes, drafts = defaultdict(set), set()
        for row in rows:
            codes[row.draft].add(row.code)
            if row.message and not row.code:
                drafts.add(row.draft)
        known = sum(each <= set(KNOWN) for each in codes.values())
        taken = sum(each == {""} for each in codes.values())
        self.made = made = OrderImport.locked(self.made.pk)
        made.taken, made.known = made.taken + taken, made.known + known
        made.refused += len(codes) - known - taken
        made.unplaced += len(drafts)
        rejected = sum(bool(row.code) for row in rows)
        made.rejected_rows += rejected
        made.accepted_rows += len(rows) - rejected
        for currency, amount in sums.items():
            made.sums[currency] = str(Decimal(made.sums.get(currency, 0)) + amount)
        made.heartbeat_at, made.attempts = timezone.now(), 0
        made.save(update_fields=FIGURES)


def _spread(rows: Collection[SourceRow]) -> None:
    """Rows without a fault of their own say that their order was not taken."""
    bad = {row.draft: row for row in reversed(list(rows)) if row.code}
    for row in rows:
        if row.draft in bad and not row.code:
            words = gettext("Its order was not taken: see row %(row)s.")
            row.reject("order_rejected", words % {"row": bad[row.draft].number})


@transaction.atomic
def dry_run(source: Source, *, by: Actor, submits: bool = False) -> OrderImport:
    """Look at a file: what would become of each row; no order is made."""
    intake = Intake.begin(source, by=by, dry_run=True, submits=submits)
    intake.look()
    return intake.made


def take(source: Source, *, by: Actor, submits: bool = False) -> OrderImport:
    """Take a file in at once.

    If the database stops answering, the import stands as failed with the rows that were answered;
    the same file goes on from there. A history is there as a whole, or nothing of it.
    """
    if source.profile.is_history:
        with transaction.atomic():
            intake = Intake.begin(source, by=by)
            intake.take()
        return intake.made
    intake = Intake.begin(source, by=by, submits=submits)
    try:
        intake.take()
    except (OperationalError, InterfaceError) as error:
        words = gettext("The database stopped answering; read the same file again to go on.")
        intake.close(OrderImport.Status.FAILED, words)
        raise TryLater(words) from error
    return intake.made


def imported(made: OrderImport) -> list[int]:
    """The orders that an import made, in the order of its rows."""
    found = OrderImportRow.objects.filter(order_import=made, order__isnull=False)
    return list(dict.fromkeys(found.order_by("row_no").values_list("order", flat=True)))


def failed_rows(made: OrderImport) -> Iterator[Values]:
    """The rows with something to mend, with their own columns and why: ready to be read again."""
    yield [*made.columns, "error"]
    for row in made.rows.that_are("refused").order_by("row_no").iterator(chunk_size=500):
        yield [*row.cells(made.columns), row.message]
