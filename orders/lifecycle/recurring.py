"""Recurring orders: the templates that are due become orders and are placed, each day once.

A template is claimed, its order captured and placed, the run written and the next day set, all in
one transaction: whatever stops the worker, no day is served twice and none is lost.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime

from django.conf import settings
from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext_noop

from config.kernel import sets
from config.kernel.actors import Actor
from config.kernel.steps import Outcomes, step
from inventory.models import Product
from orders.lifecycle import capture, submission
from orders.lifecycle.drafts import Captured, LineDraft, OrderDraft
from orders.models import (
    Customer,
    RecurringLine,
    RecurringOrder,
    RecurringRun,
)

log = logging.getLogger(__name__)
_COLUMNS = ["recurring", "due_on", "outcome", "order", "message", "ran_at"]


@step
def serve(ids: Sequence[int], *, day: date, by: Actor, at: datetime | None = None) -> Outcomes:
    """Serve the next day of each of these templates, if it has come."""
    at = at or timezone.now()
    outcomes = Outcomes()
    templates = [t for t in RecurringOrder.locked(ids) if t.is_active and t.next_on]
    templates = [t for t in templates if t.next_on and t.next_on <= day]
    drafts = _drafts(templates)
    wanted = [template for template in templates if drafts[template.pk].lines]
    with translation.override(settings.LANGUAGE_CODE):  # a run keeps why no order was placed
        captured = capture.create([drafts[template.pk] for template in wanted], by=by, at=at)
        made = {wanted[index].pk: pk for index, pk in captured.orders.items()}
        placed = submission.submit(list(made.values()), by=by, at=at)
    why = _refusals(wanted, captured)
    rows = []
    for template in templates:
        order = made.get(template.pk)
        words = why.get(template.pk, "")
        if order is None:
            outcome = "refused" if words else "skipped"
            words = words or gettext_noop("None of its items is due this time.")
        else:
            words = placed.refused.get(order, "")
            outcome = "draft" if words else "placed"
        rows.append((template.pk, template.next_on, outcome, order, words, at))
        if outcome == "placed":
            outcomes.done.append(template.pk)
        else:
            outcomes.refuse(template.pk, words)
    sets.insert(RecurringRun, _COLUMNS, rows)
    _advance(templates)
    return outcomes


def skip(pk: int, *, at: datetime | None = None) -> date | None:
    """Leave the next day of a template out; answer that day."""
    with transaction.atomic():
        [template] = RecurringOrder.locked([pk])
        day = template.next_on
        if day:
            why = gettext_noop("Left out by hand.")
            row = (pk, day, "skipped", None, why, at or timezone.now())
            sets.insert(RecurringRun, _COLUMNS, [row])
            _advance([template])
        return day


def plan(template: RecurringOrder, today: date) -> None:
    """Set the next day of a template whose calendar was written anew; a day served stays served."""
    served = RecurringRun.objects.filter(recurring_id=template.pk or 0, due_on__gte=today)
    last = served.order_by("-due_on").values_list("due_on", flat=True).first()
    days = template.calendar.days()
    template.next_on = next(
        (day for day in days if day >= today and (last is None or day > last)), None
    )


def _drafts(templates: Sequence[RecurringOrder]) -> dict[int, OrderDraft]:
    """The order of each template as it is on its day; items of every second time take turns."""
    lines: dict[int, list[RecurringLine]] = defaultdict(list)
    keys = [template.pk for template in templates]
    for line in sets.read(RecurringLine, "WHERE recurring_id = ANY(%s) ORDER BY id", keys):
        lines[line.recurring_id].append(line)
    skus = {
        pk: product.sku
        for pk, product in sets.by_key(
            Product, (line.product_id for each in lines.values() for line in each)
        ).items()
    }
    buyers = sets.by_key(Customer, (template.customer_id for template in templates))
    return {
        t.pk: OrderDraft(
            customer=buyers[t.customer_id].code,
            lines=[
                LineDraft(skus[line.product_id], line.quantity)
                for line in lines[t.pk]
                if line.every == 1 or (_turn(t) - 1) % line.every == 0
            ],
            po_number=t.po_number,
            fill_policy=t.fill_policy or None,
            note=t.note,
            entry_key=f"recurring:{t.pk}:{t.next_on}",
        )
        for t in templates
    }


def _turn(template: RecurringOrder) -> int:
    return template.calendar.turn(template.next_on) if template.next_on else 0


def _refusals(templates: Sequence[RecurringOrder], captured: Captured) -> dict[int, str]:
    """Why no order was made of a template, in one sentence or more."""
    why: dict[int, list[str]] = defaultdict(list)
    for problem in captured.problems:
        why[templates[problem.draft].pk].append(problem.message)
    return {pk: " ".join(words) for pk, words in why.items()}


def _advance(templates: Iterable[RecurringOrder]) -> None:
    """Set the next day of locked templates whose present one is served."""
    templates = list(templates)
    for template in templates:
        if template.next_on:
            template.next_on = template.calendar.next_after(template.next_on)
    sets.update(RecurringOrder, ["next_on"], templates)


def keep_failed(outcomes: Outcomes) -> None:
    """A template that the database refused is written down and does not stop the others."""
    if not outcomes.failed:
        return
    templates = RecurringOrder.locked(outcomes.failed)
    at = timezone.now()
    for template in templates:
        log.error("Recurring order %s failed: %s", template.pk, outcomes.failed[template.pk])
    rows = [(t.pk, t.next_on, "refused", None, outcomes.failed[t.pk], at) for t in templates]
    sets.insert(RecurringRun, _COLUMNS, rows)
    _advance(templates)
