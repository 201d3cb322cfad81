"""Each step of the lifecycle against raw SQL that writes the same rows."""

from __future__ import annotations

import resource
import statistics
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from functools import partial
from typing import NamedTuple

from django.contrib.auth.models import User

from benchmarks import figures
from benchmarks.replay import Link, bare, baseline
from config import heap
from config.kernel import sets
from config.kernel.actors import WORKER, Actor
from config.kernel.steps import Outcomes, Step, chunked
from finance.services.payments import Received
from inventory.models import Product
from orders.lifecycle import (
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
from orders.lifecycle.drafts import LineDraft, OrderDraft
from orders.models import Customer, Order
from tests import builders as b

CHUNK = 200  # orders of one transaction
ALONE, TOGETHER = 0.25, 0.4  # the least ratio of one order, and of many at once
MEGABYTES, GROWTH = 300, 10
Prepared = Callable[[Sequence[int]], Step]  # a step, with what it is given written beforehand


def taken(step: Step) -> Prepared:
    """A step that is given nothing but the orders."""
    return lambda _: step


def paid(ids: Sequence[int]) -> Step:
    """Payments of what each of the orders comes to."""
    money = {
        order.pk: Received(
            order.customer_id, order.currency_id, order.grand_total, f"PAY-{order}", order.pk
        )
        for order in Order.objects.filter(pk__in=ids)
    }

    def pay(ids: Sequence[int], *, by: Actor) -> Outcomes:
        return payment.receive([money[pk] for pk in ids], by=by)

    return pay


def let_pass(ids: Sequence[int]) -> Step:
    """The decision of a person: the system lets nothing pass."""
    decider = Actor.of(User.objects.get(username="decider"))

    def waive(ids: Sequence[int], *, by: Actor) -> Outcomes:
        return review.waive(ids, reason="Agreed by telephone", by=decider)

    return waive


Way = tuple[tuple[str, Prepared], ...]
UNTIMED = ""  # a step that only leads to the next one
WAY: Way = (
    ("submit", taken(submission.submit)),
    ("validate", taken(validation.validate)),
    ("process", taken(processing.process)),
    ("pick", taken(picking.pick)),
    ("recall", taken(picking.recall)),
    (UNTIMED, taken(picking.pick)),
    ("pack", taken(packing.pack)),
    ("dispatch", taken(dispatch.dispatch)),
    ("pay", paid),
    ("deliver", taken(delivery.deliver)),
    ("complete", taken(completion.complete)),
)
# Of orders whose price wants a decision, and which are given up in the end.
ASIDE: Way = (
    (UNTIMED, taken(submission.submit)),
    ("review", taken(validation.validate)),
    ("recheck", taken(review.recheck)),
    (UNTIMED, taken(validation.validate)),
    ("waive", let_pass),
    (UNTIMED, taken(processing.process)),
    ("hold", taken(partial(holds.place, reason="The customer asks us to wait"))),
    ("release", taken(partial(holds.release, reason="The customer has called"))),
    ("cancel", taken(partial(cancellation.cancel, reason="error"))),
)
TO_STOCK = WAY[:3]
LOW = Decimal("5.00")  # half of what the list says


class World(NamedTuple):
    """Who buys, and what there is to buy."""

    buyers: list[Customer]
    things: list[Product]


def compare(work: Callable[[], Outcomes], link: Link) -> tuple[float, float, Outcomes]:
    """Seconds of the baseline and of ours for the same orders and the same rows, and what was done.

    The step runs for real once the baseline has written its rows and was undone.
    """
    base = baseline(work, link)
    started = time.perf_counter()
    outcomes = work()
    ours = time.perf_counter() - started
    assert not outcomes.refused, outcomes.refused  # noqa: S101
    return base, ours, outcomes


def world() -> World:
    """Customers with credit and products in stock, enough that nothing is refused.

    The heap is settled as in a server that has started.
    """
    User.objects.create_superuser("decider")
    buyers = [b.customer("100000000000") for _ in range(50)]
    things = [b.product() for _ in range(1000)]
    for thing in things:
        b.stocked(1_000_000, of=thing)
    heap.settle()
    return World(buyers, things)


def drafts(turn: int, size: int, world: World, price: Decimal | None = None) -> list[OrderDraft]:
    """Orders of three lines each, of as many customers as there are, still to be captured."""
    buyers, things = world
    chosen = [things[(turn * 7 + i) % len(things)].sku for i in range(3)]
    return [
        OrderDraft(
            customer=buyers[n % len(buyers)].code,
            lines=[LineDraft(sku, 2, price) for sku in chosen],
            po_number=f"PO-{next(b.serial)}",
        )
        for n in range(size)
    ]


def captured(written: Sequence[OrderDraft]) -> Outcomes:
    """Capture as a step: its orders, and what was wrong."""
    made = capture.create(written, by=WORKER)
    assert not made.problems, made.problems  # noqa: S101
    return Outcomes(done=list(made.orders.values()))


def drafted(turn: int, size: int, world: World, price: Decimal | None = None) -> list[int]:
    """Captured drafts; the server knows its rows."""
    ids = captured(drafts(turn, size, world, price)).done
    sets.survey()
    return ids


Times = tuple[float, float]  # seconds of the baseline, and ours
Measured = Iterator[tuple[str, float, float]]
Measure = Callable[[Step, Sequence[int], Link], Times]


def walked(way: Way, ids: Sequence[int], link: Link, measure: Measure) -> Measured:
    """Take the orders through these steps and measure those that have a name."""
    for name, prepared in way:
        step = prepared(ids)
        if name == UNTIMED:
            for outcomes in chunked(step, ids, by=WORKER):
                assert not outcomes.refused and not outcomes.failed  # noqa: PT018, S101
        else:
            yield name, *measure(step, ids, link)


def whole_way(turn: int, size: int, world: World, link: Link) -> Measured:
    """Each step for the same orders from capture to completion, then those beside for others."""
    written = drafts(turn, size, world)
    base, ours, outcomes = compare(partial(captured, written), link)
    yield "capture", base, ours
    sets.survey()
    yield from walked(WAY, outcomes.done, link, _at_once)
    yield from walked(ASIDE, drafted(turn, size, world, LOW), link, _at_once)


def _at_once(step: Step, ids: Sequence[int], link: Link) -> Times:
    """Seconds of the baseline and of ours in one transaction."""
    base, ours, _ = compare(partial(step, ids, by=WORKER), link)
    return base, ours


def run(rounds: int) -> None:
    """Print the ratio of each step for one order, for 200 and 500 at once."""
    place = world()
    with bare() as link:
        for size, count in ((1, 40), (200, rounds), (500, rounds)):
            ratios, speed = defaultdict(list), defaultdict(list)
            for turn in range(count):
                for name, base, ours in whole_way(turn, size, place, link):
                    ratios[name].append(base / ours)
                    speed[name].append(size / ours)
            _report(f"{size:>5} orders ", ratios, speed, ALONE if size == 1 else TOGETHER)


def in_chunks(rounds: int, size: int = 5_000) -> None:
    """Print the ratio of each step for many orders by ``chunked``: the sums over their chunks."""
    place = world()
    ratios, speed = defaultdict(list), defaultdict(list)
    with bare() as link:
        for turn in range(rounds):
            for way, price in ((WAY, None), (ASIDE, LOW)):
                ids = drafted(turn, size, place, price)
                for name, base, ours in walked(way, ids, link, _chunked):
                    ratios[name].append(base / ours)
                    speed[name].append(size / ours)
    _report(f"{size:>5} chunked", ratios, speed, TOGETHER)


def _chunked(step: Step, ids: Sequence[int], link: Link) -> Times:
    """Seconds of the baseline, chunk by chunk, and of ours for all."""
    base = sum(
        baseline(partial(step, ids[at : at + CHUNK], by=WORKER), link)
        for at in range(0, len(ids), CHUNK)
    )
    started = time.perf_counter()
    for outcomes in chunked(step, ids, size=CHUNK, by=WORKER):
        assert not outcomes.refused and not outcomes.failed  # noqa: PT018, S101
    return base, time.perf_counter() - started


def _report(
    what: str, ratios: dict[str, list[float]], speed: dict[str, list[float]], least: float
) -> None:
    """Print the medians of each step."""
    for name, measured in ratios.items():
        ratio, rate = statistics.median(measured), statistics.median(speed[name])
        words = f"{what} {name:<9} {rate:7,.0f} orders/s  ratio {ratio:4.2f}"
        figures.show(words, ratio, least=least)


def memory(size: int = 50_000) -> None:
    """Take 50,000 orders from draft to processing by ``chunked`` and print the peak as it grows."""
    place = world()
    peaks: list[float] = []
    for turn in range(size // 5_000):
        ids = drafted(turn, 5_000, place)
        for _, prepared in TO_STOCK:
            for outcomes in chunked(prepared(ids), ids, by=WORKER):
                assert not outcomes.refused and not outcomes.failed  # noqa: PT018, S101
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        peaks.append(peak)
        words = f"{(turn + 1) * 5_000:>6} orders processed, peak memory {peak:.0f} MB"
        figures.show(words, peak, most=MEGABYTES)
    grown = peaks[-1] - peaks[1]
    figures.show(f"grown since {10_000:,} orders: {grown:.0f} MB", grown, most=GROWTH)
