"""Whatever is done to orders in whatever order, they are where a small model says they are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.db import transaction
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule

from config.kernel.actors import WORKER
from config.kernel.steps import Outcomes
from inventory.models import Bin, StockLevel
from orders.lifecycle import (
    allocation,
    cancellation,
    completion,
    delivery,
    dispatch,
    holds,
    packing,
    picking,
    processing,
    submission,
    validation,
)
from orders.lifecycle.allocation import Receipt
from orders.models import OrderLine
from orders.reports import integrity
from tests import builders as b

POLICIES = ("partial", "line_complete", "ship_complete")
OPEN = {"draft", "submitted", "validated", "processing", "fulfilling", "shipped", "delivered"}


@dataclass
class Expected:
    """One order of one line, as the model has it."""

    ordered: int
    policy: str = "partial"
    status: str = "draft"
    held: bool = False
    allocated: int = 0
    backordered: int = 0
    picked: int = 0
    packed: int = 0
    shipped: int = 0
    moving: int = 0
    cancelled: int = 0

    @property
    def open(self) -> int:
        """Units still wanted that have not left."""
        return self.ordered - self.cancelled - self.shipped

    @property
    def waits(self) -> bool:
        """Whether what is there may not leave before the rest."""
        return self.policy != "partial" and self.backordered > 0

    @property
    def on_the_floor(self) -> bool:
        """Whether goods of it may be handled."""
        return self.status in {"processing", "fulfilling"} and not self.held

    def follow(self) -> None:
        """Let the status say what the counters say."""
        if self.status == "fulfilling" and not self.open and self.shipped:
            self.status = "shipped"
        if self.status == "shipped" and not self.moving:
            self.status = "delivered"


class LifeOfOrders(RuleBasedStateMachine):
    """Steps are drawn by lot, illegal ones too; the model says which are taken and what follows."""

    orders: Bundle[int] = Bundle("orders")

    def __init__(self) -> None:
        super().__init__()
        self.undo = transaction.atomic()
        self.undo.__enter__()
        self.thing, self.buyer = b.product(), b.customer("1000000000")
        self.level = b.stocked(12, of=self.thing)
        self.on_hand = 12
        self.known: dict[int, Expected] = {}

    def teardown(self) -> None:
        broken = [found for found in integrity.check() if found.broken and found.mode == "always"]
        transaction.set_rollback(True)
        self.undo.__exit__(None, None, None)
        assert not broken, [(found.code, found.title, found.samples) for found in broken]

    @property
    def free(self) -> int:
        """Units that nobody was promised."""
        return self.on_hand - sum(order.allocated for order in self.known.values())

    def ask(self, step: Callable[..., Outcomes], pk: int, *, may: bool, **more: Any) -> bool:
        """Take a step; it is taken exactly when the model says that it may be."""
        outcomes = step([pk], by=WORKER, **more)
        assert not outcomes.failed
        assert bool(outcomes.done) == may, (self.known[pk], outcomes.refused)
        return may

    @rule(target=orders, quantity=st.integers(1, 9), policy=st.sampled_from(POLICIES))
    def enter(self, quantity: int, policy: str) -> int:
        [pk] = b.drafted((self.thing, quantity), buyer=self.buyer, fill_policy=policy)
        self.known[pk] = Expected(quantity, policy)
        return pk

    @rule(pk=orders)
    def submit(self, pk: int) -> None:
        order = self.known[pk]
        if self.ask(submission.submit, pk, may=order.status == "draft" and not order.held):
            order.status = "submitted"

    @rule(pk=orders)
    def validate(self, pk: int) -> None:
        order = self.known[pk]
        if self.ask(validation.validate, pk, may=order.status == "submitted" and not order.held):
            order.status = "validated"

    @rule(pk=orders)
    def process(self, pk: int) -> None:
        order = self.known[pk]
        if self.ask(processing.process, pk, may=order.status == "validated" and not order.held):
            order.allocated = min(order.open, self.free)  # units given up before want nothing
            order.backordered = order.open - order.allocated
            order.status = "processing"

    @rule(pk=orders)
    def pick(self, pk: int) -> None:
        order = self.known[pk]
        may = order.on_the_floor and order.allocated > order.picked and not order.waits
        if self.ask(picking.pick, pk, may=may):
            order.picked, order.status = order.allocated, "fulfilling"

    @rule(pk=orders)
    def pack(self, pk: int) -> None:
        order = self.known[pk]
        may = order.on_the_floor and order.picked > order.packed
        if self.ask(packing.pack, pk, may=may):
            order.packed = order.picked

    @rule(pk=orders)
    def send(self, pk: int) -> None:
        order = self.known[pk]
        if self.ask(dispatch.dispatch, pk, may=order.on_the_floor and order.packed > 0):
            order.shipped += order.packed
            order.moving += order.packed
            self.on_hand -= order.packed
            order.allocated -= order.packed
            order.picked -= order.packed
            order.packed = 0
            order.follow()

    @rule(pk=orders)
    def arrive(self, pk: int) -> None:
        order = self.known[pk]
        if self.ask(delivery.deliver, pk, may=order.moving > 0):
            order.moving = 0
            order.follow()

    @rule(pk=orders)
    def complete(self, pk: int) -> None:
        order = self.known[pk]
        if self.ask(completion.complete, pk, may=order.status == "delivered" and not order.held):
            order.status = "completed"

    @rule(pk=orders)
    def hold(self, pk: int) -> None:
        order = self.known[pk]
        if self.ask(holds.place, pk, may=order.status in OPEN, reason="drawn by lot"):
            order.held = True

    @rule(pk=orders)
    def let_go(self, pk: int) -> None:
        order = self.known[pk]
        may = order.status in OPEN and order.held
        if self.ask(holds.release, pk, may=may, reason="drawn by lot"):
            order.held = False

    @rule(pk=orders)
    def cancel(self, pk: int) -> None:
        order = self.known[pk]
        given_up = order.open - order.picked
        whole = not order.shipped and not order.picked
        may = order.status in OPEN - {"shipped", "delivered"}
        may = may and (whole or (order.shipped > 0 and given_up > 0))
        if self.ask(cancellation.cancel, pk, may=may, reason="error"):
            order.cancelled += given_up
            order.allocated, order.backordered = order.picked, 0
            if whole:
                order.status, order.held = "cancelled", False
            order.follow()

    @rule(pk=orders, units=st.integers(1, 6))
    def cancel_units(self, pk: int, units: int) -> None:
        order, line = self.known[pk], OrderLine.objects.get(order=pk)
        may = order.status in OPEN - {"draft"} and units <= order.open - order.picked
        asked = {"quantities": {line.pk: units}, "reason": "error"}
        if self.ask(cancellation.cancel, pk, may=may, **asked):
            waited = min(order.backordered, units)
            order.cancelled += units
            order.backordered -= waited
            if order.allocated:
                order.allocated -= units - waited
            if not order.open and not order.shipped:
                order.status, order.held = "cancelled", False
            order.follow()

    @rule(pk=orders, steps=st.integers(1, 6))
    def go_on(self, pk: int, steps: int) -> None:
        """Take the steps that an order takes when nothing is in its way."""
        way = {
            "draft": [self.submit],
            "submitted": [self.validate],
            "validated": [self.process],
            "processing": [self.pick],
            "fulfilling": [self.pack, self.send, self.pick],
            "shipped": [self.arrive],
            "delivered": [self.complete],
        }
        for _ in range(steps):
            for step in way.get(self.known[pk].status, []):
                step(pk)

    @rule(quantity=st.integers(1, 8))
    def receive(self, quantity: int) -> None:
        shelf = Bin.objects.get(warehouse=self.level.warehouse_id, kind=Bin.Kind.SHELF)
        receipt = Receipt(self.thing.pk, self.level.warehouse_id, quantity, b.Decimal(6), shelf.pk)
        free = self.free + quantity
        self.on_hand += quantity
        allocation.receive([receipt], reference="more", by=WORKER)
        turns = OrderLine.objects.filter(order__in=self.known).order_by("order__submitted_at", "pk")
        for pk in turns.values_list("order", flat=True):
            order = self.known[pk]
            if order.held:
                continue
            take = min(order.backordered, free)
            order.allocated += take
            order.backordered -= take
            free -= take

    @invariant()
    def goods_are_where_the_model_has_them(self) -> None:
        level = StockLevel.objects.get(pk=self.level.pk)
        promised = sum(order.allocated for order in self.known.values())
        assert (level.on_hand, level.reserved) == (self.on_hand, promised)

    @invariant()
    def orders_stand_where_the_model_has_them(self) -> None:
        names = ("allocated", "backordered", "picked", "shipped", "cancelled")
        found = OrderLine.objects.filter(order__in=self.known).values_list(
            "order", "order__status", *names
        )
        expected = {
            (pk, order.status, *(getattr(order, name) for name in names))
            for pk, order in self.known.items()
        }
        assert set(found) == expected


LifeOfOrders.TestCase.settings = settings(max_examples=20, stateful_step_count=25, deadline=None)
TestLifeOfOrders = pytest.mark.django_db(LifeOfOrders.TestCase)
