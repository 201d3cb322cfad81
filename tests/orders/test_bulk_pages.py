"""Pages of bulk jobs: choose, look, start, follow, fix, stop; each under its permission."""

from __future__ import annotations

import csv
import io
import re
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from config.kernel.actors import WORKER
from orders.bulk import engine, export
from orders.bulk.actions import ACTIONS
from orders.lifecycle import holds
from orders.models import BulkJob, Hold, Order
from orders.permissions import ROLES
from tests import builders as b

pytestmark = pytest.mark.django_db
BULK = "/orders/bulk/"


def signed_in(role: str, name: str = "") -> Client:
    user = User.objects.create(
        username=name or role.replace(" ", "."),
        is_superuser=role == "Admin",
    )
    user.groups.add(Group.objects.get(name=role))
    client = Client()
    client.force_login(user, backend="config.accounts.Accounts")
    return client


def dry_run(client: Client, action: str, ids: list[int], **more: Any) -> BulkJob:
    answer = client.post(BULK, {"action": action, "o": ids, **more})
    assert answer.status_code == 302, answer.content
    return BulkJob.objects.get(pk=answer["Location"].rstrip("/").split("/")[-1])


def start(client: Client, dry: BulkJob, **arguments: Any) -> BulkJob:
    client.post(reverse("orders:job_start", args=[dry.pk]), arguments)
    engine.work()
    return BulkJob.objects.get(preview=dry)


def content(answer: Any) -> str:
    if answer.streaming:
        return b"".join(answer.streaming_content).decode("utf-8-sig")
    return str(answer.content.decode())


def rows(answer: HttpResponse) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content(answer))))


def test_orders_are_chosen_looked_at_and_held_with_one_reason() -> None:
    ids = b.submitted((b.product(), 1), times=3)
    client = signed_in("Sales rep")

    dry = dry_run(client, "hold", ids)
    page = content(client.get(dry.get_absolute_url()))
    job = start(client, dry, reason="Audit")
    over = content(client.get(job.get_absolute_url()))

    assert "Hold 3 orders?" in page
    assert "Nothing is saved" in page
    assert (job.status, job.succeeded, job.detail) == ("done", 3, "Audit")
    assert set(Hold.objects.values_list("reason", flat=True)) == {"Audit"}
    assert "On hold" in over
    assert 'hx-get="/jobs/' not in over


def test_a_missing_reason_is_said_at_its_field_and_starts_nothing() -> None:
    ids = b.submitted((b.product(), 1))
    client = signed_in("Sales rep")
    dry = dry_run(client, "hold", ids)

    answer = client.post(reverse("orders:job_start", args=[dry.pk]), {"reason": ""})

    assert answer.status_code == 422
    assert "Reason is required." in content(answer)
    assert BulkJob.objects.count() == 1


def test_every_order_of_the_list_is_taken_by_its_query() -> None:
    b.submitted((b.product(), 1), times=30)
    b.drafted((b.product(), 1))
    client = signed_in("Sales rep")

    answer = client.post(BULK, {"action": "hold", "every": "1", "query": "status=submitted"})
    unread = client.post(BULK, {"action": "hold", "every": "1", "query": "status=nonsense"})

    assert BulkJob.objects.get().total == 30
    assert answer["Location"] == BulkJob.objects.get().get_absolute_url()
    assert unread["Location"] == reverse("orders:list")


def test_a_warehouse_is_asked_for_before_the_dry_run() -> None:
    thing = b.product()
    b.stocked(10, of=thing)
    rotterdam = b.warehouse("ROT", "NL")
    b.stocked(10, rotterdam, thing)
    ids = b.processed((thing, 1), times=2)
    client = signed_in("Warehouse lead")

    asked = client.post(BULK, {"action": "assign", "o": ids})
    empty = client.post(BULK, {"action": "assign", "o": ids, "ask": "1", "warehouse": ""})
    dry = dry_run(client, "assign", ids, ask="1", warehouse=rotterdam.pk)
    job = start(client, dry)

    assert (asked.status_code, empty.status_code) == (200, 422)
    assert "Assign 2 orders" in content(asked)
    assert "Assign 2 orders to ROT?" in content(client.get(dry.get_absolute_url()))
    assert (job.succeeded, job.arguments) == (2, {"warehouse": rotterdam.pk})


def test_one_order_is_assigned_on_its_own_page() -> None:
    thing = b.product()
    b.stocked(10, of=thing)
    rotterdam = b.warehouse("ROT", "NL")
    b.stocked(10, rotterdam, thing)
    [pk] = b.processed((thing, 1))
    client = signed_in("Sales manager")
    page = reverse("orders:step", args=[b.order(pk).number, "assign"])

    assert client.get(page).status_code == 200
    client.post(page, {"warehouse": rotterdam.pk})

    order = b.order(pk)
    assert order.lines.get().allocations.open().get().stock_level.warehouse == rotterdam


