"""Pages as a web server asks for them: in process, timed until their last byte is there."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth.models import User
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from django.test import Client, RequestFactory

from config import heap


@dataclass
class Reader:
    """Somebody who is signed in and reads pages."""

    user: User
    cookies: str = field(init=False)

    def __post_init__(self) -> None:
        client = Client()
        client.force_login(self.user, backend="config.accounts.Accounts")
        self.cookies = client.cookies.output(header="", sep=";").strip()
        self.application = get_wsgi_application()
        for signal in (request_started, request_finished):  # the measurement goes on with its own
            signal.disconnect(close_old_connections)
        heap.settle_for_pages()

    def read(self, address: str) -> tuple[float, int, bytes]:
        """Milliseconds until the page is there, its status, and the page."""
        asked = RequestFactory().get(address, HTTP_COOKIE=self.cookies).environ
        status: list[str] = []

        def begin(line: str, _headers: Any, _exc: Any = None) -> Any:
            status.append(line)

        started = time.perf_counter()
        answer = self.application(asked, begin)
        page = b"".join(answer)
        taken = (time.perf_counter() - started) * 1000
        answer.close()
        return taken, int(status[0].split()[0]), page
