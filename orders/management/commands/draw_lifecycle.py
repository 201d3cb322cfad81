"""``draw_lifecycle``: the diagram of an order's life, drawn from the graph that the code obeys."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from orders.models.graph import AUTOMATIC, EDGES, TERMINAL

BEGIN, END = "<!-- diagram: begin -->", "<!-- diagram: end -->"
PAGE = "docs/order-lifecycle.md"


def diagram() -> str:
    """The graph as a Mermaid state diagram; what the system does by itself is marked."""
    lines = ["```mermaid", "stateDiagram-v2"]
    for edge in EDGES:
        source, target = edge
        label = " : by itself" if edge in AUTOMATIC else ""
        lines.append(f"    {source or '[*]'} --> {target}{label}")
    lines += [f"    {state} --> [*]" for state in TERMINAL]
    return "\n".join([*lines, "```"])


class Command(BaseCommand):
    """Draw the diagram into its page; with ``--check``, only say whether it is up to date."""

    help = f"Draw the state diagram in {PAGE}."

    def add_arguments(self, parser: CommandParser) -> None:
        """``--check`` for tests."""
        parser.add_argument("--check", action="store_true")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Compare or write."""
        page = settings.BASE_DIR / PAGE
        text = page.read_text()
        head, _, rest = text.partition(BEGIN)
        drawn = f"{head}{BEGIN}\n{diagram()}\n{END}{rest.partition(END)[2]}"
        if drawn == text:
            return
        if options["check"]:
            raise CommandError(f"{PAGE} is out of date; run manage.py draw_lifecycle.")
        page.write_text(drawn)
