"""The pipeline: what a step asks of the database is sent without waiting for each answer.

While the database works on one statement, the step prepares the next. Reading waits for the rows
that are read; an error comes up with the next answer that is waited for, and by the end at latest.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, nullcontext, suppress
from typing import Any

import psycopg
from django.db import connection
from django.db.backends.utils import CursorWrapper
from django.db.utils import Error


class Line:
    """What a connection was asked and has not answered; every statement passes here."""

    def __init__(self) -> None:
        self.open = ExitStack()
        self.pipeline: psycopg.Pipeline | None = None

    def __call__(self, execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        """Send the statement of a cursor of ours ahead; any other waits for all before it."""
        if getattr(rest[-1]["cursor"], "runs_ahead", False):
            if self.pipeline is None:
                connection.ensure_connection()
                self.pipeline = self.open.enter_context(connection.connection.pipeline())
        elif sql.startswith("ROLLBACK"):
            self.drop()
        else:
            self.wait()
        return execute(sql, *rest)

    def wait(self) -> None:
        """Wait until everything is answered."""
        self.pipeline = None
        with connection.wrap_database_errors:
            self.open.close()

    def drop(self) -> None:
        """The same for what is undone anyway, and need not have succeeded."""
        if self.pipeline is not None:
            with suppress(psycopg.Error):
                self.pipeline.sync()
            with suppress(Error):
                self.wait()


@contextmanager
def ahead() -> Iterator[None]:
    """Let the statements of the block's own cursors run ahead; all is answered when it ends."""
    outer = next((each for each in connection.execute_wrappers if isinstance(each, Line)), None)
    line = outer or Line()
    with nullcontext() if outer else connection.execute_wrapper(line):
        try:
            yield
        except BaseException:
            line.drop()
            raise
        if not outer:
            line.wait()


@contextmanager
def cursor() -> Iterator[CursorWrapper]:
    """A cursor whose statements may run ahead; how many rows a write met is not known."""
    with connection.cursor() as opened:
        opened.runs_ahead = True  # type: ignore[attr-defined]
        yield opened
