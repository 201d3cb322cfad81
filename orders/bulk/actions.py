"""What can be done with many orders at once: the lifecycle's own steps, and files of the list."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from config.kernel.actors import Actor
from config.kernel.steps import Outcomes, Step
from orders.forms.bulk import (
    ArgumentsForm,
    AssignForm,
    CancelForm,
    ExportForm,
    HoldForm,
    LabelForm,
    WhyForm,
)
from orders.lifecycle import (
    adoption,
    cancellation,
    holds,
    labels,
    processing,
    reassignment,
    review,
    validation,
)
from orders.lifecycle.actions import BY_NAME as SINGLE
from orders.models import BulkJob


def include(ids: Sequence[int], *, by: Actor, columns: Sequence[str] = ()) -> Outcomes:  # noqa: ARG001
    """Put the orders on the list of a file; nothing of them changes."""
    return Outcomes(done=list(ids))


@dataclass(frozen=True, slots=True)
class BulkAction:
    """A step as a bulk action: its words, its permission, and what it asks for all orders."""

    name: str
    verb: str
    icon: str
    step: Step
    permission: str
    form: type[ArgumentsForm] = ArgumentsForm
    trial: dict[str, Any] = field(default_factory=dict)  # arguments of a dry run without answers
    asks_first: bool = False  # the answers change what happens, so they come before the dry run
    past: str = ""  # what is true of an order afterwards
    suffix: str = ""  # of the file, where the result is one

    @property
    def is_export(self) -> bool:
        """Whether it makes a file and changes nothing."""
        return bool(self.suffix)

    def title(self, job: BulkJob, orders: int) -> str:
        """The action and the number of orders, in words."""
        noun = "order" if orders == 1 else "orders"
        tail = f" to {job.detail}" if self.asks_first and job.detail else ""
        kind = f" as {self.suffix.upper()}" if self.suffix else ""
        return f"{self.verb} {orders:,} {noun}{tail}{kind}"


def _single(name: str) -> str:
    return SINGLE[name].permission


ACTIONS = (
    BulkAction(
        "hold",
        "Hold",
        "lock",
        holds.place,
        _single("hold"),
        HoldForm,
        trial={"reason": "dry run"},
        past="On hold",
    ),
    BulkAction(
        "release", "Release", "refresh", holds.release, _single("release"), past="May go on"
    ),
    BulkAction(
        "validate",
        "Check",
        "check",
        validation.validate,
        _single("validate"),
        WhyForm,
        trial={"reason": "dry run"},
        past="Checked",
    ),
    BulkAction(
        "recheck",
        "Check again",
        "refresh",
        review.recheck,
        _single("recheck"),
        WhyForm,
        trial={"reason": "dry run"},
        past="Being checked",
    ),
    BulkAction(
        "process",
        "Process",
        "st-q1",
        processing.process,
        _single("process"),
        WhyForm,
        trial={"reason": "dry run"},
        past="Processed",
    ),
    BulkAction(
        "label",
        "Label",
        "tag",
        labels.put,
        _single("label"),
        LabelForm,
        asks_first=True,
        past="Labelled",
    ),
    BulkAction(
        "adopt",
        "Move to the newest rules",
        "arrow-r",
        adoption.adopt,
        "orders.manage_rules",
        past="By the newest rules",
    ),
    BulkAction(
        "assign",
        "Assign",
        "inventory",
        reassignment.assign,
        _single("assign"),
        AssignForm,
        asks_first=True,
        past="Assigned",
    ),
    BulkAction(
        "cancel",
        "Cancel",
        "x",
        cancellation.cancel,
        _single("cancel"),
        CancelForm,
        trial={"reason": "customer_request"},
        past="Cancelled",
    ),
    BulkAction(
        "export-csv",
        "Export",
        "download",
        include,
        "orders.view_order",
        ExportForm,
        past="In the file",
        suffix="csv",
    ),
    BulkAction(
        "export-xlsx",
        "Export",
        "download",
        include,
        "orders.view_order",
        ExportForm,
        past="In the file",
        suffix="xlsx",
    ),
)
BY_NAME = {action.name: action for action in ACTIONS}
