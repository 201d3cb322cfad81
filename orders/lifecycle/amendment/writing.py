"""Writing an amendment: stock, work, dates, history and money, each in one statement for all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from operator import attrgetter

from django.utils.translation import gettext_lazy as _

from config.kernel import sets
from config.kernel.reading import worded
from config.kernel.steps import Effect, reasons
from config.kernel.wake import wake
from finance.services import credit, ledger, postings
from finance.services.postings import Posting
from fulfillment.services import picking
from inventory import services as stock
from orders import history
from orders.lifecycle import (
    findings,
    messages,
    promising,
    refunding,
    schedules,
    searching,
    settlement,
    sourcing,
    tasks,
)
from orders.lifecycle.amendment.operations import HANDLED, Kind
from orders.lifecycle.amendment.plan import Amended, facts
from orders.lifecycle.amendment.telling import message_of
from orders.lifecycle.amendment.turn import Given, Turn
from orders.lifecycle.giving_back import released, standing, touched_levels
from orders.lifecycle.loading import moved, save, save_allocations, save_credit, save_lines
from orders.models import (
    COMMITTED,
    GONE,
    Allocation,
    Amendment,
    AmendmentOperation,
    Order,
    OrderLine,
)

NEW_LINE = (
    *("order", "line_no", "product", "sku", "name", "unit", "snapshot_at", "is_stocked"),
    *("unit_price", "list_price", "gross_amount", "discount_percent", "discount_amount"),
    *("order_discount_share", "shipping_amount", "tax_rate", "tax_amount", "line_total"),
    *("cancelled_amount", "ordered", "cancelled", "backordered", "allocated", "picked", "shipped"),
    *("delivered", "return_requested", "returned", "invoiced", "credited", "warehouse"),
)
LINE = (
    *("unit_price", "gross_amount", "discount_percent", "discount_amount"),
    *("order_discount_share", "shipping_amount", "tax_rate", "tax_amount", "line_total"),
    *("cancelled_amount", "ordered", "cancelled", "allocated", "backordered"),
    *("first_promised_on", "promised_on", "actual_on", "warehouse", "requested_on"),
)
ORDER = (
    *("subtotal", "order_discount", "discount_total", "shipping_total", "tax_total"),
    *("grand_total", "requested_on", "promised_on", "terms_code", "terms_days", "terms_prepaid"),
    *("fill_policy", "ship_to_name", "ship_to_line1", "ship_to_line2", "ship_to_city"),
    *("ship_to_region", "ship_to_postal_code", "ship_to_country", "shipping_method"),
    *("po_number", "note"),
)
AMENDMENT = (
    *("order", "status", "version_from", "version_to", "plan_hash", "key"),
    *("requested_by", "requested_at", "closed_at"),
)
OPERATION = (
    *("amendment", "seq", "kind", "order_line", "quantity_before", "quantity_after"),
    *("before", "after"),
)


def give_back(turn: Turn, codes: Mapping[int, str], outcomes: Amended) -> None:
    """Free what the lines no longer need, in memory: first what waits, then what is allocated."""
    order, before = turn.order, standing(turn.order)
    _leave(turn)
    for line in order.facts.lines:
        excess = line.allocated + line.backordered - line.open
        if not line.is_stocked or excess <= 0:
            continue
        waiting = min(line.backordered, excess)
        line.backordered -= waiting
        order.release(line, excess - waiting)
        if waiting:
            outcomes.effects.append(Effect(order.pk, "drop", line.sku, waiting))
    outcomes.effects += released(order, before, codes)


def standing_at(order: Order, line: OrderLine, site: int) -> list[Allocation]:
    """The allocations of a line at a warehouse; the levels are locked."""
    levels, rows = order.facts.levels, order.facts.allocations
    mine = [a for a in rows if a.line_id == line.pk]
    return [a for a in mine if levels[a.stock_level_id].warehouse_id == site]


def _leave(turn: Turn) -> None:
    """Lines that change their warehouse let go of what is not picked elsewhere, in memory."""
    order = turn.order
    for line in order.facts.lines:
        if line.pk not in turn.change.moving:
            continue
        line.backordered = 0
        stays = standing_at(order, line, turn.change.moving[line.pk])
        for allocation in order.facts.allocations:
            if allocation.line_id == line.pk and allocation not in stays:
                units = allocation.unpicked
                order.facts.levels[allocation.stock_level_id].reserved -= units
                allocation.free(units)
                line.allocated -= units
    order.facts.leaving.clear()


def write(turns: Sequence[Turn], given: Given, outcomes: Amended) -> None:
    """Write what the turns made of their orders."""
    orders = [turn.order for turn in turns]
    _write_lines(turns)
    _move_stock(turns, outcomes)
    _promise(turns, given, outcomes)
    for turn in turns:
        outcomes.effects += _on_commitments(turn)
    cheaper = [turn.order for turn in turns if turn.change.delta < 0]
    outcomes.effects += refunding.give_back(cheaper, by=given.by, at=given.at)
    _restage(turns, outcomes)
    findings.save(orders)
    events = _record(turns, given, outcomes)
    _keep(turns, given, outcomes)
    _post(turns, events, given)
    settlement.settle(orders)
    save_lines(orders, *LINE)
    save_credit([order for order in orders if order.status in COMMITTED])
    save(orders, *ORDER, *settlement.AXES)
    searching.write_words(turn.order.pk for turn in turns if turn.change.changes_words)
    wake("allocation")
    if any(order.status == "submitted" for order in orders):
        wake("validation")


def _write_lines(turns: Sequence[Turn]) -> None:
    """Add the new lines; from now on they go by their own id."""
    made = [line for turn in turns for line in turn.change.added]
    keys = {"order", "product", "warehouse"}
    values = attrgetter(*(f"{n}_id" if n in keys else n for n in NEW_LINE))
    ids = sets.insert(OrderLine, NEW_LINE, [values(line) for line in made], returning="id")
    named = {line.pk: pk for line, (pk,) in zip(made, ids, strict=True)}
    for line in made:
        line.pk = named[line.pk]
    for turn in turns:
        turn.units = {named.get(pk, pk): units for pk, units in turn.units.items()}
        if turn.sources:
            takes = turn.sources.takes
            turn.sources.takes = [(named.get(pk, pk), *rest) for pk, *rest in takes]


def _move_stock(turns: Sequence[Turn], outcomes: Amended) -> None:
    """Release, allocate and plan work: of each line the difference, nothing else."""
    orders = [turn.order for turn in turns]
    cut = picking.shrink({a.pk: a.unpicked for o in orders for a in o.facts.allocations})
    for order in orders:
        units = sum(cut.get(a.pk, 0) for a in order.facts.allocations)
        if units:
            outcomes.effects.append(Effect(order.pk, "task", _("units off the pick tasks"), units))
    save_allocations(orders)
    stock.save(touched_levels(orders))
    served = [turn for turn in turns if turn.sources]
    plans = {turn.order.pk: turn.sources for turn in served if turn.sources}
    levels = orders[0].facts.levels if orders else {}
    grown = [turn.order for turn in served]
    at = turns[0].change.at if turns else None
    if at:
        held = tasks.held(orders)
        sourcing.save(grown, plans, levels, at=at)
        outcomes.effects += tasks.let_go(orders, held, at=at)


def _promise(turns: Sequence[Turn], given: Given, outcomes: Amended) -> None:
    """Make anew the dates of the lines whose stock moved, or of all when the way is another."""
    causes = {pk: f"Amended: version {turn.plan.version}" for turn in turns for pk in _moved(turn)}
    orders = [turn.order for turn in turns]
    for order, line, before in promising.remake(orders, causes, at=given.at):
        pattern = _("%(sku)s for %(day)s (was %(before)s)") if before else _("%(sku)s for %(day)s")
        day = line.promised_on or _("no day")
        words = worded(pattern, sku=line.sku, day=day, before=before)
        outcomes.effects.append(Effect(order.pk, "promise", words))
    for turn in turns:
        outcomes.effects += _too_late(turn)
    for order in orders:
        if order.status in GONE:
            continue
        order.promised_on = promising.latest(order.facts.lines)
        for line in order.facts.lines:
            if line.delivered and line.delivered == line.ordered - line.cancelled:
                line.actual_on = line.actual_on or given.at.date()


EARLIER = _("%(sku)s for %(day)s; its first part is wanted by %(first)s")


def _too_late(turn: Turn) -> list[Effect]:
    """Lines of which the wanted day changes, and that are promised for a later one."""
    order, entries = turn.order, turn.change.entries
    every = any(entry.kind == Kind.SET_REQUESTED_ON for entry in entries)
    named = [entry.line for entry in entries if entry.kind == Kind.SET_LINE_DAY]
    found, words = [], _("%(sku)s for %(day)s, after the day it is wanted by")
    staged = {entry.line.pk for entry in entries if entry.kind == Kind.SET_PARTS and entry.line}
    for line in order.facts.lines:
        if line.pk in staged and line.open and line.promised_on:
            days = [day for day, _quantity in turn.change.parts[line.pk]]
            if days and min(days) < line.promised_on:
                told = worded(EARLIER, sku=line.sku, day=line.promised_on, first=min(days))
                found.append(Effect(order.pk, "promise", told))
        wanted = line.requested_on or order.requested_on
        asked = line in named or (every and not line.requested_on)
        if asked and line.open and wanted and line.promised_on and line.promised_on > wanted:
            told = worded(words, sku=line.sku, day=line.promised_on)
            found.append(Effect(order.pk, "promise", told))
    return found


def _restage(turns: Sequence[Turn], outcomes: Amended) -> None:
    """Deliveries in parts: as they are asked for, and in line with what is wanted by now."""
    schedules.replace({pk: parts for turn in turns for pk, parts in turn.change.parts.items()})
    restaged = schedules.settle([turn.order for turn in turns])
    outcomes.effects += schedules.effects(restaged)
    for turn in turns:
        turn.restaged = restaged[turn.order.pk]


def _moved(turn: Turn) -> list[int]:
    """The lines that got more stock, wait for more or for less, or go to another country."""
    if turn.order.status not in HANDLED:
        return []
    found = []
    for line in turn.order.facts.lines:
        allocated, waiting = turn.units[line.pk]
        differs = line.allocated > allocated or line.backordered != waiting
        differs = differs or turn.change.changes_country or line.pk in turn.change.moving
        if line.is_stocked and line.open and differs:
            found.append(line.pk)
    return found


def _on_commitments(turn: Turn) -> list[Effect]:
    order, delta = turn.order, turn.change.delta
    if order.status not in COMMITTED or not delta:
        return []
    kind = "commit" if delta > 0 else "uncommit"
    what = _("more of the customer's credit") if delta > 0 else _("part of the customer's credit")
    return [Effect(order.pk, kind, what, amount=abs(delta), currency=order.currency_id)]


def _record(turns: Sequence[Turn], given: Given, outcomes: Amended) -> dict[int, int]:
    """The events: what was waived, amended and told, and that it is checked again."""
    effects = outcomes.effects_of()
    happenings = []
    for turn in turns:
        order = turn.order
        turn.plan.effects = effects[order.pk]
        if turn.plan.findings:
            happenings.append(_waived(turn, given))
        happenings.append(_applied(turn, given))
        if given.tell and (
            message := message_of(turn.change, turn.restaged, turn.plan.total_after)
        ):
            outcomes.messages[order.pk] = message
            happenings.append(messages.happening(message))
        if order.status == "in_review" and not reasons(order, Order.recheck):
            Order.recheck(order)
            happenings.append(moved(order, "order.rechecked"))
    ids = history.record(happenings, by=given.by, at=given.at)
    messages.post(happenings, ids, outcomes.messages, at=given.at)
    return {
        happening.order.pk: pk
        for happening, pk in zip(happenings, ids, strict=True)
        if happening.type == "amendment.applied"
    }


def _waived(turn: Turn, given: Given) -> history.Happening:
    marks = [row.fingerprint for row in turn.plan.findings]
    data = {"waived": history.changed(None, marks)}
    return history.Happening(
        turn.order, "exception.waived", reason="waived", words=given.words, data=data
    )


def _applied(turn: Turn, given: Given) -> history.Happening:
    version = turn.plan.version
    data = {
        "version": [version - 1, version],
        **facts(turn.change),
        **schedules.facts(turn.restaged),
        "effects": history.told(turn.plan.effects),
    }
    among_us = all(entry.kind == Kind.SET_NOTE for entry in turn.change.entries)
    return history.Happening(
        turn.order,
        "amendment.applied",
        reason=given.reason or None,
        words=given.words,
        shared=False if among_us else None,
        data=data,
    )


def _keep(turns: Sequence[Turn], given: Given, outcomes: Amended) -> None:
    """The amendments themselves, and each operation as old → new."""
    applied = Amendment.Status.APPLIED
    asked = (given.key, given.by.user_id, given.at, given.at)
    ids = sets.insert(
        Amendment,
        AMENDMENT,
        [
            (t.order.pk, applied, t.plan.version - 1, t.plan.version, t.plan.hash, *asked)
            for t in turns
        ],
        returning="id",
    )
    outcomes.created = [pk for (pk,) in ids]
    sets.insert(
        AmendmentOperation,
        OPERATION,
        [
            (pk, seq, e.kind, e.line and e.line.pk, *e.values)
            for (pk,), turn in zip(ids, turns, strict=True)
            for seq, e in enumerate(turn.plan.entries, 1)
        ],
    )


def _post(turns: Sequence[Turn], events: Mapping[int, int], given: Given) -> None:
    """Put the difference on the commitments, with the evidence that allowed it."""
    booking = [turn for turn in turns if turn.order.status in COMMITTED]
    entries = ledger.post([_posting(turn, events) for turn in booking], at=given.at)
    checks = []
    for turn, entry in zip(booking, entries, strict=True):
        check, exception = turn.check, findings.of_rule(turn.order, "credit")
        if check is None or (check.decision != "passed" and exception is None):
            continue
        check.entry = entry
        check.exception = exception.pk if exception and check.decision != "passed" else None
        checks.append(check)
    credit.keep(checks, at=given.at)


def _posting(turn: Turn, events: Mapping[int, int]) -> Posting:
    order, delta = turn.order, turn.change.delta
    build = postings.commitment if delta > 0 else postings.commitment_release
    key = (order.pk, order.customer_id, order.currency_id)
    return build(*key, abs(delta), events[order.pk])
