"""Files of the list: what the rendered forms ask for, with the orders and columns of the list."""

from __future__ import annotations

import csv
import io
from html.parser import HTMLParser
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook

from orders.models import BulkJob, SavedView, Staff
from tests import builders as b
from tests.journeys.test_pages import signed_in

pytestmark = pytest.mark.django_db


class Forms(HTMLParser):
    """The forms of a page that go to bulk actions: what each holds, and its buttons by their words.

    A box holds nothing until it is ticked.
    """

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[dict[str, list[str]], dict[str, str]]] = []
        self.inside, self.pressed = False, ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        has = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.inside = has.get("action") == reverse("orders:bulk")
            if self.inside:
                self.found.append(({}, {}))
        elif self.inside and tag == "input" and has.get("type") == "hidden":
            self.found[-1][0].setdefault(has["name"], []).append(has["value"])
        elif self.inside and tag == "button" and has.get("name") == "action":
            self.pressed = has["value"]

    def handle_endtag(self, tag: str) -> None:
        if tag == "button":
            self.pressed = ""
        self.inside = self.inside and tag != "form"

    def handle_data(self, data: str) -> None:
        if self.pressed and data.strip():
            self.found[-1][1][data.strip()] = self.pressed


def exported(client: Client, query: str, button: str, **ticked: Any) -> list[list[str]]:
    """The file that a button of the list answers with."""
    page = client.get(f"{reverse('orders:list')}?{query}").content.decode()
    held, buttons = next(form for form in Forms(page).found if button in form[1])
    answer = client.post(reverse("orders:bulk"), held | ticked | {"action": buttons[button]})
    assert answer.status_code == 302, answer.content
    job = BulkJob.objects.latest("pk")
    file: Any = client.get(reverse("orders:job_file", args=[job.pk]))
    assert file.status_code == 200
    if button.endswith("XLSX"):
        assert file["Content-Type"].endswith("sheet")
        return []
    return list(csv.reader(io.StringIO(b"".join(file.streaming_content).decode("utf-8-sig"))))


def test_the_menu_makes_both_files_of_what_the_list_shows() -> None:
    client, thing = signed_in("Sales rep"), b.product()
    drafts = b.drafted((thing, 2), times=2)
    b.submitted((thing, 1))

    headings, *rows = exported(client, "status=draft", "CSV")
    exported(client, "status=draft", "XLSX")

    assert [row[0] for row in rows] == [b.order(pk).number for pk in reversed(drafts)]
    assert headings[-2:] == ["Total", "Currency"]
    assert set(BulkJob.objects.values_list("action", flat=True)) == {"export-csv", "export-xlsx"}


def test_a_file_is_sorted_as_the_list_and_tells_the_time_of_whoever_reads_it() -> None:
    client, thing = signed_in("Sales rep"), b.product()
    user = User.objects.get(pk=client.session["_auth_user_id"])
    Staff.objects.update_or_create(
        user=user,
        defaults={"list_columns": ["created_at"], "time_zone": "Asia/Tokyo", "language": "de"},
    )
    late, soon = b.customer(), b.customer()  # sorted by customer: the other way round
    first, second = [b.drafted((thing, 1), buyer=buyer)[0] for buyer in (soon, late)]
    numbers = [b.order(pk).number for pk in (second, first)]

    headings, *listed = exported(client, "sort=customer", "CSV")
    _, *ticked = exported(client, "sort=customer", "Exportieren CSV", o=[first, second])
    exported(client, "sort=oldest", "XLSX")
    job = BulkJob.objects.latest("pk")
    file = client.get(reverse("orders:job_file", args=[job.pk]))
    sheet: Any = load_workbook(io.BytesIO(b"".join(file.streaming_content))).active  # type: ignore[attr-defined]

    assert headings == ["Order", "Entered"]
    assert [row[0] for row in listed] == [row[0] for row in ticked] == numbers
    assert [cell.value for cell in sheet["A"]][1:] == numbers[::-1]
    entered = b.order(second).created_at.astimezone(ZoneInfo("Asia/Tokyo"))
    assert listed[0][1] == entered.isoformat(" ", "minutes")
    assert sheet["B"][2].value.strftime("%H:%M") == entered.strftime("%H:%M")


def test_a_file_has_the_columns_that_the_person_or_the_view_shows() -> None:
    client = signed_in("Sales rep")
    user = User.objects.get(pk=client.session["_auth_user_id"])
    one, _two = b.drafted((b.product(), 2), times=2)
    Staff.objects.update_or_create(user=user, defaults={"list_columns": ["po_number", "ordered"]})
    view = SavedView.objects.create(owner=user, name="Sums", columns=["total"])

    own = exported(client, "", "CSV")
    seen = exported(client, f"view={view.pk}", "CSV")
    ticked = exported(client, f"view={view.pk}", "Export CSV", o=[one])

    assert own[0] == ["Order", "PO number", "Units"]
    assert seen[0] == ["Order", "Total", "Currency"]
    assert ticked == [seen[0], [b.order(one).number, "20.00", "EUR"]]
