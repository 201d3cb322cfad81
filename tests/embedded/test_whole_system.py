"""A day in the whole system: people sign in, orders move by themselves, whatever is forgotten.

When we are root it runs as an ordinary user, as it does on most machines.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from http.cookiejar import CookieJar

import psycopg
import pytest
import redis
from django.urls import reverse

from config.embedded import supervisor, valkey
from config.embedded.postgres import Postgres
from orders.management.demo.people import PASSWORD, PEOPLE
from tests.embedded import processes
from tests.embedded.system import Run, running, until

pytestmark = processes.needs_proc
# Somebody who buys and pays, and an item that lies there for everybody.
BUYER = """
SELECT c.code FROM finance_creditaccount a JOIN orders_customer c ON c.id = a.customer_id
WHERE c.is_active AND a.currency_id = c.currency_id AND EXISTS (
 SELECT FROM orders_order o WHERE o.customer_id = c.id AND o.status = 'processing')
ORDER BY a.credit_limit - a.committed - a.receivable DESC LIMIT 1
"""
ITEM = """
SELECT p.sku FROM inventory_stocklevel s JOIN inventory_product p ON p.id = s.product_id
WHERE p.is_active ORDER BY s.on_hand - s.reserved - s.safety_stock DESC LIMIT 1
"""
STANDING = """
SELECT o.status, l.ordered, l.allocated FROM orders_order o
JOIN orders_orderline l ON l.order_id = o.id WHERE o.number = %s
"""


class Person:
    """Somebody at a browser, who follows links and fills in forms."""

    def __init__(self, run: Run) -> None:
        self.base = f"http://127.0.0.1:{run.port}"
        self.cookies = CookieJar()
        keeper = urllib.request.HTTPCookieProcessor(self.cookies)
        self.browser = urllib.request.build_opener(keeper)

    def open(self, path: str, **form: str) -> tuple[str, str]:
        """Look at a page, or send its form; where one is then, and what it says."""
        data = None
        if form:
            [token] = [each.value for each in self.cookies if each.name == "csrftoken"]
            data = urllib.parse.urlencode({**form, "csrfmiddlewaretoken": token or ""}).encode()
        with self.browser.open(self.base + path, data, timeout=30) as answer:
            return urllib.parse.urlsplit(answer.url).path, answer.read().decode()

    def sign_in(self, name: str) -> str:
        """Sign in as one of the demo company; the page that is shown then."""
        self.open(reverse("account_login"))
        where, page = self.open(reverse("account_login"), login=name, password=PASSWORD)
        assert where != reverse("account_login"), name
        return page


@dataclass
class System:
    """The whole system, and a look behind its screens."""

    run: Run
    postgres: Postgres
    broker: redis.Redis

    def ask(self, sql: str, *values: str) -> tuple[object, ...]:
        """The first row of an answer."""
        with psycopg.connect(self.postgres.url(supervisor.DATABASE)) as link:
            row = link.execute(sql, values).fetchone()
        assert row is not None, sql
        return tuple(row)

    def place(self) -> str:
        """Place an order in the browser; its number."""
        [buyer], [item] = self.ask(BUYER), self.ask(ITEM)
        desk = Person(self.run)
        desk.sign_in("sales")
        _, page = desk.open(reverse("orders:new"))
        key = re.search(r'name="key" value="([^"]+)"', page)
        assert key
        rows = {"lines-TOTAL_FORMS": "1", "lines-INITIAL_FORMS": "0"}
        line = {"lines-0-sku": str(item), "lines-0-quantity": "1"}
        head = {"customer": str(buyer), "po_number": f"PO {key[1]}", "key": key[1], "place": "1"}
        where, page = desk.open(reverse("orders:new"), **rows, **line, **head)
        assert "is placed and is being checked." in page, page
        return where.strip("/").rpartition("/")[2]

    @contextmanager
    def worker_stopped(self) -> Iterator[None]:
        """Nobody takes a message; what was asked for before is answered."""
        [worker] = [
            pid
            for pid in processes.of(self.run.var)
            if b"\0worker\0" in (processes.PROC / str(pid) / "cmdline").read_bytes()
            and os.getsid(pid) == pid
        ]
        os.killpg(worker, signal.SIGSTOP)
        try:
            until(lambda: not self.broker.info("clients")["blocked_clients"])
            yield
        finally:
            os.killpg(worker, signal.SIGCONT)


@cache
def ordinary() -> tuple[str, ...]:
    """The words before a command that an account without rights runs for us; none if it cannot.

    It owns and writes nothing of ours; it may read where the interpreter lies.
    """
    reading = "-all,+dac_read_search"
    sets = [f"--{name}={reading}" for name in ("inh-caps", "ambient-caps", "bounding-set")]
    words = ("setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", *sets)
    if os.geteuid() != 0 or not shutil.which("setpriv"):
        return ()
    tried = subprocess.run([*words, sys.executable, "-c", ""], check=False, capture_output=True)
    return () if tried.returncode else words


@pytest.fixture(scope="module")
def system() -> Iterator[System]:
    with processes.folder() as var:
        if ordinary():
            shutil.chown(var, "nobody", "nogroup")
        with running(var, *ordinary()) as run:
            run.until("Sign in")
            broker = redis.Redis.from_url(valkey.Valkey(var / "valkey").url)
            yield System(run, Postgres(var / "postgres"), broker)
            assert run.interrupt() == 0, run.said
        assert processes.gone(var) == set()


def test_somebody_of_every_role_can_sign_in(system: System) -> None:
    for name, first, last, role in PEOPLE:
        page = Person(system.run).sign_in(name)

        assert f"{first} {last}" in page, role
        assert f"{name:<10} {role}" in system.run.said


@pytest.mark.skipif(not ordinary(), reason="We are not root, or cannot be somebody else here.")
def test_an_ordinary_user_runs_all_of_it(system: System) -> None:
    owners = {(processes.PROC / str(pid)).owner() for pid in processes.of(system.run.var)}

    assert owners == {"nobody"}
    assert system.postgres.data.owner() == "nobody"


def test_an_order_placed_in_the_browser_is_checked_and_processed_with_no_click(
    system: System,
) -> None:
    number = system.place()

    until(lambda: system.ask(STANDING, number) == ("processing", 1, 1))


def test_an_order_is_found_by_the_sweep_when_the_broker_forgot_it(system: System) -> None:
    with system.worker_stopped():
        number = system.place()
        asked_for = system.broker.llen("celery")
        system.broker.flushall()
        standing = system.ask(STANDING, number)

    assert asked_for
    assert standing == ("submitted", 1, 0)
    until(lambda: system.ask(STANDING, number) == ("processing", 1, 1))
