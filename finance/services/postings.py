"""What each event books, as pure functions: the table of postings of the business, in code.

An amount is signed: positive is a debit, negative a credit. A posting without amounts books
nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from finance.models import EntryKind, Role

Side = tuple[str, int | None, Decimal]  # role, customer, debit (+) or credit (−)


@dataclass(frozen=True, slots=True)
class Posting:
    """One entry to be booked: its event, its source document and its sides."""

    kind: str
    currency: str
    source: tuple[str, int]
    sides: tuple[Side, ...]
    order: int | None = None

    @property
    def nonzero(self) -> tuple[Side, ...]:
        """The sides that carry an amount."""
        return tuple(side for side in self.sides if side[2])


def commitment(order: int, customer: int, currency: str, amount: Decimal, event: int) -> Posting:
    """An order was validated: its value stands on the customer's commitments, off balance."""
    sides = (
        (Role.ORDER_COMMITMENTS, customer, amount),
        (Role.COMMITMENTS_CONTRA, customer, -amount),
    )
    return Posting(EntryKind.COMMITMENT, currency, ("order_event", event), sides, order)


def commitment_release(
    order: int, customer: int, currency: str, amount: Decimal, event: int
) -> Posting:
    """Value was cancelled or invoiced: it no longer stands on commitments."""
    sides = (
        (Role.COMMITMENTS_CONTRA, customer, amount),
        (Role.ORDER_COMMITMENTS, customer, -amount),
    )
    return Posting(EntryKind.COMMITMENT_RELEASE, currency, ("order_event", event), sides, order)


def invoice(
    order: int, customer: int, currency: str, parts: tuple[Decimal, Decimal, Decimal], pk: int
) -> Posting:
    """Goods were billed: net, shipping and tax become a receivable."""
    net, shipping, tax = parts
    sides = (
        (Role.ACCOUNTS_RECEIVABLE, customer, net + shipping + tax),
        (Role.REVENUE, None, -net),
        (Role.SHIPPING_INCOME, None, -shipping),
        (Role.TAX_PAYABLE, None, -tax),
    )
    return Posting(EntryKind.INVOICE, currency, ("invoice", pk), sides, order)


def deposit(order: int | None, customer: int, currency: str, amount: Decimal, pk: int) -> Posting:
    """Money came in that no invoice uses yet."""
    sides = ((Role.CASH, None, amount), (Role.CUSTOMER_DEPOSITS, customer, -amount))
    return Posting(EntryKind.DEPOSIT, currency, ("payment", pk), sides, order)


def payment(order: int | None, customer: int, currency: str, amount: Decimal, pk: int) -> Posting:
    """Money came in and settles an invoice at once; ``pk`` is the application."""
    sides = ((Role.CASH, None, amount), (Role.ACCOUNTS_RECEIVABLE, customer, -amount))
    return Posting(EntryKind.PAYMENT, currency, ("payment_application", pk), sides, order)


def deposit_applied(order: int, customer: int, currency: str, amount: Decimal, pk: int) -> Posting:
    """A deposit settles an invoice; ``pk`` is the application."""
    sides = (
        (Role.CUSTOMER_DEPOSITS, customer, amount),
        (Role.ACCOUNTS_RECEIVABLE, customer, -amount),
    )
    return Posting(EntryKind.DEPOSIT_APPLIED, currency, ("payment_application", pk), sides, order)


def goods_received(currency: str, amount: Decimal, move: int) -> Posting:
    """Goods came in and are not billed yet."""
    sides = ((Role.INVENTORY, None, amount), (Role.GOODS_RECEIVED, None, -amount))
    return Posting(EntryKind.GOODS_RECEIVED, currency, ("stock_move", move), sides)


def cost_of_goods(order: int, currency: str, amount: Decimal, shipment: int) -> Posting:
    """Goods left: their cost leaves the inventory."""
    sides = ((Role.COST_OF_GOODS_SOLD, None, amount), (Role.INVENTORY, None, -amount))
    return Posting(EntryKind.COST_OF_GOODS, currency, ("shipment", shipment), sides, order)


def stock_adjusted(currency: str, amount: Decimal, move: int) -> Posting:
    """Stock was found (positive) or lost (negative)."""
    sides = ((Role.INVENTORY, None, amount), (Role.INVENTORY_WRITE_OFF, None, -amount))
    return Posting(EntryKind.STOCK_ADJUSTED, currency, ("stock_move", move), sides)
