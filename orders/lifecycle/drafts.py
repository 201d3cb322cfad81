"""What is handed in to become an order: plain values, and the problems found in them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from config.kernel.money import ZERO

ADDRESS = ("name", "line1", "line2", "city", "region", "postal_code", "country")
LARGEST_QUANTITY = 1_000_000
MOST_LINES = 500  # of one order; ``DATA_UPLOAD_MAX_NUMBER_FIELDS`` lets a form of them pass


@dataclass(slots=True)
class LineDraft:
    """One line as somebody typed or sent it; without a price the agreed one is taken."""

    sku: str
    quantity: int
    unit_price: Decimal | None = None
    discount_percent: Decimal | None = None
    tax_rate: Decimal | None = None
    requested_on: date | None = None
    parts: list[tuple[date, int]] = field(default_factory=list)  # wanted on days of their own


@dataclass(slots=True)
class OrderDraft:
    """An order as somebody typed or sent it; what is left out comes from the customer's terms."""

    customer: str  # code
    lines: list[LineDraft] = field(default_factory=list)
    channel: str = "manual"
    external_id: str | None = None
    currency: str | None = None
    ship_to: dict[str, str] | None = None
    po_number: str = ""
    terms: str | None = None
    fill_policy: str | None = None
    priority: int = 0
    requested_on: date | None = None
    shipping_method: str = ""  # code of a carrier
    shipping: Decimal | None = None  # None: the carrier's rate, or nothing
    order_discount: Decimal = ZERO
    note: str = ""
    unread_rows: list[dict[str, Any]] = field(default_factory=list)
    entry_key: str = ""  # the form it was typed in: sent twice, it makes one order
    is_tentative: bool = False  # rows that cannot be lines yet wait as they are


@dataclass(slots=True)
class Edit:
    """A draft as it shall be from now on, and the version from which that was worked out."""

    order: int
    version: int
    draft: OrderDraft


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a draft cannot become an order: which draft, which field, and what to do about it."""

    draft: int
    field: str  # customer, currency, ship_to.country, lines.2.sku, …
    code: str
    message: str


@dataclass(slots=True)
class Captured:
    """What became of the drafts: an order each, or the problems that stood in the way."""

    orders: dict[int, int] = field(default_factory=dict)  # draft → order id
    problems: list[Problem] = field(default_factory=list)
    repeated: set[int] = field(default_factory=set)  # drafts whose form had been sent before

    def of(self, draft: int) -> list[Problem]:
        """The problems of one draft."""
        return [problem for problem in self.problems if problem.draft == draft]
