"""What happened to an order, for its page: who did what, when, and whether the customer sees it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth.models import User
from django.db.models import BigIntegerField, Case, F, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Cast, Coalesce, Concat, NullIf, Substr, Trim
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from orders.lifecycle import amendment, cancellation
from orders.models import Hold, Order, OrderEvent
from returns import policy

AT_ONCE = 30
# What can be shown alone: name, label, and the first words of the event types.
SHOWN: dict[str, tuple[StrOrPromise, tuple[str, ...]]] = {
    "": (_("All"), ()),
    "changes": (
        _("Changes"),
        ("order.", "hold.", "exception.", "units.", "amendment.", "lines.", "return."),
    ),
    "stock": (_("Stock"), ("stock.", "goods.", "shipment.", "order.processed")),
    "money": (_("Money"), ("payment.", "credit.", "invoice.", "refund.")),
    "notes": (_("Notes"), ("note.", "message.")),
}
ACTOR = Case(
    When(actor__startswith="user:", then=Cast(Substr("actor", 6), BigIntegerField())),
    output_field=BigIntegerField(),
)
FULL_NAME = NullIf(Trim(Concat("first_name", Value(" "), "last_name")), Value(""))
NAME = (
    User.objects.filter(pk=OuterRef("actor_id"))
    .annotate(name=Coalesce(FULL_NAME, F("username")))
    .values("name")
)
ICONS = {
    "order": "st-open",
    "goods": "pick",
    "shipment": "truck",
    "stock": "st-q1",
    "hold": "lock",
    "exception": "alert",
    "units": "x",
    "payment": "card",
    "credit": "alert",
    "note": "note",
    "message": "note",
    "amendment": "edit",
    "return": "undo",
}


@dataclass(slots=True)
class Timeline:
    """Some events of an order, the latest first, and where the earlier ones are."""

    order: Order
    show: str
    events: list[dict[str, Any]] = field(default_factory=list)
    earlier: int | None = None  # the sequence before which more can be shown
    shown: Sequence[tuple[str, StrOrPromise]] = ()

    @property
    def latest(self) -> int:
        """The sequence of the order's last event, after which a page asks for news."""
        return self.order.last_seq


def timeline(order: Order, *, show: str = "", before: int | None = None) -> Timeline:
    """The latest events of a kind, or those before one of them, in one statement."""
    show = show if show in SHOWN else ""
    rows = _read(order, show, before)
    return Timeline(
        order,
        show,
        [told(row) for row in rows[:AT_ONCE]],
        rows[AT_ONCE - 1].seq if len(rows) > AT_ONCE else None,
        [(name, label) for name, (label, _) in SHOWN.items()],
    )


def _read(order: Order, show: str, before: int | None) -> list[OrderEvent]:
    rows: QuerySet[OrderEvent] = OrderEvent.objects.filter(order=order)
    if before is not None:
        rows = rows.filter(seq__lt=before)
    if types := SHOWN[show][1]:
        wanted = Q()
        for start in types:
            wanted |= Q(type__startswith=start)
        rows = rows.filter(wanted)
    return list(to_tell(rows).order_by("-seq")[: AT_ONCE + 1])


def to_tell(rows: QuerySet[OrderEvent]) -> QuerySet[OrderEvent]:
    """Events with all that is told of them: who acted, the note, the mail."""
    annotated = rows.annotate(actor_id=ACTOR).annotate(actor_name=Subquery(NAME))
    return annotated.select_related("note", "message").defer("canonical", "event_hash")


def told(row: OrderEvent) -> dict[str, Any]:
    """An event as a page tells it; it was read ``to_tell``."""
    kind = row.type.partition(".")[0]
    return {
        "row": row,
        "who": row.actor_name or ACTORS.get(row.actor, gettext("System")),  # type: ignore[attr-defined]
        "words": WORDS.get(row.type, row.type.replace(".", " ").replace("_", " ")),
        "tone": TONES.get(kind, "neutral"),
        "icon": ICONS.get(kind, "st-open"),
        "note": getattr(row, "note", None),
        "message": getattr(row, "message", None),
        # whether its mail went out is said of a mail itself
        "is_seen": row.visible_to_customer and not hasattr(row, "message"),
        "reason": CODES.get(row.type, {}).get(row.reason or "", ""),
        "versions": row.data["version"] if row.type == "amendment.applied" else None,
        "effects": [
            f"{KINDS.get(kind, kind)} {quantity or ''} {what}".replace("  ", " ").strip()
            for kind, what, quantity, _ in row.data.get("effects", [])[:6]
        ],
    }


