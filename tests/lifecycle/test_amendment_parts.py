"""Lines that are delivered in parts are amended: the parts follow what is wanted, and are told."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.utils import timezone

from config.kernel.actors import WORKER
from config.kernel.reading import day
from fulfillment.models import Carrier
from orders.lifecycle import cancellation
from orders.lifecycle.amendment import Operation
from orders.lifecycle.loading import attach
from orders.models import LineSchedule, OrderLine
from orders.versions import Trail
from tests import builders as b
from tests.lifecycle.test_amendment_details import LATER, SOON, amend, of_line, told

pytestmark = pytest.mark.django_db


def staged() -> list[tuple[date, int]]:
    return list(LineSchedule.objects.values_list("due_on", "quantity"))


def test_a_line_comes_in_parts_that_add_up_to_what_is_wanted_then() -> None:
    [pk] = b.validated((b.product("PART"), 10))
    more = of_line("set_quantity", quantity=12)

    b.done(amend(pk, of_line("set_parts", parts=((LATER, 3), (SOON, 6))), more))

    assert staged() == [(SOON, 6), (LATER, 6)]
    version = told(pk, 1, 2)["PART, line 1, in parts"]
    assert version[0] == "all of it at once"
    assert version[1].startswith("6 on ")
    b.done(amend(pk, of_line("set_parts")))
    assert staged() == []


def test_parts_that_shrink_with_what_is_wanted_stand_in_every_version_as_they_were() -> None:
    [pk] = b.validated((b.product("PART"), 10), buyer=b.customer(email="buyer@nordhavn.example"))
    b.done(amend(pk, of_line("set_parts", parts=((SOON, 3), (LATER, 7)))))

    less = amend(pk, of_line("set_quantity", quantity=5), tell=True)

    assert staged() == [(SOON, 3), (LATER, 2)]
    assert any("PART, in parts: 3 on" in str(effect.what) for effect in less.effects)
    assert f"(PART): 3 on {day(SOON)}, 2 on {day(LATER)}" in less.messages[pk].text
    assert told(pk, 2, 3)["PART, line 1, in parts"] == (
        f"3 on {day(SOON)}, 7 on {day(LATER)}",
        f"3 on {day(SOON)}, 2 on {day(LATER)}",
    )
    assert told(pk, 1, 3)["PART, line 1, in parts"][0] == "all of it at once"


def test_parts_that_shrink_by_a_cancellation_are_told_and_stand_as_they_were() -> None:
    [pk] = b.validated((b.product("PART"), 10), buyer=b.customer(email="buyer@nordhavn.example"))
    b.done(amend(pk, of_line("set_parts", parts=((SOON, 3), (LATER, 7)))))
    before = timezone.now()
    line = OrderLine.objects.earliest("pk").pk

    given_up = cancellation.cancel(
        [pk], reason="customer_request", quantities={line: 8}, tell=True, by=WORKER
    )

    assert staged() == [(SOON, 2), (LATER, 0)]
    assert any("→ 2 on" in str(effect.what) for effect in given_up.effects)
    assert isinstance(given_up, cancellation.Cancelled)
    assert "like this:\n\n- A thing (PART)" in given_up.messages[pk].text
    assert f"2 on {day(SOON)}" in given_up.messages[pk].text
    order = b.order(pk)
    attach([order])
    was = Trail.of(order).at(before).lines[1]
    assert (was.wanted, was.parts) == (10, [[str(SOON), 3], [str(LATER), 7]])


def test_a_line_that_is_given_up_has_no_parts_and_nobody_is_told_of_them() -> None:
    [pk] = b.validated((b.product("PART"), 4), (b.product(), 1))
    b.done(amend(pk, of_line("set_parts", parts=((SOON, 1), (LATER, 3)))))

    off = amend(pk, of_line("remove_line"))

    assert not any("in parts" in str(effect.what) for effect in off.effects)
    assert told(pk, 2, 3)["PART, line 1, in parts"][0].startswith("1 on ")


def test_parts_are_not_more_than_what_is_wanted() -> None:
    [pk] = b.validated((b.product(), 4))

    refused = amend(pk, of_line("set_parts", parts=((SOON, 5),))).refused[pk]

    assert "add up to 5, and 4 are ordered" in refused
    assert staged() == []


def test_parts_that_stood_before_may_have_passed_since() -> None:
    [pk] = b.validated((b.product(), 4))
    b.done(amend(pk, of_line("set_parts", parts=((SOON, 1), (LATER, 3)))))
    at = timezone.now() + timedelta(days=21)

    b.done(
        amend(pk, of_line("set_parts", parts=((SOON, 1), (LATER + timedelta(days=1), 3))), at=at)
    )

    assert staged() == [(SOON, 1), (LATER + timedelta(days=1), 3)]


def test_the_customer_reads_of_the_carrier_and_of_parts() -> None:
    Carrier.objects.create(code="SNAIL", name="Snail Post")
    [pk] = b.validated((b.product("PART"), 4), buyer=b.customer(email="byg@example.com"))
    staged = of_line("set_parts", parts=((SOON, 1), (LATER, 3)))

    words = amend(pk, Operation("set_carrier", carrier="SNAIL"), staged, tell=True).messages[pk]
    again = amend(pk, Operation("set_carrier"), of_line("set_parts"), tell=True).messages[pk]

    assert "- It is delivered by Snail Post" in words.text
    assert f"- A thing (PART): 1 on {day(SOON)}, 3 on {day(LATER)}" in words.text
    assert "- We choose who delivers it" in again.text
    assert "- A thing (PART): all of it at once" in again.text
