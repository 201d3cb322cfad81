"""Returns: what has shipped is asked back once, somebody else decides, and completion waits."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from config.kernel.actors import WORKER, Actor
from config.kernel.errors import StaleVersion
from config.kernel.steps import preview
from finance.models import Invoice
from inventory.models import StockMove
from orders.lifecycle import completion, dispatch, holds, packing, picking
from orders.models import Order, OrderEvent, OrderLine, StaffNotice
from orders.tasks import work
from returns import lifecycle as returns
from returns import policy
from returns.models import EDGES, Return, ReturnLine
from tests import builders as b

pytestmark = pytest.mark.django_db


def person(name: str) -> Actor:
    return Actor.of(User.objects.create(username=name))


def asked(ids: list[int], **more: Any) -> list[int]:
    """Returns of everything that has shipped, or of these units."""
    by = more.pop("by", WORKER)
    outcomes = returns.request(ids, reason="damaged", by=by, **more)
    b.done(outcomes)
    return outcomes.created


def sent(*units: int, reach: Any = b.delivered, times: int = 1) -> list[int]:
    """Orders with one line for each number of units, all of which have left."""
    lines = []
    for number in units:
        thing = b.product()
        b.stocked(number * times, of=thing)
        lines.append((thing, number))
    return reach(*lines, times=times)  # type: ignore[no-any-return]


@pytest.mark.parametrize("reach", [b.dispatched, b.delivered])
def test_what_has_shipped_is_asked_back_and_touches_neither_stock_nor_money(reach: Any) -> None:
    [pk] = sent(5, 2, reach=reach)
    before, moves = b.order(pk), StockMove.objects.count()
    first = OrderLine.objects.order_by("line_no")[0]

    asked([pk], quantities={first.pk: 3}, words="Three are wet")

    made, order = Return.objects.get(), b.order(pk)
    assert (made.number[:4], made.status, made.reason) == ("RMA-", "requested", "damaged")
    assert [(line.shipment_line.order_line_id, line.requested) for line in made.lines.all()] == [
        (first.pk, 3)
    ]
    assert list(order.lines.values_list("return_requested", "returned", "shipped")) == [
        (3, 0, 5),
        (0, 0, 2),
    ]
    assert (order.status, order.return_status) == (before.status, "none")
    assert order.payment_status == before.payment_status
    assert StockMove.objects.count() == moves
    event = OrderEvent.objects.get(type="return.requested")
    assert (event.reason, event.note.text) == ("damaged", "Three are wet")
    assert event.data["return_requested"] == {"1": [0, 3]}
    assert event.data["number"] == made.number


def test_units_are_taken_from_the_oldest_shipment_or_from_the_one_that_is_named() -> None:
    thing = b.product()
    level = b.stocked(3, of=thing)
    [pk] = b.dispatched((thing, 5))
    b.stocked(7, of=thing, at=level.warehouse)
    for step in (picking.pick, packing.pack, dispatch.dispatch):
        b.done(step([pk], by=WORKER))
    line = OrderLine.objects.get()
    old, new = (item.line for item in policy.sent([pk])[pk])

    asked([pk], quantities={line.pk: 4})
    asked([pk], parcels={new.pk: 1})

    rows = ReturnLine.objects.order_by("pk").values_list("shipment_line", "requested")
    assert list(rows) == [(old.pk, 3), (new.pk, 1), (new.pk, 1)]
    line.refresh_from_db()
    assert (line.shipped, line.return_requested) == (5, 5)


def test_no_more_is_asked_back_than_has_shipped() -> None:
    [pk] = sent(5)
    line = OrderLine.objects.get()
    asked([pk], quantities={line.pk: 3})
    [item] = policy.sent([pk])[pk]
    before = list(OrderEvent.objects.values_list("pk", flat=True))

    over = returns.request([pk], reason="damaged", quantities={line.pk: 3}, by=WORKER)
    parcel = returns.request([pk], reason="damaged", parcels={item.line.pk: 3}, by=WORKER)
    less = returns.request([pk], reason="damaged", quantities={line.pk: -1}, by=WORKER)
    none = returns.request([pk], reason="damaged", quantities={line.pk: 0}, by=WORKER)
    strange = returns.request([pk], reason="damaged", quantities={line.pk + 1: 1}, by=WORKER)
    why = returns.request([pk], reason="because", by=WORKER)

    words = "2 of 5 shipped units can still come back, not 3."
    assert over.refused[pk] == f"{line.sku}: {words}"
    assert parcel.refused[pk] == f"{line.sku} in {item.shipment}: {words}"
    assert "not -1" in less.refused[pk]
    assert none.refused[pk].startswith("Choose the units of")
    assert strange.refused[pk].startswith("A line that was chosen is none of")
    assert why.refused[pk] == "A return needs one of the reasons."
    assert Return.objects.count() == 1
    assert list(OrderEvent.objects.values_list("pk", flat=True)) == before
    asked([pk])
    again = returns.request([pk], reason="damaged", by=WORKER)
    assert again.refused[pk] == "Everything that has shipped is asked back already."


def test_what_has_not_shipped_is_not_asked_back() -> None:
    thing = b.product()
    b.stocked(20, of=thing)
    [draft], [waiting], [picking_] = (
        b.drafted((thing, 1)),
        b.processed((thing, 1)),
        b.picked((thing, 1)),
    )

    outcomes = returns.request([draft, waiting, picking_], reason="damaged", by=WORKER)

    assert "not possible to ask for a return of it from there" in outcomes.refused[draft]
    assert outcomes.refused[waiting].endswith("from there.")
    assert outcomes.refused[picking_] == "Nothing has shipped, so nothing can come back."
    assert not Return.objects.exists()


def test_a_part_that_has_shipped_comes_back_while_the_rest_goes_on() -> None:
    thing = b.product()
    b.stocked(3, of=thing)
    [pk] = b.dispatched((thing, 5))

    asked([pk])

    assert b.order(pk).status == "fulfilling"
    assert ReturnLine.objects.get().requested == 3


def test_those_who_decide_are_told_and_whoever_asked_is_not() -> None:
    ids = sent(5, times=2)
    managers = Group.objects.get(name="Sales manager")
    anna, ben = User.objects.create(username="anna"), User.objects.create(username="ben")
    managers.user_set.add(anna, ben)

    asked(ids[:1], by=Actor.of(anna))
    asked(ids[1:], by=Actor.of(ben))

    notices = StaffNotice.objects.order_by("pk").values_list("user", "sentence")
    assert list(notices) == [
        (ben.pk, f"A return of {b.order(ids[0])} waits for a decision."),
        (anna.pk, f"A return of {b.order(ids[1])} waits for a decision."),
    ]


def test_somebody_else_authorizes_what_one_has_asked_for() -> None:
    [pk] = sent(5)
    anna, ben = person("anna"), person("ben")
    asked([pk], by=anna)

    own = returns.authorize([pk], by=anna)
    own_rejected = returns.reject([pk], words="No", by=anna)
    b.done(returns.authorize([pk], by=ben))

    made = Return.objects.get()
    words = f"You asked for {made} yourself, so somebody else decides on it."
    assert own.refused == own_rejected.refused == {pk: words}
    assert (made.status, made.authorized_by_id) == ("authorized", ben.user_id)
    assert OrderLine.objects.get().return_requested == 5
    assert returns.authorize([pk], by=ben).refused[pk].endswith("no return that waits for this.")
    late = returns.reject([pk], returns=[made.pk], words="No", by=ben).refused[pk]
    assert late.startswith(f"{made} stands at “Authorized”")


def test_what_is_rejected_or_withdrawn_can_be_asked_back_again() -> None:
    [pk] = sent(5)
    anna, ben = person("anna"), person("ben")
    [first] = asked([pk], by=anna)

    assert returns.reject([pk], words=" ", by=ben).refused[pk] == "Say why the return is rejected."
    b.done(returns.reject([pk], words="It was used", by=ben))
    [second] = asked([pk], by=anna)
    b.done(returns.authorize([pk], by=ben))
    b.done(returns.withdraw([pk], words="They keep it", by=anna))
    asked([pk], by=anna)

    statuses = dict(Return.objects.values_list("pk", "status"))
    assert (statuses[first], statuses[second]) == ("rejected", "cancelled")
    assert OrderLine.objects.get().return_requested == 5
    told = OrderEvent.objects.filter(type__startswith="return.").order_by("seq")
    assert [event.type.partition(".")[2] for event in told] == [
        "requested",
        "rejected",
        "requested",
        "authorized",
        "withdrawn",
        "requested",
    ]
    rejected = told[1]
    assert (rejected.data["return"], rejected.note.text) == (
        ["requested", "rejected"],
        "It was used",
    )
    assert rejected.data["return_requested"] == {"1": [5, 0]}


def test_only_the_returns_that_are_named_are_decided() -> None:
    [pk] = sent(5)
    line = OrderLine.objects.get()
    [first] = asked([pk], quantities={line.pk: 2})
    [second] = asked([pk], quantities={line.pk: 1})

    b.done(returns.withdraw([pk], returns=[second], by=WORKER))

    assert dict(Return.objects.values_list("pk", "status")) == {
        first: "requested",
        second: "cancelled",
    }
    line.refresh_from_db()
    assert line.return_requested == 2


def test_a_delivered_order_whose_invoice_is_overdue_is_not_looked_at_again_and_again() -> None:
    [pk] = sent(5)
    assert Order.objects.due_for_completion().count() == 1

    passed = timezone.now().date() - timedelta(days=1)
    Invoice.objects.filter(order=pk).update(issued_on=passed, due_on=passed)

    assert Order.objects.due_for_completion().count() == 0
    assert "Overdue" in completion.complete([pk], by=WORKER).refused[pk]


def test_a_delivered_order_completes_when_its_returns_are_settled() -> None:
    [pk] = sent(5)
    [made] = asked([pk])
    number = Return.objects.get(pk=made).number

    refused = completion.complete([pk], by=WORKER).refused
    due = Order.objects.due_for_completion().count()
    b.done(returns.authorize([pk], by=WORKER))
    still = completion.complete([pk], by=WORKER).refused
    b.done(returns.withdraw([pk], by=WORKER))
    work("completion")

    words = f"Still open: {number}. It completes when what comes back is settled."
    assert (refused, still, due) == ({pk: words}, {pk: words}, 0)
    assert b.order(pk).status == "completed"


def test_a_completed_order_is_asked_back_and_stays_completed() -> None:
    [pk] = sent(5)
    b.done(completion.complete([pk], by=WORKER))

    asked([pk])
    b.done(returns.authorize([pk], by=WORKER))

    assert b.order(pk).status == "completed"
    assert Return.objects.get().status == "authorized"


def test_goods_come_back_though_the_order_is_on_hold() -> None:
    [pk] = sent(5)
    b.done(holds.place([pk], reason="wait", by=WORKER))

    asked([pk])

    assert OrderLine.objects.get().return_requested == 5


def test_a_page_out_of_date_asks_for_nothing() -> None:
    [pk] = sent(5)
    version = b.order(pk).version
    asked([pk], quantities={OrderLine.objects.get().pk: 1})

    with pytest.raises(StaleVersion, match="was changed after you opened it"):
        returns.request([pk], reason="damaged", version=version, by=WORKER)

    assert Return.objects.count() == 1


def test_a_preview_asks_for_nothing() -> None:
    [pk] = sent(5)

    outcomes = preview(returns.request, [pk], reason="damaged", by=WORKER)

    [effect] = outcomes.effects
    assert (effect.kind, effect.quantity) == ("send_back", 5)
    assert not Return.objects.exists()
    assert OrderLine.objects.get().return_requested == 0


@pytest.mark.parametrize("step", ["authorize", "reject", "withdraw"])
def test_a_hundred_orders_take_as_many_statements_as_one(step: str) -> None:
    one, many = sent(2, 1), sent(2, 1, times=100)
    decide, words = getattr(returns, step), {"words": "No"} if step == "reject" else {}

    def statements(ids: list[int]) -> tuple[int, int]:
        with CaptureQueriesContext(connection) as asking:
            assert len(asked(ids)) == len(ids)
        with CaptureQueriesContext(connection) as deciding:
            b.done(decide(ids, by=WORKER, **words))
        return len(asking), len(deciding)

    assert statements(one) == statements(many)


def test_the_state_machine_takes_the_edges_of_the_graph_and_no_others() -> None:
    taken = {
        (str(source), str(transition.target))
        for name in dir(Return)
        if (meta := getattr(getattr(Return, name, None), "_django_fsm", None))
        for source, transition in meta.transitions.items()
    }

    assert taken == set(EDGES)


@pytest.mark.parametrize(
    ("sql", "words"),
    [
        ("UPDATE returns_return SET status = 'received'", "cannot go from requested to received"),
        ("UPDATE returns_return SET reason = 'other'", "append-only"),
        ("UPDATE returns_returnline SET requested = 1", "append-only"),
        ("DELETE FROM returns_returnline", "append-only"),
        ("UPDATE returns_return SET status = 'cancelled'", "not what the returns of the line ask"),
        ("UPDATE orders_orderline SET return_requested = 1", "not what the returns of the line"),
        ("UPDATE returns_return SET authorized_by_id = created_by_id", "return_authorized_by"),
        (
            "INSERT INTO returns_return (number, order_id, status, reason, requested_at) "
            "SELECT 'X', order_id, 'authorized', 'damaged', now() FROM returns_return",
            "starts as requested, not as authorized",
        ),
        (
            "WITH more AS (INSERT INTO returns_return (number, order_id, status, reason, "
            "requested_at) SELECT 'X', order_id, 'requested', 'damaged', now() "
            "FROM returns_return RETURNING id) INSERT INTO returns_returnline (sales_return_id, "
            "shipment_line_id, requested, received, accepted, reception, acceptance) "
            "SELECT more.id, shipment_line_id, 3, 0, 0, 'awaiting', 'pending' "
            "FROM more, returns_returnline",
            "ask for more than has shipped",
        ),
    ],
)
def test_the_database_refuses_what_the_code_forgot(sql: str, words: str) -> None:
    [pk] = sent(5)
    asked([pk], quantities={OrderLine.objects.get().pk: 3}, by=person("anna"))

    with pytest.raises(IntegrityError, match=words), transaction.atomic():
        run(sql)


def run(sql: str) -> None:
    """Run it to the end of a transaction, where the deferred rules are asked too."""
    with connection.cursor() as cursor:
        cursor.execute(sql)
    connection.check_constraints()