# The reasons that are chosen from a list, by the event that keeps their code.
CODES: dict[str, Mapping[str, StrOrPromise]] = {
    "order.cancelled": cancellation.REASONS,
    "units.cancelled": cancellation.REASONS,
    "amendment.applied": amendment.REASONS,
    "hold.placed": dict(Hold.Kind.choices),
    "return.requested": policy.REASONS,
}
ACTORS = {"customer": _("The customer")}
WORDS = {
    "order.created": _("entered the order"),
    "order.submitted": _("placed the order"),
    "order.validated": _("checked the order: everything passed"),
    "order.sent_to_review": _("sent the order to review"),
    "order.revised": _("changed the draft"),
    "order.assigned": _("said from where the order is served"),
    "label.set": _("labelled the order"),
    "rules.adopted": _("moved the order to the newest rules"),
    "quote.sent": _("sent a quote"),
    "quote.withdrawn": _("withdrew the quote"),
    "quote.accepted": _("accepted the quote"),
    "quote.asked": _("asked for a change of the quote"),
    "order.rechecked": _("had the order checked again"),
    "order.reexamined": _("looked at the findings again: something has changed"),
    "exception.waived": _("let a finding pass"),
    "exception.assigned": _("said who decides on a finding"),
    "amendment.applied": _("amended the order"),
    "order.processed": _("allocated stock"),
    "stock.allocated": _("allocated stock that came in"),
    "goods.picked": _("picked goods"),
    "goods.recalled": _("took goods back to their bins"),
    "goods.packed": _("packed a shipment"),
    "shipment.dispatched": _("dispatched a shipment"),
    "order.shipped": _("shipped the last unit"),
    "shipment.delivered": _("reported a shipment delivered"),
    "order.delivered": _("delivered the order"),
    "order.completed": _("completed the order"),
    "order.cancelled": _("cancelled the order"),
    "units.cancelled": _("cancelled units"),
    "note.added": _("wrote a note"),
    "message.written": _("wrote to the customer"),
    "hold.placed": _("put the order on hold"),
    "hold.released": _("released the hold"),
    "payment.received": _("recorded a payment"),
    "return.requested": _("asked for a return"),
    "return.authorized": _("authorized a return"),
    "return.rejected": _("rejected a return"),
    "return.withdrawn": _("withdrew a return"),
    "credit.refused": _("stopped the dispatch: over the credit limit"),
}
# What a step did, as its event tells it.
KINDS: dict[str, StrOrPromise] = {
    "reserve": pgettext_lazy("in the history", "reserve"),
    "move": pgettext_lazy("in the history", "move"),
    "backorder": pgettext_lazy("in the history", "backorder"),
    "commit": pgettext_lazy("in the history", "commit"),
    "uncommit": pgettext_lazy("in the history", "uncommit"),
    "pick": pgettext_lazy("in the history", "pick"),
    "recall": pgettext_lazy("in the history", "recall"),
    "pack": pgettext_lazy("in the history", "pack"),
    "unpack": pgettext_lazy("in the history", "unpack"),
    "ship": pgettext_lazy("in the history", "ship"),
    "invoice": pgettext_lazy("in the history", "invoice"),
    "payment": pgettext_lazy("in the history", "payment"),
    "deliver": pgettext_lazy("in the history", "deliver"),
    "cancel": pgettext_lazy("in the history", "cancel"),
    "release": pgettext_lazy("in the history", "release"),
    "drop": pgettext_lazy("in the history", "drop"),
    "task": pgettext_lazy("in the history", "task"),
    "let_go": pgettext_lazy("in the history", "let go"),
    "refund": pgettext_lazy("in the history", "refund"),
    "promise": pgettext_lazy("in the history", "promise"),
    "price": pgettext_lazy("in the history", "price"),
    "address": pgettext_lazy("in the history", "address"),
    "set": pgettext_lazy("in the history", "set"),
    "stop": pgettext_lazy("in the history", "stop"),
    "miss": pgettext_lazy("in the history", "miss"),
    "endanger": pgettext_lazy("in the history", "endanger"),
    "advance": pgettext_lazy("in the history", "advance"),
    "resolve": pgettext_lazy("in the history", "resolve"),
    "find": pgettext_lazy("in the history", "find"),
    "send_back": pgettext_lazy("in the history", "to come back:"),
    "let_back": pgettext_lazy("in the history", "may come back:"),
    "keep": pgettext_lazy("in the history", "stays with the customer:"),
}
TONES = {
    "order": "blue",
    "goods": "violet",
    "shipment": "cyan",
    "stock": "blue",
    "hold": "orange",
    "note": "blue",
    "message": "blue",
    "amendment": "blue",
    "exception": "amber",
    "return": "orange",
    "units": "neutral",
    "payment": "green",
    "credit": "red",
}


def people(events: Iterable[OrderEvent]) -> dict[str, str]:
    """The names of the members of staff who acted, by the code of the actor."""
    codes = {event.actor for event in events if event.actor.startswith("user:")}
    users = User.objects.filter(pk__in=[int(code[5:]) for code in codes])
    return {f"user:{user.pk}": user.get_full_name() or user.username for user in users}
