"""Each bulk action from the list and from the admin: looked at, started, and what came of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, timedelta
from html import unescape

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from config.kernel.actors import WORKER
from config.kernel.reading import whole_date
from finance.models import CreditAccount
from inventory.models import StockLevel
from orders.bulk.actions import ACTIONS
from orders.lifecycle import holds, validation
from orders.models import BulkJob, Hold, Order
from orders.tasks import work
from tests import builders as b
from tests.orders.test_bulk_pages import BULK, content, dry_run, rows, signed_in, start

pytestmark = pytest.mark.django_db


def held() -> list[int]:
    ids = b.submitted((b.product(), 1), times=2)
    return b.done(holds.place(ids, reason="Wait", by=WORKER))


def in_review() -> list[int]:
    ids = b.submitted((b.product(), 2), buyer=b.customer(limit="1"), times=2)
    validation.validate(ids, by=WORKER)
    CreditAccount.objects.update(credit_limit=1000)
    return ids


def stocked(reach: Callable[..., list[int]]) -> list[int]:
    thing = b.product()
    b.stocked(10, of=thing)
    return reach((thing, 2), times=2)


CASES: dict[str, tuple[Callable[[], list[int]], dict[str, str], str, str]] = {
    "hold": (lambda: stocked(b.submitted), {"reason": "Audit"}, "submitted", "On hold"),
    "release": (held, {"reason": "Sorted out"}, "submitted", "May go on"),
    "validate": (lambda: stocked(b.submitted), {}, "validated", "Checked"),
    "recheck": (in_review, {}, "submitted", "Being checked"),
    "process": (lambda: stocked(b.validated), {}, "processing", "Processed"),
    "cancel": (lambda: stocked(b.processed), {"reason": "error"}, "cancelled", "Cancelled"),
}


@pytest.mark.parametrize("name", CASES)
def test_an_action_goes_from_the_list_over_its_preview_to_a_result_for_each_order(
    name: str,
) -> None:
    reach, answers, state, words = CASES[name]
    ids, client = reach(), signed_in("Admin")

    dry = dry_run(client, name, ids)
    job = start(client, dry, **answers)

    assert (dry.succeeded, dry.failed) == (2, 0)
    assert (job.status, job.succeeded, job.failed) == ("done", 2, 0)
    assert {b.order(pk).status for pk in ids} == {state}
    assert content(client.get(job.get_absolute_url())).count(f"</svg>{words}</span>") == 2
    results = rows(client.get(reverse("orders:job_results", args=[job.pk])))
    assert results[1:] == [[b.order(pk).number, "succeeded", "", ""] for pk in ids]


def test_what_a_job_held_is_held_and_what_it_released_goes_on() -> None:
    ids, client = stocked(b.submitted), signed_in("Admin")

    start(client, dry_run(client, "hold", ids), reason="Audit")
    work("validation")
    assert {b.order(pk).status for pk in ids} == {"submitted"}
    start(client, dry_run(client, "release", ids), reason="Done")
    work("validation")

    assert {b.order(pk).status for pk in ids} == {"validated"}


def test_orders_are_held_together_as_one_is_with_kind_owner_and_end() -> None:
    ids, client = stocked(b.submitted), signed_in("Admin")
    until = timezone.localtime(timezone.now() + timedelta(days=3)).replace(second=0, microsecond=0)
    answers = {
        "kind": "payment",
        "reason": "Card refused?",
        "owner": "team:Finance",
        "expires_at": f"{until:%Y-%m-%dT%H:%M}",
    }
    dry = dry_run(client, "hold", ids)

    offered = content(client.get(dry.get_absolute_url()))
    past = client.post(
        reverse("orders:job_start", args=[dry.pk]), answers | {"expires_at": "2001-01-01T08:00"}
    )
    job = start(client, dry, **answers)

    assert all(f'name="{name}"' in offered for name in answers)
    assert (past.status_code, "A hold ends in the future." in content(past)) == (422, True)
    placed = Hold.objects.filter(order__in=ids)
    assert {(each.kind, each.team, each.expires_at) for each in placed} == {
        ("payment", "Finance", until)
    }
    assert job.arguments["expires_at"] == until.astimezone(UTC).isoformat()
    told = f"Payment problem: Card refused? Until {whole_date(until)}, {until:%H:%M}."
    assert job.detail == f"{told} Finance takes care of it."
    assert job.detail in unescape(content(client.get(job.get_absolute_url())))


def test_a_reason_that_asks_ends_as_a_question() -> None:
    [pk] = b.submitted((b.product(), 1))
    b.done(holds.place([pk], reason="Which gate?", by=WORKER))

    refused = validation.validate([pk], by=WORKER).refused[pk]
    shown = content(signed_in("Admin").get(b.order(pk).get_absolute_url()))

    assert refused == "On hold: Which gate? Release the hold."
    assert "Which gate? It goes on when the hold is released." in shown


def test_a_preview_tells_the_effects_in_total_and_offers_the_eligible_ones_alone() -> None:
    thing = b.product()
    b.stocked(10, of=thing)
    ids = b.validated((thing, 2), times=3)
    holds.place(ids[:1], reason="Wait", by=WORKER)
    client = signed_in("Admin")

    page = content(client.get(dry_run(client, "process", ids).get_absolute_url()))

    total = page.partition('id="te-h"')[2].partition("</section>")[0]
    assert '<span>Reserve units</span><span class="amt">4</span>' in total
    assert "2 orders</span>" in total
    assert "Process 2 orders</button>" in page
    assert StockLevel.objects.get().reserved == 0


@pytest.mark.parametrize("name", [action.name for action in ACTIONS])
def test_the_admins_list_offers_every_action_and_leads_to_the_same_place(name: str) -> None:
    ids, client = stocked(b.processed), signed_in("Admin")
    address = reverse("admin:orders_order_changelist")

    offered = content(client.get(address))
    answer = client.post(address, {"action": f"bulk-{name}", "_selected_action": ids})
    same = client.post(BULK, {"action": name, "o": ids})

    assert f'<option value="bulk-{name}">' in offered
    assert answer.status_code == same.status_code
    if answer.status_code == 200:  # what has to be asked first
        assert content(answer).count(f'name="o" value="{ids[0]}"') == 1
        return
    first, second = BulkJob.objects.order_by("pk")
    assert (answer["Location"], first.action) == (first.get_absolute_url(), name)
    chosen = [list(each.items.values_list("order", "status")) for each in (first, second)]
    assert chosen[0] == chosen[1]


def test_the_admins_export_has_the_ticked_orders_and_the_columns_of_the_list() -> None:
    ids, client = b.drafted((b.product(), 2), times=2), signed_in("Admin")
    Order.objects.filter(pk=ids[0]).update(po_number="=1+1")
    data = {"action": "bulk-export-csv", "_selected_action": ids[:1]}

    client.post(reverse("admin:orders_order_changelist"), data)
    job = BulkJob.objects.get()
    [headings, row] = rows(client.get(reverse("orders:job_file", args=[job.pk])))

    assert headings[0] == "Order"
    assert headings[-2:] == ["Total", "Currency"]
    assert row[0] == b.order(ids[0]).number


def test_the_page_of_a_running_job_says_how_quickly_it_goes_and_how_long_the_rest_takes() -> None:
    client = signed_in("Admin")
    dry = dry_run(client, "hold", b.submitted((b.product(), 1), times=3))
    client.post(reverse("orders:job_start", args=[dry.pk]), {"reason": "Audit"})
    began = timezone.now() - timedelta(seconds=10)
    job = BulkJob.objects.get(preview=dry)
    BulkJob.objects.filter(pk=job.pk).update(
        status="running",
        total=9000,
        succeeded=1000,
        started_at=began,
        turn_at=began,
        turn_from=0,
        heartbeat_at=began + timedelta(seconds=10),
    )

    page = content(client.get(job.get_absolute_url()))

    assert "of 9,000 done" in page
    assert "About 80 seconds left · 100 a second" in page
    assert 'aria-label="1,000 done, 0 not changed, 8,000 waiting"' in page


def test_a_sales_rep_finds_no_action_in_the_admin() -> None:
    client: Client = signed_in("Sales rep")

    assert client.get(reverse("admin:orders_order_changelist")).status_code == 403
