"""What a reviewer is shown: the verdict of each check, and each finding with its ways out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from config.kernel.money import ZERO
from config.kernel.words import said
from inventory.models import StockLevel, Supply
from orders.lifecycle.checks import Context
from orders.models import Order, OrderException, ValidationRule


@dataclass(frozen=True, slots=True)
class Fact:
    """A figure behind a finding, and what it is compared with."""

    label: str
    value: str
    other: str = ""


@dataclass(frozen=True, slots=True)
class Remedy:
    """A way out: what to do, what it leads to, and where it is done by whom."""

    kind: str
    title: str
    then: str
    url: str = ""
    permission: str = ""
    amount: Decimal | None = None
    quantity: int = 0
    units: dict[int, int] = field(default_factory=dict)  # by id of the line or stock level
    besides: str = ""  # another permission that it takes


@dataclass(slots=True)
class Bar:
    """A limit, what is used of it, and what does not fit."""

    limit: Decimal
    used: Decimal
    fits: Decimal
    over: Decimal

    @property
    def parts(self) -> list[tuple[str, str, str, str]]:
        """The bar from left to right: class, word, place and width in percent."""
        shown = (
            ("q-delivered", gettext("Used"), min(self.used, self.limit)),
            ("q-reserved", gettext("Fits"), self.fits),
            ("q-returned", gettext("Over"), self.over),
        )
        whole = sum((part[2] for part in shown), ZERO) or Decimal(1)
        parts, x = [], ZERO
        for css, word, amount in shown:
            width = 100 * amount / whole
            if amount > 0:
                parts.append((css, word, f"{x:.2f}", f"{max(width - 1, Decimal(1)):.2f}"))
            x += width
        return parts


@dataclass(slots=True)
class Shelves:
    """What lies and what is expected of the items that are short, by product."""

    levels: dict[int, list[StockLevel]] = field(default_factory=dict)
    supplies: dict[int, list[Supply]] = field(default_factory=dict)


@dataclass(slots=True)
class Case:
    """One finding as it stands now, with everything that is needed to find ways out of it."""

    order: Order
    row: OrderException
    rule: ValidationRule | None
    known: Context
    shelves: Shelves

    def line(self) -> int:
        """The number of the line that the finding is about; 0 when it is about the order."""
        return int(self.row.data.get("line", 0))

    @property
    def cancel_url(self) -> str:
        """Where units are cancelled."""
        return reverse("orders:cancel", args=[self.order.number])

    def cancelling(self, units: Mapping[int, int], reason: str) -> str:
        """Where exactly these units of the lines are about to be cancelled."""
        named = {f"line-{pk}": str(number) for pk, number in units.items()}
        return f"{self.cancel_url}?{urlencode({**named, 'reason': reason})}"

    def amend(
        self, kind: str, title: str, then: str, amount: Decimal | None = None, **values: object
    ) -> Remedy:
        """A remedy that changes the order; the fields of that page open with these values."""
        url = reverse("orders:amend", args=[self.order.number])
        if values:
            url = f"{url}?{urlencode(values)}"
        return Remedy(kind, title, then, url, "orders.amend_order", amount)


@dataclass(slots=True)
class Situation:
    """One finding: what it says now, its figures, and the ways out."""

    row: OrderException
    now: str  # '' when it is no longer the case
    columns: tuple[StrOrPromise, StrOrPromise] = (_("Now"), _("When it was found"))
    facts: Sequence[Fact] = ()
    remedies: Sequence[Remedy] = ()
    bar: Bar | None = None

    @property
    def dearer(self) -> Remedy | None:
        """The way out that only sets the price of the line to the lowest that passes."""
        return next((way for way in self.remedies if way.kind == "set_lowest"), None)

    @property
    def said(self) -> str:
        """What it says now, for whoever reads it."""
        return said(self.now)

    @property
    def is_gone(self) -> bool:
        """Whether checking again would close it."""
        return not self.now

    @property
    def has_changed(self) -> bool:
        """Whether it says something else than when it was last written down."""
        return bool(self.now) and self.now != self.row.message


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one check says about the order."""

    label: str
    state: str  # passed, failed, waived, told


@dataclass(slots=True)
class Review:
    """Everything that a reviewer of one order decides on."""

    order: Order
    verdicts: Sequence[Verdict]
    situations: Sequence[Situation]

    @property
    def failed(self) -> int:
        """How many checks stop the order."""
        return sum(verdict.state == "failed" for verdict in self.verdicts)
