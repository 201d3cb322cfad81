"""Weeks of trade: every order goes through the lifecycle, day by day, in sets.

The same seed gives the same orders, lines, states and sums; the dates hang on the last day.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from itertools import cycle
from random import Random

from django.db.models import F

from config.kernel.actors import WORKER, Actor
from config.kernel.steps import Step
from finance.models import Invoice
from finance.services import ledger
from finance.services.payments import Received
from fulfillment.models import ON_THE_WAY, PickTask, Shipment
from fulfillment.services import picking as floor
from inventory.models import Product, StockLevel
from orders.lifecycle import (
    allocation,
    cancellation,
    capture,
    completion,
    delivery,
    dispatch,
    holds,
    packing,
    payment,
    picking,
    processing,
    review,
    submission,
    validation,
)
from orders.lifecycle.allocation import Receipt
from orders.lifecycle.drafts import LineDraft, OrderDraft
from orders.management.demo.company import Company
from orders.management.demo.people import actor
from orders.models import Order, OrderException, OrderLine
from returns import lifecycle as returns
from returns.models import Return
from returns.policy import REASONS

DAYS = 30
CHUNK = 200
DELIVERY = 6  # days from one delivery of goods to the next
LOW = 3  # units free below which a product is bought again
DECISIONS: tuple[tuple[Step, str], ...] = (
    (returns.authorize, ""),
    (returns.reject, "The goods show signs of use"),
    (returns.withdraw, "The customer keeps them"),
)


class Trade:
    """The company's business over some weeks, ending today."""

    def __init__(self, company: Company, random: Random, orders: int, last: date) -> None:
        self.company, self.random, self.orders = company, random, orders
        self.first = last - timedelta(days=DAYS)
        self.last = last
        self.reps = [actor(name) for name in ("sales", "manager")]
        self.manager, self.lead = actor("manager"), actor("lead")
        self.deciding = (self.manager, actor("finance"))
        self.support = actor("support")
        self.whims = Random()  # noqa: S311 - of their own: what comes back changes nothing else
        self.whims.setstate(random.getstate())
        self.decisions = cycle(DECISIONS)

    def run(self) -> None:
        """Open the books, fill the shelves, and let day follow day."""
        ledger.open_periods(self.first - timedelta(days=40), self.last + timedelta(days=366))
        self._opening_stock()
        left = self.orders
        for number in range(DAYS + 1):
            day = self.first + timedelta(days=number)
            count = left if day == self.last else min(left, self._share(number))
            left -= count
            self._day(day, count, delivery=number % DELIVERY == DELIVERY // 2)

    def _share(self, number: int) -> int:
        """How many orders a day brings: the last one a few, the others about the same."""
        average = self.orders * 85 // (100 * DAYS) + 1
        return self.random.randrange(average // 2 + 1, average + average // 2 + 2) if number else 0

    def _opening_stock(self) -> None:
        receipts = []
        for product in self.company.products:
            for place in self.random.sample(self.company.warehouses, self.random.choice((1, 2, 3))):
                most = max(8, self.orders // 15)
                receipts.append(self._receipt(product, place.pk, self.random.randrange(5, most)))
        self._receive(receipts, "Opening stock", self._at(self.first - timedelta(days=1), 9))

    def _receipt(self, product: Product, warehouse: int, quantity: int) -> Receipt:
        shelves = self.company.shelves[warehouse]
        shelf = shelves[product.pk % len(shelves)]
        return Receipt(product.pk, warehouse, quantity, self.company.costs[product.pk], shelf)

    def _receive(self, receipts: list[Receipt], reference: str, at: datetime) -> None:
        if receipts:
            allocation.receive(receipts, reference=reference, by=self.lead, at=at)

    def _day(self, day: date, count: int, *, delivery: bool) -> None:
        self._deliver(day)
        self._collect(day)
        if day != self.last:
            self._decide(day)
            self._decide_on_returns(day)
        if delivery:
            self._restock(day)
        self._take_orders(day, count)
        self._fulfil(day)
        self._close(day)
        self._send_back(day)

    def _at(self, day: date, hour: int, minute: int = 0) -> datetime:
        return datetime.combine(day, time(hour, minute), tzinfo=UTC)

    def _step(self, run: Step, ids: Iterable[int], **arguments: object) -> list[int]:
        """A step in chunks; the orders that took it."""
        waiting, done = list(ids), []
        for start in range(0, len(waiting), CHUNK):
            done += run(waiting[start : start + CHUNK], **arguments).done
        return done

    def _some(self, ids: Iterable[int], share: float, random: Random | None = None) -> list[int]:
        chance = (random or self.random).random
        return [pk for pk in ids if chance() < share]

    def _of(self, *statuses: str) -> list[int]:
        found = Order.objects.filter(status__in=statuses).not_on_hold()
        return list(found.order_by("pk").values_list("pk", flat=True))

    def _take_orders(self, day: date, count: int) -> None:
        """Drafts come in over the morning; most are placed, checked and processed at once."""
        if not count:
            return
        drafts = [self._draft(day) for _ in range(count)]
        ids: list[int] = []
        for start in range(0, count, CHUNK):
            by = self.reps[(start // CHUNK) % len(self.reps)]
            part = drafts[start : start + CHUNK]
            ids += capture.create(part, by=by, at=self._at(day, 9)).orders.values()
        placed = self._step(
            submission.submit, self._some(ids, 0.96), by=self.reps[0], at=self._at(day, 9, 5)
        )
        self._prepay(placed, day)
        self._hold(placed, 0.01, "Customer asked to wait", self._at(day, 9, 6))
        checked = self._step(validation.validate, placed, by=WORKER, at=self._at(day, 9, 7))
        self._hold(checked, 0.02, "Waiting for a delivery window", self._at(day, 9, 8))
        self._step(processing.process, checked, by=WORKER, at=self._at(day, 9, 9))

    def _draft(self, day: date) -> OrderDraft:
        random = self.random
        customer = random.choice(self.company.customers)
        lines = []
        for product in random.sample(self.company.products, random.choice((1, 2, 2, 3, 3, 4, 6))):
            line = LineDraft(product.sku, random.choice((1, 2, 3, 5, 8, 10, 20)))
            if random.random() < 0.01:
                line.discount_percent = Decimal(40)
            lines.append(line)
        return OrderDraft(
            customer=customer.code,
            lines=lines,
            channel=random.choice(("manual", "manual", "api", "import")),
            po_number=f"PO-{random.randrange(10_000, 99_999)}",
            priority=random.choice((0,) * 12 + (1,)),
            shipping=Decimal(random.choice((0, 0, 9, 12, 48))),
            order_discount=Decimal(random.choice((0,) * 9 + (25,))),
            requested_on=day + timedelta(days=random.randrange(3, 15)),
        )

    def _prepay(self, ids: list[int], day: date) -> None:
        """Customers without credit pay before anything is checked; one in eight forgets."""
        orders = Order.objects.filter(pk__in=ids, terms_prepaid=True).order_by("pk")
        money = [
            Received(o.customer_id, o.currency_id, o.grand_total, f"card-{o.number}", o.pk, "card")
            for o in orders
            if self.random.random() < 0.88 and o.grand_total
        ]
        if money:
            payment.receive(money, by=WORKER, at=self._at(day, 9, 6))

    def _hold(self, ids: list[int], share: float, reason: str, at: datetime) -> None:
        chosen = self._some(ids, share)
        if chosen:
            holds.place(chosen, reason=reason, by=self.reps[0], at=at)

    def _decide(self, day: date) -> None:
        """Finance and the manager waive most of what came to review; some orders are given up.

        The newest always waits another day, so that there is something to decide on.
        """
        waiting = self._of("in_review")[:-1]
        let_through = self._some(waiting, 0.6)
        found = OrderException.objects.blocking().filter(order__in=let_through)
        rows = {by: {r.pk for r in found if self._decides(by, r)} for by in self.deciding}
        for by, theirs in rows.items():
            self._step(
                review.waive,
                let_through,
                reason="Agreed with the customer",
                exceptions=theirs,
                by=by,
                at=self._at(day, 8, 30),
            )
        given_up = self._some(self._of("in_review")[:-1], 0.1)
        self._step(
            cancellation.cancel,
            given_up,
            reason="credit",
            by=self.manager,
            at=self._at(day, 8, 40),
        )
        self._step(processing.process, self._of("validated"), by=WORKER, at=self._at(day, 8, 45))

    def _decides(self, by: Actor, row: OrderException) -> bool:
        """Whether a finding is for somebody to let pass."""
        return not row.permission or row.permission in by.permissions

    def _restock(self, day: date) -> None:
        low = [level for level in StockLevel.objects.order_by("pk") if level.available < LOW]
        products = {product.pk: product for product in self.company.products}
        receipts = [
            self._receipt(products[level.product_id], level.warehouse_id, 20)
            for level in low
            if self.random.random() < 0.7
        ]
        self._receive(receipts, f"Delivery of {day:%d %B}", self._at(day, 8, 50))

    def _fulfil(self, day: date) -> None:
        """Pick, pack and send; a few customers change their mind before that."""
        random = self.random
        waiting = self._of("processing")
        changed = self._some(waiting, 0.02)
        self._step(
            cancellation.cancel,
            changed,
            reason="customer_request",
            by=self.reps[0],
            at=self._at(day, 10),
        )
        share = 0.5 if day == self.last else 0.85
        self._lists(day)
        self._step(
            picking.pick,
            self._some(self._of("processing", "fulfilling"), share),
            by=actor("warehouse"),
            at=self._at(day, 11),
        )
        self._step(
            packing.pack,
            self._some(self._of("fulfilling"), 0.9),
            by=self.lead,
            at=self._at(day, 13),
        )
        self._step(
            dispatch.dispatch,
            self._some(self._of("fulfilling"), 0.7 if day == self.last else 0.95),
            by=self.lead,
            carrier=random.choice(self.company.carriers),
            tracking_number=f"ZG{day:%y%m%d}{random.randrange(10_000, 99_999)}",
            at=self._at(day, 16),
        )

    def _lists(self, day: date) -> None:
        """One list for each warehouse a day."""
        for place in self.company.warehouses:
            tasks = (
                PickTask.objects.open()
                .filter(pick_list=None, bin__warehouse=place)
                .order_by("pk")
                .values_list("pk", flat=True)
            )
            if ids := list(tasks):
                floor.make_list(place.pk, ids, at=self._at(day, 10, 30))

    def _deliver(self, day: date) -> None:
        sent = Shipment.objects.filter(
            status__in=ON_THE_WAY, dispatched_at__lt=self._at(day - timedelta(days=2), 0)
        )
        orders = list(dict.fromkeys(sent.order_by("pk").values_list("order", flat=True)))
        by: Actor = WORKER
        self._step(delivery.deliver, self._some(orders, 0.7), by=by, at=self._at(day, 8))

    def _collect(self, day: date) -> None:
        """Customers pay around the due date; some early, some late."""
        owing = Invoice.objects.open().filter(issued_on__lte=day - timedelta(days=8))
        money = [
            Received(i.customer_id, i.currency_id, i.total, f"bank-{i.number}", i.order_id)
            for i in owing.order_by("pk")
            if self.random.random() < 0.12
        ]
        if money:
            payment.receive(money, by=actor("finance"), at=self._at(day, 8, 20))

    def _close(self, day: date) -> None:
        delivered = self._of("delivered")
        keep = 0.6 if day == self.last else 1.0
        self._step(
            completion.complete, self._some(delivered, keep), by=WORKER, at=self._at(day, 17)
        )

    def _send_back(self, day: date) -> None:
        """A few customers want to send back some of what they got; support asks for them."""
        random, reasons = self.whims, sorted(REASONS)
        chosen = self._some(self._of("completed"), 0.004, random)
        if day == self.last:
            chosen += self._some(self._of("delivered"), 0.2, random)
        shipped = OrderLine.objects.filter(order__in=chosen, shipped__gt=F("return_requested"))
        units = {
            line.pk: random.randrange(1, line.shipped - line.return_requested + 1)
            for line in shipped.order_by("order", "-line_no").distinct("order")
        }
        asked, at = {"by": self.support, "quantities": units}, self._at(day, 18)
        self._step(returns.request, chosen, reason=random.choice(reasons), at=at, **asked)

    def _decide_on_returns(self, day: date) -> None:
        """The next morning each is authorized or rejected, or the customer has thought again."""
        waiting = Return.objects.filter(status="requested").order_by("order")
        for order in list(waiting.values_list("order", flat=True)):
            run, words = next(self.decisions)
            by = self.support if run is returns.withdraw else self.manager
            self._step(run, [order], words=words, by=by, at=self._at(day, 9, 30))
