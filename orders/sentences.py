"""Where an order is and what it waits for, in words; read from facts, stored nowhere."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from django.utils import timezone

from config.kernel.days import written
from config.kernel.money import shown
from finance.models import Invoice
from fulfillment.models import ON_THE_WAY
from orders.models import FillPolicy, Order, Status
from orders.standing import Standing, Wait


@dataclass(frozen=True, slots=True)
class Sentence:
    """One thing that is true of an order, in the tone of how much it matters."""

    tone: str
    words: str
    icon: str = "info"


def sentences(standing: Standing) -> list[Sentence]:
    """Where the order is and what it waits for: who, what, how many, by which day."""
    order = standing.order
    found = [*_stops(order), *_TOLD[order.status](standing)]
    return [*found, *_late(standing), *_warnings(order)]


def _stops(order: Order) -> Iterator[Sentence]:
    """Holds and findings: nothing goes on before somebody acts."""
    for hold in order.facts.holds:
        since = written(hold.placed_at)
        reason = hold.words.rstrip(".")
        words = f"On hold since {since}: {reason}. It goes on when the hold is released."
        yield Sentence("orange", words, "st-hold")
    for row in order.facts.exceptions:
        if row.is_blocking:
            who, since = row.team or "Somebody", written(row.opened_at)
            words = f"Waits for {who} since {since}: {row.said}"
            yield Sentence("amber", words, "alert")


def _warnings(order: Order) -> Iterator[Sentence]:
    """What informs and stops nothing; what was short is counted once stock is allocated."""
    for row in order.facts.exceptions:
        counted = row.rule == "stock" and order.status in _UNSENT[1:]
        if row.status == "open" and not row.is_blocking and not counted:
            yield Sentence("neutral", f"For information: {row.said}")


def _draft(standing: Standing) -> Iterator[Sentence]:
    if lacks := standing.order.missing():
        yield Sentence("amber", f"Before it can be placed: {', '.join(lacks)}.", "st-draft")
    else:
        yield Sentence("blue", "It is complete and not placed yet.", "st-draft")


def _by_itself(order: Order, target: str) -> bool:
    """Whether the system takes this step as soon as it may."""
    rule = order.facts.rules.get((order.status, target))
    return bool(rule and rule.is_automatic) and not order.facts.holds


def _submitted(standing: Standing) -> Iterator[Sentence]:
    if _by_itself(standing.order, Status.VALIDATED):
        yield Sentence("blue", "Waits for its checks; they run by themselves within seconds.")
    elif not standing.order.facts.holds:
        yield Sentence("blue", "Waits for somebody to run its checks.")


def _in_review(standing: Standing) -> Iterator[Sentence]:
    if not any(row.is_blocking for row in standing.order.facts.exceptions):
        yield Sentence("blue", "Nothing is open any more; check it again to let it go on.")


def _validated(standing: Standing) -> Iterator[Sentence]:
    order = standing.order
    if order.facts.holds or any(row.is_blocking for row in order.facts.exceptions):
        return
    rest = "it waits for somebody to allocate its stock"
    if _by_itself(order, Status.PROCESSING):
        rest = "its stock is allocated by itself within seconds"
    yield Sentence("blue", f"Every check passed; {rest}.")


def _processing(standing: Standing) -> Iterator[Sentence]:
    yield from _reserved(standing)
    yield from _to_pick(standing)
    yield from _to_leave(standing)


def _fulfilling(standing: Standing) -> Iterator[Sentence]:
    yield from _on_the_way(standing)
    yield from _processing(standing)


def _reserved(standing: Standing) -> Iterator[Sentence]:
    """How many open units have stock, where, and what the others wait for."""
    stocked = [line for line in standing.order.facts.lines if line.is_stocked]
    wanted = sum(line.open for line in stocked)
    places: dict[str, int] = defaultdict(int)
    for place in standing.places:
        if place.open:
            places[place.code] += place.open
    short = sum(wait.units for wait in standing.waits)
    if wanted:
        parts = [_share(sum(places.values()), wanted, places), *_waiting(standing.waits)]
        yield Sentence("orange" if short else "blue", f"{'; '.join(parts)}.", "clock")
    loose = sum(line.open for line in standing.order.facts.lines if not line.is_stocked)
    if loose:
        rest = "is not stocked and goes" if loose == 1 else "are not stocked and go"
        yield Sentence("neutral", f"{_units(loose)} {rest} with a shipment.")
    if short and standing.order.fill_policy == FillPolicy.SHIP_COMPLETE:
        have = "has" if short == 1 else "have"
        words = f"It ships complete: nothing leaves before {_units(short)} more {have} stock."
        yield Sentence("orange", words, "lock")


def _share(reserved: int, wanted: int, places: dict[str, int]) -> str:
    if not reserved:
        return f"None of {_units(wanted)} {_are(1)} reserved"
    share = f"All {_units(wanted)}" if reserved == wanted else f"{reserved} of {_units(wanted)}"
    share = share if wanted > 1 else "The unit"
    where = ", ".join(
        f"{units} at {code}" if len(places) > 1 else f"at {code}"
        for code, units in sorted(places.items())
    )
    return f"{share} {_are(reserved)} reserved{':' if len(places) > 1 else ''} {where}"


def _waiting(waits: Iterable[Wait]) -> Iterator[str]:
    """What units without stock wait for, the same supply once."""
    grouped: dict[str, int] = defaultdict(int)
    for wait in waits:
        if wait.supply and wait.due_on:
            cause = f"supply {wait.supply} due {written(wait.due_on)}"
        else:
            day = f", promised for {written(wait.promised_on)}" if wait.promised_on else ""
            cause = f"stock that is not announced yet{day}"
        grouped[cause] += wait.units
    for cause, units in grouped.items():
        yield f"{units} {'wait' if units > 1 else 'waits'} for {cause}"


def _to_pick(standing: Standing) -> Iterator[Sentence]:
    """What is to be picked: where, on which list, how far it has come."""
    for code, number, picks, left, _ in standing.walks:
        if left:
            done = f"list {number}, {picks - left} of {_count(picks, 'pick')} done"
            words = done if number else f"{_count(left, 'pick')} on no list yet"
            yield Sentence("violet", f"Waiting to be picked at {code}: {words}.", "pick")


def _to_leave(standing: Standing) -> Iterator[Sentence]:
    """What is to be packed, and what is packed and has not left."""
    for code, number in standing.loose().items():
        if number > 0:
            words = f"{_units(number)} {_are(number)} picked at {code} and waiting to be packed."
            yield Sentence("violet", words, "box")
    for shipment in standing.packed:
        units, code = _units(shipment.units), shipment.warehouse.code  # type: ignore[attr-defined]
        words = f"{shipment} is packed at {code} with {units} and waits to be dispatched."
        yield Sentence("violet", words, "truck")


def _on_the_way(standing: Standing) -> Iterator[Sentence]:
    """What has left and not arrived: with whom, since when, under which number."""
    for shipment in standing.shipments:
        if shipment.status not in ON_THE_WAY or not shipment.dispatched_at:
            continue
        units, number = _units(shipment.units), shipment.tracking  # type: ignore[attr-defined]
        carrier = f" with {shipment.carrier}" if shipment.carrier else ""
        tracked = f" (tracking {number})" if number else ""
        since = written(shipment.dispatched_at)
        words = f"{shipment} with {units} is on its way{carrier} since {since}{tracked}."
        yield Sentence("cyan", words, "truck")


def _delivered(standing: Standing) -> Iterator[Sentence]:
    """What keeps a delivered order from being completed; terms that run are no reason."""
    order, today = standing.order, timezone.now().date()
    behind = sum(line.shipped - line.invoiced for line in order.facts.lines)
    if behind > 0:
        words = f"Delivered; it completes when {_units(behind)} more {_are(behind)} invoiced."
        yield Sentence("amber", words, "doc")
    late = [invoice for invoice in standing.open_invoices if invoice.due_on < today]
    for invoice in late:
        yield Sentence("red", f"Delivered; it completes when {_owed(invoice)} is paid.", "card")
    if behind > 0 or late:
        return
    terms = [f"{_owed(invoice)} is within its terms" for invoice in standing.open_invoices]
    why = ", and ".join(terms) or "nothing is owed"
    how = "somebody has to complete it"
    if _by_itself(order, Status.COMPLETED):
        how = "it completes by itself within a minute"
    yield Sentence("green", f"Delivered; {how}: {why}.", "st-deliv")


def _completed(standing: Standing) -> Iterator[Sentence]:
    day = written(standing.order.completed_at or timezone.now())
    for invoice in standing.open_invoices:
        yield Sentence("blue", f"Completed {day}; {_owed(invoice)} is still to be paid.", "card")
    if not standing.open_invoices:
        yield Sentence("green", f"Completed {day}; nothing is owed.", "st-done")


def _cancelled(standing: Standing) -> Iterator[Sentence]:
    order = standing.order
    reason = (order.cancel_reason or "").replace("_", " ")
    day = written(order.cancelled_at or timezone.now())
    yield Sentence("neutral", f"Cancelled {day}: {reason}. Nothing is reserved for it.", "st-x")


_TOLD: dict[str, Callable[[Standing], Iterable[Sentence]]] = {
    Status.DRAFT: _draft,
    Status.SUBMITTED: _submitted,
    Status.IN_REVIEW: _in_review,
    Status.VALIDATED: _validated,
    Status.PROCESSING: _processing,
    Status.FULFILLING: _fulfilling,
    Status.SHIPPED: _on_the_way,
    Status.DELIVERED: _delivered,
    Status.COMPLETED: _completed,
    Status.CANCELLED: _cancelled,
}


def _late(standing: Standing) -> Iterator[Sentence]:
    """A promise that has passed, and a supply that comes after its promise."""
    order, today = standing.order, timezone.localdate()
    if order.promised_on and order.promised_on < today and order.status in _UNSENT:
        days = (today - order.promised_on).days
        words = f"It was promised for {written(order.promised_on)}, {_count(days, 'day')} ago."
        yield Sentence("red", words, "clock")
    for wait in standing.waits:
        if wait.due_on and wait.promised_on and wait.due_on > wait.promised_on:
            due, promised = written(wait.due_on), written(wait.promised_on)
            words = f"Supply {wait.supply} is due {due}, after the promise of {promised}."
            yield Sentence("red", words, "clock")


_UNSENT = (Status.VALIDATED, Status.PROCESSING, Status.FULFILLING)


def _owed(invoice: Invoice) -> str:
    amount = shown(invoice.owed, invoice.currency_id)  # type: ignore[attr-defined]
    return f"{invoice} ({amount}, due {written(invoice.due_on)})"


def _units(number: int) -> str:
    return _count(number, "unit")


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def _are(number: int) -> str:
    return "is" if number == 1 else "are"
