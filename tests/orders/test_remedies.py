"""Remedies are exact: doing what one says lets the order go on, and no less would."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from config.kernel.actors import WORKER
from finance.models import CreditAccount, PaymentTerms, Price
from finance.services.payments import Received
from inventory.models import Product, StockLevel, Supply
from orders import remedies
from orders.lifecycle import cancellation, payment, processing, validation
from orders.lifecycle.drafts import LineDraft
from orders.models import Customer, Order, OrderException
from orders.remedies import Remedy, Situation
from orders.tasks import work
from tests import builders as b

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("sound")]


def in_review(*lines: tuple[Product, int], **more: object) -> int:
    """An order that did not pass."""
    [pk] = b.submitted(*lines, **more)  # type: ignore[arg-type]
    validation.validate([pk], by=WORKER)
    assert b.order(pk).status == "in_review"
    return pk


def situation(pk: int, rule: str) -> Situation:
    return next(s for s in remedies.review(b.order(pk)).situations if s.row.rule == rule)


def remedy(pk: int, rule: str, kind: str) -> Remedy:
    return next(r for r in situation(pk, rule).remedies if r.kind == kind)


def kinds(pk: int, rule: str) -> list[str]:
    return [each.kind for each in situation(pk, rule).remedies]


def goes_on(pk: int) -> bool:
    work("recheck")
    work("validation")
    return b.order(pk).status == "validated"


def facts(pk: int, rule: str) -> dict[str, tuple[str, str]]:
    return {fact.label: (fact.value, fact.other) for fact in situation(pk, rule).facts}


def test_paying_what_is_said_lets_the_order_go_on_and_a_cent_less_does_not() -> None:
    buyer = b.customer("100")
    b.validated((b.product(price="70.00"), 1), buyer=buyer)
    pk = in_review((b.product(price="55.50"), 1), buyer=buyer)
    way = remedy(pk, "credit", "pay")
    assert (way.title, way.amount) == ("Record a payment of 25.50 EUR", Decimal("25.50"))
    assert way.permission == "finance.record_payment"

    cent = Decimal("0.01")
    payment.receive([Received(buyer.pk, "EUR", way.amount - cent, "bank-1", pk)], by=WORKER)
    assert not goes_on(pk)
    assert remedy(pk, "credit", "pay").amount == cent
    payment.receive([Received(buyer.pk, "EUR", cent, "bank-2", pk)], by=WORKER)

    assert goes_on(pk)


def test_raising_the_limit_as_said_lets_the_order_go_on() -> None:
    buyer = b.customer("100")
    pk = in_review((b.product(price="155.50"), 1), buyer=buyer)
    way = remedy(pk, "credit", "raise_limit")
    assert way.title == "Raise the credit limit by 55.50 EUR to 155.50 EUR"
    assert way.amount == Decimal("155.50")

    CreditAccount.objects.filter(customer=buyer).update(credit_limit=way.amount)

    assert goes_on(pk)


def test_cancelling_the_units_that_are_said_lets_the_rest_go_on() -> None:
    dear, cheap = b.product("DEAR", price="40.00"), b.product("CHEAP", price="7.00")
    pk = in_review((dear, 3), (cheap, 10), buyer=b.customer("170"))  # 190 in all, 20 too much
    way = remedy(pk, "credit", "cancel")
    assert way.title == "Cancel 3 × CHEAP"
    assert (way.amount, way.quantity) == (21, 3)

    b.done(cancellation.cancel([pk], reason="credit", quantities=way.units, by=WORKER))

    assert goes_on(pk)


def test_units_of_several_lines_are_named_when_one_is_not_enough() -> None:
    one, two = b.product("ONE", price="40.00"), b.product("TWO", price="30.00")
    pk = in_review((one, 2), (two, 2), buyer=b.customer("35"))  # 140 in all, 105 too much
    way = remedy(pk, "credit", "cancel")
    assert way.title == "Cancel 2 × ONE, 1 × TWO"

    b.done(cancellation.cancel([pk], reason="credit", quantities=way.units, by=WORKER))

    assert goes_on(pk)


def test_nothing_is_said_of_cancelling_when_nothing_would_be_left() -> None:
    pk = in_review((b.product(), 1), buyer=b.customer("0"))

    assert kinds(pk, "credit") == ["pay", "raise_limit"]


def test_credit_shows_the_figures_then_and_now() -> None:
    buyer = b.customer("100")
    pk = in_review((b.product(price="155.50"), 1), buyer=buyer)
    CreditAccount.objects.filter(customer=buyer).update(credit_limit=120)

    assert facts(pk, "credit") == {
        "Limit": ("120.00 EUR", "100.00 EUR"),
        "Used already": ("0.00 EUR", "0.00 EUR"),
        "This order": ("155.50 EUR", "155.50 EUR"),
    }
    assert situation(pk, "credit").has_changed
    bar = situation(pk, "credit").bar
    assert bar is not None
    assert (bar.limit, bar.used, bar.fits, bar.over) == (120, 0, 120, Decimal("35.5"))


def test_the_invoice_that_is_due_next_is_named() -> None:
    buyer, thing = b.customer("100"), b.product(price="90.00")
    b.stocked(5, of=thing)
    b.dispatched((thing, 1), buyer=buyer)
    pk = in_review((thing, 1), buyer=buyer)

    value, _ = facts(pk, "credit")["Due next"]

    assert value.startswith("90.00 EUR on ")


def test_lowering_the_safety_stock_as_said_lets_an_order_of_two_warehouses_go_on() -> None:
    thing = b.product(can_backorder=False)
    level = b.stocked(10, of=thing)
    b.stocked(3, at=b.warehouse("ROT"), of=thing)
    StockLevel.objects.filter(pk=level.pk).update(safety_stock=8)
    pk = in_review((thing, 11), (b.product(), 1))
    way = remedy(pk, "stock_final", "take_safety")
    assert way.title == "Take 6 units from LEI, out of the safety stock"
    assert (way.then, way.url) == ("Lower its safety stock from 8 to 2.", "")

    StockLevel.objects.filter(pk=level.pk).update(safety_stock=3)
    assert not goes_on(pk)
    StockLevel.objects.filter(pk=level.pk).update(safety_stock=2)

    assert goes_on(pk)


def test_safety_stock_that_is_enough_for_the_line_leads_to_the_choice_of_its_warehouse() -> None:
    thing = b.product(can_backorder=False)
    level = b.stocked(10, of=thing)
    StockLevel.objects.filter(pk=level.pk).update(safety_stock=8)
    pk = in_review((thing, 5), (b.product(), 1))

    way = remedy(pk, "stock_final", "take_safety")

    line = b.order(pk).lines.get(product=thing)
    assert way.title == "Take 3 units from LEI, out of the safety stock"
    assert way.url == f"/orders/{b.order(pk).number}/amend/?warehouse-{line.pk}=LEI"
    assert (way.permission, way.besides) == ("orders.amend_order", "orders.assign_order")


def test_units_in_a_warehouse_that_does_not_sell_are_named() -> None:
    thing = b.product(can_backorder=False)
    b.stocked(2, of=thing)
    b.stocked(7, at=b.warehouse("QUA", is_sellable=False), of=thing)
    pk = in_review((thing, 5))

    way = remedy(pk, "stock_final", "take_elsewhere")

    assert way.title == f"Take 3 units of {thing.sku} from QUA"
    assert "7 units lie free there" in way.then
    assert facts(pk, "stock_final")["Free"] == ("2 in LEI", "")


def test_the_supply_that_is_said_lets_the_order_go_on_when_it_has_come() -> None:
    thing, place = b.product(can_backorder=False), b.warehouse()
    Supply.objects.create(
        product=thing, warehouse=place, quantity=6, expected_on=date(2031, 3, 4), reference="PO-77"
    )
    pk = in_review((thing, 5))
    way = remedy(pk, "stock_final", "await_supply")
    assert way.title == "Wait: 6 units arrive in LEI on Tue 04 Mar by PO-77"

    b.stocked(way.quantity, of=thing)

    assert goes_on(pk)


def test_cancelling_what_is_missing_lets_the_rest_go_on() -> None:
    thing = b.product(can_backorder=False)
    b.stocked(2, of=thing)
    pk = in_review((thing, 5))
    way = remedy(pk, "stock_final", "cancel")
    assert way.title == f"Cancel the missing 3 × {thing.sku} and ship what is there"
    assert way.amount == 30

    b.done(cancellation.cancel([pk], reason="out_of_stock", quantities=way.units, by=WORKER))

    assert goes_on(pk)
    b.done(processing.process([pk], by=WORKER))
    assert b.order(pk).lines.get().allocated == 2


def test_an_order_that_ships_at_once_may_ship_what_is_there() -> None:
    thing = b.product(can_backorder=False)
    b.stocked(2, of=thing)
    pk = in_review((thing, 5), fill_policy="ship_complete")
    way = remedy(pk, "deliverable", "ship_what_is_there")
    assert "2 of 5 units can leave" in way.then

    Order.objects.filter(pk=pk).update(fill_policy="partial")
    work("recheck")
    assert OrderException.objects.blocking().filter(order=pk).count() == 2
    b.done(validation.validate([reopened(pk)], by=WORKER))

    left = OrderException.objects.blocking().filter(order=pk)
    assert list(left.values_list("rule", flat=True)) == ["stock_final"]


def reopened(pk: int) -> int:
    from orders.lifecycle import review

    return b.done(review.recheck([pk], by=WORKER))[0]


@pytest.mark.parametrize(
    ("price", "floor", "discount", "kind", "suggested"),
    [
        ("8.00", "9.00", None, "set_lowest", "9.00"),
        ("6.00", None, None, "set_lowest", "7.50"),
        ("6.00", "3.00", None, "set_lowest", "7.50"),
        ("10.00", None, "33.3", "set_lowest", "11.25"),
        ("20.00", "9.00", None, "set_agreed", "10.00"),
        ("8.00", "9.00", None, "set_agreed", "10.00"),
    ],
)
def test_the_price_that_is_said_passes_and_a_cent_less_does_not(
    price: str, floor: str | None, discount: str | None, kind: str, suggested: str
) -> None:
    thing = b.product(price="10.00")
    Price.objects.update(floor=floor)
    cut = Decimal(discount) if discount else None
    pk = priced(thing, Decimal(price), cut)
    assert b.order(pk).status == "in_review"

    way = remedy(pk, "price", kind)

    assert way.amount == Decimal(suggested)
    assert b.order(priced(thing, way.amount, cut)).status == "validated"
    if kind == "set_lowest":
        less = way.amount - Decimal("0.01")
        assert b.order(priced(thing, less, cut)).status == "in_review"


def test_an_order_discount_that_brings_a_price_below_its_floor_is_to_be_taken_off() -> None:
    thing = b.product(price="10.00")
    Price.objects.update(floor=9)
    pk = in_review((thing, 2), order_discount=Decimal("5.00"))

    way = remedy(pk, "price", "no_order_discount")

    assert way.title == "Take off the order discount of 5.00 EUR"
    assert way.url.endswith("/amend/?order_discount=0")


def priced(thing: Product, price: Decimal, discount: Decimal | None) -> int:
    """An order of the item at a typed price, checked."""
    from orders.lifecycle import capture, submission
    from orders.lifecycle.drafts import OrderDraft

    line = LineDraft(thing.sku, 4, unit_price=price, discount_percent=discount)
    draft = OrderDraft(customer=b.customer().code, lines=[line], po_number="one")
    made = list(capture.create([draft], by=WORKER).orders.values())
    validation.validate(b.done(submission.submit(made, by=WORKER)), by=WORKER)
    return made[0]


def test_an_address_is_put_right_like_the_example() -> None:
    buyer = b.customer()
    buyer.addresses.update(postal_code="ABC")
    pk = in_review((b.product(), 1), buyer=buyer)
    way = remedy(pk, "address", "set_address")
    assert way.title == "Correct the postal code: in DE it is written like 26133 or 53225"
    assert way.url == f"/orders/{b.order(pk).number}/amend/"

    Order.objects.filter(pk=pk).update(ship_to_postal_code="26133")
    OrderException.objects.update(checked_at=b.order(pk).created_at)

    assert goes_on(pk)


def test_a_better_address_on_file_is_offered() -> None:
    buyer = b.customer()
    wrong = b.LEIPZIG | {"postal_code": "ABC"}
    pk = in_review((b.product(), 1), buyer=buyer, ship_to=wrong)

    way = remedy(pk, "address", "use_address")

    assert way.title == "Use the address on file: Hafenstraße 1, 04103 Leipzig, DE"
    assert "ship_to_postal_code=04103" in way.url


def test_a_repeat_stands_beside_its_first_and_goes_on_when_that_is_cancelled() -> None:
    thing, buyer = b.product(), b.customer()
    ids = b.submitted((thing, 2), buyer=buyer, times=2)
    Order.objects.filter(pk__in=ids).update(po_number="")
    validation.validate(ids, by=WORKER)
    first, second = (b.order(pk) for pk in ids)
    shown = situation(second.pk, "duplicate")

    assert shown.columns == (second.number, first.number)
    assert facts(second.pk, "duplicate")["Total"] == ("20.00 EUR", "20.00 EUR")
    assert remedy(second.pk, "duplicate", "compare").url == first.get_absolute_url()
    assert remedy(second.pk, "duplicate", "cancel_first").url == f"/orders/{first}/cancel/"
    b.done(cancellation.cancel([first.pk], reason="duplicate", by=WORKER))

    assert goes_on(second.pk)


def test_a_closed_customer_is_opened_again() -> None:
    buyer = b.customer()
    [pk] = b.submitted((b.product(), 1), buyer=buyer)
    Customer.objects.filter(pk=buyer.pk).update(is_active=False)
    validation.validate([pk], by=WORKER)

    way = remedy(pk, "customer_status", "reopen")

    assert way.url == f"/admin/orders/customer/{buyer.pk}/change/"
    Customer.objects.filter(pk=buyer.pk).update(is_active=True)
    assert goes_on(pk)


def test_terms_that_were_not_granted_are_set_or_granted() -> None:
    PaymentTerms.objects.get_or_create(code="NET90", defaults={"name": "90 days", "days": 90})
    buyer = b.customer()
    pk = in_review((b.product(), 1), buyer=buyer, terms="NET90")
    assert kinds(pk, "terms") == ["set_terms", "grant_terms"]
    assert "NET30" in remedy(pk, "terms", "set_terms").title

    buyer.terms.payment_terms = PaymentTerms.objects.get(code="NET90")
    buyer.terms.save()
    OrderException.objects.update(checked_at=b.order(pk).created_at)

    assert goes_on(pk)


def test_what_is_no_longer_the_case_is_said_to_be_gone() -> None:
    buyer = b.customer("10")
    pk = in_review((b.product(), 5), buyer=buyer)
    CreditAccount.objects.filter(customer=buyer).update(credit_limit=1000)

    shown = remedies.review(b.order(pk))

    assert shown.situations[0].is_gone
    assert shown.failed == 0


def test_every_check_gives_its_verdict() -> None:
    thing, buyer = b.product(), b.customer("10")
    buyer.addresses.update(postal_code="ABC")
    pk = in_review((thing, 5), buyer=buyer)

    verdicts = {v.label: v.state for v in remedies.review(b.order(pk)).verdicts}

    assert verdicts == {
        "Completeness": "passed",
        "Customer": "passed",
        "Terms": "passed",
        "Address": "failed",
        "Delivery": "passed",
        "Price": "passed",
        "Stock": "told",
        "Stock that is not bought again": "passed",
        "Credit": "failed",
        "Duplicate": "passed",
    }


def test_a_review_takes_no_more_statements_for_many_lines_than_for_a_few() -> None:
    def counted(lines: int) -> int:
        buyer = b.customer("1")
        things = [b.product(can_backorder=False) for _ in range(lines)]
        pk = in_review(*((thing, 2) for thing in things), buyer=buyer)
        with CaptureQueriesContext(connection) as queries:
            remedies.review(b.order(pk))
        return len(queries)

    assert counted(2) == counted(40) <= 25
