"""The order and all that belongs to it: customers, lines, allocations, rules and history."""

from orders.models.allocations import (
    OPEN_ALLOCATIONS,
    Allocation,
    AllocationState,
    Promise,
    PromiseBasis,
    SourcingCandidate,
    SourcingDecision,
)
from orders.models.customers import (
    Address,
    Channel,
    Currency,
    Customer,
    FillPolicy,
    PostalAddress,
)
from orders.models.entry import EntryKey, LineSchedule
from orders.models.graph import (
    AUTOMATIC,
    COMMITTED,
    EDGES,
    TERMINAL,
    FulfillmentStatus,
    PaymentStatus,
    ReturnStatus,
    Status,
)
from orders.models.history import EventNote, HistorySeal, OrderEvent, OrderSearch, StageInterval
from orders.models.imports import OrderImport, OrderImportRow
from orders.models.lines import Amounts, OrderLine
from orders.models.orders import InvoicePolicy, Order, OrderQuerySet
from orders.models.quotes import Quote
from orders.models.recurring import (
    Pattern,
    RecurringLine,
    RecurringOrder,
    RecurringRun,
    Weekend,
)
from orders.models.review import Hold, OrderException
from orders.models.rules import BLOCKING, RuleSet, Severity, TransitionRule, ValidationRule
from orders.models.staff import Staff
from orders.models.transitions import CreditStanding, Facts, short_of_credit

__all__ = [
    "AUTOMATIC",
    "BLOCKING",
    "COMMITTED",
    "EDGES",
    "OPEN_ALLOCATIONS",
    "TERMINAL",
    "Address",
    "Allocation",
    "AllocationState",
    "Amounts",
    "Channel",
    "CreditStanding",
    "Currency",
    "Customer",
    "EntryKey",
    "EventNote",
    "Facts",
    "FillPolicy",
    "FulfillmentStatus",
    "HistorySeal",
    "Hold",
    "InvoicePolicy",
    "LineSchedule",
    "Order",
    "OrderEvent",
    "OrderException",
    "OrderImport",
    "OrderImportRow",
    "OrderLine",
    "OrderQuerySet",
    "OrderSearch",
    "Pattern",
    "PaymentStatus",
    "PostalAddress",
    "Promise",
    "PromiseBasis",
    "Quote",
    "RecurringLine",
    "RecurringOrder",
    "RecurringRun",
    "ReturnStatus",
    "RuleSet",
    "Severity",
    "SourcingCandidate",
    "SourcingDecision",
    "Staff",
    "StageInterval",
    "Status",
    "TransitionRule",
    "ValidationRule",
    "Weekend",
    "short_of_credit",
]
