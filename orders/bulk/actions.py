"""What can be done with many orders at once: the lifecycle's own steps, and files of the list."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.translation import gettext, ngettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from config.kernel.actors import Actor
from config.kernel.reading import number
from config.kernel.steps import Outcomes, Step
from orders.forms.bulk import (
    ArgumentsForm,
    AssignForm,
    CancelForm,
    ExportForm,
    HoldForm,
    LabelForm,
    ReleaseForm,
    WhyForm,
)
from orders.lifecycle import (
    adoption,
    cancellation,
    holds,
    labels,
    picking,
    processing,
    reassignment,
    review,
    submission,
    validation,
)
from orders.lifecycle.actions import BY_NAME as SINGLE
from orders.models import BulkJob


def include(ids: Sequence[int], *, by: Actor, columns: Sequence[str] = ()) -> Outcomes:  # noqa: ARG001
    """Put the orders on the list of a file; nothing of them changes."""
    return Outcomes(done=list(ids))


def hold(ids: Sequence[int], *, by: Actor, expires_at: str | None = None, **given: Any) -> Outcomes:
    """Stop the orders as one is stopped; a job keeps the end of their holds as text."""
    end = datetime.fromisoformat(expires_at) if expires_at else None
    return holds.place(ids, by=by, expires_at=end, **given)


@dataclass(frozen=True, slots=True, eq=False)
class BulkAction:
    """A step as a bulk action: its words, its permission, and what it asks for all orders."""

    name: str
    verb: StrOrPromise
    icon: str
    step: Step
    permission: str
    form: type[ArgumentsForm] = ArgumentsForm
    trial: dict[str, Any] = field(default_factory=dict)  # arguments of a dry run without answers
    asks_first: bool = False  # the answers change what happens, so they come before the dry run
    past: StrOrPromise = ""  # what is true of an order afterwards
    suffix: str = ""  # of the file, where the result is one

    @property
    def is_export(self) -> bool:
        """Whether it makes a file and changes nothing."""
        return bool(self.suffix)

    def title(self, job: BulkJob, orders: int) -> str:
        """The action and the number of orders, in words."""
        kind, values = self.suffix.upper(), {"verb": self.verb, "orders": number(orders)}
        words = ngettext("%(verb)s %(orders)s order", "%(verb)s %(orders)s orders", orders)
        words %= values
        if self.asks_first and job.detail:
            words = gettext("%(words)s to %(place)s") % {"words": words, "place": job.detail}
        return gettext("%(words)s as %(kind)s") % {"words": words, "kind": kind} if kind else words


def _single(name: str) -> str:
    return SINGLE[name].permission


ACTIONS = (
    BulkAction(
        "hold",
        pgettext_lazy("verb", "Hold"),
        "lock",
        hold,
        _single("hold"),
        HoldForm,
        trial={"reason": "dry run"},
        past=_("On hold"),
    ),
    BulkAction(
        "release",
        _("Release"),
        "refresh",
        holds.release,
        _single("release"),
        ReleaseForm,
        trial={"reason": "dry run"},
        past=_("May go on"),
    ),
    BulkAction(
        "validate",
        _("Check"),
        "check",
        validation.validate,
        _single("validate"),
        WhyForm,
        trial={"reason": "dry run"},
        past=_("Checked"),
    ),
    BulkAction(
        "recheck",
        _("Check again"),
        "refresh",
        review.recheck,
        _single("recheck"),
        WhyForm,
        trial={"reason": "dry run"},
        past=_("Being checked"),
    ),
    BulkAction(
        "process",
        _("Process"),
        "st-q1",
        processing.process,
        _single("process"),
        WhyForm,
        trial={"reason": "dry run"},
        past=_("Processed"),
    ),
    BulkAction(
        "label",
        _("Label"),
        "tag",
        labels.put,
        _single("label"),
        LabelForm,
        asks_first=True,
        past=_("Labelled"),
    ),
    BulkAction(
        "adopt",
        _("Move to the newest rules"),
        "arrow-r",
        adoption.adopt,
        "orders.manage_rules",
        past=_("By the newest rules"),
    ),
    BulkAction(
        "assign",
        _("Assign"),
        "inventory",
        reassignment.assign,
        _single("assign"),
        AssignForm,
        asks_first=True,
        past=_("Assigned"),
    ),
    BulkAction(
        "cancel",
        _("Cancel"),
        "x",
        cancellation.cancel,
        _single("cancel"),
        CancelForm,
        trial={"reason": "customer_request", "recall": True},
        past=_("Cancelled"),
    ),
    BulkAction(
        "export-csv",
        _("Export"),
        "download",
        include,
        "orders.view_order",
        ExportForm,
        past=_("In the file"),
        suffix="csv",
    ),
    BulkAction(
        "export-xlsx",
        _("Export"),
        "download",
        include,
        "orders.view_order",
        ExportForm,
        past=_("In the file"),
        suffix="xlsx",
    ),
)
# What the calendar asks for; a retry places the drafts that a template was left with.
RECURRING = BulkAction(
    "recurring",
    pgettext_lazy("recurring orders", "Place"),
    "refresh",
    submission.submit,
    "orders.submit_order",
    past=_("Placed"),
)
# What helps where picked goods stand in the way of another action.
RECALL = BulkAction(
    "recall",
    _("Take back the goods of"),
    "undo",
    picking.recall,
    _single("recall"),
    past=_("Back in their bins"),
)
BY_NAME = {action.name: action for action in (*ACTIONS, RECURRING, RECALL)}
