"""Returns at once: no unit is asked back twice, and no order completes while one of its is open."""

from __future__ import annotations

from functools import partial

import pytest

from config.kernel.actors import WORKER
from orders.lifecycle import completion
from orders.models import Order, OrderLine
from returns import lifecycle as returns
from returns.models import Return
from tests import builders as b
from tests.races.conftest import at_once, deadlocks

pytestmark = pytest.mark.race


def sent(units: int, times: int = 1) -> list[int]:
    thing = b.product()
    b.stocked(units * times, of=thing)
    return b.delivered((thing, units), times=times)


def ask(ids: list[int], units: int | None = None) -> list[int]:
    """Ask for so many units of each order, or for all; the orders that were taken."""
    lines = OrderLine.objects.filter(order__in=ids).values_list("pk", flat=True)
    quantities = dict.fromkeys(lines, units) if units else None
    asked = returns.request(ids, reason="damaged", quantities=quantities, by=WORKER)
    assert not asked.failed
    return asked.done


def test_sixteen_threads_never_ask_back_more_than_has_shipped() -> None:
    [pk] = sent(10)
    before = deadlocks()

    took = at_once([partial(ask, [pk], 3) for _ in range(16)])

    assert deadlocks() == before
    assert sorted(took) == [[]] * 13 + [[pk]] * 3
    assert (Return.objects.count(), OrderLine.objects.get().return_requested) == (3, 9)


def test_crossed_batches_of_returns_never_deadlock() -> None:
    ids = sent(4, times=20)
    before = deadlocks()

    at_once([partial(ask, ids[::step], 1) for step in (1, -1, 1, -1)])

    assert deadlocks() == before
    assert set(OrderLine.objects.values_list("return_requested", flat=True)) == {4}
    assert Return.objects.count() == 80


def test_no_order_completes_over_a_return_that_is_open() -> None:
    ids = sent(2, times=12)

    def complete(pk: int) -> list[int]:
        return completion.complete([pk], by=WORKER).done

    both = [job for pk in ids for job in (partial(ask, [pk]), partial(complete, pk))]
    at_once(both)

    assert Return.objects.filter(status="requested").count() == 12
    for order in Order.objects.all():  # whichever came first is the first in its history
        types = list(order.events.order_by("seq").values_list("type", flat=True))[-2:]
        completed = order.status == "completed"
        assert types[-1] == "return.requested"
        assert ("order.completed" in types) == completed


def test_a_return_is_authorized_or_withdrawn_and_not_both() -> None:
    ids = sent(1, times=12)
    b.done(returns.request(ids, reason="damaged", by=WORKER))

    def decide(pk: int, name: str) -> list[int]:
        words = {"words": "No"} if name == "reject" else {}
        done: list[int] = getattr(returns, name)([pk], by=WORKER, **words).done
        return done

    at_once([partial(decide, pk, name) for pk in ids for name in ("authorize", "reject")])

    for pk in ids:
        types = Order.objects.get(pk=pk).events.filter(type__startswith="return.")
        assert types.count() == 2
        assert Return.objects.get(order=pk).status in {"authorized", "rejected"}
