"""What a rule may ask of whoever takes a step: a permission, a reason, one of the checks here.

The checks look at the order's own row, so that a guard can ask them and a work queue can leave
out those that fail.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from config.kernel.reading import amount
from orders.models.graph import PaymentStatus, Status

if TYPE_CHECKING:
    from orders.models.orders import Order
    from orders.models.rules import TransitionRule

SETTLED = (PaymentStatus.PAID, PaymentStatus.OVERPAID)
PAID_ON = (*SETTLED, PaymentStatus.PARTIAL)


@dataclass(frozen=True, slots=True)
class ExtraCheck:
    """A question beyond the guards of the code: the sentence of refusal, and the same as a query.

    Without a query it can only be asked of the person who acts.
    """

    label: StrOrPromise
    why: Callable[[Order], str]
    holds: Q | None = None


def _paid_in_full(order: Order) -> str:
    if order.payment_status in SETTLED or not order.grand_total:
        return ""
    words = gettext("It has to be paid in full first: %(due)s is due and it stands at “%(state)s”.")
    due = amount(order.grand_total, order.currency_id)
    return words % {"due": due, "state": order.get_payment_status_display()}


def _deposit_paid(order: Order) -> str:
    if order.payment_status in PAID_ON or not order.grand_total:
        return ""
    words = gettext("A deposit has to come in first; nothing of %(due)s is paid.")
    return words % {"due": amount(order.grand_total, order.currency_id)}


def _po_number_present(order: Order) -> str:
    if order.po_number:
        return ""
    return gettext("The customer's PO number is missing; add it first.")


def _note_present(order: Order) -> str:
    return "" if order.note else gettext("The order has no note; write one first.")


def _second_person(order: Order) -> str:
    by = order.facts.by
    if by is None or (by.user_id is not None and by.user_id != order.created_by_id):
        return ""
    if by.user_id is None:
        return gettext("This step is taken by a person, not by the system.")
    words = gettext("You entered %(order)s yourself; somebody else has to take this step.")
    return words % {"order": order}


FREE = Q(grand_total=0)
EXTRA_CHECKS: dict[str, ExtraCheck] = {
    "paid_in_full": ExtraCheck(
        _("Paid in full"), _paid_in_full, Q(payment_status__in=SETTLED) | FREE
    ),
    "deposit_paid": ExtraCheck(
        _("A deposit has come in"), _deposit_paid, Q(payment_status__in=PAID_ON) | FREE
    ),
    "po_number": ExtraCheck(_("PO number present"), _po_number_present, ~Q(po_number="")),
    "note": ExtraCheck(_("Note present"), _note_present, ~Q(note="")),
    "second_person": ExtraCheck(_("A second person takes it"), _second_person),
}
OF_PEOPLE = tuple(name for name, check in EXTRA_CHECKS.items() if check.holds is None)


def unmet(order: Order, rule: TransitionRule) -> str:
    """What the rule asks and the order, or whoever acts, does not give; '' if nothing."""
    asked = (_permission(order, rule), _reason(order, rule), _check(order, rule))
    return " ".join(words for words in asked if words)


def _permission(order: Order, rule: TransitionRule) -> str:
    """A person holds the permission or not; the system takes no step that asks for one."""
    by = order.facts.by
    if not rule.permission or by is None or rule.permission in by.permissions:
        return ""
    held = {"what": permission_words(order, rule.permission)}
    if by.user_id is None:
        words = gettext(
            "This step takes the permission to %(what)s; it is not taken by the system."
        )
    else:
        words = gettext(
            "The rules ask for the permission to %(what)s here, which your role does not include."
        )
    return words % held


def _reason(order: Order, rule: TransitionRule) -> str:
    """Cancelling always has its reason; whoever only looks has not been asked yet."""
    if rule.to_state == Status.CANCELLED or not rule.reason_required:
        return ""
    if order.facts.reason is None or order.facts.reason.strip():
        return ""
    return gettext("The rules ask for a reason here; say why.")


def _check(order: Order, rule: TransitionRule) -> str:
    check = EXTRA_CHECKS.get(rule.extra_check)
    return check.why(order) if check else ""


def permission_words(order: Order | type[Order], permission: str) -> str:
    """What a permission lets one do, in lower case: “waive findings”."""
    names = dict(order._meta.permissions)
    codename = permission.partition(".")[2]
    return gettext(str(names.get(codename, codename))).removeprefix("Can ")
