"""Today: every stage says how many orders stand in it, of those that somebody may see."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.http import QueryDict
from django.urls import reverse
from django.utils.html import escape

from config.kernel.actors import WORKER
from finance.services.payments import Received
from orders.filters import narrowed
from orders.lifecycle import cancellation, completion, payment, picking, validation
from orders.models import Customer, Order
from tests import builders as b
from tests.journeys.test_scope import buyer, signed_in, somebody

pytestmark = [pytest.mark.django_db]

OURS = {
    "draft": 3,
    "submitted": 2,
    "in_review": 2,
    "validated": 4,
    "processing": 5,
    "fulfilling": 2,
    "shipped": 3,
    "delivered": 1,
    "completed": 2,
    "cancelled": 1,
}
THEIRS = dict.fromkeys(OURS, 1) | {"draft": 2, "shipped": 2}


def trade(who: Customer, wanted: dict[str, int]) -> None:
    """So many orders of a customer in each state."""
    thing = b.product()
    b.stocked(200, of=thing)
    line, of = (thing, 1), {"buyer": who}
    b.drafted(line, times=wanted["draft"], **of)
    b.submitted(line, times=wanted["submitted"], **of)
    dear = (b.product(price="9000000"), 1)
    b.done(validation.validate(b.submitted(dear, times=wanted["in_review"], **of), by=WORKER))
    b.validated(line, times=wanted["validated"], **of)
    b.processed(line, times=wanted["processing"], **of)
    b.done(picking.pick(b.processed(line, times=wanted["fulfilling"], **of), by=WORKER))
    b.dispatched(line, times=wanted["shipped"], **of)
    b.delivered(line, times=wanted["delivered"], **of)
    done = b.delivered(line, times=wanted["completed"], **of)
    for pk in done:
        money = Received(who.pk, "EUR", Decimal(10), f"bank-{pk}", pk)
        payment.receive([money], by=WORKER)
    b.done(completion.complete(done, by=WORKER))
    given_up = b.drafted(line, times=wanted["cancelled"], **of)
    b.done(cancellation.cancel(given_up, reason="error", by=WORKER))
    assert Order.objects.filter(customer=who).count() == sum(wanted.values())


def told(**scope: object) -> list[tuple[str, str, str, str]]:
    """What Today says of each stage to somebody with this scope."""
    page = signed_in(somebody(**scope)).get(reverse("orders:today"))
    stages = page.context["stages"]
    found = [(str(s["name"]), s["count"], s["words"], s["alarm"]) for s in stages]
    text = page.content.decode()
    for stage in stages:
        assert f'?{escape(stage["leads_to"])}"' in text
        query = QueryDict(stage["leads_to"])
        assert (
            str(narrowed(query, Order.objects.visible_to(page.context["user"])).count())
            == (stage["count"])
        )
    for _, count, words, alarm in found:
        assert f'<span class="v">{count}</span><span class="d">{words}</span>' in text
        assert alarm in text
    return found


def test_each_stage_counts_its_orders_and_no_order_of_another_scope() -> None:
    trade(buyer("DE", "Ours"), OURS)
    trade(buyer("FR", "Theirs"), THEIRS)

    assert told(countries=["DE"]) == [
        ("Created", "5", "3 draft, 2 submitted", ""),
        ("Validation", "6", "2 in review, 4 validated", "2 need review"),
        ("Processing", "5", "", ""),
        ("Fulfillment", "2", "", ""),
        ("Delivery", "4", "3 in transit, 1 delivered", ""),
        ("Completed", "2", "", ""),
    ]
    assert told(countries=["FR"]) == [
        ("Created", "3", "2 draft, 1 submitted", ""),
        ("Validation", "2", "1 in review, 1 validated", "1 needs review"),
        ("Processing", "1", "", ""),
        ("Fulfillment", "1", "", ""),
        ("Delivery", "3", "2 in transit, 1 delivered", ""),
        ("Completed", "1", "", ""),
    ]
    assert told() == [
        ("Created", "8", "5 draft, 3 submitted", ""),
        ("Validation", "8", "3 in review, 5 validated", "3 need review"),
        ("Processing", "6", "", ""),
        ("Fulfillment", "3", "", ""),
        ("Delivery", "7", "5 in transit, 2 delivered", ""),
        ("Completed", "3", "", ""),
    ]
    assert [count for _, count, _, _ in told(countries=["US"])] == ["0"] * 6