@pytest.mark.parametrize("role", ROLES)
def test_actions_answer_as_the_permission_table_says(role: str) -> None:
    ids = b.drafted((b.product(), 1))
    client = signed_in(role)

    answers = {
        action.name: client.post(BULK, {"action": action.name, "o": ids}).status_code
        for action in ACTIONS
    }

    assert {name: code == 403 for name, code in answers.items()} == {
        action.name: not (role == "Admin" or action.permission in ROLES[role]) for action in ACTIONS
    }


def test_ones_own_jobs_are_seen_and_all_by_those_who_answer_for_the_desk() -> None:
    ids = b.submitted((b.product(), 1), times=2)
    rep, other = signed_in("Sales rep"), signed_in("Sales rep", "other")
    manager, floor = signed_in("Sales manager"), signed_in("Warehouse")
    job = start(rep, dry := dry_run(rep, "hold", ids), reason="Audit")

    for address in (
        job.get_absolute_url(),
        dry.get_absolute_url(),
        reverse("orders:job_results", args=[job.pk]),
    ):
        answers = [client.get(address).status_code for client in (rep, other, manager, floor)]
        assert answers == [200, 404, 200, 404], address
    for name in ("start", "stop", "retry"):
        assert other.post(reverse(f"orders:job_{name}", args=[job.pk])).status_code == 404
    assert str(job) in content(manager.get(reverse("orders:jobs")))
    assert str(job) not in content(other.get(reverse("orders:jobs")))


def test_a_stranger_is_asked_to_sign_in_and_jobs_are_changed_by_post_alone() -> None:
    client = signed_in("Admin")
    job = dry_run(client, "hold", b.submitted((b.product(), 1)))

    for name in ("job", "job_results", "job_file", "job_start", "job_stop", "job_retry"):
        assert Client().get(reverse(f"orders:{name}", args=[job.pk])).status_code == 302
    for name in ("job_start", "job_stop", "job_retry"):
        assert client.get(reverse(f"orders:{name}", args=[job.pk])).status_code == 405
    assert client.get(BULK).status_code == 405


def test_progress_is_polled_until_it_is_over() -> None:
    client = signed_in("Admin")
    dry = dry_run(client, "hold", b.submitted((b.product(), 1), times=2))
    client.post(reverse("orders:job_start", args=[dry.pk]), {"reason": "Audit"})
    job = BulkJob.objects.get(preview=dry)

    waiting = client.get(job.get_absolute_url(), headers={"HX-Request": "true"})
    engine.work()
    over = client.get(job.get_absolute_url(), headers={"HX-Request": "true"})

    assert waiting.status_code == 200
    assert 'hx-trigger="every 2s"' in content(waiting)
    assert "<html" not in content(waiting)
    assert (over.status_code, over["HX-Refresh"]) == (286, "true")
    assert "HX-Request" in over["Vary"]


def test_a_job_is_stopped_and_tried_again_from_its_page() -> None:
    client = signed_in("Admin")
    thing = b.product()
    b.stocked(10, of=thing)
    ids = b.validated((thing, 1), times=3)
    dry = dry_run(client, "process", ids)
    client.post(reverse("orders:job_start", args=[dry.pk]))
    job = BulkJob.objects.get(preview=dry)
    holds.place(ids[:1], reason="Wait", by=WORKER)

    engine.work()
    holds.release(ids[:1], reason="Paid", by=WORKER)
    client.post(reverse("orders:job_retry", args=[job.pk]))
    job.refresh_from_db()
    again = job.status
    client.post(reverse("orders:job_stop", args=[job.pk]))
    job.refresh_from_db()

    page = content(client.get(job.get_absolute_url()))

    assert (again, job.status, job.succeeded, job.pending) == ("queued", "cancelled", 2, 1)
    assert "Stopped by Admin" in page
    assert re.search(r"Tried again .* by Admin, in whose name it goes on", page)
    assert "The job was stopped before their turn" in page


def test_the_same_job_again_is_linked() -> None:
    client = signed_in("Admin")
    ids = b.submitted((b.product(), 1))
    first, second = dry_run(client, "hold", ids), dry_run(client, "hold", ids)
    client.post(reverse("orders:job_start", args=[first.pk]), {"reason": "Audit"})
    job = BulkJob.objects.get(preview=first)

    answer = client.post(
        reverse("orders:job_start", args=[second.pk]), {"reason": "Audit"}, follow=True
    )

    assert answer.redirect_chain[-1][0] == job.get_absolute_url()
    assert "started the same already" in content(answer)


def test_results_come_as_csv_and_nothing_in_it_is_a_formula() -> None:
    client = signed_in("Admin")
    ids = b.validated((b.product(), 1), times=2)
    holds.place(ids[:1], reason="=1+1", by=WORKER)
    job = dry_run(client, "process", ids)
    job.items.failed().update(message="=HYPERLINK(1)")

    answer = client.get(reverse("orders:job_results", args=[job.pk]), {"show": "failed"})

    assert rows(answer) == [
        ["order", "status", "error_code", "message"],
        [b.order(ids[0]).number, "failed", "refused", "'=HYPERLINK(1)"],
    ]


