"""Notices are kept in English and said in the language of whoever reads them."""

from __future__ import annotations

import re

import pytest
from django.contrib.auth.models import User
from django.urls import reverse
from django.utils import translation

from config.kernel.actors import WORKER
from orders.lifecycle import notes, validation
from orders.models import Staff, StaffNotice
from tests import builders as b
from tests.orders.test_bulk import started, worked
from tests.orders.test_notices import entered_by, over_limit, person, signed_in, told

pytestmark = pytest.mark.django_db


def said_in_german(user: User) -> list[str]:
    with translation.override("de"):
        return [notice.said for notice in StaffNotice.objects.filter(user=user).order_by("pk")]


def test_a_notice_is_kept_in_english_and_said_in_the_language_of_the_reader() -> None:
    rep, finance = person("rep", "Sales rep"), person("fi", "Finance")
    Staff.objects.create(user=finance, language="de")
    [pk] = entered_by(rep, over_limit())
    validation.validate([pk], by=WORKER)
    many = entered_by(rep, over_limit(times=2))
    validation.validate(many, by=WORKER)
    notes.add([pk], words="@fi look", by=WORKER)

    number, shown = b.order(pk).number, signed_in(finance).get(reverse("orders:notices")).text

    assert told(finance)[1:] == [
        "2 orders wait for Finance: Credit limit.",
        f"You are mentioned in a note on {number}.",
    ]
    first, *others = said_in_german(finance)
    assert re.fullmatch(rf"{number}: .* über dem Kreditlimit.*", first)
    assert others == [
        "2 Aufträge warten auf Finanzen: Kreditlimit.",
        f"Sie werden in einer Notiz zu {number} erwähnt.",
    ]
    assert said_in_german(rep) == [
        f"{number} muss geklärt werden, bevor es weitergeht.",
        "2 Ihrer Aufträge müssen geklärt werden, bevor es weitergeht.",
        f"Zu {number} gibt es eine neue Notiz.",
    ]
    assert all(sentence in shown for sentence in others)
    assert "You are mentioned" not in shown


def test_the_end_of_a_job_is_told_in_the_language_of_the_reader() -> None:
    manager = person("boss", "Sales manager")
    ids = b.submitted((b.product(), 1), times=2)

    worked(started("hold", ids, manager, reason="Audit"))

    assert told(manager) == ["“Hold 2 orders” is done: 2 taken, 0 not."]
    assert said_in_german(manager) == [
        "„2 Aufträge: Sperren“ ist erledigt: ausgeführt 2, nicht ausgeführt 0."
    ]
