"""What is wanted in parts is held, part by part, against what is promised by then."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from config.kernel.actors import WORKER
from inventory.models import Supply
from orders.lifecycle import capture, delivery, processing, stages, submission, validation
from orders.lifecycle.drafts import LineDraft, OrderDraft
from orders.lifecycle.stages import judged
from orders.models import OrderLine
from orders.templatetags.ui import day
from tests import builders as b
from tests.journeys.test_amending import signed_in

D = [date(2026, 12, number) for number in range(1, 31)]


def told(parts: list[tuple[date, int]], coming: list[tuple[date, int]]) -> list[str]:
    return [stage.words for stage in judged(parts, coming)]


def test_each_part_says_whether_what_is_promised_by_then_covers_it() -> None:
    wanted = [(D[4], 10), (D[18], 20)]

    assert told(wanted, [(D[2], 22), (D[21], 8)]) == [
        f"10 by {day(D[4])}: promised",
        f"20 by {day(D[18])}: 12 promised, 8 late by 3 days",
    ]


@pytest.mark.parametrize(
    ("coming", "promised", "whole"),
    [
        ([], [0, 0], [None, None]),
        ([(D[4], 30)], [10, 20], [D[4], D[4]]),
        ([(D[5], 30)], [0, 20], [D[5], D[5]]),
        ([(D[4], 9), (D[5], 21)], [9, 20], [D[5], D[5]]),
        ([(D[0], 30)], [10, 20], [D[0], D[0]]),
        ([(D[18], 29)], [0, 19], [D[18], None]),
        ([(date.min, 10), (D[19], 20)], [10, 0], [date.min, D[19]]),
    ],
)
def test_what_comes_first_goes_to_what_is_wanted_first(
    coming: list[tuple[date, int]], promised: list[int], whole: list[date | None]
) -> None:
    found = judged([(D[18], 20), (D[4], 10)], coming)

    assert [stage.due_on for stage in found] == [D[4], D[18]]
    assert [stage.promised for stage in found] == promised
    assert [stage.whole_on for stage in found] == whole


def test_a_part_that_is_not_promised_says_so_and_a_day_is_one_day() -> None:
    assert told([(D[4], 10)], [(D[3], 4)]) == [f"10 by {day(D[4])}: 4 promised, 6 not yet"]
    assert told([(D[4], 10)], [(D[5], 10)])[0].endswith("0 promised, 10 late by 1 day")


@pytest.mark.django_db
def test_the_page_of_an_order_and_its_entry_say_it_of_every_part() -> None:
    today, thing = timezone.localdate(), b.product("NUT-8")
    b.stocked(22, of=thing)
    late = today + timedelta(days=40)
    Supply.objects.create(
        product=thing, warehouse=b.warehouse(), quantity=50, expected_on=late, reference="PO-7"
    )
    soon, later = today + timedelta(days=20), today + timedelta(days=30)
    buyer = b.customer()
    draft = OrderDraft(buyer.code, [LineDraft("NUT-8", 30, parts=[(soon, 10), (later, 20)])])
    [pk] = capture.create([draft], by=WORKER).orders.values()
    client = signed_in("Admin")

    typed = {
        "customer": f"{buyer.code} · {buyer.name}",
        "lines-TOTAL_FORMS": "1",
        "lines-INITIAL_FORMS": "0",
        "lines-0-sku": "NUT-8",
        "lines-0-quantity": "30",
        "lines-0-parts": f"{soon} 10\n{later} 20",
    }
    entry = client.post("/orders/new/outlook/", typed)
    plain = page(client, pk)
    for step in (submission.submit, validation.validate, processing.process):
        b.done(step([pk], by=WORKER))
    line = OrderLine.objects.get()
    assert line.promised_on is not None
    days = (line.promised_on - later).days
    words = [
        f"10 by {day(soon)}: promised",
        f"20 by {day(later)}: 12 promised, 8 late by {days} days",
    ]

    assert f"In parts: 10 by {day(soon)}, 20 by {day(later)}" in plain
    assert all(each in page(client, pk) for each in words)
    assert words[0] in entry.text
    assert "12 promised, 8 late by" in entry.text


def page(client: Client, pk: int) -> str:
    return client.get(b.order(pk).get_absolute_url()).text


@pytest.mark.django_db
def test_what_has_arrived_covers_the_parts_that_are_wanted_first() -> None:
    thing = b.product()
    b.stocked(10, of=thing)
    [pk] = b.dispatched((thing, 10))
    b.done(delivery.deliver([pk], by=WORKER))
    line = OrderLine.objects.get(order=pk)

    coming = stages.promised_of(line, timezone.localdate())

    assert coming == [(date.min, 10)]