def test_a_file_has_the_orders_and_columns_of_the_list() -> None:
    client = signed_in("Sales rep")
    thing = b.product()
    ids = b.drafted((thing, 2), times=2) + b.submitted((thing, 1))
    Order.objects.filter(pk=ids[0]).update(po_number="=cmd|'/C calc'!A0")

    answer = client.post(
        BULK,
        {
            "action": "export-csv",
            "every": "1",
            "query": "status=draft",
            "columns": ["number", "po_number", "ordered"],
        },
    )
    job = BulkJob.objects.get()
    found = rows(client.get(reverse("orders:job_file", args=[job.pk])))

    assert answer["Location"] == job.get_absolute_url()
    assert found == [
        ["Order", "PO number", "Units"],
        [b.order(ids[1]).number, b.order(ids[1]).po_number, "2"],
        [b.order(ids[0]).number, "'=cmd|'/C calc'!A0", "2"],
    ]
    assert "Download the file" in content(client.get(job.get_absolute_url()))


def test_a_workbook_keeps_numbers_as_numbers_and_words_as_words() -> None:
    client = signed_in("Sales rep")
    [pk] = b.drafted((b.product(), 2))
    Order.objects.filter(pk=pk).update(po_number="=1+1")
    columns = ["number", "po_number", "total", "created_at"]
    client.post(BULK, {"action": "export-xlsx", "o": [pk], "columns": columns})

    answer = client.get(reverse("orders:job_file", args=[BulkJob.objects.get().pk]))

    sheet = load_workbook(io.BytesIO(b"".join(answer.streaming_content))).active  # type: ignore[arg-type]
    assert [cell.value for cell in sheet[1]] == [
        "Order",
        "Entered",
        "PO number",
        "Total",
        "Currency",
    ]
    number, _, po_number, total, _ = sheet[2]
    assert (number.value, total.value) == (b.order(pk).number, 20)
    assert (po_number.value, po_number.data_type) == ("=1+1", "s")


@pytest.mark.parametrize("words", ["=1", "+1", "-1", "@A1", "\t=1", "\r=1"])
def test_no_cell_of_a_file_is_taken_for_a_formula(words: str) -> None:
    [_, line] = export.as_csv([[words, 5]])

    assert next(csv.reader(io.StringIO(line)))[0] == f"'{words}"


def test_a_file_is_read_in_as_many_statements_for_many_orders_as_for_one() -> None:
    client, counts = signed_in("Admin"), []
    for times in (1, 60):
        ids = b.drafted((b.product(), 1), times=times)
        client.post(BULK, {"action": "export-csv", "o": ids})
        address = reverse("orders:job_file", args=[BulkJob.objects.latest("created_at").pk])
        with CaptureQueriesContext(connection) as queries:
            assert len(rows(client.get(address))) == times + 1
        counts.append(len(queries))

    assert counts[0] == counts[1]


@pytest.mark.parametrize(
    ("name", "most"), [("jobs", 9), ("job", 12), ("preview", 18), ("progress", 5)]
)
def test_a_page_keeps_within_its_statements(name: str, most: int) -> None:
    client = signed_in("Admin")
    ids = b.submitted((b.product(), 1), times=30) + b.drafted((b.product(), 1), times=5)
    dry = dry_run(client, "hold", ids)
    job = start(client, dry, reason="Audit")
    address = reverse("orders:jobs") if name == "jobs" else job.get_absolute_url()
    address = dry.get_absolute_url() if name == "preview" else address
    headers = {"HX-Request": "true"} if name == "progress" else {}
    client.get(address)

    with CaptureQueriesContext(connection) as queries:
        client.get(address, headers=headers)

    assert len(queries) <= most


def test_results_follow_each_other_without_gap_or_repeat() -> None:
    client, seen, query = signed_in("Admin"), [], "?show=all"
    job = dry_run(client, "hold", b.submitted((b.product(), 1), times=60))

    for _ in range(3):
        page = client.get(job.get_absolute_url() + query).context["page"]
        seen += [item.pk for item in page.rows]
        query = page.next_query

    assert seen == list(job.items.order_by("pk").values_list("pk", flat=True))


def test_the_admins_list_hands_its_selection_to_the_same_preview() -> None:
    ids = b.submitted((b.product(), 1), times=3)
    client = signed_in("Admin")
    address = reverse("admin:orders_order_changelist")
    number = b.order(ids[0]).number

    listed = content(client.get(address, {"q": number}))
    answer = client.post(address, {"action": "bulk-hold", "_selected_action": ids[:2]})

    assert number in listed
    assert b.order(ids[1]).number not in listed
    dry = BulkJob.objects.get()
    assert answer["Location"] == dry.get_absolute_url()
    assert (dry.is_dry_run, list(dry.items.values_list("order", flat=True))) == (True, ids[:2])
    assert client.get(reverse("admin:orders_order_add")).status_code == 403


def test_the_admin_offers_what_the_role_may_do_and_nothing_else() -> None:
    client = signed_in("Sales manager")
    b.drafted((b.product(), 1))

    page = content(client.get(reverse("admin:orders_order_changelist")))

    assert "Hold selected orders" in page
    assert "Delete selected" not in page
