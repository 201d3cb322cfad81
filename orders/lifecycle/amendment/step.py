"""Amending: placed orders change whole or not at all, and only the difference is moved.

The plan is made by the step itself, under its locks; a preview is the same step undone.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from django.utils import timezone
from django.utils.translation import gettext

from config.kernel.actors import Actor
from config.kernel.errors import StaleVersion
from config.kernel.steps import Outcomes, preview, reasons, step
from inventory.services.sourcing import Free
from inventory.services.sourcing import plan as plan_sources
from orders.lifecycle import findings, limits, messages, sourcing
from orders.lifecycle.amendment.applying import apply
from orders.lifecycle.amendment.catalogue import Catalogue
from orders.lifecycle.amendment.change import begin
from orders.lifecycle.amendment.objections import objection
from orders.lifecycle.amendment.operations import HANDLED, REASONS, Kind, Operation, groups
from orders.lifecycle.amendment.plan import Amended, Plan, header_effects
from orders.lifecycle.amendment.turn import Given, Turn
from orders.lifecycle.amendment.writing import give_back, standing_at, write
from orders.lifecycle.checks import Context, context
from orders.lifecycle.giving_back import look_into_boxes, warehouse_codes
from orders.lifecycle.loading import attach_allocations, fits, load, lock_stock
from orders.lifecycle.policies import Policies
from orders.lifecycle.validation import evidence_of, missing
from orders.models import COMMITTED, GONE, Amendment, FillPolicy, Order, OrderException

Asked = Mapping[int, Sequence[Operation]]  # operations by order


@step
def amend(
    ids: Sequence[int],
    *,
    operations: Asked,
    by: Actor,
    reason: str = "",
    words: str = "",
    waive: Collection[str] = (),
    version: int | None = None,
    plan_hash: str = "",
    key: str | None = None,
    tell: bool = False,
    at: datetime | None = None,
) -> Amended:
    """Change placed orders by typed operations (order → operations); each makes a version.

    ``waive`` names, by fingerprint, the findings that may stand. ``plan_hash`` is what was
    foreseen, ``version`` the order as it was seen: when neither fits any more, nothing is changed
    (StaleVersion). A ``key`` that was applied already is not applied again. With ``tell`` the
    customer is sent what changes, in words.
    """
    given = Given(reason, words, by, at or timezone.now(), waive, key, tell)
    orders = load(ids, by=by, with_credit=True)
    outcomes = Amended(refused=missing(orders, ids).refused)
    fits(orders, version if not plan_hash else None)
    turns = _begin(orders, operations, given, outcomes)
    going = _decide(turns, given, outcomes)
    write(going, given, outcomes)
    for turn in going:
        if plan_hash and turn.plan.hash != plan_hash:
            raise StaleVersion(
                gettext("What this does to %(order)s is not what you looked at any more.")
                % {"order": turn.order}
            )
    return outcomes


def plan(
    pk: int, operations: Sequence[Operation], *, by: Actor, reason: str = "", tell: bool = False
) -> Amended:
    """What amending one order would do: done, held against every constraint, and undone.

    Findings that somebody may let pass are foreseen as if they were let pass; the plan names them.
    """
    asked: dict[str, object] = {"operations": {pk: operations}, "by": by}
    asked |= {"reason": reason, "tell": tell}
    outcomes = _amended(preview(amend, [pk], **asked))
    found = outcomes.plans[pk].findings if pk in outcomes.plans else []
    if pk in outcomes.refused and found and all(row.severity == "review" for row in found):
        marks = {row.fingerprint for row in found}
        passed = _amended(preview(amend, [pk], waive=marks, words="Foreseen", **asked))
        if pk in passed.done:
            return passed
    return outcomes


def _amended(outcomes: Outcomes) -> Amended:
    assert isinstance(outcomes, Amended)  # noqa: S101 - what the step above answers
    return outcomes


def _begin(
    orders: Sequence[Order], operations: Asked, given: Given, outcomes: Amended
) -> list[Turn]:
    """Ask each order, and make its change in memory; nothing shared is touched yet."""
    earlier = _earlier(orders)
    every = [each for order in orders for each in operations.get(order.pk, ())]
    known = Catalogue.read(orders, every, given.at)
    attach_allocations(orders)
    look_into_boxes(orders)
    policies = Policies.of_amendments(orders, given.by)
    turns = []
    for order in orders:
        asked, made = operations.get(order.pk, ()), earlier[order.pk]
        if given.key and any(each.key == given.key for each in made):
            outcomes.done.append(order.pk)
            continue
        why = _refusal(order, asked, policies, given) or objection(order, asked, known)
        if not why:
            change = begin(order, given.at)
            apply(change, asked, known)
            version = max((each.version_to for each in made), default=1) + 1
            turns.append(Turn(change, Plan.of(change, version)))
            total = max(order.subtotal, order.grand_total)
            why = change.why or _emptied(order) or limits.of_total(total)
            why = why or limits.of_count(len(order.facts.lines))
        if why:
            outcomes.refuse(order.pk, why)
    return [turn for turn in turns if turn.order.pk not in outcomes.refused]


def _earlier(orders: Sequence[Order]) -> dict[int, list[Amendment]]:
    """The amendments that were applied to each order."""
    found: dict[int, list[Amendment]] = {order.pk: [] for order in orders}
    for row in Amendment.objects.applied().filter(order__in=list(found)).order_by("pk"):
        found[row.order_id].append(row)
    return found


def _refusal(order: Order, asked: Sequence[Operation], policies: Policies, given: Given) -> str:
    """Why the state or a rule forbids it, or ''."""
    if why := reasons(order, Order.amend):
        return " ".join(why)
    touched = groups(asked)
    for group in touched:
        if words := policies.against_amending(order, group):
            return words
    reason = given.reason
    if reason not in REASONS and (reason or policies.wants_reason(order, touched)):
        return gettext("Changing this now needs one of the reasons.")
    return messages.unreachable(order) if given.tell else ""


def _emptied(order: Order) -> str:
    if order.status in GONE or any(line.open for line in order.facts.lines):
        return ""
    return gettext("Nothing would be left to deliver. Cancel what is open instead.")


def _decide(turns: Sequence[Turn], given: Given, outcomes: Amended) -> list[Turn]:
    """Lock the stock, then let each order take its turn at what is shared: credit, then stock."""
    orders = [turn.order for turn in turns]
    handled = [order for order in orders if order.status in HANDLED]
    places = sourcing.Places.read(handled)
    levels = lock_stock(orders, more=places.candidates(handled))
    free, codes = sourcing.free_on(levels.values()), warehouse_codes()
    known, going = context(orders, at=given.at), []
    for turn in turns:
        order = turn.order
        outcomes.plans[order.pk] = turn.plan
        too_little = _too_little(turn, free, codes) or _comes_apart(order, free, places)
        if why := _on_credit(turn, known, given) or too_little:
            outcomes.refuse(order.pk, why)
            _take(order, -turn.change.delta)
            continue
        outcomes.done.append(order.pk)
        outcomes.effects += header_effects(turn.change)
        turn.units = {x.pk: (x.allocated, x.backordered) for x in order.facts.lines}
        give_back(turn, codes, outcomes)
        if order in handled and sourcing.wants(order):
            [turn.sources] = sourcing.allocate([order], places, levels, outcomes).values()
        going.append(turn)
    return going


def _too_little(turn: Turn, free: Free, codes: Mapping[int, str]) -> str:
    """A line changes its warehouse with all that is not picked of it, or not at all."""
    order, taken = turn.order, dict[tuple[int, int], int]()
    for line in order.facts.lines:
        site = turn.change.moving.get(line.pk)
        if site is None:
            continue
        key = (line.product_id, site)
        units = line.open - line.picked - sum(a.unpicked for a in standing_at(order, line, site))
        here = max(0, free(*key, whole=True) - taken.get(key, 0))
        if here < units:
            words = gettext("%(place)s has %(free)s of the %(units)s units of %(sku)s free.")
            named = {"place": codes[site], "free": here, "units": units, "sku": line.sku}
            return words % named
        taken[key] = taken.get(key, 0) + units
    return ""


def _comes_apart(order: Order, free: Free, places: sourcing.Places) -> str:
    """An order that ships complete and is being picked does not come to wait for stock again."""
    if order.status != "fulfilling" or order.fill_policy != FillPolicy.SHIP_COMPLETE:
        return ""
    wants = sourcing.wants(order)
    short = plan_sources(wants, free, places.sites, order.ship_to_country).short
    for want in wants:
        if want.site is None and want.line in short:
            here = want.quantity - short[want.line]
            sku = next(line.sku for line in order.facts.lines if line.pk == want.line)
            return gettext(
                "It ships complete and is being picked; only %(here)s more of %(sku)s can be had "
                "now, not %(wanted)s."
            ) % {"here": here, "sku": sku, "wanted": want.quantity}
    return ""


def _take(order: Order, amount: Decimal) -> None:
    if order.facts.credit and order.status in COMMITTED:
        order.facts.credit.committed += amount


def _on_credit(turn: Turn, known: Context, given: Given) -> str:
    """Put the difference on the customer's credit and run the checks on the order as it will be."""
    order, plan, standing_ = turn.order, turn.plan, turn.order.facts.credit
    if order.status not in COMMITTED or standing_ is None:
        return ""
    delta = turn.change.delta
    plan.exposure_before, plan.credit_limit = standing_.exposure, standing_.credit_limit
    _take(order, delta)
    plan.exposure_after = standing_.exposure
    findings.examine(order, known, "amendment")
    _judge_words_alone(turn)
    if delta <= 0:  # whoever owes less than before is not asked about the limit again
        order.facts.exceptions = [
            row for row in order.facts.exceptions if row.pk or row.rule != "credit"
        ]
    plan.findings = [row for row in order.facts.exceptions if not row.pk and row.is_blocking]
    if why := _let_pass(order, plan.findings, given):
        return why
    if delta > 0:
        _take(order, -delta)
        turn.check = evidence_of(order, "amendment", delta)
        _take(order, delta)
    return ""


def _judge_words_alone(turn: Turn) -> None:
    """A note is judged by nobody, and a PO number only for being there twice."""
    kinds = {Kind(entry.kind) for entry in turn.change.entries}
    if kinds <= {Kind.SET_NOTE, Kind.SET_PO_NUMBER}:
        judged = {"duplicate"} if Kind.SET_PO_NUMBER in kinds else set()
        facts = turn.order.facts
        facts.exceptions = [row for row in facts.exceptions if row.pk or row.rule in judged]


def _let_pass(order: Order, rows: Sequence[OrderException], given: Given) -> str:
    """Waive the new findings that were named; the first that may not pass is the answer."""
    for row in rows:
        if row.fingerprint not in given.waive:
            return row.said
        if why := findings.against_waiving(order, row, given.by):
            return why
        if given.by.user_id is None or not given.words.strip():
            words = gettext("Letting “%(finding)s” pass needs a person and a note that says why.")
            return words % {"finding": row.said}
    for row in rows:
        row.status, row.closed_at = OrderException.Status.WAIVED, max(given.at, row.opened_at)
        row.waived_by_id, row.waive_reason = given.by.user_id, given.words[:400]
    return ""
