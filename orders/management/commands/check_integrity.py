"""``check_integrity``: hold every rule of the business against the data."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from orders.reports import integrity, reader


class Command(BaseCommand):
    """Say which rules hold and which are broken, with samples; status 1 when one is broken.

    A reporting role that the database did not let us make is named too; it breaks no rule.
    """

    help = "Hold every rule of the business against the data."

    def add_arguments(self, parser: CommandParser) -> None:
        """``--json`` for programs."""
        parser.add_argument("--json", action="store_true")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Check, print and answer."""
        found = integrity.check()
        broken = [rule for rule in found if rule.broken]
        if options["json"]:
            self.stdout.write(json.dumps([rule.as_json() for rule in found], indent=1))
        for rule in broken if not options["json"] else ():
            rows = " | ".join(", ".join(sample) for sample in rule.samples)
            self.stdout.write(f"{rule.code} {rule.title}: {rule.broken} rows: {rows}")
        waiting = sum(rule.waits for rule in found)
        if not options["json"]:
            held = len(found) - len(broken) - waiting
            self.stdout.write(f"{held} rules hold, {len(broken)} are broken, {waiting} wait.")
            if words := reader.lacking():
                self.stdout.write(words)
        if broken:
            raise SystemExit(1)
