"""Re-examination: what was found closes by itself when its cause goes away.

Money arrives, a limit is raised, goods come in, a customer is opened again: nobody has to press a
button. Which orders are worth a look is one query over the open findings; one that was looked at
in vain is not looked at again until something about it changes.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from config.kernel import pipeline
from config.kernel.actors import Actor
from config.kernel.steps import Effect, Outcomes, reasons, step
from config.kernel.wake import wake
from orders import history
from orders.lifecycle import findings
from orders.lifecycle.checks import context
from orders.lifecycle.loading import load, moved, save
from orders.lifecycle.validation import missing
from orders.models import Order, OrderException, OrderQuerySet
from orders.models.guards import may_go_on

# What no query can see, such as a price list or terms that changed, is looked at this often.
AT_LATEST = timedelta(hours=1)
# Each condition is the one under which the check itself finds nothing any more, so an order that
# is found here changes when it is looked at, and is not found again.
CHANGED = """
SELECT DISTINCT e.order_id FROM orders_orderexception e
JOIN orders_order o ON o.id = e.order_id
WHERE e.status = 'open' AND e.severity IN ('block', 'review')
 AND o.status IN ('in_review', 'validated', 'processing', 'fulfilling', 'shipped', 'delivered')
 AND NOT EXISTS (SELECT FROM orders_hold h WHERE h.order_id = o.id AND h.released_at IS NULL)
 AND (o.status <> 'in_review' OR EXISTS (
  SELECT FROM orders_transitionrule r WHERE r.rules_id = o.rules_version
   AND r.from_state = 'in_review' AND r.to_state = 'submitted' AND r.is_enabled
   AND r.permission = '' AND r.extra_check = '' AND NOT r.reason_required))
 AND (o.last_event_at > e.checked_at
  OR e.checked_at < %s
  OR e.rule = 'credit' AND EXISTS (
   SELECT FROM finance_creditaccount c
   WHERE c.customer_id = o.customer_id AND c.currency_id = o.currency_id
    AND c.committed + c.receivable - c.unapplied + CASE WHEN o.status = 'in_review' THEN (
     SELECT coalesce(sum(l.line_total - l.cancelled_amount), 0) FROM orders_orderline l
     WHERE l.order_id = o.id) ELSE 0 END <= c.credit_limit)
  OR e.rule = 'customer_status' AND o.status = 'in_review' AND (
   SELECT c.is_active FROM orders_customer c WHERE c.id = o.customer_id)
  OR e.rule = 'duplicate' AND o.status = 'in_review' AND (
   SELECT d.status = 'cancelled' FROM orders_order d WHERE d.number = e.data->>'order')
  OR e.rule IN ('stock_final', 'deliverable') AND o.status = 'in_review' AND EXISTS (
   SELECT FROM orders_orderline f
   WHERE f.order_id = o.id AND f.line_no = (e.data->>'line')::int
    AND (SELECT sum(l.ordered - l.cancelled - l.allocated - l.shipped) FROM orders_orderline l
     WHERE l.order_id = o.id AND l.product_id = f.product_id AND l.is_stocked
      AND (f.warehouse_id IS NULL OR l.warehouse_id = f.warehouse_id))
     <= (SELECT coalesce(sum(greatest(0, s.on_hand - s.reserved
        - CASE WHEN f.warehouse_id IS NULL THEN s.safety_stock ELSE 0 END)), 0)
      FROM inventory_stocklevel s JOIN inventory_warehouse w ON w.id = s.warehouse_id
      WHERE s.product_id = f.product_id AND w.is_sellable AND w.is_active
       AND (f.warehouse_id IS NULL OR w.id = f.warehouse_id))))
ORDER BY 1 LIMIT %s
"""
MOST = 10_000


def due(at: datetime | None = None) -> OrderQuerySet:
    """Orders with open findings of which some facts have changed since they were checked."""
    with pipeline.cursor() as cursor:
        cursor.execute(CHANGED, [(at or timezone.now()) - AT_LATEST, MOST])
        ids = [pk for (pk,) in cursor.fetchall()]
    found: OrderQuerySet = Order.objects.filter(pk__in=ids)
    return found


@step
def reexamine(ids: Sequence[int], *, by: Actor, at: datetime | None = None) -> Outcomes:
    """Look again at what stands open; done are the orders of which something has changed.

    An order in review with nothing left goes on by itself: it is submitted and validated anew.
    Orders of one customer are asked in turn, so that no more of them go on than its credit holds.
    """
    at = at or timezone.now()
    orders = load(ids, by=by, with_credit=True)
    known, outcomes = context(orders, at=at), missing(orders, ids)
    looked_at, happenings = [], []
    for order in orders:
        if why := _objections(order):
            outcomes.refuse(order.pk, why)
            continue
        looked_at.append(order)
        before = [row for row in order.facts.exceptions if row.status == "open"]
        findings.examine(order, known, _stage(order))
        happening = _conclude(order, before, outcomes)
        if happening:
            happenings.append(happening)
            outcomes.done.append(order.pk)
        for row in order.facts.exceptions:
            row.checked_at = max(at, order.last_event_at)
    findings.save(looked_at)
    history.record(happenings, by=by, at=at)
    save([happening.order for happening in happenings])
    if any(happening.to_state for happening in happenings):
        wake("validation")
    return outcomes


def _objections(order: Order) -> str:
    held = may_go_on.why(order)  # type: ignore[attr-defined]
    if held or order.status != "in_review":
        return str(held)
    return " ".join(reasons(order, Order.recheck))


def _stage(order: Order) -> str:
    """Once an order has passed, nothing but its credit is asked about again."""
    return "validation" if order.status == "in_review" else "credit"


def _conclude(
    order: Order, before: Sequence[OrderException], outcomes: Outcomes
) -> history.Happening | None:
    """The event of what has changed, or None; an order with nothing left is submitted again."""
    resolved = [row for row in before if row.status != "open"]
    found = [row for row in order.facts.exceptions if not row.pk]
    if not resolved and not found:
        return None
    outcomes.effects += [Effect(order.pk, "resolve", _(row.kept_label)) for row in resolved]
    outcomes.effects += [Effect(order.pk, "find", _(row.kept_label)) for row in found]
    data = {
        "exceptions": history.changed(
            [row.fingerprint for row in resolved], [row.fingerprint for row in found]
        )
    }
    left = any(row.is_blocking for row in order.facts.exceptions)
    if order.status == "in_review" and not left:
        order.commit()  # on the shared account in memory: the next order finds less
        Order.recheck(order)
        what = _("it goes on and is checked once more")
        outcomes.effects.append(Effect(order.pk, "advance", what))
        return moved(order, "order.rechecked", data=data)
    return history.Happening(order, "order.reexamined", data=data)
