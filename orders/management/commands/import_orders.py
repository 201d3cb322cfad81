"""``import_orders``: a file or folder of orders becomes orders; every row keeps its outcome."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from config.kernel.actors import IMPORT
from config.kernel.errors import DomainError
from orders.bulk.export import as_csv
from orders.channels import intake
from orders.channels.profiles import BY_NAME, Source
from orders.models import OrderImport, OrderImportRow


class Command(BaseCommand):
    """Read PATH by a profile; what is wrong is said by row, and nothing is half-written."""

    help = "Import orders from a CSV or XLSX file, or from a folder or ZIP that a profile knows."

    def add_arguments(self, parser: CommandParser) -> None:
        """What to read, how, and whether only to try."""
        parser.add_argument("path", type=Path)
        parser.add_argument("--profile", choices=[*BY_NAME], default="plain")
        parser.add_argument("--dry-run", action="store_true")
        parser.add_argument("--submit", action="store_true", help="place the orders at once")
        parser.add_argument("--failed-rows", type=Path, help="write rejected rows to this CSV file")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Import, and say what became of it."""
        started, submits = time.monotonic(), options["submit"]
        run = intake.dry_run if options["dry_run"] else intake.take
        try:
            source = Source.read(options["path"], options["profile"])
            made = run(source, by=IMPORT, submits=submits)
        except DomainError as refusal:
            raise CommandError(str(refusal)) from refusal
        rows = OrderImportRow.objects.filter(order_import=made)
        for row in rows.filter(status="rejected")[:20]:
            self.stdout.write(f"Row {row.row_no}: {row.message}")
        for words in dict.fromkeys(rows.that_are("unplaced").values_list("message", flat=True)):
            self.stdout.write(words)
        if options["failed_rows"]:
            self._write_failed(made, options["failed_rows"])
        seconds = time.monotonic() - started
        orders = 0 if made.is_dry_run else made.taken
        self.stdout.write(
            f"{made.total_rows} rows read, {made.rejected_rows} rejected, {orders} orders "
            f"in {seconds:.1f} s."
        )

    def _write_failed(self, made: OrderImport, file: Path) -> None:
        """The refused rows with their own columns and why, ready to be mended and read again."""
        with file.open("w", newline="") as target:
            target.writelines(as_csv(intake.failed_rows(made), mark=""))
