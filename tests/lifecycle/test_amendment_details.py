"""PO number, note, carrier, charges and days of placed orders: what they change, and until when."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation

from config.kernel.actors import WORKER
from finance.models import CreditAccount, Price
from fulfillment.models import Carrier, ShippingRate
from orders.lifecycle import amendment, cancellation, searching
from orders.lifecycle.amendment import Operation
from orders.lifecycle.amendment.operations import GROUPS, Kind
from orders.lifecycle.loading import attach
from orders.models import (
    AmendmentOperation,
    FieldGroup,
    Order,
    OrderEvent,
    OrderLine,
    OrderSearch,
)
from orders.versions import Trail, compare
from tests import builders as b

pytestmark = pytest.mark.django_db

SOON = timezone.localdate() + timedelta(days=20)
LATER = SOON + timedelta(days=7)


def amend(pk: int, *operations: Operation, **more: Any) -> amendment.Amended:
    outcomes = amendment.amend([pk], operations={pk: operations}, reason="error", by=WORKER, **more)
    assert isinstance(outcomes, amendment.Amended)
    return outcomes


def numbered(text: str) -> Operation:
    return Operation("set_po_number", text=text)


def charge(amount: str | None) -> Operation:
    return Operation("set_shipping", amount=Decimal(amount) if amount else None)


def off(amount: str) -> Operation:
    return Operation("set_order_discount", amount=Decimal(amount))


def of_line(kind: str, **more: Any) -> Operation:
    return Operation(kind, line=OrderLine.objects.earliest("pk").pk, **more)


def told(pk: int, first: int, last: int) -> dict[str, tuple[Any, Any]]:
    """What the versions say differs between two of them."""
    order = b.order(pk)
    attach([order])
    trail = Trail.of(order)
    rows = compare(trail.at_version(first), trail.at_version(last), trail.known)
    return {row.label: (row.before, row.after) for row in rows}


@pytest.mark.parametrize("reach", [b.validated, b.processed, b.dispatched, b.delivered])
def test_an_order_is_found_by_its_new_po_number_wherever_it_stands(reach: Any) -> None:
    thing = b.product()
    b.stocked(4, of=thing)
    [pk] = reach((thing, 4))
    before = b.order(pk).po_number.lower()

    b.done(amend(pk, numbered("NEW-4711")))

    words = OrderSearch.objects.get(order=pk).words
    assert (b.order(pk).po_number, before in words) == ("NEW-4711", False)
    assert "new-4711" in words


def test_what_has_left_changes_its_notes_and_nothing_else() -> None:
    thing = b.product()
    b.stocked(4, of=thing)
    [pk] = b.dispatched((thing, 4))
    promised = b.order(pk).promised_on

    refused = amend(pk, Operation("set_carrier")).refused[pk]
    b.done(amend(pk, Operation("set_note", text="Rang the bell twice")))

    assert "has left; only its notes and PO number can change" in refused
    order = b.order(pk)
    assert (order.note, order.status, order.promised_on) == (
        "Rang the bell twice",
        "shipped",
        promised,
    )


def test_words_of_people_stand_beside_the_history_and_never_in_it() -> None:
    [pk] = b.validated((b.product(), 4))
    before = b.order(pk).po_number

    b.done(amend(pk, numbered("PO-SECRET"), Operation("set_note", text="Ask for Ms Klee")))

    event = OrderEvent.objects.get(order=pk, type="amendment.applied")
    assert event.data["written"] == ["note", "po_number"]
    assert "SECRET" not in event.canonical
    assert "Klee" not in event.canonical
    kept = AmendmentOperation.objects.get(kind="set_po_number")
    assert (kept.before, kept.after) == ({"po_number": before}, {"po_number": "PO-SECRET"})
    assert told(pk, 1, 2)["Customer’s PO number"] == (before, "PO-SECRET")


def test_a_po_number_that_the_customer_wants_is_not_taken_away() -> None:
    [pk] = b.validated((b.product(), 1), buyer=b.customer(needs_po_number=True))

    refused = amend(pk, numbered("")).refused

    assert "wants its PO number on every order" in str(refused[pk])


def test_a_note_is_judged_by_nobody_and_a_charge_is() -> None:
    thing = b.product(price="10.00")
    [pk] = b.validated((thing, 2))
    Price.objects.update(floor=11)

    note = amend(pk, Operation("set_note", text="Call first"))
    assert amend(pk, numbered("PO-NEW")).refused == {}
    charged = amend(pk, charge("5.00"))

    assert note.refused == {}
    assert "below the floor" in str(charged.refused[pk])


def test_a_discount_that_goes_below_the_floor_is_judged() -> None:
    [pk] = b.validated((b.product(price="10.00"), 2))
    Price.objects.update(floor=9)

    assert "below the floor" in str(amend(pk, off("2.01")).refused[pk])
    assert amend(pk, off("2.00")).refused == {}


def test_a_part_that_is_wanted_before_the_promise_is_foreseen() -> None:
    [pk] = b.processed((b.product(), 4))
    promised = Order.objects.get(pk=pk).promised_on
    assert promised
    first = timezone.localdate()

    told = amend(pk, of_line("set_parts", parts=((first, 2), (SOON, 2))))

    foreseen = [effect for effect in told.effects if effect.kind == "promise"]
    assert (first < promised) is bool(foreseen)
    assert "its first part is wanted by" in str(foreseen[0].what)


def test_a_po_number_that_does_not_fit_is_refused() -> None:
    [pk] = b.validated((b.product(), 4))

    assert "has 61 characters; at most 60 are kept" in amend(pk, numbered("x" * 61)).refused[pk]


def test_a_po_number_that_makes_it_a_repeat_is_judged_as_on_entry() -> None:
    thing, buyer = b.product(), b.customer("100000")
    [first, second] = b.validated((thing, 4), buyer=buyer, times=2)

    refused = amend(second, numbered(b.order(first).po_number))
    b.done(amend(second, numbered("Another")))

    assert "is this a repeat?" in refused.refused[second]
    assert str(b.order(first)) in refused.refused[second]
    assert b.order(second).po_number == "Another"


def test_the_carrier_changes_and_with_it_the_charge_that_was_left_to_the_carrier() -> None:
    ShippingRate.objects.create(
        carrier=Carrier.objects.create(code="SNAIL", name="Snail Post"),
        currency_id="EUR",
        amount=Decimal("7.50"),
    )
    [pk] = b.validated((b.product(price="10.00"), 4))

    foreseen = amendment.plan(
        pk, [Operation("set_carrier", carrier="SNAIL"), charge(None)], by=WORKER
    )
    b.done(amend(pk, Operation("set_carrier", carrier="SNAIL"), charge(None)))

    order = b.order(pk)
    assert (order.shipping_method, order.shipping_total, order.grand_total) == (
        "SNAIL",
        Decimal("7.50"),
        Decimal("47.50"),
    )
    assert CreditAccount.objects.get(customer=order.customer_id).committed == order.grand_total
    words = [str(effect.what) for effect in foreseen.effects]
    assert "carrier: any carrier → Snail Post" in words
    assert "delivery charge: 0.00 EUR → 7.50 EUR" in words
    with translation.override("de"):
        german = [str(effect.what) for effect in foreseen.effects]
    assert "Versandkosten: 0,00 EUR → 7,50 EUR" in german
    assert told(pk, 1, 2)["Carrier"] == ("", "Snail Post")


def test_a_carrier_that_is_none_is_refused() -> None:
    [pk] = b.validated((b.product(), 4))

    assert (
        "is not a carrier we ship with"
        in amend(pk, Operation("set_carrier", carrier="OWL")).refused[pk]
    )


def test_a_discount_on_the_order_is_spread_over_its_lines_and_lowers_what_is_owed() -> None:
    [pk] = b.validated((b.product(price="3.33"), 3), (b.product(price="7.77"), 1))
    before = b.order(pk).grand_total

    b.done(amend(pk, off("4.00")))

    order = b.order(pk)
    shares = OrderLine.objects.values_list("order_discount_share", flat=True)
    assert (sum(shares), order.grand_total) == (4, before - 4)
    assert CreditAccount.objects.get(customer=order.customer_id).committed == order.grand_total
    assert told(pk, 1, 2)["Order discount"] == (0, 4)


def test_a_discount_is_never_more_than_the_goods_come_to() -> None:
    [pk] = b.validated((b.product(price="10.00"), 4))

    assert "more than the goods come to, 40.00 EUR" in amend(pk, off("40.01")).refused[pk]
    assert "cannot be negative" in amend(pk, off("-1")).refused[pk]
    assert b.order(pk).order_discount == 0


def test_charges_stay_once_something_is_invoiced() -> None:
    thing = b.product()
    b.stocked(2, of=thing)
    [pk] = b.dispatched((thing, 4))

    for asked in (charge("3"), off("1")):
        assert "invoiced with the present charges" in amend(pk, asked).refused[pk]


def test_a_charge_is_not_less_than_what_stands_on_cancelled_units() -> None:
    [pk] = b.validated(
        (b.product(price="10.00"), 4), (b.product(price="10.00"), 4), shipping=Decimal(8)
    )
    first = OrderLine.objects.earliest("pk")
    b.done(cancellation.cancel([pk], quantities={first.pk: 1}, reason="error", by=WORKER))

    refused = amend(pk, charge("3")).refused[pk]
    b.done(amend(pk, charge("10")))

    assert "4.00 EUR of it stands on what is cancelled" in refused
    assert list(OrderLine.objects.values_list("shipping_amount", flat=True)) == [4, 6]
    assert b.order(pk).shipping_total == 10


def test_a_line_is_wanted_by_a_day_of_its_own_and_a_later_promise_is_foreseen() -> None:
    [pk] = b.processed((b.product("SLOW"), 4))
    promised = OrderLine.objects.get().promised_on
    assert promised
    sooner = promised - timedelta(days=1)

    foreseen = amendment.plan(pk, [of_line("set_line_day", day=sooner)], by=WORKER, reason="error")
    b.done(amend(pk, of_line("set_line_day", day=sooner)))

    late = [str(each.what) for each in foreseen.effects if each.kind == "promise"]
    assert [words for words in late if words.endswith("after the day it is wanted by")] == late
    assert len(late) == 1
    assert OrderLine.objects.get().requested_on == sooner
    assert "SLOW, line 1, wanted by" in told(pk, 1, 2)


def test_a_day_that_has_passed_is_refused() -> None:
    [pk] = b.validated((b.product(), 4))
    passed = timezone.localdate() - timedelta(days=1)

    assert "has passed" in amend(pk, of_line("set_line_day", day=passed)).refused[pk]
    assert "has passed" in amend(pk, of_line("set_parts", parts=((passed, 2),))).refused[pk]


def test_every_fact_of_a_line_is_kept_when_several_change_at_once() -> None:
    [pk] = b.validated((b.product(price="10.00"), 4))

    b.done(amend(pk, of_line("set_quantity", quantity=5), of_line("set_line_day", day=SOON)))

    kept = OrderEvent.objects.get(order=pk, type="amendment.applied").data["lines"]["1"]
    assert kept == [{"wanted": 4, "requested_on": None}, {"wanted": 5, "requested_on": str(SOON)}]


def test_the_customer_reads_what_is_theirs_and_no_internal_note() -> None:
    buyer = b.customer(email="byg@example.com")
    [pk] = b.validated((b.product(price="10.00"), 4), buyer=buyer)
    asked = [
        numbered("PO-9"),
        Operation("set_note", text="Slow payer"),
        charge("4"),
        off("2"),
        of_line("set_line_day", day=SOON),
    ]

    words = amend(pk, *asked, tell=True).messages[pk].text

    assert "Your PO number on it is PO-9" in words
    assert "Delivery: €4.00 instead of €0.00" in words
    assert "Discount on the order: €2.00 instead of €0.00" in words
    assert "wanted by" in words
    assert "Slow payer" not in words
    assert not mail.outbox


def test_a_note_among_us_is_no_event_for_the_customer() -> None:
    [pk] = b.validated((b.product(), 4))

    b.done(amend(pk, Operation("set_note", text="Slow payer")))
    b.done(amend(pk, Operation("set_note", text="Very slow payer"), numbered("PO-9")))

    shown = OrderEvent.objects.filter(order=pk, type="amendment.applied").order_by("seq")
    assert list(shown.values_list("visible_to_customer", flat=True)) == [False, True]


def test_rules_lock_each_group_of_fields_whatever_touches_it() -> None:
    draft = b.rules(lambda draft: draft.amendments.update(is_allowed=False))
    [pk] = b.validated((b.product(), 4))
    assert set(draft.amendments.values_list("field_group", flat=True)) == set(FieldGroup)

    for kind in Kind:
        words = f"{FieldGroup(GROUPS[kind]).label} are not changed at"
        assert words in amend(pk, of_line(kind, sku="NEW", quantity=2)).refused[pk], kind


@pytest.mark.parametrize(
    ("group", "locked"),
    [
        ("shipping", {Kind.SET_CARRIER}),
        ("notes", {Kind.SET_PO_NUMBER, Kind.SET_NOTE}),
        ("dates", {Kind.SET_REQUESTED_ON, Kind.SET_LINE_DAY, Kind.SET_PARTS}),
        (
            "price",
            {Kind.SET_PRICE, Kind.SET_DISCOUNT, Kind.SET_SHIPPING, Kind.SET_ORDER_DISCOUNT},
        ),
    ],
)
def test_a_lock_stops_what_it_names_and_nothing_else(group: str, locked: set[Kind]) -> None:
    b.rules(lambda draft: draft.amendments.filter(field_group=group).update(is_allowed=False))
    [pk] = b.validated((b.product(), 4))

    stopped = {
        kind
        for kind in Kind
        if "are not changed at" in str(amend(pk, of_line(kind, quantity=2)).refused.get(pk))
    }

    assert stopped == locked


def test_the_same_facts_of_a_hundred_orders_take_as_many_statements_as_of_one() -> None:
    thing, buyer = b.product(), b.customer("10000000")
    b.stocked(2000, of=thing)
    Carrier.objects.create(code="SNAIL", name="Snail Post")

    def asked(order: Order, line: int) -> list[Operation]:
        return [
            numbered(f"PO-{order}"),
            Operation("set_note", text=f"For {order}"),
            Operation("set_carrier", carrier="SNAIL"),
            charge("4.20"),
            off("1.10"),
            Operation("set_line_day", line=line, day=SOON),
            Operation("set_parts", line=line, parts=((SOON, 1), (LATER, 3))),
        ]

    def statements(times: int) -> int:
        ids = b.processed((thing, 4), buyer=buyer, times=times)
        lines = OrderLine.objects.filter(order__in=ids).select_related("order")
        operations = {line.order_id: asked(line.order, line.pk) for line in lines}
        with CaptureQueriesContext(connection) as captured:
            outcomes = amendment.amend(ids, operations=operations, reason="error", by=WORKER)
        assert sorted(b.done(outcomes)) == sorted(ids)
        return len(captured)

    assert statements(1) == statements(100)
    searching.write_words(Order.objects.values_list("pk", flat=True))
