"""A job answers in the language of whoever asked for it; what its steps keep is the company's."""

from __future__ import annotations

import json
import re

import pytest
from django.conf import settings
from django.contrib.auth.models import Group, User
from django.db import transaction
from django.utils import translation

from config.kernel.actors import WORKER
from finance.models import CreditAccount
from orders.bulk import engine, fixes, jobs
from orders.bulk.actions import BY_NAME
from orders.bulk.selection import Selection
from orders.lifecycle import cancellation
from orders.models import (
    BulkJob,
    EventNote,
    Hold,
    OrderEvent,
    OrderException,
    Promise,
    SourcingCandidate,
    Staff,
    StaffNotice,
    Status,
)
from tests import builders as b
from tests.orders.test_bulk import looked, started, worked

pytestmark = pytest.mark.django_db


def manager(language: str) -> User:
    user = User.objects.create(username=f"manager-{language}", first_name="Petra")
    user.groups.add(Group.objects.get(name="Sales manager"))
    Staff.objects.create(user=user, language=language)
    return user


def done(name: str, ids: list[int], user: User, **arguments: object) -> BulkJob:
    """The job as a worker does it, which has no language of its own."""
    return worked(started(name, ids, user, **arguments))


def answered(job: BulkJob) -> str:
    return str(job.items.failed().get().message)


@pytest.mark.parametrize(
    ("language", "label"), [("de", "Entwurf"), ("en-gb", "Draft"), ("fr", "Draft")]
)
def test_a_refusal_is_answered_in_the_language_of_whoever_asked(language: str, label: str) -> None:
    dry = looked("process", b.drafted((b.product(), 1)), manager(language))

    assert re.search(f"[„“]{label}[“”]", answered(dry))
    assert translation.get_language() == settings.LANGUAGE_CODE


def test_a_worker_answers_in_the_language_of_whoever_asked() -> None:
    thing, user = b.product(), manager("de")
    b.stocked(10, of=thing)
    ids = b.validated((thing, 1), times=2)
    job = started("process", ids, user)
    cancellation.cancel(ids[:1], reason="error", by=WORKER)

    engine.work()

    assert "Storniert" in answered(job)
    assert translation.get_language() == settings.LANGUAGE_CODE


def kept(language: str) -> list[str]:
    """Everything that jobs of a manager write down, without its figures."""
    with transaction.atomic():
        user, thing, rich, poor = manager(language), b.product(), b.customer(), b.customer("15")
        b.stocked(3, of=thing)
        site = b.stocked(9, b.warehouse("MUC"), of=thing).warehouse
        books = User.objects.create(username="books")
        books.groups.add(Group.objects.get(name="Finance"))
        ids = b.submitted((thing, 2), buyer=rich, times=3)
        broke = b.submitted((thing, 2), buyer=poor)
        done("hold", ids, user, reason="Audit")
        done("release", ids, user, reason="Audit")
        done("validate", ids + broke, user)
        CreditAccount.objects.filter(customer=poor).update(credit_limit=1000)
        done("recheck", broke, user)
        done("validate", broke, user)
        done("process", ids + broke, user)
        there = {"warehouse": site.pk}
        dry = jobs.look(BY_NAME["assign"], Selection.of_ids(ids[:1], user), user, arguments=there)
        jobs.start(dry, user, arguments=there, detail="")
        engine.work()
        done("cancel", ids[1:2], user, reason="customer_request", words="")
        data = OrderEvent.objects.order_by("pk").values_list("type", "data")
        words = [f"{kind} {json.dumps(each, ensure_ascii=False)}" for kind, each in data]
        for rows in (
            EventNote.objects.order_by("pk").values_list("text", flat=True),
            Hold.objects.order_by("pk").values_list("reason", flat=True),
            OrderException.objects.order_by("pk").values_list("message", flat=True),
            StaffNotice.objects.order_by("pk").values_list("sentence", flat=True),
            Promise.objects.order_by("pk").values_list("cause", flat=True),
            SourcingCandidate.objects.order_by("pk").values_list("rejected_reason", flat=True),
        ):
            words += [str(text) for text in rows]
        happened = {"hold.placed", "order.sent_to_review", "order.processed", "order.cancelled"}
        assert happened | {"order.assigned"} <= {kind for kind, _ in data}
        assert OrderException.objects.exists()
        assert StaffNotice.objects.exists()
        transaction.set_rollback(True)
    return [re.sub(r"\d+", "…", text) for text in words]


def test_what_the_steps_of_a_german_job_keep_is_what_an_english_one_keeps() -> None:
    assert kept("de") == kept("en-gb")


@pytest.mark.parametrize("language", ["de", "en-gb"])
@pytest.mark.parametrize(
    ("label", "before", "after", "action"),
    [
        ("On hold", "", ": Audit.", "release"),
        (Status.IN_REVIEW.label, "“", "”", "recheck"),
        ("Credit limit", "1 over the ", "", ""),
    ],
)
def test_the_way_out_is_found_in_every_language(
    language: str, label: str, before: str, after: str, action: str
) -> None:
    user = User.objects.create(username="boss", is_superuser=True)
    with translation.override(language):
        said = translation.gettext(str(label))
    if language == "de":
        before, after = before.replace("“", "„"), after.replace("”", "“")

    found = fixes.of(f"{before}{said}{after}", "process", user)

    assert found
    assert found.action == action
