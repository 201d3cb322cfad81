"""The preview of a bulk action: what keeps orders back, what to know of others, and ways out."""

from __future__ import annotations

import pytest
from django.urls import reverse

from config.kernel.actors import WORKER
from orders.bulk import foreseen
from orders.lifecycle import holds
from orders.models import BulkJob
from tests import builders as b
from tests.orders.test_bulk_pages import BULK, content, dry_run, signed_in

pytestmark = pytest.mark.django_db


def test_warnings_are_left_out_and_the_button_counts_what_happens() -> None:
    thing, client = b.product(), signed_in("Sales manager")
    b.stocked(4, of=thing)
    ids = b.validated((thing, 3), times=3)
    waiting = b.validated((thing, 1))
    holds.place(waiting, reason="Wait", by=WORKER)
    dry = dry_run(client, "process", ids + waiting)
    dry.items.failed().update(message="Nobody knows.", reason="Nobody knows.")

    seen = client.get(dry.get_absolute_url())
    [warning] = seen.context["warnings"]
    shown = client.get(dry.get_absolute_url() + warning.query)
    client.post(reverse("orders:job_start", args=[dry.pk]), {"without": warning.reason})

    assert (warning.reason, warning.orders) == ("Some of its units wait for stock.", 2)
    assert "4 more beside 0 that wait" in content(seen)
    assert "See these orders" in content(seen)
    assert "Process 3 orders</button>" in content(seen)
    assert "Process 1 order</button>" in content(shown)
    assert f'name="without" value="{warning.reason}"' in content(shown)
    assert [i.order_id for i in BulkJob.objects.latest("pk").items.all()] == ids[:1]


def test_reasons_beyond_those_that_fit_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    client, thing = signed_in("Sales manager"), b.product()
    b.stocked(9, of=thing)
    site = b.warehouse("ROT", "NL")
    b.stocked(1, site, thing)
    short = b.processed((thing, 2), times=2)
    dry = dry_run(client, "assign", short + b.drafted((thing, 1)), ask="1", warehouse=site.pk)
    monkeypatch.setattr(foreseen, "MOST_GROUPS", 1)

    page = client.get(dry.get_absolute_url())
    [group] = page.context["groups"]
    asked = client.post(BULK, {"action": "assign", "job": dry.pk, "reason": group.reason})

    assert "And 1 further reason. Orders that it keeps back: 1." in content(page)
    assert (group.orders, group.fix.action) == (2, "assign")
    assert "Assign 2 orders" in content(asked)
    again = {"action": "assign", "ask": "1", "warehouse": b.warehouse("LEI").pk}
    again |= {"job": dry.pk, "reason": group.reason}
    client.post(BULK, again)
    assert BulkJob.objects.latest("pk").already == 2


def test_blocked_orders_stand_by_reason_with_the_fix_beside_them() -> None:
    thing = b.product()
    b.stocked(10, of=thing)
    ids = b.validated((thing, 1), times=4)
    holds.place(ids[:3], reason="Wait", by=WORKER)
    client = signed_in("Sales manager")
    dry = dry_run(client, "process", ids)

    page = content(client.get(dry.get_absolute_url()))
    [group] = client.get(dry.get_absolute_url()).context["groups"]
    fixing = client.post(BULK, {"action": "release", "job": dry.pk, "reason": group.reason})

    assert (group.orders, group.fix.action) == (3, "release")
    assert "On hold: Wait. Release the hold." in page
    assert "Process 1 order" in page
    chosen = BulkJob.objects.get(pk=fixing["Location"].rstrip("/").split("/")[-1])
    assert sorted(chosen.items.values_list("order", flat=True)) == ids[:3]
