"""Where an order is and what it waits for, in words; read from facts, stored nowhere."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from datetime import date

from django.utils import timezone
from django.utils.translation import gettext, ngettext, pgettext, pgettext_lazy
from django_stubs_ext import StrOrPromise

from config.kernel.reading import closed, day, money
from finance.models import Invoice
from fulfillment.models import ON_THE_WAY
from orders.models import FillPolicy, Order, Status
from orders.standing import Sentence, Standing, Wait
from returns.sentences import coming_back


def sentences(standing: Standing) -> list[Sentence]:
    """Where the order is and what it waits for: who, what, how many, by which day."""
    order = standing.order
    found = [*_stops(order), *_TOLD[order.status](standing)]
    return [*found, *coming_back(standing), *_late(standing), *_warnings(order)]


def _stops(order: Order) -> Iterator[Sentence]:
    """Holds and findings: nothing goes on before somebody acts."""
    for hold in order.facts.holds:
        words = gettext(
            "On hold since %(since)s: %(reason)s It goes on when the hold is released."
        ) % {"since": day(hold.placed_at), "reason": closed(hold.words)}
        yield Sentence("orange", words, "st-hold")
    for row in order.facts.exceptions:
        if row.is_blocking:
            words = (
                gettext("Waits for %(team)s since %(since)s: %(words)s")
                if row.team
                else gettext("Waits for Somebody since %(since)s: %(words)s")
            ) % {
                "team": gettext(row.team) if row.team else "",
                "since": day(row.opened_at),
                "words": row.said,
            }
            yield Sentence("amber", words, "alert")


def _warnings(order: Order) -> Iterator[Sentence]:
    """What informs and stops nothing; what was short is counted once stock is allocated."""
    for row in order.facts.exceptions:
        counted = row.rule == "stock" and order.status in _UNSENT[1:]
        if row.status == "open" and not row.is_blocking and not counted:
            words = gettext("For information: %(words)s") % {"words": row.said}
            yield Sentence("neutral", words)


def _draft(standing: Standing) -> Iterator[Sentence]:
    if lacks := standing.order.missing():
        words = gettext("Before it can be placed: %(lacks)s.") % {"lacks": ", ".join(lacks)}
        yield Sentence("amber", words, "st-draft")
    else:
        yield Sentence("blue", gettext("It is complete and not placed yet."), "st-draft")


def _by_itself(order: Order, target: str) -> bool:
    """Whether the system takes this step as soon as it may."""
    rule = order.facts.rules.get((order.status, target))
    return bool(rule and rule.is_automatic) and not order.facts.holds


def _submitted(standing: Standing) -> Iterator[Sentence]:
    if _by_itself(standing.order, Status.VALIDATED):
        words = gettext("Waits for its checks; they run by themselves within seconds.")
        yield Sentence("blue", words)
    elif not standing.order.facts.holds:
        yield Sentence("blue", gettext("Waits for somebody to run its checks."))


def _in_review(standing: Standing) -> Iterator[Sentence]:
    if not any(row.is_blocking for row in standing.order.facts.exceptions):
        words = gettext("Nothing is open any more; check it again to let it go on.")
        yield Sentence("blue", words)


def _validated(standing: Standing) -> Iterator[Sentence]:
    order = standing.order
    if order.facts.holds or any(row.is_blocking for row in order.facts.exceptions):
        return
    words = gettext("Every check passed; it waits for somebody to allocate its stock.")
    if _by_itself(order, Status.PROCESSING):
        words = gettext("Every check passed; its stock is allocated by itself within seconds.")
    yield Sentence("blue", words)


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
    if loose := sum(line.open for line in standing.order.facts.lines if not line.is_stocked):
        words = ngettext(
            "%(n)s unit is not stocked and goes with a shipment.",
            "%(n)s units are not stocked and go with a shipment.",
            loose,
        )
        yield Sentence("neutral", words % {"n": loose})
    if short and standing.order.fill_policy == FillPolicy.SHIP_COMPLETE:
        words = ngettext(
            "It ships complete: nothing leaves before %(n)s unit more has stock.",
            "It ships complete: nothing leaves before %(n)s units more have stock.",
            short,
        )
        yield Sentence("orange", words % {"n": short}, "lock")


def _share(reserved: int, wanted: int, places: dict[str, int]) -> str:
    values = {"reserved": reserved, "wanted": wanted, "places": ", ".join(places)}
    if not reserved:
        words = ngettext(
            "None of %(wanted)s unit is reserved", "None of %(wanted)s units is reserved", wanted
        )
    elif wanted == 1:
        words = gettext("The unit is reserved at %(places)s")
    elif len(places) > 1:
        values["places"] = ", ".join(
            gettext("%(units)s at %(code)s") % {"units": units, "code": code}
            for code, units in sorted(places.items())
        )
        words = (
            gettext("All %(wanted)s units are reserved: %(places)s")
            if reserved == wanted
            else gettext("%(reserved)s of %(wanted)s units are reserved: %(places)s")
        )
    elif reserved == wanted:
        words = gettext("All %(wanted)s units are reserved at %(places)s")
    else:
        words = ngettext(
            "%(reserved)s of %(wanted)s units is reserved at %(places)s",
            "%(reserved)s of %(wanted)s units are reserved at %(places)s",
            reserved,
        )
    return words % values


def _waiting(waits: Iterable[Wait]) -> Iterator[str]:
    """What units without stock wait for, the same supply once."""
    grouped: dict[tuple[str, date | None], int] = defaultdict(int)
    for wait in waits:
        coming = bool(wait.supply and wait.due_on)
        cause = (wait.supply, wait.due_on) if coming else ("", wait.promised_on)
        grouped[cause] += wait.units
    for (supply, on), units in grouped.items():
        values = {"n": units, "supply": supply, "day": day(on) if on else ""}
        yield _cause(units, supply, is_dated=on is not None) % values


def _cause(units: int, supply: str, *, is_dated: bool) -> str:
    if supply:
        return ngettext(
            "%(n)s waits for supply %(supply)s due %(day)s",
            "%(n)s wait for supply %(supply)s due %(day)s",
            units,
        )
    if is_dated:
        return ngettext(
            "%(n)s waits for stock that is not announced yet, promised for %(day)s",
            "%(n)s wait for stock that is not announced yet, promised for %(day)s",
            units,
        )
    return ngettext(
        "%(n)s waits for stock that is not announced yet",
        "%(n)s wait for stock that is not announced yet",
        units,
    )


def _to_pick(standing: Standing) -> Iterator[Sentence]:
    """What is to be picked: where, on which list, how far it has come."""
    for code, number, picks, left, _ in standing.walks:
        if not left:
            continue
        values = {"code": code, "list": number, "done": picks - left, "picks": picks, "n": left}
        words = (
            ngettext(
                "Waiting to be picked at %(code)s: list %(list)s, %(done)s of %(picks)s pick done.",
                "Waiting to be picked at %(code)s: list %(list)s, %(done)s of %(picks)s picks "
                "done.",
                picks,
            )
            if number
            else ngettext(
                "Waiting to be picked at %(code)s: %(n)s pick on no list yet.",
                "Waiting to be picked at %(code)s: %(n)s picks on no list yet.",
                left,
            )
        )
        yield Sentence("violet", words % values, "pick")


def _to_leave(standing: Standing) -> Iterator[Sentence]:
    """What is to be packed, and what is packed and has not left."""
    for code, number in standing.loose().items():
        if number > 0:
            words = ngettext(
                "%(n)s unit is picked at %(code)s and waiting to be packed.",
                "%(n)s units are picked at %(code)s and waiting to be packed.",
                number,
            )
            yield Sentence("violet", words % {"n": number, "code": code}, "box")
    for shipment in standing.packed:
        words = gettext(
            "%(shipment)s is packed at %(code)s with %(units)s and waits to be dispatched."
        ) % {
            "shipment": shipment,
            "code": shipment.warehouse.code,
            "units": _units(shipment.units),  # type: ignore[attr-defined]
        }
        yield Sentence("violet", words, "truck")


def _on_the_way(standing: Standing) -> Iterator[Sentence]:
    """What has left and not arrived: with whom, since when, under which number."""
    for shipment in standing.shipments:
        if shipment.status not in ON_THE_WAY or not shipment.dispatched_at:
            continue
        words = (
            gettext("%(shipment)s with %(units)s is on its way with %(carrier)s since %(since)s")
            if shipment.carrier
            else gettext("%(shipment)s with %(units)s is on its way since %(since)s")
        ) % {
            "shipment": shipment,
            "units": _units(shipment.units),  # type: ignore[attr-defined]
            "carrier": shipment.carrier,
            "since": day(shipment.dispatched_at),
        }
        if number := shipment.tracking:  # type: ignore[attr-defined]
            tracked = gettext("tracking %(number)s") % {"number": number}
            words = f"{words} ({tracked})"
        yield Sentence("cyan", f"{words}.", "truck")


def _delivered(standing: Standing) -> Iterator[Sentence]:
    """What keeps a delivered order from being completed; terms that run are no reason."""
    order, today = standing.order, timezone.now().date()
    behind = sum(line.shipped - line.invoiced for line in order.facts.lines)
    if behind > 0:
        words = ngettext(
            "Delivered; it completes when %(n)s unit more is invoiced.",
            "Delivered; it completes when %(n)s units more are invoiced.",
            behind,
        )
        yield Sentence("amber", words % {"n": behind}, "doc")
    late = [invoice for invoice in standing.open_invoices if invoice.due_on < today]
    for invoice in late:
        words = gettext("Delivered; it completes when %(invoice)s is paid.")
        yield Sentence("red", words % {"invoice": _owed(invoice)}, "card")
    if behind > 0 or late or standing.open_returns:
        return
    words = gettext("Delivered; somebody has to complete it: %(why)s.")
    if _by_itself(order, Status.COMPLETED):
        words = gettext("Delivered; it completes by itself within a minute: %(why)s.")
    yield Sentence("green", words % {"why": _owing(standing)}, "st-deliv")


def _owing(standing: Standing) -> str:
    """Why open invoices are no reason to wait."""
    terms = [
        gettext("%(invoice)s is within its terms") % {"invoice": _owed(invoice)}
        for invoice in standing.open_invoices
    ]
    return pgettext("between sentences", ", and ").join(terms) or gettext("nothing is owed")


def _completed(standing: Standing) -> Iterator[Sentence]:
    on = day(standing.order.completed_at or timezone.now())
    for invoice in standing.open_invoices:
        words = gettext("Completed %(day)s; %(invoice)s is still to be paid.")
        yield Sentence("blue", words % {"day": on, "invoice": _owed(invoice)}, "card")
    if not standing.open_invoices:
        words = gettext("Completed %(day)s; nothing is owed.") % {"day": on}
        yield Sentence("green", words, "st-done")


def _cancelled(standing: Standing) -> Iterator[Sentence]:
    order = standing.order
    code = order.cancel_reason or ""
    words = gettext("Cancelled %(day)s: %(reason)s. Nothing is reserved for it.") % {
        "day": day(order.cancelled_at or timezone.now()),
        "reason": _REASONS.get(code, code.replace("_", " ")),
    }
    yield Sentence("neutral", words, "st-x")


# Why orders are cancelled, as their sentence says it.
_REASONS: dict[str, StrOrPromise] = {
    "customer_request": pgettext_lazy("why it was cancelled", "customer request"),
    "out_of_stock": pgettext_lazy("why it was cancelled", "out of stock"),
    "duplicate": pgettext_lazy("why it was cancelled", "duplicate"),
    "price": pgettext_lazy("why it was cancelled", "price"),
    "credit": pgettext_lazy("why it was cancelled", "credit"),
    "error": pgettext_lazy("why it was cancelled", "error"),
}


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
        words = ngettext(
            "It was promised for %(day)s, %(n)s day ago.",
            "It was promised for %(day)s, %(n)s days ago.",
            days,
        )
        yield Sentence("red", words % {"day": day(order.promised_on), "n": days}, "clock")
    for wait in standing.waits:
        if wait.due_on and wait.promised_on and wait.due_on > wait.promised_on:
            words = gettext("Supply %(supply)s is due %(due)s, after the promise of %(promised)s.")
            values = {"due": day(wait.due_on), "promised": day(wait.promised_on)}
            yield Sentence("red", words % (values | {"supply": wait.supply}), "clock")


_UNSENT = (Status.VALIDATED, Status.PROCESSING, Status.FULFILLING)


def _owed(invoice: Invoice) -> str:
    return gettext("%(invoice)s (%(amount)s, due %(day)s)") % {
        "invoice": invoice,
        "amount": money(invoice.owed, invoice.currency_id),  # type: ignore[attr-defined]
        "day": day(invoice.due_on),
    }


def _units(number: int) -> str:
    return ngettext("%(units)s unit", "%(units)s units", number) % {"units": number}
