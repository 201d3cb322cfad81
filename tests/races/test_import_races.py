"""A file that two workers or two people bring at once is taken once, each row answered once."""

from __future__ import annotations

from functools import partial

import pytest
from django.contrib.auth.models import User

from orders.channels import intake, runs
from orders.models import ImportFile, Order, OrderImport
from tests import builders as b
from tests.races.conftest import at_once

pytestmark = pytest.mark.race
ORDERS = 40


def content() -> bytes:
    buyer, thing = b.customer(), b.product()
    rows = [f"R-{n},{buyer.code},{thing.sku},1" for n in range(ORDERS)]
    return "\n".join(["order,customer,sku,quantity", *rows]).encode()


def started(user: User, file: bytes) -> OrderImport:
    seen = runs.look("orders.csv", file, "plain", user=user, submits=False)
    return runs.start(seen, user)


def coming(run: OrderImport) -> intake.Intake:
    """What a worker holds that has taken the import up."""
    file = bytes(ImportFile.objects.get(order_import=run.preview_id).content)
    assert run.requested_by is not None
    source = runs._source(run.file_name, file, run.profile)
    return intake.Intake(run, source.parsed, runs._actor(run.requested_by, run))


def test_two_workers_on_one_import_take_each_order_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intake, "CHUNK", 5)
    run = started(User.objects.create_superuser("boss"), content())
    twins = [coming(OrderImport.objects.get(pk=run.pk)) for _ in range(2)]

    at_once([twin.take for twin in twins])

    run.refresh_from_db()
    assert (run.status, run.taken, run.known, run.accepted_rows) == ("done", ORDERS, 0, ORDERS)
    assert Order.objects.count() == run.rows.count() == ORDERS


def test_two_people_with_the_same_file_make_its_orders_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(intake, "CHUNK", 5)
    file = content()
    both = [started(User.objects.create_superuser(name), file) for name in ("ann", "ben")]

    at_once([partial(coming(run).take) for run in both])

    for run in both:
        run.refresh_from_db()
        assert (run.status, run.handled, run.rows.count()) == ("done", ORDERS, ORDERS)
    assert sum(run.taken for run in both) == Order.objects.count() == ORDERS
    assert sum(run.known for run in both) == ORDERS
