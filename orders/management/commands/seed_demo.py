"""``seed_demo``: a believable company, made through the lifecycle itself."""

from __future__ import annotations

import time
from argparse import ArgumentTypeError
from datetime import date
from random import Random
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from orders.management.demo import company, people
from orders.management.demo.trade import Trade
from orders.models import Order
from orders.sealing import seal_all


def _day(text: str) -> date:
    """A day as it is written in a command."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(f"“{text}” is no day: write it as YYYY-MM-DD.") from None


class Command(BaseCommand):
    """Make the demo company: the same seed gives the same orders, lines, states and sums."""

    help = "Make a believable company with orders in every state."

    def add_arguments(self, parser: CommandParser) -> None:
        """How many orders, which of the possible companies, and the last day of its trade."""
        parser.add_argument("--orders", type=int, default=300)
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument(
            "--today",
            type=_day,
            metavar="YYYY-MM-DD",
            help="the last day of trade; else the present one",
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        """Found the company and let it trade; only into an empty database."""
        if Order.objects.exists():
            raise CommandError(
                "There are orders already; the demo company needs an empty database."
            )
        started = time.monotonic()
        random = Random(options["seed"])  # noqa: S311 - it is to repeat, not to be secret
        people.hire()
        made = company.found(random)
        last = options["today"] or timezone.now().date()
        Trade(made, random, options["orders"], last).run()
        seal_all()
        seconds = time.monotonic() - started
        self.stdout.write(f"{Order.objects.count()} orders in {seconds:.1f} s.")
