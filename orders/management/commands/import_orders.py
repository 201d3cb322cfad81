"""``import_orders``: a file or folder of orders becomes orders; every row keeps its outcome."""

from __future__ import annotations

import csv
import time
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from config.kernel.actors import IMPORT
from config.kernel.errors import DomainError
from config.kernel.steps import chunked
from orders.channels import intake, northwind, plain
from orders.channels.reading import rows
from orders.lifecycle import submission
from orders.models import Order, OrderImport, OrderImportRow

PROFILES = ("plain", "northwind")


class Command(BaseCommand):
    """Read PATH by a profile; what is wrong is said by row, and nothing is half-written."""

    help = "Import orders from a CSV or XLSX file, or from a folder that a profile knows."

    def add_arguments(self, parser: CommandParser) -> None:
        """What to read, how, and whether only to try."""
        parser.add_argument("path", type=Path)
        parser.add_argument("--profile", choices=PROFILES, default="plain")
        parser.add_argument("--dry-run", action="store_true")
        parser.add_argument("--submit", action="store_true", help="place the orders at once")
        parser.add_argument("--failed-rows", type=Path, help="write rejected rows to this CSV file")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Import, and say what became of it."""
        started, path = time.monotonic(), options["path"]
        try:
            run = self._northwind if options["profile"] == "northwind" else self._plain
            made = run(path, options)
        except DomainError as refusal:
            raise CommandError(str(refusal)) from refusal
        for row in OrderImportRow.objects.filter(order_import=made, status="rejected")[:20]:
            self.stdout.write(f"Row {row.row_no}: {row.message}")
        if options["failed_rows"]:
            self._write_failed(made, options["failed_rows"])
        orders = len(intake.imported(made))
        seconds = time.monotonic() - started
        self.stdout.write(
            f"{made.total_rows} rows read, {made.rejected_rows} rejected, {orders} orders "
            f"in {seconds:.1f} s."
        )

    def _plain(self, path: Path, options: dict[str, Any]) -> OrderImport:
        parsed = plain.parse(rows(path))
        made = intake.take(
            parsed, path=path, profile="plain", by=IMPORT, dry_run=options["dry_run"]
        )
        if options["submit"] and not options["dry_run"]:
            self._submit(intake.imported(made))
        return made

    def _submit(self, ids: list[int]) -> None:
        """Place the orders, and name each that stays a draft with what stands in its way."""
        for outcomes in chunked(submission.submit, ids, by=IMPORT):
            why = outcomes.refused | outcomes.failed
            for order in Order.objects.filter(pk__in=why).order_by("pk"):
                self.stdout.write(f"{order} was not placed: {why[order.pk]}")

    def _northwind(self, path: Path, options: dict[str, Any]) -> OrderImport:
        past = northwind.read(path)
        parsed = northwind.parse(past)
        if options["dry_run"]:
            with transaction.atomic():
                northwind.prepare(past)
                made = intake.take(parsed, path=path, profile="northwind", by=IMPORT, dry_run=True)
                transaction.set_rollback(True)
            return made
        with transaction.atomic():  # a history is there as a whole, or nothing of it
            orders = northwind.take(past, parsed)
            return intake.record(parsed, orders, path=path, profile="northwind", by=IMPORT)

    def _write_failed(self, made: OrderImport, file: Path) -> None:
        """The rejected rows with their own columns and why, ready to be mended and read again."""
        failed = OrderImportRow.objects.filter(order_import=made, status="rejected")
        with file.open("w", newline="") as target:
            writer = csv.DictWriter(target, [*made.columns, "error"])
            writer.writeheader()
            for row in failed:
                writer.writerow({**row.raw, "error": row.message})
